"""The people of the hotline (话务员): who they are and where they sit."""

from dataclasses import dataclass
from enum import StrEnum

from callcenter.core.ids import SeatId


class StaffKind(StrEnum):
    """Where somebody works."""

    ON_SITE = "on_site"
    CLOUD = "cloud"
    GUEST = "guest"

    @property
    def seats(self) -> str:
        """The kind of seats that he works at; guests come into the house."""
        return "cloud" if self is StaffKind.CLOUD else "on_site"


@dataclass(frozen=True, slots=True)
class Person:
    """One of the staff. ``staff_no``: 工号; ``phone``: his own, ``""`` if he is never rung; ``seat_id`` ``None``: any seat."""

    staff_no: str
    name: str
    kind: StaffKind
    phone: str = ""
    seat_id: SeatId | None = None
    active: bool = True
