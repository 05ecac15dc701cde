"""What happens at a seat (坐席), and what is asked of it."""

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from callcenter.core.ids import ContactId, QueueName, SeatId
from callcenter.core.messages.base import Effect, Message


class SeatState(StrEnum):
    """The states of a seat, named as in FIELD.md 10."""

    OFF = "off"
    READY = "ready"
    RINGING = "ringing"
    DIALING = "dialing"
    """Rings a citizen for a call-back."""
    TALKING = "talking"
    WRAP_UP = "wrap_up"
    ON_BREAK = "on_break"
    UNREACHABLE = "unreachable"


class SeatRequest(StrEnum):
    """What an agent may ask for, by feature code, desk or API."""

    LOGIN = "login"
    READY = "ready"
    BREAK = "break"
    LOGOUT = "logout"


@dataclass(frozen=True, slots=True)
class SeatAsked(Message):
    """A desk or the API asks something of a seat; feature codes act in Asterisk and arrive as facts below."""

    type: ClassVar[str] = "seat.asked"
    seat_id: SeatId
    request: SeatRequest
    reason: str
    by: str


@dataclass(frozen=True, slots=True)
class SeatJoined(Message):
    """The seat became a member of a queue (``QueueMemberAdded``)."""

    type: ClassVar[str] = "seat.joined"
    seat_id: SeatId
    queue: QueueName
    paused: bool
    reason: str


@dataclass(frozen=True, slots=True)
class SeatLeft(Message):
    """The seat is no longer a member of a queue (``QueueMemberRemoved``)."""

    type: ClassVar[str] = "seat.left"
    seat_id: SeatId
    queue: QueueName


@dataclass(frozen=True, slots=True)
class SeatPaused(Message):
    """The seat's membership was paused or resumed (``QueueMemberPause``)."""

    type: ClassVar[str] = "seat.paused"
    seat_id: SeatId
    queue: QueueName
    paused: bool
    reason: str


@dataclass(frozen=True, slots=True)
class SeatReachable(Message):
    """The seat's phone registered or answers again; or its registration is gone, or it answers no more (``ContactStatus``)."""

    type: ClassVar[str] = "seat.reachable"
    seat_id: SeatId
    reachable: bool


@dataclass(frozen=True, slots=True)
class SeatListened(Message):
    """What came from the phone of a seat in a talk. ``packets``: of sound while we listened; ``reachable``: the phone answers."""

    type: ClassVar[str] = "seat.listened"
    seat_id: SeatId
    contact_id: ContactId
    packets: int
    reachable: bool


@dataclass(frozen=True, slots=True)
class SeatStateChanged(Message):
    """Told to the outside after a seat's state moved; derived, not an input."""

    type: ClassVar[str] = "seat.state_changed"
    seat_id: SeatId
    old: SeatState
    new: SeatState
    reason: str


@dataclass(frozen=True, slots=True)
class AbuseReported(Message):
    """The citizen on the line, or the last one, was abusive: the seat rests after the call (FIELD.md P13)."""

    type: ClassVar[str] = "seat.abuse_reported"
    seat_id: SeatId
    by: str


@dataclass(frozen=True, slots=True)
class SkillsAssigned(Message):
    """The seat belongs to these skill groups: their queues ring it first, all others when nobody else is free.

    Empty: every queue alike. Skills are a preference over one pool, never a wall.
    """

    type: ClassVar[str] = "seat.skills_assigned"
    seat_id: SeatId
    skills: tuple[QueueName, ...]
    by: str


@dataclass(frozen=True, slots=True)
class AddSeat(Effect):
    """Make the seat a member of all queues, preferred by those of ``skills``."""

    seat_id: SeatId
    skills: tuple[QueueName, ...] = ()


@dataclass(frozen=True, slots=True)
class PreferSeat(Effect):
    """Let the queues of ``skills`` ring the seat first from the next call on; empty: every queue alike."""

    seat_id: SeatId
    skills: tuple[QueueName, ...]


@dataclass(frozen=True, slots=True)
class RemoveSeat(Effect):
    """Take the seat out of its queues."""

    seat_id: SeatId


@dataclass(frozen=True, slots=True)
class PauseSeat(Effect):
    """Offer the seat no calls for now. ``reason``: ``wrap_up``, ``rest``, ``callback``, ``rang_out``, ``rejected``, ``surveys``, ``helping`` or a break."""

    seat_id: SeatId
    reason: str


@dataclass(frozen=True, slots=True)
class ResumeSeat(Effect):
    """Offer the seat calls again."""

    seat_id: SeatId


@dataclass(frozen=True, slots=True)
class ListenToSeat(Effect):
    """Find out whether the seat's phone lives. ``SeatListened`` follows unless its talk with the contact is over."""

    seat_id: SeatId
    contact_id: ContactId


@dataclass(frozen=True, slots=True)
class HangUpSeat(Effect):
    """The seat's phone is dead: end whatever it rings for or talks in. A citizen in the talk goes to the head of the line."""

    seat_id: SeatId
    contact_id: ContactId | None


@dataclass(frozen=True, slots=True)
class Publish(Effect):
    """Put a derived message on the journal and the event stream."""

    message: Message
