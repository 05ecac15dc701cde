"""Ratings on real databases: one a talk, by key or by a link that is good once; letters in the commit of their cause."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from rows import C1, C2, NOW, StillClock, answered, arrival
from writers import writing

from callcenter.citizen_desk import PinDesk, RatingDesk
from callcenter.controller import Controller
from callcenter.core.contact import Contact, SaveContact
from callcenter.core.errors import UsageError
from callcenter.core.ids import ContactId, SeatId, TicketNo
from callcenter.core.messages.callbacks import CloseOwed, NoteMissed
from callcenter.core.messages.flows import Rated
from callcenter.core.messages.work import CompleteTicket, DraftTicket
from callcenter.outbox import store as outbox
from callcenter.outbox.letters import Letters
from callcenter.outbox.section import Sms
from callcenter.outbox.store import Entry
from callcenter.paperwork import Paperwork
from callcenter.promises import Promises
from callcenter.ratings import store as ratings
from callcenter.reports.core.ratings import RatedTalk, satisfaction
from callcenter.reports.ratings import SqlRatings
from callcenter.store import contacts
from callcenter.store.database import Database
from callcenter.store.writer import StoreWriter
from callcenter.tickets import catalog
from callcenter.tickets.pins import Pins
from queues.core.numbers import mobile_number

pytestmark = pytest.mark.contract

ZONE = ZoneInfo("Asia/Shanghai")
ANNA = "13812345678"
BASE = "https://hotline.example"
PINS = Pins(b"a key of this house")
C3 = ContactId("cc-1763784000.11")


@dataclass
class Office:
    """Paperwork and promises over a database, with their letters."""

    database: Database
    writer: StoreWriter
    clock: StillClock
    settings: Sms

    def __post_init__(self) -> None:
        letters = Letters(self.settings, "延安", mobile_number, PINS)
        self.paperwork = Paperwork(self.writer, catalog.load(), self.clock, ZONE, letters)
        self.promises = Promises(self.writer, self.clock, lambda number: number == ANNA, letters)

    async def close(self, contact: Contact) -> None:
        """A contact has ended."""
        self.paperwork.save_contact(SaveContact(contact))
        await self.writer.flush()

    async def rate(self, contact_id: ContactId, grade: int, by: str = "key") -> None:
        """A citizen has rated."""
        self.paperwork.journal(Rated(contact_id, grade, by), False)
        await self.writer.flush()

    async def rating(self, contact_id: ContactId = C1) -> tuple[int, str] | None:
        """Grade and way of what is kept."""
        async with self.database.reading() as connection:
            kept = await ratings.of_contact(connection, contact_id)
        return (kept.grade, kept.by) if kept else None

    async def letters(self, kind: str) -> list[Entry]:
        """What waits of a kind."""
        async with self.database.reading() as connection:
            return [entry for entry in await outbox.newest(connection, "waiting") if entry.kind == kind]

    async def linked(self, token: str) -> ContactId | None:
        """The talk that a token rates now."""
        async with self.database.reading() as connection:
            return await ratings.linked_contact(connection, token, self.clock.at())


@asynccontextmanager
async def office_of(database: Database, **settings: object) -> AsyncIterator[Office]:
    """A running office; links are sent unless ``settings`` say otherwise."""
    async with writing(database) as writer:
        chosen = Sms.model_validate({"link_base": BASE, **settings})
        yield Office(database, writer, StillClock(NOW + timedelta(seconds=75)), chosen)


@asynccontextmanager
async def running(controller: Controller) -> AsyncIterator[None]:
    """The controller consumes its inbox meanwhile."""
    task = asyncio.create_task(controller.run())
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def test_the_first_rating_stays(database: Database) -> None:
    """Told twice it is one fact; another grade afterwards changes nothing; who is unknown rated nothing."""
    async with office_of(database, rating=False) as office:
        await office.close(answered())
        await office.rate(C1, 2)
        await office.rate(C1, 2)
        await office.rate(C1, 5, "link")
        assert await office.rating() == (2, "key")
        await office.rate(C2, 5)
        await office.rate(ContactId("nobody"), 5)
        await office.close(answered(C2))
        await office.rate(C2, 6)
        assert await office.rating(C2) is None
        assert office.writer.broken_count == 0


async def test_who_did_not_rate_gets_a_link(database: Database) -> None:
    """After the wait for the keys, once a day; good until the talk is rated, whichever way, or its time is over."""
    async with office_of(database) as office:
        await office.close(answered())
        (letter,) = await office.letters("rating")
        assert letter.due_at == office.clock.at() + timedelta(seconds=office.settings.rating_after_s)
        link = letter.text.split("：")[1].split(" ")[0]
        token = link.removeprefix(f"{BASE}/r/")
        assert len(token) == 16
        assert await office.linked(token) == C1
        assert await office.linked("x" * len(token)) is None
        await office.close(answered(C2))
        assert len(await office.letters("rating")) == 1
        office.clock.advance(7 * 24 * 3600)
        assert await office.linked(token) is None
        office.clock.advance(-7 * 24 * 3600)
        await office.rate(C1, 4, "link")
        assert await office.linked(token) is None


async def test_a_key_in_time_spares_the_message(database: Database) -> None:
    """Who rates by key while the message waits gets none; who did before it was written, too."""
    async with office_of(database) as office:
        await office.close(answered())
        await office.rate(C1, 5)
        assert await office.letters("rating") == []
        async with database.unit() as unit:
            await contacts.save(unit, answered(C2, ended=False))
        await office.rate(C2, 5)
        await office.close(answered(C2))
        assert await office.letters("rating") == []


async def test_who_is_not_asked(database: Database) -> None:
    """Short talks, landlines and calls without a talk; nobody at all without an address that citizens reach."""
    short = replace(
        answered(), talk_ended_at=NOW + timedelta(seconds=30), ended_at=NOW + timedelta(seconds=30)
    )
    landline = replace(answered(C2), caller="02988887777")
    lost = replace(answered(C3), answered_at=None, talk_ended_at=None)
    async with office_of(database) as office:
        for contact in (short, landline, lost):
            await office.close(contact)
        assert await office.letters("rating") == []
    async with office_of(database, link_base="") as office:
        await office.close(answered(ContactId("cc-1763784000.12")))
        assert await office.letters("rating") == []


async def test_a_page_rates_through_the_inbox(database: Database) -> None:
    """The desk tells the controller, and returns when the rating is kept."""
    async with office_of(database) as office:
        await office.close(answered())
        controller = Controller([], {}, office.paperwork.journal, office.clock)
        desk = RatingDesk(database, controller, office.writer, office.clock)
        (letter,) = await office.letters("rating")
        contact_id = await desk.linked(letter.text.split("/r/")[1].split(" ")[0])
        assert contact_id == C1
        async with running(controller):
            await desk.rate(contact_id, 3)
        assert await office.rating() == (3, "link")


async def test_a_missed_caller_is_told_once(database: Database) -> None:
    """With the list's commit; only whom we can call, once however often he tried; not after he was reached."""
    async with office_of(database) as office:
        async with database.unit() as unit:
            for contact_id, caller in ((C1, ANNA), (C2, ANNA), (C3, "13900000000")):
                await contacts.arrive(unit, arrival(contact_id, caller))
        for contact_id, caller in ((C1, ANNA), (C2, ANNA), (C3, "13900000000")):
            office.promises.note_missed(NoteMissed(contact_id, caller))
        await office.writer.flush()
        (letter,) = await office.letters("missed")
        assert (letter.number, letter.about) == (ANNA, C1)
        assert letter.text.startswith("【延安12345】您拨打的12345热线未能及时接通")
        office.promises.close(CloseOwed(ANNA, "answered", C2))
        await office.writer.flush()
        assert await office.letters("missed") == []


async def test_a_ticket_tells_its_number_and_pin(database: Database) -> None:
    """When the ticket is completed, once; a new PIN from the desk takes the place of a message that still waits."""
    async with office_of(database) as office:
        await office.close(answered())
        office.paperwork.draft_ticket(DraftTicket(C1))
        for _ in range(2):
            office.paperwork.complete_ticket(CompleteTicket(C1))
        await office.writer.flush()
        (letter,) = await office.letters("ticket")
        assert letter.number == ANNA
        desk = PinDesk(office.writer, database, PINS, office.clock)
        ticket_no = TicketNo(letter.about)
        assert await desk.seat_of(ticket_no) == "8001"
        pin = await desk.replace(ticket_no)
        assert await office.letters("ticket") == []
        async with database.unit() as unit:
            assert await PINS.opens(unit, ticket_no, pin, ANNA, NOW)
        for ask in (desk.seat_of, desk.replace):
            with pytest.raises(UsageError) as refused:
                await ask(TicketNo("20261122-999999"))
            assert refused.value.code == "unknown_ticket"


async def test_talks_of_a_window(database: Database) -> None:
    """By the time of the call: rated, silent and short ones, with their seats."""
    async with office_of(database, rating=False) as office:
        for number in range(6):
            contact_id = ContactId(f"cc-1763784000.{20 + number}")
            await office.close(replace(answered(contact_id), seat_id=SeatId("8001" if number else "8002")))
            if number < 4:
                await office.rate(contact_id, 2 + number, "link" if number == 3 else "key")
        yesterday = answered(ContactId("cc-1763697600.1"), NOW - timedelta(days=1))
        short = replace(answered(C3), answered_at=NOW + timedelta(seconds=70))
        for contact in (yesterday, short):
            await office.close(contact)
        await office.rate(yesterday.contact_id, 1)
        office.clock.advance(3600)
        window, as_of, talks = await SqlRatings(database, office.clock, ZONE).talks("today")
    assert sorted(talks, key=repr) == [
        RatedTalk("8001", 3, "key", 1),
        RatedTalk("8001", 4, "key", 1),
        RatedTalk("8001", 5, "link", 1),
        RatedTalk("8001", None, "", 2),
        RatedTalk("8002", 2, "key", 1),
    ]
    counted = satisfaction(talks)
    assert (counted.due, counted.rated, counted.figures[0].numerator) == (6, 4, 3)
    assert (window.until_at, as_of) == (office.clock.at(), office.clock.at())
