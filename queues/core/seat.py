"""One seat (坐席): its record, the rules of the house, and the table of its life.

Asterisk knows ready and paused; everything else that a pause means is in its reason. Invariant: after-call work, a rest
and the wait for a call-back have an end (``Seat.until``); every other pause lasts until somebody ends it.
"""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import NamedTuple

from callcenter.core.clock import Instant, after
from callcenter.core.ids import ContactId, QueueName, SeatId
from callcenter.core.messages.callbacks import is_callback
from callcenter.core.messages.duty import Duty
from callcenter.core.messages.seats import SeatAsked, SeatState
from callcenter.core.transitions import LifeCycle

WRAP_UP = "wrap_up"
"""Pause reason of after-call work."""

RANG_OUT = "rang_out"
"""Pause reason of a seat that did not answer."""

REJECTED = "rejected"
"""Pause reason of a seat that rejected a call."""

REST = "rest"
"""Pause reason of a rest after long load or an abusive call."""

CALLBACK = "callback"
"""Pause reason of a seat that is taken to call a citizen back."""

KEPT_FOR = {Duty.SURVEYS: "surveys", Duty.HELPING: "helping"}
"""Pause reason of a seat whose duty is not the line."""

OUR_REASONS = frozenset({WRAP_UP, RANG_OUT, REJECTED, REST, CALLBACK, *KEPT_FOR.values()})
"""Pause reasons that the engines give; every other one is a break that an agent takes."""

ASK_AGAIN_S = 10.0
"""After so long, what was asked of Asterisk is asked again, and a call-back that did not begin gives its seat back."""

BEGINNING = Instant(0.0)
"""Before anything was observed."""


class SeatEvent(StrEnum):
    """What moves a seat."""

    JOINED = "joined"
    JOINED_PAUSED = "joined_paused"
    JOINED_WRAP_UP = "joined_wrap_up"
    LEFT = "left"
    OFFERED = "offered"
    OFFER_ENDED = "offer_ended"
    OFFER_ENDED_PAUSED = "offer_ended_paused"
    OFFER_ENDED_WRAP_UP = "offer_ended_wrap_up"
    ANSWERED = "answered"
    TALK_ENDED = "talk_ended"
    PAUSED = "paused"
    PAUSED_WRAP_UP = "paused_wrap_up"
    RESUMED = "resumed"
    CLAIMED = "claimed"
    CALLBACK_BEGUN = "callback_begun"
    PICKED_UP = "picked_up"
    LOST = "lost"
    FOUND = "found"
    FOUND_PAUSED = "found_paused"
    FOUND_WRAP_UP = "found_wrap_up"


_S, _E = SeatState, SeatEvent

IN_CALL = frozenset({_S.RINGING, _S.DIALING, _S.TALKING})
"""States in which a wish waits for the end of the call."""

SEAT: LifeCycle[SeatState, SeatEvent] = LifeCycle(
    "seat",
    _S.OFF,
    frozenset(),
    {
        (_S.OFF, _E.JOINED): _S.READY,
        (_S.OFF, _E.JOINED_PAUSED): _S.ON_BREAK,
        (_S.OFF, _E.JOINED_WRAP_UP): _S.WRAP_UP,
        (_S.READY, _E.OFFERED): _S.RINGING,
        (_S.READY, _E.ANSWERED): _S.TALKING,  # a colleague handed over, or asked it to join
        (_S.READY, _E.PAUSED): _S.ON_BREAK,
        (_S.READY, _E.PAUSED_WRAP_UP): _S.WRAP_UP,
        (_S.READY, _E.CLAIMED): _S.DIALING,
        (_S.READY, _E.CALLBACK_BEGUN): _S.DIALING,  # the pause is observed a moment later
        (_S.READY, _E.LEFT): _S.OFF,
        (_S.READY, _E.LOST): _S.UNREACHABLE,
        (_S.RINGING, _E.OFFER_ENDED): _S.READY,
        (_S.RINGING, _E.OFFER_ENDED_PAUSED): _S.ON_BREAK,
        (_S.RINGING, _E.OFFER_ENDED_WRAP_UP): _S.WRAP_UP,
        (_S.RINGING, _E.PICKED_UP): _S.DIALING,
        (_S.RINGING, _E.ANSWERED): _S.TALKING,
        (_S.RINGING, _E.LEFT): _S.OFF,
        (_S.RINGING, _E.LOST): _S.UNREACHABLE,
        (_S.DIALING, _E.CALLBACK_BEGUN): _S.DIALING,
        (_S.DIALING, _E.OFFERED): _S.RINGING,
        (_S.DIALING, _E.PICKED_UP): _S.DIALING,
        (_S.DIALING, _E.ANSWERED): _S.TALKING,
        (_S.DIALING, _E.OFFER_ENDED): _S.READY,
        (_S.DIALING, _E.OFFER_ENDED_PAUSED): _S.ON_BREAK,
        (_S.DIALING, _E.OFFER_ENDED_WRAP_UP): _S.WRAP_UP,
        (_S.DIALING, _E.RESUMED): _S.READY,  # given back before the call-back began
        (_S.DIALING, _E.PAUSED): _S.ON_BREAK,
        (_S.DIALING, _E.PAUSED_WRAP_UP): _S.WRAP_UP,
        (_S.DIALING, _E.LEFT): _S.OFF,
        (_S.DIALING, _E.LOST): _S.UNREACHABLE,
        (_S.TALKING, _E.TALK_ENDED): _S.WRAP_UP,
        (_S.TALKING, _E.LEFT): _S.OFF,  # logged off during the talk, told at its end
        (_S.WRAP_UP, _E.PAUSED): _S.ON_BREAK,
        (_S.WRAP_UP, _E.RESUMED): _S.READY,
        (_S.WRAP_UP, _E.CLAIMED): _S.DIALING,
        (_S.WRAP_UP, _E.CALLBACK_BEGUN): _S.DIALING,
        (_S.WRAP_UP, _E.ANSWERED): _S.TALKING,
        (_S.WRAP_UP, _E.OFFERED): _S.RINGING,  # the pause came too late: the phone rings already
        (_S.WRAP_UP, _E.LEFT): _S.OFF,
        (_S.WRAP_UP, _E.LOST): _S.UNREACHABLE,
        (_S.ON_BREAK, _E.PAUSED): _S.ON_BREAK,  # for another reason
        (_S.ON_BREAK, _E.PAUSED_WRAP_UP): _S.WRAP_UP,
        (_S.ON_BREAK, _E.RESUMED): _S.READY,
        (_S.ON_BREAK, _E.CLAIMED): _S.DIALING,
        (_S.ON_BREAK, _E.CALLBACK_BEGUN): _S.DIALING,
        (_S.ON_BREAK, _E.OFFERED): _S.RINGING,
        (_S.ON_BREAK, _E.ANSWERED): _S.TALKING,
        (_S.ON_BREAK, _E.LEFT): _S.OFF,
        (_S.ON_BREAK, _E.LOST): _S.UNREACHABLE,
        (_S.UNREACHABLE, _E.FOUND): _S.READY,
        (_S.UNREACHABLE, _E.FOUND_PAUSED): _S.ON_BREAK,
        (_S.UNREACHABLE, _E.FOUND_WRAP_UP): _S.WRAP_UP,
        (_S.UNREACHABLE, _E.CALLBACK_BEGUN): _S.DIALING,  # its end proves whether the phone was there
        (_S.UNREACHABLE, _E.ANSWERED): _S.TALKING,  # a talk outlives a registration
        (_S.UNREACHABLE, _E.LEFT): _S.OFF,
    },
)
"""The life of a seat."""


@dataclass(frozen=True, slots=True)
class SeatRules:
    """What the operator set. Seconds >= 0; ``rest_window_s`` > 0; ``occupancy_limit`` is a share.

    ``rest_s`` follows after-call work when the load over ``rest_window_s`` was above the limit; ``abuse_rest_s`` follows
    an abusive call.
    """

    wrap_up_s: float
    ring_outs_before_break: int
    rest_window_s: float = 3600.0
    occupancy_limit: float = 0.9
    rest_s: float = 300.0
    abuse_rest_s: float = 600.0


@dataclass(frozen=True, slots=True)
class Seat:
    """A seat as the world sees it.

    ``since``: when the state began; ``wish``: asked for after the call; ``until``: when after-call work or rest ends by
    itself, or is ended once more; ``rest_s``: length of the rest that is due, 0 for none; ``skills``: the queues that
    ring it first; ``duty``: what it is there for; ``is_member``: logged in (who logs off during a talk is not, and
    finishes it).
    """

    seat_id: SeatId
    state: SeatState = SEAT.initial
    since: Instant = BEGINNING
    reason: str = ""
    reachable: bool = False
    paused: bool = False
    contact_id: ContactId | None = None
    ring_outs: int = 0
    wish: SeatAsked | None = None
    until: Instant | None = None
    rest_s: float = 0.0
    skills: tuple[QueueName, ...] = ()
    duty: Duty = Duty.INBOUND
    is_member: bool = False

    @property
    def calls_back(self) -> bool:
        """Whether its contact is a call-back."""
        return self.contact_id is not None and is_callback(self.contact_id)

    @property
    def kept_for(self) -> str:
        """The pause reason of its duty; ``""``: the line."""
        return KEPT_FOR.get(self.duty, "")

    @property
    def is_misplaced(self) -> bool:
        """Whether it is ready, or kept for a duty, against what its duty says."""
        if self.state is SeatState.READY:
            return self.kept_for != ""
        is_kept = self.state is SeatState.ON_BREAK and self.reason in KEPT_FOR.values()
        return is_kept and self.reason != self.kept_for


class Ways(NamedTuple):
    """The events of one cause that make a seat what its pause says: ready, on break, in after-call work."""

    ready: SeatEvent
    on_break: SeatEvent
    wrap_up: SeatEvent

    def of(self, seat: Seat) -> SeatEvent:
        """The one that fits ``seat``."""
        if not seat.paused:
            return self.ready
        return self.wrap_up if seat.reason == WRAP_UP else self.on_break


JOINING = Ways(_E.JOINED, _E.JOINED_PAUSED, _E.JOINED_WRAP_UP)
PAUSING = Ways(_E.RESUMED, _E.PAUSED, _E.PAUSED_WRAP_UP)
OFFER_ENDING = Ways(_E.OFFER_ENDED, _E.OFFER_ENDED_PAUSED, _E.OFFER_ENDED_WRAP_UP)
FINDING = Ways(_E.FOUND, _E.FOUND_PAUSED, _E.FOUND_WRAP_UP)


def with_pause(seat: Seat, paused: bool, reason: str) -> Seat:
    """The seat with the pause that Asterisk reports; an end that belonged to another reason is forgotten."""
    reason = reason if paused else ""
    until = seat.until if reason == seat.reason else None
    return replace(seat, paused=paused, reason=reason, until=until)


def with_end(seat: Seat, rules: SeatRules, now: Instant) -> Seat:
    """The seat, held by nothing but its pause, with the end of that pause; a known one stays.

    A rest that was due begins with its pause, and is not needed after a break.
    """
    if not seat.paused:
        return replace(seat, reason="", until=None)
    lasts_s = {
        WRAP_UP: rules.wrap_up_s,
        REST: seat.rest_s or rules.rest_s,
        CALLBACK: ASK_AGAIN_S,
    }.get(seat.reason)
    rest_s = seat.rest_s if seat.reason in OUR_REASONS - {REST} else 0.0
    if lasts_s is None:
        return replace(seat, until=None, rest_s=rest_s)
    return replace(seat, until=seat.until if seat.until is not None else after(now, lasts_s), rest_s=rest_s)
