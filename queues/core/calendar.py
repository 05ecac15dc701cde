"""What kind of day a date is: workday, weekend, public holiday, or a weekend day that is worked (调休上班).

Invariant: every date has exactly one kind; what the city names by hand wins over what is commonly known.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

SATURDAY = 5
HOLIDAYS_BACK = 400
"""Days in which earlier holidays are looked for: a little more than a year."""
HOLIDAYS_MAX = 12
WORKED_WEEKS = 3
"""A shifted workday is compared with all workdays of so many weeks."""


class Kind(StrEnum):
    """Kinds of day."""

    WORKDAY = "workday"
    WEEKEND = "weekend"
    HOLIDAY = "holiday"
    SHIFTED = "shifted_workday"


KIND_NAMES: Mapping[Kind, str] = {
    Kind.WORKDAY: "工作日",
    Kind.WEEKEND: "周末",
    Kind.HOLIDAY: "节假日",
    Kind.SHIFTED: "调休上班",
}


@dataclass(frozen=True, slots=True)
class DayKind:
    """A kind with what the day is called: the holiday's name, else that of the kind."""

    kind: Kind
    name: str


@dataclass(frozen=True, slots=True)
class Calendar:
    """The days of a city. ``holidays``, ``workdays``: names by date; ``workdays`` are weekend days that are worked.

    ``covered``: years of which the State Council's notice (which days are shifted) is known.
    """

    holidays: Mapping[date, str] = field(default_factory=dict)
    workdays: Mapping[date, str] = field(default_factory=dict)
    covered: frozenset[int] = frozenset()

    def of(self, day: date) -> DayKind:
        """The kind of a day."""
        if day in self.workdays:
            return DayKind(Kind.SHIFTED, self.workdays[day] or KIND_NAMES[Kind.SHIFTED])
        if day in self.holidays:
            return DayKind(Kind.HOLIDAY, self.holidays[day] or KIND_NAMES[Kind.HOLIDAY])
        kind = Kind.WEEKEND if day.weekday() >= SATURDAY else Kind.WORKDAY
        return DayKind(kind, KIND_NAMES[kind])

    def is_covered(self, day: date) -> bool:
        """Whether the year's shifted days are known; else only weekdays and statutory holidays are."""
        return day.year in self.covered

    def kin(self, day: date, today: date, weeks: int = 8) -> tuple[tuple[date, ...], ...]:
        """Earlier days that a day is like, newest first: what it is best compared with, then second best.

        Only days before ``today`` and of the last ``weeks`` (>= 1) are named, for holidays also those of the last year.
        An ordinary day is like its weekday's days of the same kind; a shifted workday is like all workdays; a holiday is
        like earlier holidays, else like weekends.
        """
        last = min(day, today) - timedelta(days=1)
        days = [last - timedelta(days=back) for back in range(7 * weeks)]
        match self.of(day).kind:
            case Kind.SHIFTED:
                worked = (it for it in days[: 7 * WORKED_WEEKS] if self.of(it).kind is Kind.WORKDAY)
                return (tuple(worked),)
            case Kind.HOLIDAY:
                return tuple(self._earlier_holidays(last)), tuple(self._of_kind(days, Kind.WEEKEND))
            case kind:
                return (tuple(it for it in self._of_kind(days, kind) if it.weekday() == day.weekday()),)

    def _of_kind(self, days: list[date], kind: Kind) -> Iterator[date]:
        return (day for day in days if self.of(day).kind is kind)

    def _earlier_holidays(self, last: date) -> list[date]:
        days = [last - timedelta(days=back) for back in range(HOLIDAYS_BACK)]
        return list(self._of_kind(days, Kind.HOLIDAY))[:HOLIDAYS_MAX]
