"""What the hotline's engine is told about citizens and seats, and what it asks for.

A citizen is named by ``caller``: the key of his citizen-day (validated number, or the contact's id when the number is
unknown). Invariant: nothing in here says who a citizen is or what he wants beyond what he has shown so far.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from callcenter.core.messages.base import Effect, Message
from queues.core.surge import LevelSwitch, SurgeLevel


class Offer(StrEnum):
    """What a caller can be offered instead of waiting."""

    STATUS = "status"
    CALLBACK = "callback"
    MESSAGE = "message"
    CALLBACK_WAITING = "callback_waiting"


class Ground(StrEnum):
    """Why a citizen may be dialed; the later in this list, the stronger the consent."""

    MISSED = "missed"
    ACCEPTED = "accepted"
    MESSAGE = "message"


@dataclass(frozen=True, slots=True)
class SeatsCounted(Message):
    """The truth about the seats, after every change and before every question. Counts >= 0.

    ``staffed``: logged in and not on break; ``free``: of those, waiting for work.
    """

    type: ClassVar[str] = "hotline.seats_counted"
    home_staffed: int
    home_free: int
    cloud_staffed: int
    cloud_free: int


@dataclass(frozen=True, slots=True)
class CallerArrived(Message):
    """A call was accepted; its greeting plays. ``can_be_called``: a callable domestic number."""

    type: ClassVar[str] = "hotline.caller_arrived"
    caller: str
    can_be_called: bool


@dataclass(frozen=True, slots=True)
class CallerBlocked(Message):
    """A call met a busy signal: no channel was free."""

    type: ClassVar[str] = "hotline.caller_blocked"
    caller: str
    can_be_called: bool


@dataclass(frozen=True, slots=True)
class GreetingEnded(Message):
    """The greeting was heard; ``urgent``: he pressed the urgent key."""

    type: ClassVar[str] = "hotline.greeting_ended"
    caller: str
    urgent: bool


@dataclass(frozen=True, slots=True)
class MenusEnded(Message):
    """Announcement and self-service did not help: he wants a person."""

    type: ClassVar[str] = "hotline.menus_ended"
    caller: str


@dataclass(frozen=True, slots=True)
class SelfResolved(Message):
    """He confirmed that announcement or self-service answered his question, and hung up."""

    type: ClassVar[str] = "hotline.self_resolved"
    caller: str


@dataclass(frozen=True, slots=True)
class OfferAnswered(Message):
    """His reply to an offer. After a yes to ``STATUS`` he has hung up."""

    type: ClassVar[str] = "hotline.offer_answered"
    caller: str
    offer: Offer
    accepted: bool


@dataclass(frozen=True, slots=True)
class CallbackPromised(Message):
    """Number and promise are confirmed; he hung up."""

    type: ClassVar[str] = "hotline.callback_promised"
    caller: str


@dataclass(frozen=True, slots=True)
class MessageLeft(Message):
    """A voice message (语音留言) is recorded; he hung up."""

    type: ClassVar[str] = "hotline.message_left"
    caller: str


@dataclass(frozen=True, slots=True)
class CallerGaveUp(Message):
    """He hung up while waiting."""

    type: ClassVar[str] = "hotline.caller_gave_up"
    caller: str


@dataclass(frozen=True, slots=True)
class CallerLeft(Message):
    """He hung up before he waited: during greeting, prompts or an offer. Nothing is owed to him for that."""

    type: ClassVar[str] = "hotline.caller_left"
    caller: str


@dataclass(frozen=True, slots=True)
class CallerTaken(Message):
    """A seat's phone rings for him, or answered him, or he is gone unseen: he waits no longer."""

    type: ClassVar[str] = "hotline.caller_taken"
    caller: str


@dataclass(frozen=True, slots=True)
class CallerStillWaits(Message):
    """Nobody took him after all, or he is found waiting. ``waited_s``: since he joined the telephone's queue."""

    type: ClassVar[str] = "hotline.caller_still_waits"
    caller: str
    urgent: bool
    waited_s: float


@dataclass(frozen=True, slots=True)
class CitizenServed(Message):
    """He talked with a person long enough: nothing is owed to him."""

    type: ClassVar[str] = "hotline.citizen_served"
    caller: str


@dataclass(frozen=True, slots=True)
class LevelDeclared(Message):
    """The shift manager sets a surge level by hand; ``None``: stand down, the figures decide again."""

    type: ClassVar[str] = "hotline.level_declared"
    level: SurgeLevel | None
    by: str


@dataclass(frozen=True, slots=True)
class PartnerReplied(Message):
    """The partner city's answer to an overflow offer. ``asker``: as in ``AskPartner``."""

    type: ClassVar[str] = "hotline.partner_replied"
    caller: str
    accepted: bool
    asker: str


@dataclass(frozen=True, slots=True)
class PartnerReady(Message):
    """A seat of the partner city got free."""

    type: ClassVar[str] = "hotline.partner_ready"


@dataclass(frozen=True, slots=True)
class DialEnded(Message):
    """A dial was answered (``reached``), or rang out."""

    type: ClassVar[str] = "hotline.dial_ended"
    caller: str
    reached: bool


@dataclass(frozen=True, slots=True)
class DialGivenBack(Message):
    """A dial did not get as far as the citizen: no seat took it. It was no try."""

    type: ClassVar[str] = "hotline.dial_given_back"
    caller: str


@dataclass(frozen=True, slots=True)
class TalkHandled(Message):
    """Talk and after-call work with a citizen are over. ``work_s``: both together, > 0.

    ``has_left`` false: he is on the line again already, with another call.
    """

    type: ClassVar[str] = "hotline.talk_handled"
    caller: str
    work_s: float
    at_cloud_seat: bool
    has_left: bool = True


@dataclass(frozen=True, slots=True)
class MessageReviewed(Message):
    """A person turned the message into a ticket. ``needs_call``: a question was left open."""

    type: ClassVar[str] = "hotline.message_reviewed"
    caller: str
    needs_call: bool
    work_s: float


@dataclass(frozen=True, slots=True)
class Promise:
    """What we owe a citizen: to call him (``MISSED``, ``ACCEPTED``), or to hear him out (``MESSAGE``).

    Seconds are the engine's instants. ``reviewed``: his message is a ticket already, the call is a courtesy.
    """

    caller: str
    ground: Ground
    made_at: float
    due: float
    tries: int = 0
    reviewed: bool = False


@dataclass(frozen=True, slots=True)
class PromisesRestored(Message):
    """At start: what was owed when the last controller stopped. ``unreached``: whose tries of today are used up."""

    type: ClassVar[str] = "hotline.promises_restored"
    promises: tuple[Promise, ...]
    unreached: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PromiseWithdrawn(Message):
    """A shift manager closed by hand what was owed to this citizen; the house has written that down."""

    type: ClassVar[str] = "hotline.promise_withdrawn"
    caller: str


@dataclass(frozen=True, slots=True)
class PromisePostponed(Message):
    """A shift manager has this citizen called later, not before ``until``."""

    type: ClassVar[str] = "hotline.promise_postponed"
    caller: str
    until: float


@dataclass(frozen=True, slots=True)
class TellStatus(Effect):
    """Tell a caller that his call-back is pending, and ask whether he is content with that."""

    caller: str


@dataclass(frozen=True, slots=True)
class PlayMenus(Effect):
    """Play the announcement of the hot topic, then offer self-service; silence leads on."""

    caller: str


@dataclass(frozen=True, slots=True)
class MakeOffer(Effect):
    """Offer a call-back or a message; refusing costs no time."""

    caller: str
    offer: Offer


@dataclass(frozen=True, slots=True)
class LetWait(Effect):
    """Put the caller into the queue and tell him ``low_s`` to ``high_s`` seconds."""

    caller: str
    urgent: bool
    low_s: int
    high_s: int
    expected_s: float


@dataclass(frozen=True, slots=True)
class Connect(Effect):
    """A free seat, home before cloud, answers this caller."""

    caller: str


@dataclass(frozen=True, slots=True)
class AskPartner(Effect):
    """Offer this caller to the partner city (协作要约). ``asker``: whose own next step waits for the reply, or ``""``."""

    caller: str
    asker: str


@dataclass(frozen=True, slots=True)
class RecordMissed(Effect):
    """Note down a missed call; with ``sms``, send the missed-call SMS."""

    caller: str
    sms: bool


@dataclass(frozen=True, slots=True)
class DialCitizen(Effect):
    """A free seat, home before cloud, dials this citizen."""

    caller: str
    ground: Ground


@dataclass(frozen=True, slots=True)
class ReviewMessage(Effect):
    """A free seat, home before cloud, reviews this citizen's message."""

    caller: str


@dataclass(frozen=True, slots=True)
class InviteCloudSeats(Effect):
    """Invite ``seats`` more cloud seats."""

    seats: int


@dataclass(frozen=True, slots=True)
class SwitchLevel(Effect):
    """The surge level changed: log when and why, and put its profile in force.

    ``applied`` false: the figures only propose it; a ``LevelDeclared`` of the shift manager applies it.
    """

    switch: LevelSwitch
    applied: bool


@dataclass(frozen=True, slots=True)
class SavePromise(Effect):
    """Write the promise down before anything is done about it: a restart neither forgets nor repeats."""

    promise: Promise


@dataclass(frozen=True, slots=True)
class ClosePromise(Effect):
    """Nothing is owed to this citizen any more. ``why``: kept, answered, self_resolved, unreached."""

    caller: str
    why: str
