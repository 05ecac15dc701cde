"""Skill groups of seats in SQL: which queues ring a seat first.

Invariant: a seat's groups are replaced whole; the engine takes them up at start.
"""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from callcenter.core.ids import QueueName, SeatId
from callcenter.store.schema import seat_skills
from callcenter.store.unit import Unit


async def assign_skills(
    unit: Unit, seat_id: SeatId, queues: Iterable[QueueName], by: str, at: datetime
) -> None:
    """The seat belongs to these skill groups and no others; empty: to every queue alike."""
    await unit.connection.execute(delete(seat_skills).where(seat_skills.c.seat_id == seat_id))
    rows = [
        {"seat_id": seat_id, "queue": queue, "assigned_by": by, "assigned_at": at}
        for queue in sorted(set(queues))
    ]
    if rows:
        await unit.connection.execute(insert(seat_skills), rows)


async def skills(connection: AsyncConnection) -> dict[SeatId, tuple[QueueName, ...]]:
    """The skill groups of each seat that has any, queues in the order of their names."""
    statement = select(seat_skills.c.seat_id, seat_skills.c.queue)
    found: dict[SeatId, list[QueueName]] = {}
    for seat_id, queue in await connection.execute(statement):
        found.setdefault(SeatId(seat_id), []).append(QueueName(queue))
    return {seat_id: tuple(sorted(queues)) for seat_id, queues in sorted(found.items())}
