"""What every list in SQL needs: a filter whose fields may be left open, one part, and how many rows there are."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, FromClause, RowMapping, Select, and_, func, select, true
from sqlalchemy.ext.asyncio import AsyncConnection


def all_equal(wanted: Mapping[Any, object]) -> ColumnElement[bool]:
    """Column -> the value that it must have; ``None``: any."""
    return and_(true(), *(column == value for column, value in wanted.items() if value is not None))


async def part_of(
    connection: AsyncConnection, statement: Select[Any], limit: int, offset: int = 0
) -> Sequence[RowMapping]:
    """At most ``limit`` rows after the first ``offset``."""
    rows = await connection.execute(statement.limit(limit).offset(offset))
    found: Sequence[RowMapping] = rows.mappings().all()
    return found


async def counts(
    connection: AsyncConnection, table: FromClause, wanted: ColumnElement[bool]
) -> tuple[int, int]:
    """How many rows there are, and how many of them are wanted."""
    total = await connection.scalar(select(func.count()).select_from(table))
    filtered = await connection.scalar(select(func.count()).select_from(table).where(wanted))
    return total or 0, filtered or 0
