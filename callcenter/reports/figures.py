"""The hotline's figures on the ledger: counts a window day by day and keeps the answer for a moment.

Invariant: boards that ask again and again cost at most a tenth of one core, because an answer serves everybody until ten
times as long has passed as it took; it says itself when it was made.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any, Final, TypeVar

from callcenter.core.clock import Clock, Instant
from callcenter.reports.core.quarters import BEFORE, QuarterHour, by_quarter, quarters_until
from callcenter.reports.core.report import Counting, DayByHour, Report, by_hour
from callcenter.reports.core.rolling import SPAN
from callcenter.reports.core.rows import DayRows
from callcenter.reports.core.windows import Window, day_window, days_of, parse
from callcenter.reports.store import Rows
from callcenter.store.database import Database

FRESH_S: Final = 2.0
"""For so long an answer serves everybody who asks the same."""

REST_RATIO: Final = 10.0
"""And for so many times what it took to make."""

KEPT_MAX: Final = 32
"""Answers kept."""

SHORT: Final = timedelta(days=2)
"""Longer windows are computed in a lane of their own, so that a year's report holds up no board."""

JOURNAL_DAYS_MAX: Final = timedelta(days=31)
"""Longer windows leave the journal unread: no occupancy and no surge citizens (unknown, not zero)."""

SHIFT: Final = timedelta(hours=8)
"""Who changes nothing at his seat for a whole shift is not at work."""

T = TypeVar("T")


class SqlFigures:
    """The figures of a city (:class:`callcenter.web.ports.figures.Figures`). ``zone``: whose calendar days count."""

    def __init__(self, database: Database, clock: Clock, zone: tzinfo):
        self._rows = Rows(database)
        self._clock, self._zone = clock, zone
        self._lanes = {True: Lane(clock), False: Lane(clock)}

    async def report(self, window: str) -> Report:
        """All figures of a window, written as :func:`callcenter.reports.core.windows.parse` takes it.

        Raises:
            UsageError: ``bad_window``.
            PeerError: the database is in trouble.
        """
        asked = parse(window, self._clock.at(), self._zone)
        is_short = asked.until_at - asked.from_at <= SHORT
        return await self._lanes[is_short].answer(window.strip(), lambda: self._report(window))

    async def by_hour(self, day: date | None = None) -> DayByHour:
        """One calendar day hour by hour; ``None``: today.

        Raises:
            UsageError: ``bad_window``: the day has not begun.
            PeerError: the database is in trouble.
        """
        now = self._clock.at()
        wanted = day or now.astimezone(self._zone).date()
        parse(wanted.isoformat(), now, self._zone)
        whole = day_window(wanted, self._zone)
        return await self._lanes[True].answer(f"hours {wanted}", lambda: self._by_hour(whole))

    async def by_quarter(self, hours: int) -> list[QuarterHour]:
        """The last ``hours`` (1 to 24) quarter by quarter.

        Raises:
            PeerError: the database is in trouble.
        """
        return await self._lanes[True].answer(f"quarters {hours}", lambda: self._by_quarter(hours))

    async def _by_quarter(self, hours: int) -> list[QuarterHour]:
        as_of = self._clock.at().astimezone(UTC)
        window = quarters_until(as_of, hours)
        found = await self._rows.contacts(Window(window.from_at - BEFORE, window.until_at))
        return await asyncio.to_thread(by_quarter, window, found, as_of)

    async def _report(self, text: str) -> Report:
        as_of = self._clock.at().astimezone(UTC)
        window = parse(text, as_of, self._zone)
        counting = await self._begin(window, as_of)
        reach = Window(window.from_at - SPAN, window.until_at)
        days = list(days_of(reach, self._zone))
        contacts = await self._rows.contacts(days[0])
        for day in days:
            after = await self._rows.contacts(self._day_after(day))
            if day.until_at <= window.from_at:
                counting.add_before(contacts)
            else:
                owed, told = await self._rows.promises(day), await self._rows.announcements(day)
                await asyncio.to_thread(counting.add_day, DayRows(day, contacts, owed, told), after)
            contacts = after
        return await asyncio.to_thread(counting.report, await self._rows.gaps(reach))

    async def _begin(self, window: Window, as_of: datetime) -> Counting:
        if window.until_at - window.from_at > JOURNAL_DAYS_MAX:
            return Counting(window, as_of)
        watched = Window(window.from_at - SHIFT, window.until_at)
        counting = Counting(window, as_of, await self._rows.level_changes(watched))
        await asyncio.to_thread(counting.add_seats, await self._rows.seat_changes(watched))
        return counting

    async def _by_hour(self, day: Window) -> DayByHour:
        as_of = self._clock.at().astimezone(UTC)
        return by_hour(day, await self._rows.contacts(day), await self._rows.gaps(day), as_of)

    def _day_after(self, day: Window) -> Window:
        return day_window(day.until_at.astimezone(self._zone).date(), self._zone)


@dataclass(frozen=True, slots=True)
class _Answer:
    value: Any
    made: Instant
    cost_s: float

    def serves(self, now: Instant) -> bool:
        return now - self.made < max(FRESH_S, REST_RATIO * self.cost_s)


class Lane:
    """Answers questions one after the other; who asks what was just answered gets that."""

    def __init__(self, clock: Clock):
        self._clock = clock
        self._turn = asyncio.Lock()
        self._kept: dict[str, _Answer] = {}

    async def answer(self, question: str, make: Callable[[], Awaitable[T]]) -> T:
        """What ``make`` gives, now or a moment ago."""
        async with self._turn:
            kept = self._kept.pop(question, None)
            if kept is None or not kept.serves(self._clock.instant()):
                begun = self._clock.instant()
                value = await make()
                now = self._clock.instant()
                kept = _Answer(value, now, now - begun)
            self._kept[question] = kept
            if len(self._kept) > KEPT_MAX:
                del self._kept[next(iter(self._kept))]
            answer: T = kept.value
            return answer
