"""When nobody watched: figures of these intervals are incomplete. Invariant: at most one gap is open."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from callcenter.store.schema import gaps
from callcenter.store.unit import Unit


@dataclass(frozen=True, slots=True)
class Gap:
    """An interval with incomplete data; ``until_at`` None: it still lasts."""

    from_at: datetime
    until_at: datetime | None
    reason: str


async def open_gap(unit: Unit, at: datetime, reason: str) -> None:
    """From now on data are missing; while a gap is open this changes nothing."""
    is_open = await unit.connection.scalar(select(gaps.c.id).where(gaps.c.until_at.is_(None)))
    if is_open is None:
        await unit.connection.execute(insert(gaps).values(from_at=at, reason=reason))


async def close_gap(unit: Unit, at: datetime) -> None:
    """Data are complete again."""
    await unit.connection.execute(update(gaps).where(gaps.c.until_at.is_(None)).values(until_at=at))


async def between(connection: AsyncConnection, since: datetime, until: datetime) -> list[Gap]:
    """The gaps that touch ``[since, until)``, oldest first."""
    statement = (
        select(gaps.c.from_at, gaps.c.until_at, gaps.c.reason)
        .where(gaps.c.from_at < until, or_(gaps.c.until_at.is_(None), gaps.c.until_at > since))
        .order_by(gaps.c.from_at)
    )
    return [Gap(*row) for row in await connection.execute(statement)]
