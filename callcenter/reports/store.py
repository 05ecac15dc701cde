"""Reads the rows of figures from SQL.

Invariants: it only reads; each table is read by its index on time, the journal by a range of its order; the event loop is
never held for more than a page of rows.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final, TypeVar

from sqlalchemy import Select, and_, case, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from callcenter.core.messages.callbacks import SURVEY_PREFIX, MessageReviewed
from callcenter.core.messages.seats import SeatStateChanged
from callcenter.core.messages.surge import LevelSwitched
from callcenter.reports.core.rows import (
    OURS,
    Announcement,
    ContactRow,
    Gap,
    LevelChange,
    Promise,
    SeatChange,
)
from callcenter.reports.core.windows import Window
from callcenter.store import gaps, journal
from callcenter.store.database import Database
from callcenter.store.schema import announcements, contacts, promises
from callcenter.store.schema import journal as entries

PAGE: Final = 500
"""Rows that are read at once."""

PROMISES_BACK: Final = timedelta(days=2)
"""Promises are looked for so long before a day: what is open on it."""

LEVEL_BACK: Final = 1_000_000
"""Journal entries that are searched for the surge level before a window; about two weeks."""

T = TypeVar("T")


class Rows:
    """The rows of windows and days, from the ledger."""

    def __init__(self, database: Database):
        self._database = database
        self._level: tuple[int, list[LevelChange]] = (1, [])

    async def contacts(self, day: Window) -> list[ContactRow]:
        """Who arrived in this window, and whom we called, in order."""
        return await self._read(_contacts(day), ContactRow._make)

    async def promises(self, day: Window) -> list[Promise]:
        """What was promised on this day or shortly before it."""
        return await self._read(_promises(day), Promise._make)

    async def announcements(self, day: Window) -> list[Announcement]:
        """Which waits were announced."""
        return await self._read(_announcements(day), Announcement._make)

    async def gaps(self, window: Window) -> list[Gap]:
        """What was not watched, uncut."""
        async with self._database.reading() as connection:
            found = await gaps.between(connection, window.from_at, window.until_at)
        return [Gap(gap.from_at, gap.until_at, gap.reason) for gap in found]

    async def seat_changes(self, window: Window) -> list[SeatChange]:
        """Every change of a seat's state, in order."""
        async with self._database.reading() as connection:
            first = await journal.first_from(connection, window.from_at)
        return await self._read(_seat_changes(first, window.until_at), SeatChange._make)

    async def level_changes(self, window: Window) -> list[LevelChange]:
        """Every switch of the surge level, in order, and the last one before the window."""
        async with self._database.reading() as connection:
            first = await journal.first_from(connection, window.from_at)
            before = await self._level_before(connection, first)
        during = _switches(first).where(entries.c.at < window.until_at)
        return [*before, *await self._read(during, LevelChange._make)]

    async def _level_before(self, connection: AsyncConnection, seq: int) -> list[LevelChange]:
        """The last switch before an entry, if there is one. What was searched once is remembered: the journal only grows."""
        searched, known = self._level if self._level[0] <= seq else (1, [])
        statement = _switches(max(searched, seq - LEVEL_BACK)).where(entries.c.seq < seq)
        found = (await connection.execute(statement)).all()
        self._level = (seq, [LevelChange._make(row) for row in found[-1:]] or known)
        return self._level[1]

    async def _read(self, statement: Select[Any], make: Callable[[Any], T]) -> list[T]:
        """All rows, page by page: between pages others get their turn."""
        found: list[T] = []
        async with self._database.reading() as connection:
            result = await connection.stream(statement)
            async for page in result.partitions(PAGE):
                found += map(make, page)
        return found


def _contacts(day: Window) -> Select[Any]:
    columns = (contacts.c[name] for name in ContactRow._fields)
    is_survey = contacts.c.contact_id.startswith(SURVEY_PREFIX)  # who is surveyed is not served by it
    wanted = _within(contacts.c.arrived_at, day) & ~is_survey
    return select(*columns).where(wanted).order_by(contacts.c.arrived_at)


def _promises(day: Window) -> Select[Any]:
    """As :class:`Promise`: with the call-back that closed it and the review of its message."""
    owed, closing = promises.c, contacts.alias()
    is_closing = and_(closing.c.contact_id == owed.closed_by_contact_id, closing.c.source == OURS)
    is_review = and_(entries.c.contact_id == owed.origin_contact_id, entries.c.type == MessageReviewed.type)
    reviewed_at = select(func.min(entries.c.at)).where(is_review).scalar_subquery()
    return (
        select(
            owed.caller,
            owed.origin_contact_id,
            owed.ground,
            owed.can_be_called,
            owed.made_at,
            owed.closed_at,
            owed.why,
            closing.c.answered_at,
            closing.c.talk_s,
            case((or_(owed.ground == "message", owed.reviewed), reviewed_at)),
        )
        .select_from(promises.outerjoin(closing, is_closing))
        .where(_within(owed.made_at, Window(day.from_at - PROMISES_BACK, day.until_at)))
    )


def _announcements(day: Window) -> Select[Any]:
    """As :class:`Announcement`; ``high_s`` 0 means that no wait was named."""
    told = announcements.c
    return (
        select(told.announced_at, told.low_s, told.high_s, contacts.c.answered_at, contacts.c.ended_at)
        .join_from(announcements, contacts)
        .where(_within(told.announced_at, day), told.high_s > 0)
    )


def _seat_changes(first_seq: int, until: datetime) -> Select[Any]:
    """As :class:`SeatChange`, in order. The database takes the JSON apart: that holds up nobody."""
    data = entries.c.data
    parts = (data[name].as_string() for name in ("seat_id", "old", "new"))
    wanted = and_(entries.c.seq >= first_seq, entries.c.at < until, entries.c.type == SeatStateChanged.type)
    return select(entries.c.at, *parts).where(wanted).order_by(entries.c.seq)


def _switches(first_seq: int) -> Select[Any]:
    """As :class:`LevelChange`, in order; proposals are none."""
    data = entries.c.data
    wanted = and_(
        entries.c.seq >= first_seq, entries.c.type == LevelSwitched.type, data["applied"].as_boolean()
    )
    return (
        select(entries.c.at, data["old"].as_integer(), data["new"].as_integer())
        .where(wanted)
        .order_by(entries.c.seq)
    )


def _within(column: Any, window: Window) -> Any:
    return and_(column >= window.from_at, column < window.until_at)
