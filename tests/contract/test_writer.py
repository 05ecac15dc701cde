"""The writer: order, batches, broken operations, and a database in trouble."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from rows import NOW, arrival, until
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from callcenter.core.clock import Instant
from callcenter.core.errors import PeerError
from callcenter.core.ids import ContactId
from callcenter.store import contacts, journal, schema
from callcenter.store import writer as writers
from callcenter.store.database import Database
from callcenter.store.unit import JournalEntry, Unit
from callcenter.store.writer import Operation, StoreWriter

pytestmark = pytest.mark.contract


class TroubledDatabase(Database):
    """A database that can be made to fail before, or after, it has committed."""

    failures = 0
    failures_after_commit = 0
    attempts = 0

    @asynccontextmanager
    async def unit(self, *, is_repeat: bool = False) -> AsyncIterator[Unit]:
        """One unit of work, or a trouble."""
        self.attempts += 1
        if self.failures:
            self.failures -= 1
            raise PeerError("the disk is full", code="database_full")
        async with super().unit(is_repeat=is_repeat) as unit:
            yield unit
        if self.failures_after_commit:
            self.failures_after_commit -= 1
            raise PeerError("lost", code="database_unreachable")


async def test_what_is_awaited_is_committed(database: Database) -> None:
    """After ``do`` the contact's row can be read: so the first prompt may be played."""
    async with _running(StoreWriter(database)) as writer:
        await writer.do(_arrive(1))
        assert await _count(database) == 1


async def test_order_is_kept_and_told_once(database: Database) -> None:
    """Five hundred messages come out of the journal as they went in, each told once, in order."""
    told: list[JournalEntry] = []
    async with _running(StoreWriter(database, told.extend)) as writer:
        for number in range(500):
            writer.submit(_record(number))
        await writer.flush()
    assert [entry.seq for entry in told] == list(range(1, 501))
    assert [entry.data["contact_id"] for entry in told] == [f"cc-1.{number}" for number in range(500)]
    assert writer.backlog == 0


async def test_what_waits_shares_a_commit(database_url: str) -> None:
    """Many operations that wait together need few units of work."""
    database = await _troubled(database_url)
    writer = StoreWriter(database)
    for number in range(200):
        writer.submit(_arrive(number))
    async with _running(writer):
        await writer.flush()
    assert database.attempts <= 3
    await database.close()


async def test_a_broken_operation_takes_no_other_down(database: Database) -> None:
    """One operation that the database refuses is set aside by name; its neighbors are committed."""
    writer = StoreWriter(database)
    writer.submit(_arrive(1))
    writer.submit(_break, "breaks")
    writer.submit(_arrive(2))
    async with _running(writer):
        await writer.flush()
        assert await _count(database) == 2
    assert (writer.broken_count, [broken.name for broken in writer.broken]) == (1, ["breaks"])


async def test_who_awaits_a_broken_operation_is_told(database: Database) -> None:
    """The error of an awaited operation reaches who asked, and only him."""
    async with _running(StoreWriter(database)) as writer:
        results = await asyncio.gather(
            writer.do(_arrive(1)), writer.do(_break), writer.do(_arrive(2)), return_exceptions=True
        )
    assert [type(result) for result in results][::2] == [type(None), type(None)]
    assert isinstance(results[1], DBAPIError)


async def test_a_database_in_trouble_only_delays(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """While the disk is full nothing is lost; the trouble is told at its beginning and its end."""
    monkeypatch.setattr(writers, "RETRY_FIRST_S", 0.001)
    database = await _troubled(database_url)
    database.failures = 3
    troubles: list[str | None] = []
    writer = StoreWriter(
        database, on_trouble=lambda trouble: troubles.append(trouble.code if trouble else None)
    )
    async with _running(writer):
        writer.submit(_arrive(1))
        await writer.do(_arrive(2))
    assert await _count(database) == 2
    assert (troubles, writer.trouble, writer.broken_count) == (["database_full", None], None, 0)
    await database.close()


async def test_a_lost_answer_to_a_commit_doubles_nothing(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A batch that was committed unheard is repeated; contacts and journal hold it once."""
    monkeypatch.setattr(writers, "RETRY_FIRST_S", 0.001)
    database = await _troubled(database_url)
    database.failures_after_commit = 1
    async with _running(StoreWriter(database)) as writer:
        draft = journal.draft(arrival(), NOW, Instant(0))

        async def operation(unit: Unit) -> None:
            await contacts.arrive(unit, arrival())
            unit.record(draft)

        await writer.do(operation)
    async with database.reading() as connection:
        assert await journal.newest_seq(connection) == 1
    assert await _count(database) == 1
    await database.close()


async def test_the_queue_is_bounded(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """When too much waits, who hands in more is told at once."""
    monkeypatch.setattr(writers, "QUEUE_MAX", 2)
    writer = StoreWriter(database)
    writer.submit(_arrive(1))
    writer.submit(_arrive(2))
    with pytest.raises(PeerError) as caught:
        writer.submit(_arrive(3))
    assert caught.value.code == "store_overflow"


@asynccontextmanager
async def _running(writer: StoreWriter) -> AsyncIterator[StoreWriter]:
    task = asyncio.create_task(writer.run())
    try:
        yield writer
    finally:
        await until(lambda: writer.backlog == 0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _troubled(url: str) -> TroubledDatabase:
    database = TroubledDatabase(url)
    await database.upgrade()
    database.attempts = 0
    return database


def _arrive(number: int) -> Operation:
    async def operation(unit: Unit) -> None:
        await contacts.arrive(unit, arrival(ContactId(f"cc-1.{number}")))

    return operation


def _record(number: int) -> Operation:
    draft = journal.draft(arrival(ContactId(f"cc-1.{number}")), NOW, Instant(0))

    async def operation(unit: Unit) -> None:
        unit.record(draft)

    return operation


async def _break(unit: Unit) -> None:
    await unit.connection.execute(text("INSERT INTO contacts (contact_id) VALUES ('x')"))


async def _count(database: Database) -> int:
    async with database.reading() as connection:
        return await connection.scalar(select(func.count()).select_from(schema.contacts)) or 0
