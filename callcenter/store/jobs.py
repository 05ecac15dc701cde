"""Durable work: the truth is here, Redis only wakes workers up.

Invariants: one job per ``dedupe_key``, and one result: who finishes a job must still hold its lease, in the
same unit of work that keeps the result. A job that failed three times is parked, never retried silently.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import RowMapping, case, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from callcenter.core.errors import PeerError
from callcenter.core.ids import JobId
from callcenter.store.schema import jobs
from callcenter.store.unit import Unit, insert

ATTEMPTS_MAX: Final = 3
BACK_OFF_S: Final = 10
"""Seconds before the second try; four times as long before the third."""
ERROR_CHARACTERS_MAX: Final = 500
LEASE_EXPIRED: Final = "lease_expired"
"""The error of a job whose worker died or hung."""


class JobState(StrEnum):
    """Where a job is."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    PARKED = "parked"


@dataclass(frozen=True, slots=True)
class Job:
    """A piece of work. ``attempts``: how often it was begun, this time included."""

    id: JobId
    kind: str
    dedupe_key: str
    state: JobState
    attempts: int
    payload: dict[str, Any]
    last_error: str


class LeaseLost(PeerError):
    """Somebody else has the job by now: throw the result away."""

    code = "lease_lost"
    retryable = False


async def put(
    unit: Unit, kind: str, dedupe_key: str, payload: dict[str, Any], now: datetime, *, priority: int = 0
) -> None:
    """Ask for work; a key that was ever used asks for nothing. Higher ``priority`` goes first."""
    values = {
        "kind": kind,
        "dedupe_key": dedupe_key,
        "state": JobState.QUEUED.value,
        "priority": priority,
        "attempts": 0,
        "due_at": now,
        "payload": payload,
        "last_error": "",
        "created_at": now,
        "updated_at": now,
    }
    statement = insert(unit.connection, jobs).values(values)
    await unit.connection.execute(statement.on_conflict_do_nothing(index_elements=["dedupe_key"]))


async def take(unit: Unit, owner: str, now: datetime, lease_s: float, kind: str) -> Job | None:
    """Begin the next due job of this kind; nobody else gets it until the lease ends."""
    candidate = (
        select(jobs.c.id)
        .where(jobs.c.state == JobState.QUEUED.value, jobs.c.kind == kind, jobs.c.due_at <= now)
        .order_by(jobs.c.priority.desc(), jobs.c.id)
        .limit(1)
        .with_for_update(skip_locked=True)
        .scalar_subquery()
    )
    statement = (
        update(jobs)
        .where(jobs.c.id == candidate)
        .values(
            state=JobState.RUNNING.value,
            attempts=jobs.c.attempts + 1,
            lease_owner=owner,
            lease_until=now + timedelta(seconds=lease_s),
            updated_at=now,
        )
        .returning(jobs)
    )
    row = (await unit.connection.execute(statement)).mappings().one_or_none()
    return _job(row) if row else None


async def renew(unit: Unit, job_id: JobId, owner: str, now: datetime, lease_s: float) -> None:
    """Heartbeat: keep the lease for ``lease_s`` more seconds.

    Raises:
        LeaseLost: too late.
    """
    await _change(unit, job_id, owner, lease_until=now + timedelta(seconds=lease_s), updated_at=now)


async def finish(unit: Unit, job_id: JobId, owner: str, now: datetime) -> None:
    """The work is done; keep its result in the same unit.

    Raises:
        LeaseLost: the job is not ours any more; the unit must be rolled back.
    """
    await _change(unit, job_id, owner, state=JobState.DONE.value, updated_at=now, **_NO_LEASE)


async def fail(unit: Unit, job_id: JobId, owner: str, error: str, now: datetime) -> JobState:
    """The try failed; ``error`` is a code or type name. Whether it is queued again or parked.

    Raises:
        LeaseLost: the job is not ours any more.
    """
    attempts = await unit.connection.scalar(select(jobs.c.attempts).where(jobs.c.id == job_id)) or 0
    state = JobState.PARKED if attempts >= ATTEMPTS_MAX else JobState.QUEUED
    wait = timedelta(seconds=BACK_OFF_S * 4 ** max(0, attempts - 1))
    await _change(
        unit,
        job_id,
        owner,
        state=state.value,
        due_at=now + wait,
        last_error=error[:ERROR_CHARACTERS_MAX],
        updated_at=now,
        **_NO_LEASE,
    )
    return state


async def put_back(unit: Unit, job_id: JobId, owner: str, error: str, now: datetime, wait_s: float) -> None:
    """What went wrong is no fault of the job: due again after ``wait_s``, and the try does not count.

    Raises:
        LeaseLost: the job is not ours any more.
    """
    await _change(
        unit,
        job_id,
        owner,
        state=JobState.QUEUED.value,
        attempts=jobs.c.attempts - 1,
        due_at=now + timedelta(seconds=wait_s),
        last_error=error[:ERROR_CHARACTERS_MAX],
        updated_at=now,
        **_NO_LEASE,
    )


async def sweep(unit: Unit, now: datetime) -> list[Job]:
    """Take the jobs of dead workers back: queued again at once, or parked after the last try. Which ones."""
    statement = (
        update(jobs)
        .where(jobs.c.state == JobState.RUNNING.value, jobs.c.lease_until < now)
        .values(
            state=case((jobs.c.attempts >= ATTEMPTS_MAX, JobState.PARKED.value), else_=JobState.QUEUED.value),
            due_at=now,
            last_error=LEASE_EXPIRED,
            updated_at=now,
            **_NO_LEASE,
        )
        .returning(jobs)
    )
    return [_job(row) for row in (await unit.connection.execute(statement)).mappings()]


async def retry_parked(unit: Unit, job_id: JobId, now: datetime) -> None:
    """An operator wants a parked job tried again, with all its tries."""
    statement = (
        update(jobs)
        .where(jobs.c.id == job_id, jobs.c.state == JobState.PARKED.value)
        .values(state=JobState.QUEUED.value, attempts=0, due_at=now, updated_at=now)
    )
    await unit.connection.execute(statement)


async def retry_all_parked(unit: Unit, kind: str, now: datetime) -> int:
    """The same for every parked job of a kind; how many."""
    statement = (
        update(jobs)
        .where(jobs.c.kind == kind, jobs.c.state == JobState.PARKED.value)
        .values(state=JobState.QUEUED.value, attempts=0, due_at=now, updated_at=now)
    )
    return (await unit.connection.execute(statement)).rowcount


async def by_key(connection: AsyncConnection, dedupe_key: str) -> Job | None:
    """The job of a key."""
    rows = await connection.execute(select(jobs).where(jobs.c.dedupe_key == dedupe_key))
    row = rows.mappings().one_or_none()
    return _job(row) if row else None


async def parked(connection: AsyncConnection, limit: int = 100) -> list[Job]:
    """Jobs that wait for an operator, newest first."""
    statement = select(jobs).where(jobs.c.state == JobState.PARKED.value).order_by(jobs.c.id.desc())
    return [_job(row) for row in (await connection.execute(statement.limit(limit))).mappings()]


async def counts(connection: AsyncConnection, kind: str) -> dict[JobState, int]:
    """How many jobs of a kind are in which state; states without jobs are zero."""
    statement = select(jobs.c.state, func.count()).where(jobs.c.kind == kind).group_by(jobs.c.state)
    found = {JobState(state): count for state, count in await connection.execute(statement)}
    return {state: found.get(state, 0) for state in JobState}


_NO_LEASE: Final[dict[str, Any]] = {"lease_owner": None, "lease_until": None}


async def _change(unit: Unit, job_id: JobId, owner: str, **changes: Any) -> None:
    statement = (
        update(jobs)
        .where(jobs.c.id == job_id, jobs.c.state == JobState.RUNNING.value, jobs.c.lease_owner == owner)
        .values(**changes)
    )
    if (await unit.connection.execute(statement)).rowcount != 1:
        raise LeaseLost("the job's lease was lost")


def _job(row: RowMapping) -> Job:
    return Job(
        JobId(row["id"]),
        row["kind"],
        row["dedupe_key"],
        JobState(row["state"]),
        row["attempts"],
        row["payload"],
        row["last_error"],
    )
