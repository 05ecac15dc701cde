"""Call days (接话日): when a guest answers at a seat, who sits beside him, and whose calls are his."""

from dataclasses import dataclass
from typing import ClassVar

from callcenter.core.clock import Instant
from callcenter.core.ids import ContactId, SeatId
from callcenter.core.messages.base import Effect, Message


@dataclass(frozen=True, slots=True)
class GuestDayOpened(Message):
    """A guest will answer at ``seat_id`` from ``begins`` to ``ends``; ``helper_id`` ``None``: nobody sits beside him."""

    type: ClassVar[str] = "guest.day_opened"
    day_id: int
    seat_id: SeatId
    helper_id: SeatId | None
    begins: Instant
    ends: Instant
    by: str


@dataclass(frozen=True, slots=True)
class GuestDayClosed(Message):
    """A call day is closed before its end."""

    type: ClassVar[str] = "guest.day_closed"
    day_id: int
    by: str


@dataclass(frozen=True, slots=True)
class GuestDayOver(Message):
    """Derived: a call day has ended; its seats are as others."""

    type: ClassVar[str] = "guest.day_over"
    day_id: int


@dataclass(frozen=True, slots=True)
class GuestAnswered(Message):
    """Derived: a guest has answered a citizen."""

    type: ClassVar[str] = "guest.answered"
    contact_id: ContactId
    seat_id: SeatId
    day_id: int


@dataclass(frozen=True, slots=True)
class SitBeside(Effect):
    """Ring the helper's phone and join it to the guest's call: it hears both and is heard by the guest alone.

    ``seat_id``: the helper's; ``guest_seat_id``: whose call it is.
    """

    contact_id: ContactId
    seat_id: SeatId
    guest_seat_id: SeatId
    day_id: int
