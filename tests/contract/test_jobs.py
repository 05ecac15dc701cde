"""Durable work: one job per key, one result, three tries, and workers that die."""

import asyncio
from datetime import datetime, timedelta

import pytest
from rows import NOW

from callcenter.core.ids import JobId
from callcenter.store import jobs
from callcenter.store.database import Database
from callcenter.store.jobs import Job, JobState, LeaseLost

pytestmark = pytest.mark.contract

LEASE_S = 60.0
LATER = NOW + timedelta(seconds=LEASE_S + 1)


async def test_a_key_makes_one_job(database: Database) -> None:
    """Asking twice for the same work makes one job, also after it is done."""
    await _put(database, "a")
    await _put(database, "a")
    job = await _take(database)
    assert job is not None
    await _finish(database, job)
    await _put(database, "a")
    assert await _take(database) is None
    async with database.reading() as connection:
        assert await jobs.counts(connection, "work") == {
            JobState.QUEUED: 0,
            JobState.RUNNING: 0,
            JobState.DONE: 1,
            JobState.PARKED: 0,
        }


async def test_urgent_first_then_first_come(database: Database) -> None:
    """A higher priority goes first; among equals the oldest."""
    for key, priority in (("a", 0), ("b", 0), ("c", 5)):
        await _put(database, key, priority)
    taken = [await _take(database) for _ in range(3)]
    assert [job and job.dedupe_key for job in taken] == ["c", "a", "b"]


async def test_no_job_is_taken_twice(database: Database) -> None:
    """Ten workers that reach for six jobs at the same time get six different ones."""
    for number in range(6):
        await _put(database, str(number))
    taken = await asyncio.gather(*(_take(database, owner=f"w{number}") for number in range(10)))
    assert sorted(job.dedupe_key for job in taken if job) == ["0", "1", "2", "3", "4", "5"]


async def test_a_failed_job_waits_and_is_parked_after_three_tries(database: Database) -> None:
    """Each failure waits longer; the third parks the job with its error."""
    await _put(database, "a")
    now, states = NOW, []
    for _ in range(3):
        job = await _take(database, now=now)
        assert job is not None
        async with database.unit() as unit:
            states.append(await jobs.fail(unit, job.id, "w", "bad_sound", now))
        assert await _take(database, now=now) is None
        now += timedelta(minutes=5)
    async with database.reading() as connection:
        (parked,) = await jobs.parked(connection)
    assert states == [JobState.QUEUED, JobState.QUEUED, JobState.PARKED]
    assert (parked.last_error, parked.attempts) == ("bad_sound", 3)


async def test_a_dead_workers_job_comes_back(database: Database) -> None:
    """A lease that nobody renewed ends, and the job is taken by another."""
    await _put(database, "a")
    await _take(database)
    assert await _sweep_at(database, NOW) == []
    (swept,) = await _sweep_at(database, LATER)
    again = await _take(database, owner="other", now=LATER)
    assert (swept.state, again and again.attempts) == (JobState.QUEUED, 2)


async def test_a_job_that_kills_every_worker_is_parked(database: Database) -> None:
    """After the third worker died of a job nobody else has to."""
    await _put(database, "poison")
    now, swept = NOW, []
    for _ in range(3):
        assert await _take(database, now=now) is not None
        now += timedelta(seconds=LEASE_S + 1)
        swept += await _sweep_at(database, now)
    assert [job.state for job in swept] == [JobState.QUEUED, JobState.QUEUED, JobState.PARKED]
    assert swept[-1].last_error == jobs.LEASE_EXPIRED


async def test_who_lost_the_lease_cannot_finish(database: Database) -> None:
    """A worker that was thought dead may neither finish, fail nor renew; its result is rolled back."""
    await _put(database, "a")
    old = await _take(database, owner="old")
    await _sweep_at(database, LATER)
    new = await _take(database, owner="new", now=LATER)
    assert old is not None
    assert new is not None
    for attempt in (_finish(database, old, "old"), _fail(database, old.id, "old"), _renew(database, old.id)):
        with pytest.raises(LeaseLost):
            await attempt
    await _finish(database, new, "new")


async def test_a_heartbeat_keeps_the_lease(database: Database) -> None:
    """A renewed job is not taken back."""
    await _put(database, "a")
    job = await _take(database, owner="old")
    assert job is not None
    async with database.unit() as unit:
        await jobs.renew(unit, job.id, "old", LATER - timedelta(seconds=2), LEASE_S)
    assert await _sweep_at(database, LATER) == []


async def test_a_parked_job_can_be_tried_again(database: Database) -> None:
    """An operator gives a parked job all its tries back."""
    await test_a_failed_job_waits_and_is_parked_after_three_tries(database)
    async with database.reading() as connection:
        (parked,) = await jobs.parked(connection)
    async with database.unit() as unit:
        await jobs.retry_parked(unit, parked.id, NOW)
    job = await _take(database)
    assert job is not None
    assert job.attempts == 1


async def test_a_job_that_is_put_back_has_lost_no_try(database: Database) -> None:
    """It is due later, says why, and only who holds its lease can put it back."""
    await _put(database, "a")
    for _ in range(jobs.ATTEMPTS_MAX + 1):
        job = await _take(database)
        assert job is not None
        assert job.attempts == 1
        await _put_back(database, job.id, "w", wait_s=0)
    job = await _take(database)
    assert job is not None
    assert job.last_error == "disk_full"
    with pytest.raises(LeaseLost):
        await _put_back(database, job.id, "another", wait_s=0)
    await _put_back(database, job.id, "w", wait_s=60)
    assert await _take(database) is None
    assert await _take(database, now=NOW + timedelta(seconds=60)) is not None


async def _put_back(database: Database, job_id: JobId, owner: str, wait_s: float) -> None:
    async with database.unit() as unit:
        await jobs.put_back(unit, job_id, owner, "disk_full", NOW, wait_s)


async def _put(database: Database, key: str, priority: int = 0) -> None:
    async with database.unit() as unit:
        await jobs.put(unit, "work", key, {"n": 1}, NOW, priority=priority)


async def _take(database: Database, owner: str = "w", now: datetime = NOW) -> Job | None:
    async with database.unit() as unit:
        return await jobs.take(unit, owner, now, LEASE_S, "work")


async def _sweep_at(database: Database, now: datetime) -> list[Job]:
    async with database.unit() as unit:
        return await jobs.sweep(unit, now)


async def _finish(database: Database, job: Job, owner: str = "w") -> None:
    async with database.unit() as unit:
        await jobs.finish(unit, job.id, owner, NOW)


async def _fail(database: Database, job_id: JobId, owner: str) -> None:
    async with database.unit() as unit:
        await jobs.fail(unit, job_id, owner, "x", NOW)


async def _renew(database: Database, job_id: JobId) -> None:
    async with database.unit() as unit:
        await jobs.renew(unit, job_id, "old", NOW, LEASE_S)
