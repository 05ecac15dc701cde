"""Sampling plans in SQL, and what they drew.

Invariant: a draw is on record with the plan as it was.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, and_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from callcenter.core.errors import UsageError
from callcenter.core.ids import SeatId
from callcenter.store import unit as units
from callcenter.store.schema import qa_assessments, qa_draws, qa_plans, qa_reviews, tickets
from callcenter.store.unit import Unit
from recordings.core.qa.sampling import Assignment, Candidate, GroupBy, Plan, draw
from recordings.qa.gather import CALL
from recordings.qa.reviewing import assign
from recordings.qa.reviews import FIRST, SECOND


@dataclass(frozen=True, slots=True)
class Draw:
    """What was drawn, from how many calls, of which ``fresh`` were not assigned before."""

    plan: str
    period: str
    until_at: datetime
    population: int
    population_sha256: str
    drawn: Sequence[Assignment]
    fresh: int


async def save_plan(unit: Unit, plan: Plan, by: str, at: datetime) -> None:
    """Add or replace a sampling plan; what was drawn by an older one stays."""
    values = _terms(plan) | {"name": plan.name, "changed_by": by, "changed_at": at}
    statement = units.insert(unit.connection, qa_plans).values(values)
    await unit.connection.execute(statement.on_conflict_do_update(index_elements=["name"], set_=values))


async def plans(connection: AsyncConnection) -> list[Plan]:
    """All sampling plans, by name."""
    rows = await connection.execute(select(qa_plans).order_by(qa_plans.c.name))
    return [_plan(row) for row in rows.mappings()]


async def plan_named(connection: AsyncConnection, name: str) -> Plan:
    """One plan.

    Raises:
        UsageError: ``unknown_plan``.
    """
    found = (
        (await connection.execute(select(qa_plans).where(qa_plans.c.name == name))).mappings().one_or_none()
    )
    if found is None:
        raise UsageError(f"there is no sampling plan {name}", code="unknown_plan")
    return _plan(found)


async def draw_calls(
    unit: Unit,
    plan: Plan,
    period: str,
    since: datetime,
    until: datetime,
    own_seats: Mapping[str, SeatId],
    by: str,
    at: datetime,
) -> Draw:
    """Draw from the assessed calls that were answered in ``[since, until)`` and assign what has no review yet."""
    candidates = await _candidates(unit.connection, since, until)
    drawn = draw(plan, period, candidates, own_seats)
    fresh = sum([await _assign_drawn(unit, plan, period, assignment, by, at) for assignment in drawn])
    ids = "\n".join(sorted(candidate.recording_id for candidate in candidates))
    digest = hashlib.sha256(ids.encode()).hexdigest()
    values = {
        "plan": plan.name,
        "period": period,
        "until_at": until,
        "terms": _terms(plan),
        "population": len(candidates),
        "population_sha256": digest,
        "drawn": [asdict(assignment) for assignment in drawn],
        "drawn_by": by,
        "drawn_at": at,
    }
    statement = units.insert(unit.connection, qa_draws).values(values)
    await unit.connection.execute(statement.on_conflict_do_nothing())  # the first record of a draw stays
    return Draw(plan.name, period, until, len(candidates), digest, drawn, fresh)


async def _assign_drawn(
    unit: Unit, plan: Plan, period: str, assignment: Assignment, by: str, at: datetime
) -> int:
    """How many reviews are new: none where people review the call by this card already."""
    about = (qa_reviews.c.recording_id == assignment.recording_id) & (qa_reviews.c.card_id == plan.card_id)
    if await unit.connection.scalar(select(qa_reviews.c.id).where(about).limit(1)) is not None:
        return 0
    both = [(FIRST, assignment.first), (SECOND, assignment.second)]
    wanted = [(ordinal, reviewer) for ordinal, reviewer in both if reviewer is not None]
    for ordinal, reviewer in wanted:
        await assign(
            unit,
            assignment.recording_id,
            plan.card_id,
            reviewer,
            by,
            at,
            plan=plan.name,
            period=period,
            ordinal=ordinal,
        )
    return len(wanted)


async def _candidates(connection: AsyncConnection, since: datetime, until: datetime) -> list[Candidate]:
    columns = qa_assessments.c
    ticket = and_(tickets.c.contact_id == columns.contact_id, tickets.c.purpose == CALL)
    statement = (
        select(columns.recording_id, columns.seat_id, tickets.c.topic)
        .select_from(qa_assessments.outerjoin(tickets, ticket))
        .where(columns.is_current, columns.answered_at >= since, columns.answered_at < until)
    )
    return [Candidate(*row) for row in await connection.execute(statement)]


def _terms(plan: Plan) -> dict[str, Any]:
    values = asdict(plan)
    del values["name"]
    return values | {"group_by": plan.group_by.value, "reviewers": list(plan.reviewers)}


def _plan(row: RowMapping) -> Plan:
    values = {each.name: row[each.name] for each in fields(Plan)}
    return Plan(**(values | {"group_by": GroupBy(row["group_by"]), "reviewers": tuple(row["reviewers"])}))
