"""What was changed on the page, in SQL. Invariant: only ever added to; of each key the newest change holds."""

import json
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import RowMapping, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from callcenter.house.values import Value
from callcenter.store.schema import house_settings as table
from callcenter.store.unit import Unit


@dataclass(frozen=True, slots=True)
class Change:
    """One change. ``old``, ``new``: the value on the page before and after; ``None``: as configured."""

    version: int
    key: str
    old: Value | None
    new: Value | None
    by: str
    at: datetime
    why: str


async def keep(unit: Unit, key: str, new: Value | None, by: str, at: datetime, why: str) -> Change:
    """Write a change down after the one before."""
    newest = select(func.coalesce(func.max(table.c.version), 0))
    version = (await unit.connection.execute(newest)).scalar_one() + 1
    before = await _newest_of(unit.connection, key)
    change = Change(version, key, before.new if before else None, new, by, at, why)
    values = {name: getattr(change, name) for name in Change.__slots__}
    encoded = {name: json.dumps(values[name], ensure_ascii=False) for name in ("old", "new")}
    await unit.connection.execute(insert(table).values(values | encoded))
    return change


async def in_force(connection: AsyncConnection) -> list[Change]:
    """The newest change of each key, in the order in which they were made."""
    newest = select(func.max(table.c.version)).group_by(table.c.key)
    rows = await connection.execute(
        select(table).where(table.c.version.in_(newest)).order_by(table.c.version)
    )
    return [_change(row) for row in rows.mappings()]


async def history(connection: AsyncConnection, key: str | None, limit: int) -> list[Change]:
    """The newest changes, of one key or of all, newest first."""
    statement = select(table).order_by(table.c.version.desc()).limit(limit)
    if key is not None:
        statement = statement.where(table.c.key == key)
    return [_change(row) for row in (await connection.execute(statement)).mappings()]


async def _newest_of(connection: AsyncConnection, key: str) -> Change | None:
    found = await history(connection, key, 1)
    return found[0] if found else None


def _change(row: RowMapping) -> Change:
    return Change(**{**row, "old": json.loads(row["old"]), "new": json.loads(row["new"])})
