"""Shifts (班次) as a roster has them, and what makes a roster impossible.

Invariant: nobody and no seat is booked twice at a time, and no more seats are worked at than there are.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from enum import StrEnum
from typing import NamedTuple

from callcenter.core.errors import UsageError
from callcenter.core.ids import SeatId

HOUR = timedelta(hours=1)


class ShiftState(StrEnum):
    """What became of a planned shift."""

    PLANNED = "planned"
    SWAPPED = "swapped"
    """Somebody else works it than was planned."""
    CANCELLED = "cancelled"
    """Another roster replaced it."""


class Place(NamedTuple):
    """Where something stands in a file: ``row`` from 1; ``column`` as the sheet names it. Empty: not from a file."""

    sheet: str = ""
    row: int = 0
    column: str = ""


NOWHERE = Place()


@dataclass(frozen=True, slots=True)
class Fault:
    """One mistake in a file. ``value``: what stands there; ``problem``: what is wrong and what to do, both languages."""

    place: Place
    value: str
    problem: str


class FaultySheet(UsageError):
    """A file is refused as a whole. ``faults``: all of them, in order."""

    code = "faulty_sheet"

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__(
            f"表里有 {len(faults)} 处错误，什么都没有导入 / {len(faults)} faults in the file, nothing was imported"
        )
        self.faults = faults


@dataclass(frozen=True, slots=True)
class Shift:
    """Somebody's working time. ``shift_id`` 0: not kept yet; ``seat_id`` ``None``: any seat of his ``kind``."""

    shift_id: int
    staff_no: str
    kind: str
    seat_id: SeatId | None
    from_at: datetime
    to_at: datetime
    code: str = ""
    state: ShiftState = ShiftState.PLANNED
    place: Place = NOWHERE

    def overlaps(self, other: "Shift") -> bool:
        """Whether there is a moment that both hold."""
        return self.from_at < other.to_at and other.from_at < self.to_at


def double_bookings(shifts: Iterable[Shift], zone: tzinfo) -> Iterator[Fault]:
    """One person twice, or one seat twice at a time; told at the later of the two, or at the one that is in the file."""
    ordered = sorted(shifts, key=lambda shift: (shift.from_at, shift.shift_id == 0))
    yield from _twice(ordered, lambda shift: shift.staff_no, "工号", "person", zone)
    yield from _twice(ordered, lambda shift: shift.seat_id or "", "坐席", "seat", zone)


def over_capacity(shifts: Iterable[Shift], seats: Mapping[str, int], zone: tzinfo) -> Iterator[Fault]:
    """Moments at which more people of a kind work than it has seats; each told once, where the count is passed."""
    running: dict[str, list[Shift]] = defaultdict(list)
    told: set[tuple[str, datetime]] = set()
    for shift in sorted(shifts, key=lambda shift: shift.from_at):
        at_work = [other for other in running[shift.kind] if other.to_at > shift.from_at]
        running[shift.kind] = [*at_work, shift]
        there_are = seats.get(shift.kind, 0)
        if len(at_work) + 1 > there_are and (shift.kind, shift.from_at) not in told:
            told.add((shift.kind, shift.from_at))
            at = f"{shift.from_at.astimezone(zone):%m-%d %H:%M}"
            yield Fault(
                shift.place,
                shift.staff_no,
                f"{at} 起排班超过坐席数 {there_are}，请减人或改用云坐席"
                f" / from {at} on more than the {there_are} seats of this kind: plan fewer people",
            )


def short_rests(shifts: Iterable[Shift], rest: timedelta) -> Iterator[tuple[Shift, Shift]]:
    """Pairs of one person's shifts, in order, with less than ``rest`` between them."""
    last: dict[str, Shift] = {}
    for shift in sorted(shifts, key=lambda shift: shift.from_at):
        before = last.get(shift.staff_no)
        if before is not None and shift.from_at - before.to_at < rest:
            yield before, shift
        last[shift.staff_no] = shift


def seat_hours(spans: Iterable[tuple[datetime, datetime]], midnight: datetime) -> list[float]:
    """Hours covered in each of the 24 hours from ``midnight`` on, summed over all ``spans``."""
    hours = [0.0] * 24
    for begin, end in spans:
        first = max(0, (begin - midnight) // HOUR)
        last = min(23, (end - midnight) // HOUR)
        for hour in range(first, last + 1):
            from_at = midnight + hour * HOUR
            shared = min(end, from_at + HOUR) - max(begin, from_at)
            hours[hour] += max(timedelta(), shared) / HOUR
    return hours


def roster_of(shifts: Sequence[Shift], midnight: datetime) -> tuple[int, ...]:
    """Seats in each of the day's 24 hours, half an hour of one counting as one."""
    hours = seat_hours(((shift.from_at, shift.to_at) for shift in shifts), midnight)
    return tuple(int(hour + 0.5) for hour in hours)


def _twice(
    ordered: Sequence[Shift], key: Callable[[Shift], str], zh: str, en: str, zone: tzinfo
) -> Iterator[Fault]:
    longest: dict[str, Shift] = {}
    for shift in ordered:
        name = key(shift)
        before = longest.get(name)
        if name and before is not None and before.overlaps(shift):
            here, other = (shift, before) if shift.shift_id == 0 else (before, shift)
            yield Fault(
                here.place,
                name,
                f"{zh} {name} 同一时间排了两班：{_told(before, zone)} 与 {_told(shift, zone)}，请删去一班"
                f"{_if_kept(other)} / {en} {name} is booked twice: remove one",
            )
        if before is None or shift.to_at > before.to_at:
            longest[name] = shift


def _if_kept(other: Shift) -> str:
    return "；其中一班已在系统中，整体替换请加 --replace（已经开始的班次不变）" if other.shift_id else ""


def _told(shift: Shift, zone: tzinfo) -> str:
    begin, end = shift.from_at.astimezone(zone), shift.to_at.astimezone(zone)
    where = f"{shift.place.sheet} 第 {shift.place.row} 行 " if shift.place.row else ""
    return f"{where}{shift.staff_no} {begin:%m-%d %H:%M}-{end:%H:%M}"
