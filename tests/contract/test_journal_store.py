"""The journal: order without holes, replay, and what outsiders see of it."""

import asyncio
from datetime import timedelta

import pytest
from rows import C1, C2, NOW, arrival

from callcenter.core.clock import Instant
from callcenter.core.errors import UsageError
from callcenter.core.ids import QueueName
from callcenter.core.messages.base import Message
from callcenter.core.messages.calls import CallQueued
from callcenter.store import journal
from callcenter.store.database import Database

pytestmark = pytest.mark.contract

QUEUED = CallQueued(C2, QueueName("general"), 1)


async def test_a_message_comes_back_as_it_happened(database: Database) -> None:
    """What was journaled is replayed as the same message."""
    await _append(database, arrival())
    async with database.reading() as connection:
        (entry,) = await journal.since(connection, 0)
    assert (journal.as_message(entry), entry.seq, entry.subject) == (arrival(), 1, {"contact_id": C1})


async def test_places_have_no_holes_whoever_writes(database: Database) -> None:
    """Forty concurrent units, ten of which fail, leave the numbers 1 to 60 and no other."""

    async def one(number: int) -> None:
        async with database.unit() as unit:
            unit.record(journal.draft(arrival(), NOW, Instant(0)))
            unit.record(journal.draft(QUEUED, NOW, Instant(0)))
            if number % 4 == 0:
                raise LookupError

    await asyncio.gather(*(one(number) for number in range(40)), return_exceptions=True)
    async with database.reading() as connection:
        entries = await journal.since(connection, 0)
    assert [entry.seq for entry in entries] == list(range(1, 61))


async def test_a_repeated_unit_is_journaled_once(database: Database) -> None:
    """A commit whose answer was lost is repeated without doubling what it journaled."""
    drafts = [journal.draft(arrival(), NOW, Instant(0)), journal.draft(QUEUED, NOW, Instant(0))]
    for is_repeat, some in ((False, drafts[:1]), (True, drafts)):
        async with database.unit(is_repeat=is_repeat) as unit:
            for draft in some:
                unit.record(draft)
    async with database.reading() as connection:
        assert [entry.id for entry in await journal.since(connection, 0)] == [draft.id for draft in drafts]


async def test_replay_pages_and_selects(database: Database) -> None:
    """A reader continues after the last seq it saw, and may ask for some types only."""
    for message in (arrival(), QUEUED, arrival()):
        await _append(database, message)
    async with database.reading() as connection:
        assert [e.seq for e in await journal.since(connection, 1, limit=1)] == [2]
        assert [e.seq for e in await journal.since(connection, 0, types=["call.queued"])] == [2]
        assert [e.seq for e in await journal.since(connection, 0, types=["call.*"])] == [1, 2, 3]
        assert await journal.since(connection, 0, types=["call_*", "seat.*"]) == []
        assert [e.seq for e in await journal.of_contact(connection, C1)] == [1, 3]


async def test_too_old_a_position_is_refused(database: Database) -> None:
    """After old entries went, a reader who needs them is told the oldest that is left."""
    await _append(database, arrival())
    await _append(database, QUEUED)
    async with database.unit() as unit:
        assert await journal.trim(unit, NOW + timedelta(days=1)) == 1
    async with database.reading() as connection:
        assert (await journal.oldest_seq(connection), await journal.newest_seq(connection)) == (2, 2)
        assert [e.seq for e in await journal.since(connection, 1)] == [2]
        with pytest.raises(UsageError, match="before 2") as caught:
            await journal.since(connection, 0)
    assert caught.value.code == "too_old"
    await _append(database, arrival())
    async with database.reading() as connection:
        assert await journal.newest_seq(connection) == 3


async def test_outsiders_see_no_number(database: Database) -> None:
    """The event of an arrival shows the citizen's number masked; the journal itself keeps it for replay."""
    await _append(database, arrival())
    async with database.reading() as connection:
        (entry,) = await journal.since(connection, 0)
    event = journal.as_event(entry)
    assert event["data"]["caller"] == "138****5678"
    assert "13812345678" not in str(event)
    assert event["at"] == "2026-11-22T04:00:00+00:00"


async def test_an_empty_journal_has_bounds(database: Database) -> None:
    """Before the first event there is no oldest one, and the newest is 0."""
    async with database.reading() as connection:
        assert (await journal.oldest_seq(connection), await journal.newest_seq(connection)) == (None, 0)
        assert await journal.since(connection, 0) == []


async def _append(database: Database, message: Message) -> None:
    async with database.unit() as unit:
        unit.record(journal.draft(message, NOW, Instant(1.5)))
