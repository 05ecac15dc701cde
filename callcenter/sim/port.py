"""The narrow gate between a policy and the world: what may be done, and what is told (SCENARIOS.md 7.1).

Invariant: nothing passes that a real hotline could not see; draws, patience and durations stay on the world's side.
All instants and durations are whole milliseconds. ``cid`` stands for the caller's number.
"""

from typing import Protocol

from callcenter.sim.params import Callback, Day, Forecast, HouseRules


class Hotline(Protocol):
    """What a policy sees and may do. A ``bool`` answer is the citizen's (or the partner's) reply."""

    day: Day
    callback: Callback
    forecast: Forecast
    rules: HouseRules
    roster: tuple[int, ...]
    cloud_seats: int
    """Cloud seats that can be invited at all."""
    cloud_factor: float

    @property
    def now(self) -> int:
        """Milliseconds since the day's begin."""

    def home_staffed(self) -> int:
        """Home seats logged in and not on break."""

    def cloud_staffed(self) -> int:
        """Cloud seats logged in."""

    def home_free(self) -> int:
        """Home seats that wait for work."""

    def cloud_free(self) -> int:
        """Cloud seats that wait for work."""

    def is_on_line(self, cid: int) -> bool:
        """Whether the citizen holds an inbound channel."""

    def tell_status(self, cid: int) -> bool:
        """Tell a caller that his call-back is pending; true: he hangs up content."""

    def play_prompts(self, cid: int, announcement: bool, selfservice: bool) -> None:
        """Play announcement and self-service; ``prompts_heard`` or ``resolved`` follows."""

    def offer_callback(self, cid: int) -> bool:
        """Offer a call-back, on arrival or to a waiting caller; true: ``promised`` follows."""

    def offer_message(self, cid: int) -> bool:
        """Offer to take a message; true: ``message_left`` follows."""

    def enqueue(self, cid: int, low_s: int, high_s: int, expected_s: float) -> None:
        """Let him wait; he is told ``low_s`` to ``high_s`` seconds. ``expected_s``: the point prediction."""

    def remind(self, cid: int, delay_ms: int) -> None:
        """Call ``reminded`` when he has waited so long and still waits in this attempt."""

    def answer(self, cid: int) -> None:
        """A free seat, home first, answers him: waiting or just about to."""

    def overflow(self, cid: int) -> bool:
        """Offer him to the partner city; true: one of its seats answers him."""

    def partner_accepts(self) -> bool:
        """Whether the partner city would take an overflow call now."""

    def record_missed(self, cid: int) -> None:
        """Note down a citizen whose attempt failed: he may be called back."""

    def send_sms(self, cid: int) -> None:
        """Send the missed-call SMS."""

    def dial(self, cid: int, ground: str) -> None:
        """A free seat, home first, dials him: ``accepted``, ``missed`` or ``message``. ``dialed`` follows."""

    def review(self, cid: int) -> None:
        """A free seat, home first, reviews his message. ``reviewed`` follows."""

    def set_timer(self, cid: int, at: int) -> None:
        """Call ``timer`` at that instant (class 2 of SCENARIOS.md 1.4)."""

    def invite_cloud(self, seat: int) -> None:
        """Invite a cloud seat, once a day each."""


class Policy(Protocol):
    """What is told to whoever decides. Each call happens at the hotline's ``now``."""

    def begin(self, hotline: Hotline) -> None:
        """The day begins."""

    def arrived(self, cid: int) -> None:
        """A call was accepted; its greeting plays."""

    def greeted(self, cid: int, urgent: bool) -> None:
        """The greeting ended; ``urgent``: he pressed the urgent key."""

    def prompts_heard(self, cid: int) -> None:
        """Announcement and self-service ended; he wants a person."""

    def resolved(self, cid: int) -> None:
        """He resolved his question himself; a pending call-back is void."""

    def promised(self, cid: int) -> None:
        """He confirmed a call-back and hung up."""

    def message_left(self, cid: int) -> None:
        """He left a message and hung up."""

    def failed(self, cid: int, busy: bool) -> None:
        """An attempt failed: busy, or his own hang-up while waiting; before he decides to call again."""

    def reminded(self, cid: int) -> None:
        """He still waits."""

    def timer(self, cid: int) -> None:
        """A timer of ``set_timer`` is due."""

    def roster_changed(self) -> None:
        """A new hour of the roster began."""

    def seat_freed(self, cid: int) -> None:
        """A seat ended its task for this citizen; it is free, rests or went home."""

    def seat_back(self) -> None:
        """A break ended."""

    def cloud_changed(self, came: bool) -> None:
        """A cloud seat logged in or was sent home."""

    def talked(self, cid: int, talk: int, work: int, kind: str) -> None:
        """A talk with its after-call work ended (ms each), live or by call-back; before ``seat_freed``."""

    def dialed(self, cid: int, reached: bool) -> None:
        """The outcome of a dial; told at once as its try is counted."""

    def reviewed(self, cid: int, needs_call: bool, work: int) -> None:
        """A message became a ticket; ``work`` in ms. Before ``seat_freed``."""

    def partner_freed(self) -> None:
        """One of the partner city's seats got free."""
