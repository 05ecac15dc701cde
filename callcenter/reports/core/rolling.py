"""The worst continuous 24 hours (GB/T 33358, FIELD.md N3): windows that end within the report's, a quarter hour apart."""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from callcenter.reports.core.rows import ContactRow
from callcenter.reports.core.windows import Window

QUARTER_S = 900
QUARTERS_A_DAY = 96
SPAN = timedelta(seconds=QUARTER_S * QUARTERS_A_DAY)


class Worst(NamedTuple):
    """The 24 hours with the lowest rate."""

    window: Window
    numerator: int
    denominator: int


class Quarters:
    """Counts by quarter hour of arrival; a day has 96 of them, so a year stays small."""

    def __init__(self) -> None:
        self._counts: Counter[tuple[int, str]] = Counter()

    def add(self, attempts: Iterable[ContactRow]) -> None:
        """Count these arrivals."""
        for row in attempts:
            quarter = int(row.arrived_at.timestamp()) // QUARTER_S
            self._counts[quarter, "attempts"] += 1
            self._counts[quarter, "person_requests"] += row.asked
            self._counts[quarter, "answered"] += row.exit == "answered"

    def worst(self, window: Window, part: str, whole: str) -> Worst | None:
        """The lowest ``part`` / ``whole`` of all 24 hours that end in ``(from_at, until_at]``; ``None``: nobody called.

        Of equally bad ones the one with the most callers.
        """
        rated = [found for found in self._each(window, part, whole) if found.denominator]
        return min(rated, key=_badness, default=None)

    def _each(self, window: Window, part: str, whole: str) -> Iterator[Worst]:
        first = int(window.from_at.timestamp()) // QUARTER_S + 1
        last = int(window.until_at.timestamp()) // QUARTER_S
        sums = {name: self._sum(first - 1, name) for name in (part, whole)}
        for end in range(first, last + 1):
            for name in sums:
                sums[name] += self._counts[end - 1, name] - self._counts[end - 1 - QUARTERS_A_DAY, name]
            yield Worst(_ending(end), sums[part], sums[whole])

    def _sum(self, end: int, name: str) -> int:
        return sum(self._counts[quarter, name] for quarter in range(end - QUARTERS_A_DAY, end))


def _badness(found: Worst) -> tuple[float, int]:
    return found.numerator / found.denominator, -found.denominator


def _ending(quarter: int) -> Window:
    until_at = datetime.fromtimestamp(quarter * QUARTER_S, UTC)
    return Window(until_at - SPAN, until_at)
