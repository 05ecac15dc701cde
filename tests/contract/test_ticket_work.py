"""Work on tickets in SQL: corrections beside suggestions, one version after the other, told on the journal."""

import asyncio
from collections.abc import AsyncIterator
from zoneinfo import ZoneInfo

import pytest
from rows import C1, NOW, StillClock, answered
from writers import writing

from callcenter.core.errors import UsageError
from callcenter.core.ids import TicketNo
from callcenter.store import contacts, journal
from callcenter.store.database import Database
from callcenter.ticket_desk import TicketDesk
from callcenter.tickets import catalog, store
from callcenter.tickets.core.deadline import deadline
from callcenter.tickets.core.work import Standing
from callcenter.web.ports.tickets import TicketFilter
from callcenter.web.readers.tickets import SqlTickets

pytestmark = pytest.mark.contract

CATALOG = catalog.load()
ZONE = ZoneInfo("Asia/Shanghai")
NATURE, TOPIC = next(iter(CATALOG.natures.names)), next(iter(CATALOG.topics.names))


@pytest.fixture
async def ticket_no(database: Database) -> TicketNo:
    """A draft."""
    async with database.unit() as unit:
        await contacts.save(unit, answered())
        return (await store.draft(unit, C1, NOW, ZONE)).ticket_no


@pytest.fixture
async def desk(database: Database) -> AsyncIterator[TicketDesk]:
    """Somebody's desk."""
    async with writing(database) as writer:
        yield TicketDesk(writer, database, CATALOG, StillClock(), ZONE)


async def test_a_correction_stands_in_the_list_beside_the_suggestion(
    database: Database, desk: TicketDesk, ticket_no: TicketNo
) -> None:
    """The list shows what a person made of it, by how far he is; the ticket itself keeps the machine's words."""
    await desk.correct(ticket_no, {"nature": NATURE, "unit": "住建局"}, 0, "li")
    work = await desk.read(ticket_no)
    assert (work.nature, work.unit, work.version, work.by) == (NATURE, "住建局", 1, "li")
    reader = SqlTickets(database)
    (listed,) = (await reader.list(TicketFilter(standing="open"), 10, 0)).items
    assert (listed.nature, listed.standing) == (NATURE, "open")
    whole = await reader.get(ticket_no)
    assert whole is not None
    assert (whole.nature, whole.standing) == (None, "open")


async def test_the_due_day_follows_the_nature(
    database: Database, desk: TicketDesk, ticket_no: TicketNo
) -> None:
    """Who says that it is a complaint gives it the complaint's time; the machine, later, leaves that alone."""
    await desk.correct(ticket_no, {"nature": "complaint"}, 0, "li")
    wanted = deadline(NOW, CATALOG.workdays["complaint"], ZONE)
    async with database.unit() as unit:
        assert (await store.get(unit.connection, ticket_no)).deadline == wanted
        await store.complete(unit, C1, NOW, CATALOG, ZONE)
        assert (await store.get(unit.connection, ticket_no)).deadline == wanted
    await desk.correct(ticket_no, {"nature": ""}, 1, "li")
    async with database.reading() as connection:
        assert (await store.get(connection, ticket_no)).deadline is None


async def test_it_ends_and_opens_again(database: Database, desk: TicketDesk, ticket_no: TicketNo) -> None:
    """Only with what it needs; each step is told with who made it."""
    with pytest.raises(UsageError, match="lacks nature, topic"):
        await desk.end(ticket_no, Standing.ANSWERED, 0, "li")
    await desk.correct(ticket_no, {"nature": NATURE, "topic": TOPIC}, 0, "li")
    await desk.end(ticket_no, Standing.ANSWERED, 1, "li")
    reader = SqlTickets(database)
    assert (await reader.list(TicketFilter(standing="open"), 10, 0)).filtered == 0
    assert (await reader.list(TicketFilter(standing="answered"), 10, 0)).filtered == 1
    await desk.reopen(ticket_no, 2, "zhou")
    async with database.reading() as connection:
        told = await journal.since(connection, 0)
    steps = [(entry.data["standing"], entry.data["by"]) for entry in told if entry.type == "ticket.worked"]
    assert steps == [("open", "li"), ("answered", "li"), ("open", "zhou")]


async def test_two_at_once(desk: TicketDesk, ticket_no: TicketNo) -> None:
    """One is kept, the other is told."""
    both = (desk.correct(ticket_no, {"note": text}, 0, text) for text in ("li", "wang"))
    results = await asyncio.gather(*both, return_exceptions=True)
    refused = [result for result in results if isinstance(result, UsageError)]
    assert [error.code for error in refused] == ["wrong_version"]
    assert (await desk.read(ticket_no)).version == 1


@pytest.mark.parametrize(("field", "text"), [("nature", "gossip"), ("topic", "nothing")])
async def test_unknown_words_are_refused(
    desk: TicketDesk, ticket_no: TicketNo, field: str, text: str
) -> None:
    """A key that the city's list does not have, and a ticket that does not exist."""
    with pytest.raises(UsageError, match=text):
        await desk.correct(ticket_no, {field: text}, 0, "li")
    with pytest.raises(UsageError, match="no ticket"):
        await desk.correct(TicketNo("20261122-999999"), {"note": "x"}, 0, "li")
