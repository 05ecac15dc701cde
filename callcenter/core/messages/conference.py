"""A third party joins a talk (三方通话): a colleague's seat or a department of the directory.

The conference bears the contact's id. Nobody is moved before the third has picked up, so one who does not answer changes
nothing.
"""

from dataclasses import dataclass
from typing import ClassVar

from callcenter.core.ids import ChannelName, ContactId, SeatId
from callcenter.core.messages.base import Effect, Message

PREFIX = "conference-"
"""Channels of the third begin with this, followed by the contact's id."""

CITIZEN, DEPARTMENT = "citizen", "department"
"""Who is in a conference, beside seats, which go by their ids."""


def third_id(contact_id: ContactId) -> str:
    """The id of the third's channel."""
    return PREFIX + contact_id


@dataclass(frozen=True, slots=True)
class ConferenceAsked(Message):
    """The seat wants ``third`` in its talk: the number of a seat or of a department."""

    type: ClassVar[str] = "conference.asked"
    seat_id: SeatId
    third: str
    by: str


@dataclass(frozen=True, slots=True)
class ThirdUnreached(Message):
    """The third did not pick up, cannot be dialed, or the two could not be moved to him: they talk on as before."""

    type: ClassVar[str] = "conference.third_unreached"
    contact_id: ContactId


@dataclass(frozen=True, slots=True)
class ThirdComes(Message):
    """Derived: somebody who was beside the talk of ``seat_id`` is on his way into it; ``third``: his seat or ``department``."""

    type: ClassVar[str] = "conference.third_comes"
    contact_id: ContactId
    seat_id: SeatId
    third: str


@dataclass(frozen=True, slots=True)
class ConferenceJoined(Message):
    """``who`` is in the conference of this contact: a seat's id, ``citizen`` or ``department``."""

    type: ClassVar[str] = "conference.joined"
    contact_id: ContactId
    who: str


@dataclass(frozen=True, slots=True)
class ConferenceLeft(Message):
    """``who`` is out of it, for whatever reason."""

    type: ClassVar[str] = "conference.left"
    contact_id: ContactId
    who: str


@dataclass(frozen=True, slots=True)
class ConferenceBegun(Message):
    """Derived: the third waits, citizen and seat are moved to him; their talk goes on there, though its bridge ends."""

    type: ClassVar[str] = "conference.begun"
    contact_id: ContactId
    seat_id: SeatId
    third: str


@dataclass(frozen=True, slots=True)
class ConferenceEnded(Message):
    """Derived: the citizen, or everybody else, has left. ``came_about`` false: the two could not be moved there."""

    type: ClassVar[str] = "conference.ended"
    contact_id: ContactId
    came_about: bool


@dataclass(frozen=True, slots=True)
class RingThird(Effect):
    """Ring the third. ``number``: of a department; ``""``: ``third`` is a seat."""

    contact_id: ContactId
    third: str
    number: str


@dataclass(frozen=True, slots=True)
class Gather(Effect):
    """Move citizen and seat into the conference, both at once. ``channel``: the citizen's."""

    contact_id: ContactId
    seat_id: SeatId
    channel: ChannelName


@dataclass(frozen=True, slots=True)
class DropThird(Effect):
    """Hang up the third, whom nobody needs any more."""

    contact_id: ContactId
