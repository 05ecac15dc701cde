"""What happens to a contact (one inbound attempt), from arrival to hang-up."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from callcenter.core.ids import ChannelName, ContactId, QueueName, SeatId
from callcenter.core.messages.base import Effect, Message


class Outcome(StrEnum):
    """How a contact ended: exactly one each (base counters of FIELD.md 4)."""

    BLOCKED = "blocked"
    LEFT_EARLY = "left_early"
    SELF_RESOLVED = "self_resolved"
    LOST_EARLY = "lost_early"
    ANSWERED = "answered"
    ABANDONED = "abandoned"
    CALLBACK = "callback"
    MESSAGE = "message"
    PARTNER_FAILED = "partner_failed"
    LOST = "lost"
    UNREACHED = "unreached"
    """A call-back that did not reach the citizen."""


@dataclass(frozen=True, slots=True)
class CallArrived(Message):
    """A citizen's call reached the intake; its contact row is committed.

    ``caller``: digits, or ``""`` when the number is unknown, withheld or not believable.
    """

    type: ClassVar[str] = "call.arrived"
    contact_id: ContactId
    channel: ChannelName
    caller: str
    called: str
    at: datetime
    late_s: float = 0.0
    """Seconds from ``at`` until this was told: the row is committed first."""


@dataclass(frozen=True, slots=True)
class PromptEnded(Message):
    """The arrival flow of the last ``Play`` led to a person.

    ``key``: ``9`` urgent, ``0`` he asked for a person by key, or ``""``. ``queue``: where the flow leads; ``None``: the first.
    """

    type: ClassVar[str] = "call.prompt_ended"
    contact_id: ContactId
    key: str
    queue: QueueName | None = None


@dataclass(frozen=True, slots=True)
class SessionLost(Message):
    """The IVR session of a contact broke off (link, time limit, hang-up); the dialplan takes over."""

    type: ClassVar[str] = "call.session_lost"
    contact_id: ContactId
    reason: str


@dataclass(frozen=True, slots=True)
class CallQueued(Message):
    """The caller waits in a queue (``QueueCallerJoin``). ``position`` counts from 1."""

    type: ClassVar[str] = "call.queued"
    contact_id: ContactId
    queue: QueueName
    position: int


@dataclass(frozen=True, slots=True)
class CallOffered(Message):
    """A seat's phone rings for this caller (``AgentCalled``)."""

    type: ClassVar[str] = "call.offered"
    contact_id: ContactId
    queue: QueueName
    seat_id: SeatId


@dataclass(frozen=True, slots=True)
class OfferTimedOut(Message):
    """The seat did not answer (``AgentRingNoAnswer``); the caller keeps his place."""

    type: ClassVar[str] = "call.offer_timed_out"
    contact_id: ContactId
    queue: QueueName
    seat_id: SeatId
    ring_s: float


@dataclass(frozen=True, slots=True)
class OfferRejected(Message):
    """Why an offer ended that was told as timed out: the agent, or his phone, rejected it. Asterisk has paused the seat."""

    type: ClassVar[str] = "call.offer_rejected"
    contact_id: ContactId
    seat_id: SeatId


@dataclass(frozen=True, slots=True)
class CallAnswered(Message):
    """Citizen and agent are joined (``AgentConnect``). ``wait_s``: seconds since joining the queue."""

    type: ClassVar[str] = "call.answered"
    contact_id: ContactId
    queue: QueueName
    seat_id: SeatId
    wait_s: float


@dataclass(frozen=True, slots=True)
class CallAbandoned(Message):
    """The caller left the queue without an answer. Also raised by a withdrawal (see ``CallLeftQueue``)."""

    type: ClassVar[str] = "call.abandoned"
    contact_id: ContactId
    queue: QueueName
    wait_s: float


@dataclass(frozen=True, slots=True)
class CallLeftQueue(Message):
    """The caller is no longer in the queue, for whatever reason (``QueueCallerLeave``)."""

    type: ClassVar[str] = "call.left_queue"
    contact_id: ContactId
    queue: QueueName


@dataclass(frozen=True, slots=True)
class CallHeld(Message):
    """The agent put the citizen on hold, or took him back (``on`` false)."""

    type: ClassVar[str] = "call.held"
    contact_id: ContactId
    seat_id: SeatId
    on: bool


@dataclass(frozen=True, slots=True)
class CallTransferred(Message):
    """The agent handed the citizen on; the first talk has ended for the seat, not for the citizen.

    ``joined``: the citizen talks with seat ``to`` already, whom the agent had asked before (attended).
    """

    type: ClassVar[str] = "call.transferred"
    contact_id: ContactId
    seat_id: SeatId
    to: str
    joined: bool = False


@dataclass(frozen=True, slots=True)
class LegEnded(Message):
    """A seat's telephone that somebody dialed, not a queue, has hung up; ``contact_id``: what it took part in last."""

    type: ClassVar[str] = "call.leg_ended"
    contact_id: ContactId
    seat_id: SeatId


@dataclass(frozen=True, slots=True)
class TalkEnded(Message):
    """The talk between citizen and seat is over (``AgentComplete``). ``talk_s``: seconds."""

    type: ClassVar[str] = "call.talk_ended"
    contact_id: ContactId
    queue: QueueName
    seat_id: SeatId
    talk_s: float


@dataclass(frozen=True, slots=True)
class TalkBroken(Message):
    """The seat's phone died in the talk: the citizen is on his way to the head of the line. ``TalkEnded`` may be told too."""

    type: ClassVar[str] = "call.talk_broken"
    contact_id: ContactId
    seat_id: SeatId


@dataclass(frozen=True, slots=True)
class CallEnded(Message):
    """The citizen's own channel is gone (``Hangup``). ``cause``: Q.850 number."""

    type: ClassVar[str] = "call.ended"
    contact_id: ContactId
    cause: int
    at: datetime


@dataclass(frozen=True, slots=True)
class ContactSettled(Message):
    """The outcome of a contact that ended while nobody watched, found in the second book (CEL)."""

    type: ClassVar[str] = "call.settled"
    contact_id: ContactId
    caller: str
    called: str
    outcome: Outcome
    queue: QueueName | None
    seat_id: SeatId | None
    arrived_at: datetime
    queued_at: datetime | None
    answered_at: datetime | None
    ended_at: datetime
    is_aid: bool = False
    """It was a caller of the partner city."""


@dataclass(frozen=True, slots=True)
class Play(Effect):
    """Lead the caller through an arrival flow (流程). ``facts``: what it is told, by name."""

    contact_id: ContactId
    flow: str
    facts: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Enqueue(Effect):
    """End the IVR session well: the dialplan puts the caller into ``queue`` with ``priority`` (>= 0).

    ``position``: his place in the whole line, from 1, never before callers of a higher priority; 0: behind those of his.
    """

    contact_id: ContactId
    queue: QueueName
    priority: int
    position: int = 0


@dataclass(frozen=True, slots=True)
class SettleFromBooks(Effect):
    """These contacts vanished unseen: look up their end in the second book."""

    contact_ids: tuple[ContactId, ...]


@dataclass(frozen=True, slots=True)
class CatchUp(Effect):
    """Events flow again: enter what only the books know, seal recordings that were left, finish drafts.

    ``live``: the contacts that Asterisk holds right now.
    """

    live: tuple[ContactId, ...]
