"""Numbers without holes. Invariant: a number is used up only by the unit that commits it, and in commit order.

The counter's row stays locked until the unit ends, so take numbers as late in a unit as possible.
"""

from functools import cache

from callcenter.store.schema import counters
from callcenter.store.unit import Insert, Unit, insert_for


async def take(unit: Unit, name: str, count: int) -> int:
    """The first of ``count`` (>= 0) fresh numbers; a new counter starts at 1. ``count`` 0 only locks it."""
    statement = _add(unit.connection.dialect.name).returning(counters.c.value)
    last = await unit.connection.scalar(statement, {"name": name, "value": count})
    return int(last or 0) - count + 1


@cache
def _add(dialect: str) -> Insert:
    statement = insert_for(dialect, counters)
    total = counters.c.value + statement.excluded.value
    return statement.on_conflict_do_update(index_elements=["name"], set_={"value": total})
