"""PostgreSQL is killed while contacts are being written: nothing that was accepted is lost or doubled."""

import asyncio

import pytest
from databases import PostgresServer
from rows import NOW, arrival, until

from callcenter.core.clock import Instant
from callcenter.core.ids import ContactId
from callcenter.store import contacts, journal
from callcenter.store.database import Database
from callcenter.store.unit import Unit
from callcenter.store.writer import Operation, StoreWriter

pytestmark = pytest.mark.chaos

CALLS = 600


async def test_a_killed_database_loses_nothing() -> None:
    """Kill -9 in the middle of 600 arrivals, restart: each is one contact and one journal entry, in order."""
    server = PostgresServer()
    try:
        server.start()
        database = Database(server.url("postgres"))
        await database.upgrade()
        told: list[int] = []
        writer = StoreWriter(database, lambda entries: told.extend(entry.seq for entry in entries))
        running = asyncio.create_task(writer.run())
        for number in range(CALLS):
            writer.submit(_arrive(number))
            if number == CALLS // 2:
                await until(lambda: writer.committed_count > 0)
                server.kill()
        await until(lambda: writer.trouble is not None)
        await asyncio.to_thread(server.restart)
        await until(lambda: writer.backlog == 0, 40)
        async with database.reading() as connection:
            entries = await journal.since(connection, 0, CALLS * 2)
            rows = await contacts.without_outcome(connection)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        await database.close()
        assert len(rows) == CALLS
        assert [entry.data["contact_id"] for entry in entries] == [f"cc-1.{n}" for n in range(CALLS)]
        assert [entry.seq for entry in entries] == list(range(1, CALLS + 1))
        assert sorted(set(told)) == told
        assert (writer.broken_count, writer.trouble) == (0, None)
    finally:
        server.remove()


def _arrive(number: int) -> Operation:
    message = arrival(ContactId(f"cc-1.{number}"))
    draft = journal.draft(message, NOW, Instant(0))

    async def operation(unit: Unit) -> None:
        await contacts.arrive(unit, message)
        unit.record(draft)

    return operation
