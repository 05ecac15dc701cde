"""Numbers without holes. Invariant: a number is used up only by the unit that commits it, and in commit order.

The counter's row stays locked until the unit ends, so take numbers as late in a unit as possible.
"""

from sqlalchemy import literal

from callcenter.store.schema import counters
from callcenter.store.unit import Unit, insert


async def take(unit: Unit, name: str, count: int) -> int:
    """The first of ``count`` (>= 0) fresh numbers; a new counter starts at 1. ``count`` 0 only locks it."""
    statement = insert(unit.connection, counters).values(name=name, value=count)
    statement = statement.on_conflict_do_update(
        index_elements=["name"], set_={"value": counters.c.value + literal(count)}
    )
    last = await unit.connection.scalar(statement.returning(counters.c.value))
    return int(last or 0) - count + 1
