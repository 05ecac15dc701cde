"""Moved seats in SQL: which duty each has, how often it was assigned anything, and every rebalancing.

Invariant: a rebalancing is written once and never changed; what undid it is a rebalancing of its own.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import case, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from callcenter.core.codec import encode
from callcenter.core.contact import CALLBACK
from callcenter.core.ids import QueueName, SeatId
from callcenter.core.messages.calls import Outcome
from callcenter.core.messages.duty import Duty, SeatMoved, SeatsRebalanced, SeatVersion
from callcenter.store.schema import contacts, rebalances, seat_assignments
from callcenter.store.unit import Unit
from callcenter.store.unit import insert as insert_or
from queues.core.what_if import QUICK_S

LIST_MAX: Final = 200


@dataclass(frozen=True, slots=True)
class Rebalance:
    """One rebalancing. ``refused``: seat -> why it could not be undone; ``predicted``: as it was shown; ``undone_by``: who."""

    rebalance_id: str
    at: datetime
    by: str
    why: str
    hours: float
    moved: tuple[SeatMoved, ...]
    refused: dict[str, str]
    predicted: dict[str, Any] | None
    undoes: str
    undone_by: str


@dataclass(frozen=True, slots=True)
class Measured:
    """What came to one queue in a span: of ``calls`` that joined it, ``answered``, ``quick`` of them within 15 s."""

    queue: QueueName
    calls: int
    answered: int
    quick: int
    abandoned: int
    wait_s: float | None
    talks: int
    talk_s: float | None

    @property
    def within_share(self) -> float | None:
        """Answered within fifteen seconds, of the answered and the abandoned."""
        whole = self.answered + self.abandoned
        return self.quick / whole if whole else None


async def assigned(unit: Unit, seat_id: SeatId, duty: Duty | None, by: str, at: datetime) -> None:
    """A seat was assigned skills, or a duty: one version more."""
    row = {"seat_id": seat_id, "duty": (duty or Duty.INBOUND).value, "version": 1, "by": by, "at": at}
    changes: dict[str, Any] = {"version": seat_assignments.c.version + 1, "by": by, "at": at}
    if duty is not None:
        changes["duty"] = duty.value
    statement = insert_or(unit.connection, seat_assignments).values(row)
    await unit.connection.execute(statement.on_conflict_do_update(index_elements=["seat_id"], set_=changes))


async def versions(connection: AsyncConnection) -> tuple[SeatVersion, ...]:
    """How often each seat was assigned anything, and by whom last."""
    table = seat_assignments.c
    rows = await connection.execute(select(table.seat_id, table.version, table.by).order_by(table.seat_id))
    return tuple(SeatVersion(SeatId(row.seat_id), row.version, row.by) for row in rows)


async def on_surveys(connection: AsyncConnection) -> list[SeatId]:
    """Seats whose duty are surveys; the other duties begin anew with their call day."""
    found = select(seat_assignments.c.seat_id).where(seat_assignments.c.duty == Duty.SURVEYS.value)
    return [SeatId(seat_id) for seat_id in (await connection.execute(found)).scalars()]


async def keep(unit: Unit, done: SeatsRebalanced, at: datetime) -> None:
    """Write a rebalancing down; told twice it is one."""
    data = encode(done)
    row = {
        "rebalance_id": done.rebalance_id,
        "at": at,
        "by": done.by,
        "why": done.why,
        "hours": done.hours,
        "moved": data["moved"],
        "refused": data["refused"],
        "predicted": json.loads(done.predicted) if done.predicted else None,
        "undoes": done.undoes,
    }
    statement = insert_or(unit.connection, rebalances).values(row)
    await unit.connection.execute(statement.on_conflict_do_nothing(index_elements=["rebalance_id"]))


async def newest(connection: AsyncConnection, limit: int) -> list[Rebalance]:
    """The last ones, newest first."""
    return await _read(connection, _chosen().order_by(rebalances.c.at.desc()).limit(limit))


async def get(connection: AsyncConnection, rebalance_id: str) -> Rebalance | None:
    """One of them."""
    found = await _read(connection, _chosen().where(rebalances.c.rebalance_id == rebalance_id))
    return found[0] if found else None


async def measured(connection: AsyncConnection, since: datetime, until: datetime) -> list[Measured]:
    """What came to each queue in ``[since, until)``, by the time of arrival."""
    row = contacts.c
    quick = case(((row.answered_at.is_not(None)) & (row.wait_s <= QUICK_S), 1))
    statement = (
        select(
            row.queue,
            func.count(),
            func.count(row.answered_at),
            func.count(quick),
            func.count(case((row.outcome == Outcome.ABANDONED.value, 1))),
            func.avg(row.wait_s),
            func.count(row.talk_s),
            func.avg(row.talk_s),
        )
        .where(
            row.arrived_at >= since,
            row.arrived_at < until,
            row.queued_at.is_not(None),
            row.queue.is_not(None),
            row.source != CALLBACK,
        )
        .group_by(row.queue)
        .order_by(row.queue)
    )
    return [Measured(*found) for found in await connection.execute(statement)]


def _chosen() -> Any:
    later = rebalances.alias()
    undone_by = select(func.max(later.c.by)).where(later.c.undoes == rebalances.c.rebalance_id)
    return select(rebalances, func.coalesce(undone_by.scalar_subquery(), "").label("undone_by"))


async def _read(connection: AsyncConnection, statement: Any) -> list[Rebalance]:
    return [_rebalance(dict(row)) for row in (await connection.execute(statement)).mappings()]


def _rebalance(row: dict[str, Any]) -> Rebalance:
    moved = tuple(_moved(each) for each in row.pop("moved"))
    refused = {each["seat_id"]: each["why"] for each in row.pop("refused")}
    return Rebalance(**row, moved=moved, refused=refused)


def _moved(data: dict[str, Any]) -> SeatMoved:
    def queues(names: Sequence[str]) -> tuple[QueueName, ...]:
        return tuple(QueueName(name) for name in names)

    return SeatMoved(
        SeatId(data["seat_id"]),
        queues(data["skills_before"]),
        Duty(data["duty_before"]),
        queues(data["skills"]),
        Duty(data["duty"]),
        data["version"],
    )
