"""Somebody of the house sits beside a talk (旁听): listens (监听), whispers to the agent (耳语), or joins it (介入).

His telephone rings first. It hears by a channel of its own that bears the contact's id, so the talk never depends on it.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar, Final

from callcenter.core.ids import ContactId, SeatId
from callcenter.core.messages.base import Effect, Message

PREFIX: Final = "beside-"
"""Channels of listeners begin with this, followed by the contact's id."""

TELEPHONE: Final = "telephone"
"""A listener's own telephone outside the house, whose number is in the settings; else a phone is a seat's id."""


class Mode(StrEnum):
    """How somebody is beside a talk: nobody hears him; the agent does; both do, and the recording."""

    LISTEN = "listen"
    WHISPER = "whisper"
    JOIN = "join"


def listener_id(contact_id: ContactId) -> str:
    """The id of the listener's channel."""
    return PREFIX + contact_id


@dataclass(frozen=True, slots=True)
class BesideAsked(Message):
    """``by`` wants to be beside this talk, or, being there, in another mode; why is in the audit.

    ``phone``: a seat's id or ``TELEPHONE``; of no account when he is there.
    """

    type: ClassVar[str] = "beside.asked"
    contact_id: ContactId
    mode: Mode
    phone: str
    by: str


@dataclass(frozen=True, slots=True)
class BesideEndAsked(Message):
    """``by`` wants that nobody is beside this talk any more."""

    type: ClassVar[str] = "beside.end_asked"
    contact_id: ContactId
    by: str


@dataclass(frozen=True, slots=True)
class ListenerThere(Message):
    """The listener has picked up and hears."""

    type: ClassVar[str] = "beside.picked_up"
    contact_id: ContactId


@dataclass(frozen=True, slots=True)
class ListenerGone(Message):
    """The listener's telephone is down: he did not pick up, hung up, or the talk is over."""

    type: ClassVar[str] = "beside.hung_up"
    contact_id: ContactId


@dataclass(frozen=True, slots=True)
class BesideChanged(Message):
    """Derived: who is beside the talk of this seat, and how. ``is_there`` false: his telephone rings."""

    type: ClassVar[str] = "beside.changed"
    contact_id: ContactId
    seat_id: SeatId
    by: str
    phone: str
    mode: Mode
    is_there: bool


@dataclass(frozen=True, slots=True)
class BesideEnded(Message):
    """Derived: nobody is beside the talk any more; seconds spent in each mode, all 0 when he did not pick up."""

    type: ClassVar[str] = "beside.ended"
    contact_id: ContactId
    seat_id: SeatId
    by: str
    phone: str
    listened_s: float
    whispered_s: float
    joined_s: float


@dataclass(frozen=True, slots=True)
class RingListener(Effect):
    """Ring the listener's telephone; who picks up hears the talk of ``seat_id``. ``number``: of a telephone, ``""``: a seat."""

    contact_id: ContactId
    seat_id: SeatId
    phone: str
    number: str
    mode: Mode


@dataclass(frozen=True, slots=True)
class MoveListener(Effect):
    """The listener is there and wants another mode."""

    contact_id: ContactId
    mode: Mode


@dataclass(frozen=True, slots=True)
class DropListener(Effect):
    """Hang up the listener; the talk goes on."""

    contact_id: ContactId
