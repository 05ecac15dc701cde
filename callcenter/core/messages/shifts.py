"""Shifts (班次): who is due when and where, and what was seen of it."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from callcenter.core.clock import Instant
from callcenter.core.ids import SeatId
from callcenter.core.messages.base import Message

GRACE_MAX_S = 55.0
"""An absence is told within a minute: five seconds are left for everything else."""


@dataclass(frozen=True, slots=True)
class DueShift:
    """One shift of the roster in force.

    ``group``: the kind of seats it is worked at, ``on_site`` or ``cloud``. ``seats``: logged in at one of these means that he
    is there; empty: any seat of the group, so only heads can be counted. ``told``: what was told of it before this program
    began: ``""``, ``missing`` or ``left``.
    """

    shift_id: int
    staff_no: str
    group: str
    seats: tuple[SeatId, ...]
    from_at: datetime
    to_at: datetime
    told: str = ""


@dataclass(frozen=True, slots=True)
class ShiftsPlanned(Message):
    """The shifts that touch the day: told at start, at midnight, after an import or a swap, and when the clock was set.

    ``began``, ``began_at``: local midnight on both clocks. ``is_start``: the first since the program began, so what seats did
    shortly before was not watched.
    """

    type: ClassVar[str] = "shifts.planned"
    began: Instant
    began_at: datetime
    shifts: tuple[DueShift, ...]
    is_start: bool = False


@dataclass(frozen=True, slots=True)
class NoShow(Message):
    """Derived: a shift has begun and its seat is not logged in (缺岗). ``seat_id``: where he was due."""

    type: ClassVar[str] = "shifts.no_show"
    shift_id: int
    staff_no: str
    seat_id: SeatId | None
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Arrived(Message):
    """Derived: whoever was told missing or gone is there. ``late_s``: seconds since the begin, or since he left."""

    type: ClassVar[str] = "shifts.arrived"
    shift_id: int
    staff_no: str
    seat_id: SeatId | None
    late_s: float


@dataclass(frozen=True, slots=True)
class LeftEarly(Message):
    """Derived: the seat of a running shift has logged off (早退). ``missing_s``: seconds of the shift that were left then."""

    type: ClassVar[str] = "shifts.left_early"
    shift_id: int
    staff_no: str
    seat_id: SeatId | None
    missing_s: float


@dataclass(frozen=True, slots=True)
class PeopleMissing(Message):
    """Derived: of ``due`` people without a seat of their own, so many are not there; ``missing`` 0: all have come."""

    type: ClassVar[str] = "shifts.people_missing"
    group: str
    due: int
    missing: int
