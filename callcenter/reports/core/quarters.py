"""The last hours quarter by quarter: who came, how it ended, and how many were in line when each quarter ended."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from callcenter.reports.core.counting import attempts_of
from callcenter.reports.core.rolling import QUARTER_S
from callcenter.reports.core.rows import ContactRow
from callcenter.reports.core.windows import Window

QUARTER: Final = timedelta(seconds=QUARTER_S)
HOURS_MAX: Final = 24
BEFORE: Final = timedelta(hours=2)
"""Who called so long before the first quarter may still be in line in it."""

ENDINGS: Final[Mapping[str, str]] = {
    "answered": "answered",
    "abandoned": "abandoned",
    "callback": "diverted",
    "message": "diverted",
}


@dataclass(frozen=True, slots=True)
class QuarterHour:
    """A quarter of an hour; counts by arrival. ``waiting``: in line at its end, or now where it lasts."""

    window: Window
    attempts: int
    answered: int
    abandoned: int
    diverted: int
    waiting: int


def quarters_until(now: datetime, hours: int) -> Window:
    """``hours`` (1 to 24) of whole quarters, the last one running."""
    begun = int(now.timestamp()) // QUARTER_S * QUARTER_S
    until_at = datetime.fromtimestamp(begun, UTC) + QUARTER
    return Window(until_at - timedelta(hours=hours), until_at)


def by_quarter(window: Window, contacts: Sequence[ContactRow], as_of: datetime) -> list[QuarterHour]:
    """Quarter hours of ``window``. ``contacts``: of it and of ``BEFORE`` it, in any order."""
    begins = list(window.steps(QUARTER))
    counts: dict[datetime, Counter[str]] = {begin: Counter() for begin in begins}
    people = list(attempts_of(contacts))
    for row in people:
        if row.arrived_at in window:
            nth = int((row.arrived_at - window.from_at) / QUARTER)
            counts[begins[nth]].update(_told(row))
    return [_quarter(begin, counts[begin], people, as_of) for begin in begins]


def _told(row: ContactRow) -> Iterator[str]:
    yield "attempts"
    if ending := ENDINGS.get(row.exit or ""):
        yield ending


def _quarter(
    begin: datetime, counts: Counter[str], people: Iterable[ContactRow], as_of: datetime
) -> QuarterHour:
    at = min(begin + QUARTER, as_of)
    return QuarterHour(
        Window(begin, begin + QUARTER),
        counts["attempts"],
        counts["answered"],
        counts["abandoned"],
        counts["diverted"],
        sum(_waits(row, at) for row in people),
    )


def _waits(row: ContactRow, at: datetime) -> bool:
    """Whether he is in line at that time."""
    if row.queued_at is None or row.queued_at >= at:
        return False
    left = row.answered_at or row.ended_at
    return left is None or left >= at
