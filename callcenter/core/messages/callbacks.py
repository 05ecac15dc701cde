"""Calling citizens back (漏话回拨, 预约回呼): what is owed, and how one call-back goes.

A call-back is a contact of its own, begun by us: its id is made of the contact that it answers and the number of the
try, so that the same try can never be dialed twice.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from callcenter.core.clock import Instant
from callcenter.core.ids import ContactId, SeatId
from callcenter.core.messages.base import Effect, Message

PREFIX = "callback-"
"""Contact ids of call-backs begin with this; they name the Asterisk channel too."""


def callback_id(origin: ContactId, attempt: int, again: int = 0) -> ContactId:
    """The contact id of the ``attempt``-th (from 1) call-back that answers contact ``origin``.

    ``again``: how often this attempt was begun before without a seat picking up.
    """
    return ContactId(f"{PREFIX}{origin}-{attempt}" + (f".{again}" if again else ""))


SURVEY_PREFIX = f"{PREFIX}survey-"
"""Contact ids of survey calls (满意度回访): they go the way of call-backs, and answer no promise."""


def survey_id(origin: ContactId) -> ContactId:
    """The contact id of the one call that asks about the talk of contact ``origin``."""
    return ContactId(f"{SURVEY_PREFIX}{origin}")


def is_survey(contact_id: str) -> bool:
    """Whether a contact was begun to ask how satisfied a citizen was."""
    return contact_id.startswith(SURVEY_PREFIX)


def is_callback(contact_id: str) -> bool:
    """Whether a contact was begun by us."""
    return contact_id.startswith(PREFIX)


@dataclass(frozen=True, slots=True)
class OwedCall:
    """What we owe one citizen; at most one is open per number.

    ``ground``: ``missed``, ``accepted`` or ``message``. ``origin``: the contact that brought the number. ``due`` ``None``:
    somebody works on it. ``tries``: dials begun. ``reviewed``: his message is a ticket already.
    """

    caller: str
    ground: str
    origin: ContactId
    made: Instant
    due: Instant | None
    tries: int
    reviewed: bool


@dataclass(frozen=True, slots=True)
class OwedRestored(Message):
    """At start: what was owed when the last controller stopped. ``unreached``: numbers whose tries of today are used up."""

    type: ClassVar[str] = "callback.owed_restored"
    owed: tuple[OwedCall, ...]
    unreached: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MessageReviewed(Message):
    """A person made the voice message of ``contact_id`` a ticket. ``needs_call``: a question was left open."""

    type: ClassVar[str] = "callback.message_reviewed"
    contact_id: ContactId
    needs_call: bool
    by: str


@dataclass(frozen=True, slots=True)
class CloseAsked(Message):
    """A shift manager closes by hand what is owed. ``contact_id``: the origin; ``caller``: its number, or ``""``."""

    type: ClassVar[str] = "callback.close_asked"
    contact_id: ContactId
    caller: str
    by: str
    why: str


@dataclass(frozen=True, slots=True)
class PostponeAsked(Message):
    """A shift manager has a citizen called later: not before ``delay_s`` seconds (> 0) from now. ``contact_id``: the origin."""

    type: ClassVar[str] = "callback.postpone_asked"
    contact_id: ContactId
    caller: str
    delay_s: float
    by: str
    why: str


@dataclass(frozen=True, slots=True)
class CallbackBegun(Message):
    """The row of a call-back is committed and its seat's phone is about to ring. ``caller``: the number to dial."""

    type: ClassVar[str] = "callback.begun"
    contact_id: ContactId
    caller: str
    seat_id: SeatId
    origin: ContactId
    at: datetime


@dataclass(frozen=True, slots=True)
class CallbackDialing(Message):
    """The agent has picked up; the citizen's phone is being dialed."""

    type: ClassVar[str] = "callback.dialing"
    contact_id: ContactId


@dataclass(frozen=True, slots=True)
class CallbackAnswered(Message):
    """Citizen and agent are joined."""

    type: ClassVar[str] = "callback.answered"
    contact_id: ContactId


@dataclass(frozen=True, slots=True)
class CallbackHeard(Message):
    """Audio packets (20 ms each) that came from the citizen and from the agent, told when the citizen's leg ends."""

    type: ClassVar[str] = "callback.heard"
    contact_id: ContactId
    from_citizen: int
    from_agent: int


@dataclass(frozen=True, slots=True)
class CallbackTalkEnded(Message):
    """The citizen's leg is gone, answered or not; the agent's may last a moment longer (``CallEnded``)."""

    type: ClassVar[str] = "callback.talk_ended"
    contact_id: ContactId


@dataclass(frozen=True, slots=True)
class CallbackKept(Message):
    """Derived: the citizen was reached with a two-way talk of at least twenty seconds."""

    type: ClassVar[str] = "callback.kept"
    contact_id: ContactId
    seat_id: SeatId
    talk_s: float


@dataclass(frozen=True, slots=True)
class CallbackFailed(Message):
    """Derived: this try did not reach the citizen. ``reason``: ``no_seat``, ``no_answer``, ``too_short``, ``one_way``."""

    type: ClassVar[str] = "callback.failed"
    contact_id: ContactId
    seat_id: SeatId
    reason: str


@dataclass(frozen=True, slots=True)
class DialBack(Effect):
    """Ring the seat, then the citizen: commit the contact's row, tell ``CallbackBegun``, originate. Once per id."""

    contact_id: ContactId
    caller: str
    seat_id: SeatId
    origin: ContactId


@dataclass(frozen=True, slots=True)
class KeepOwed(Effect):
    """Write down what is owed, before anything is done or said about it. ``contact_id``: what led to it just now."""

    owed: OwedCall
    contact_id: ContactId


@dataclass(frozen=True, slots=True)
class CloseOwed(Effect):
    """Nothing is owed to this number any more. ``why``: kept, answered, self_resolved, unreached, by_hand."""

    caller: str
    why: str
    contact_id: ContactId


@dataclass(frozen=True, slots=True)
class NoteMissed(Effect):
    """Put the contact on the missed-call list, merged with what is open for its number."""

    contact_id: ContactId
    caller: str
