"""The report of a window: days are counted one after the other, then the figures are made of the sums.

Invariant: only one day's rows are held at a time, so a year's report needs no more memory than a day's.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from callcenter.reports.core import counting
from callcenter.reports.core.citizens import Levels, Scope, count_citizens
from callcenter.reports.core.counting import COUNTERS, Violation, attempts_of
from callcenter.reports.core.formulas import Figure, Tally, figures, ratio
from callcenter.reports.core.rolling import Quarters
from callcenter.reports.core.rows import ContactRow, DayRows, Gap, LevelChange, SeatChange
from callcenter.reports.core.seat_time import seat_seconds
from callcenter.reports.core.windows import Window

HOURLY = ("attempts", "person_requests", "answered", "abandoned", "callback", "message")
"""What the pictures by hour show."""

ROLLING = (
    ("connect_rate_agent", "answered", "person_requests"),
    ("connect_rate_call", "answered", "attempts"),
)
"""The rates whose worst 24 hours are told: name, numerator, denominator."""

_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Rolling:
    """A rate in the worst 24 hours that ended within the report's window. ``gaps``: of these hours."""

    figure: Figure
    window: Window | None
    gaps: tuple[Gap, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """All figures of a window. ``gaps``: cut to it, the open one until ``as_of``."""

    window: Window
    as_of: datetime
    gaps: tuple[Gap, ...]
    counters: Mapping[str, int]
    violations: tuple[Violation, ...]
    figures: tuple[Figure, ...]
    worst: tuple[Rolling, ...]


@dataclass(frozen=True, slots=True)
class Hour:
    """One hour's arrivals. ``counts`` ``None``: it has not begun. ``gap_s``: seconds with incomplete data."""

    window: Window
    counts: Mapping[str, int] | None
    gap_s: float


@dataclass(frozen=True, slots=True)
class DayByHour:
    """A calendar day hour by hour."""

    day: Window
    as_of: datetime
    hours: tuple[Hour, ...]


class Counting:
    """Counts a window day by day. ``levels``: the surge levels in force; ``as_of``: when the rows were read."""

    def __init__(self, window: Window, as_of: datetime, levels: Sequence[LevelChange] = ()) -> None:
        self._window, self._as_of = window, as_of
        self._levels = Levels(levels)
        self._tally = Tally()
        self._quarters = Quarters()

    def add_before(self, contacts: Sequence[ContactRow]) -> None:
        """The day before the window: only the worst 24 hours reach back to it."""
        self._quarters.add(attempts_of(contacts))

    def add_day(self, rows: DayRows, after: Sequence[ContactRow] = ()) -> None:
        """A day that the window touches. ``after``: the contacts of the day that follows it."""
        window, as_of, tally = self._window, self._as_of, self._tally
        everybody = attempts_of(rows.contacts)
        self._quarters.add(everybody)
        attempts = [row for row in everybody if row.arrived_at in window]
        tally.counts.update(counting.count_attempts(attempts, as_of))
        tally.counts.update(counting.count_harmed(attempts, rows.contacts, as_of))
        waits = counting.measure_waits(attempts, as_of)
        tally.waits.everybody += waits.everybody
        tally.waits.answered += waits.answered
        told = [announcement for announcement in rows.announcements if announcement.at in window]
        tally.counts.update(counting.count_announcements(told, as_of))
        self._add_promises(rows, everybody)
        for scope, counts in count_citizens(rows, after, window, self._levels, as_of).items():
            tally.citizens[scope].update(counts)

    def add_seats(self, changes: Iterable[SeatChange]) -> None:
        """Changes of seats, in order, from a day before the window on; once."""
        self._tally.seat_s = seat_seconds(changes, self._window)

    def report(self, gaps: Sequence[Gap]) -> Report:
        """The figures of what was added. ``gaps``: all that may touch the window or the day before it."""
        tally = self._tally
        counts = Counter(dict.fromkeys(COUNTERS, 0))
        counts.update(tally.counts)
        counts.update({name: tally.citizens[Scope.ALL][name] for name in ("citizens", "citizens_unknown")})
        return Report(
            self._window,
            self._as_of,
            cut(gaps, self._window, self._as_of),
            {name: counts[name] for name in COUNTERS},
            counting.violations(counts),
            figures(tally),
            tuple(self._rolling(*rate, gaps) for rate in ROLLING),
        )

    def _add_promises(self, rows: DayRows, attempts: Sequence[ContactRow]) -> None:
        first_attempts: dict[str, datetime] = {}
        for row in attempts:
            first_attempts.setdefault(row.citizen, row.arrived_at)
        made = [
            promise
            for promise in rows.promises
            if promise.made_at in self._window and promise.made_at in rows.day
        ]
        self._tally.counts.update(counting.count_promises(made))
        delays = counting.measure_delays(made, first_attempts)
        self._tally.delays.since_promise += delays.since_promise
        self._tally.delays.since_first += delays.since_first

    def _rolling(self, name: str, part: str, whole: str, gaps: Sequence[Gap]) -> Rolling:
        worst = self._quarters.worst(self._window, part, whole)
        if worst is None:
            return Rolling(ratio(name, 0, 0), None, ())
        figure = ratio(name, worst.numerator, worst.denominator)
        return Rolling(figure, worst.window, cut(gaps, worst.window, self._as_of))


def cut(gaps: Iterable[Gap], window: Window, as_of: datetime) -> tuple[Gap, ...]:
    """The parts of the gaps that lie in the window; an open gap lasts until ``as_of``."""
    found = (
        Gap(max(gap.from_at, window.from_at), min(gap.until_at or as_of, window.until_at), gap.reason)
        for gap in gaps
    )
    return tuple(gap for gap in found if gap.until_at is not None and gap.from_at < gap.until_at)


def by_hour(day: Window, contacts: Iterable[ContactRow], gaps: Sequence[Gap], as_of: datetime) -> DayByHour:
    """Arrivals hour by hour; 23 or 25 hours where clocks are changed."""
    begins = list(day.steps(_HOUR))
    counted = {begin: Counter(dict.fromkeys(HOURLY, 0)) for begin in begins}
    for row in attempts_of(contacts):
        counted[begins[bisect_right(begins, row.arrived_at) - 1]].update(_shown(row))
    hours = (_hour(Window(begin, begin + _HOUR), counted[begin], gaps, as_of) for begin in begins)
    return DayByHour(day, as_of, tuple(hours))


def _shown(row: ContactRow) -> Iterator[str]:
    yield "attempts"
    if row.asked:
        yield "person_requests"
    if row.exit in HOURLY:
        yield row.exit


def _hour(window: Window, counts: Mapping[str, int], gaps: Sequence[Gap], as_of: datetime) -> Hour:
    gap_s = sum(window.overlap_s(gap.from_at, gap.until_at or as_of) for gap in gaps)
    return Hour(window, counts if window.from_at < as_of else None, gap_s)
