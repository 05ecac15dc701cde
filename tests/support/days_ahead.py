"""Weeks of calls in a database, and who looks ahead from them."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, time
from itertools import count
from pathlib import Path
from zoneinfo import ZoneInfo

from rows import answered
from web_fakes.foresight import ROSTER

from callcenter.core.clock import Clock
from callcenter.core.ids import ContactId
from callcenter.foresight import Foresight
from callcenter.settings import Settings
from callcenter.store import contacts
from callcenter.store.database import Database

ZONE = ZoneInfo("Asia/Shanghai")


@asynccontextmanager
async def looking_ahead(
    path: Path, clock: Clock, days: Sequence[date], *hours: int
) -> AsyncIterator[Foresight]:
    """A house in which on each of these days somebody called in each of these hours."""
    database = Database(f"sqlite:///{path}")
    await database.upgrade()
    numbers = count(1)
    async with database.unit() as unit:
        for day in days:
            for hour in hours:
                at = datetime.combine(day, time(hour), ZONE).astimezone(UTC)
                call = replace(
                    answered(ContactId(f"cc-{next(numbers)}"), at), caller=f"138{next(numbers):08d}"
                )
                await contacts.save(unit, call)

    async def roster(day: date) -> Sequence[int]:
        return ROSTER

    try:
        yield Foresight(Settings(), database, clock, roster)
    finally:
        await database.close()
