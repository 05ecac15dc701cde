"""What a caller learns without a person, on real databases: his ticket by number and PIN, articles, both in writing."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from rows import C1, C2, NOW, StillClock, answered
from sqlalchemy import select, update
from writers import writing

from callcenter.core.errors import UsageError
from callcenter.core.ids import ContactId, TicketNo
from callcenter.knowledge.articles import load
from callcenter.outbox import store as outbox
from callcenter.outbox.letters import Letters
from callcenter.outbox.section import Sms
from callcenter.self_service import STATES, Facts, SelfService
from callcenter.store import contacts, schema
from callcenter.store.database import Database
from callcenter.store.writer import StoreWriter
from callcenter.tickets import pins as limits
from callcenter.tickets import store as tickets
from callcenter.tickets.core.draft import TicketState
from callcenter.tickets.pins import Pins
from ivr.prompts import catalogue
from queues.core.numbers import mobile_number

pytestmark = pytest.mark.contract

ZONE = ZoneInfo("Asia/Shanghai")
ANNA, BO, DESK_PHONE = "13812345678", "13900000000", "02988887777"
PINS = Pins(b"a key of this house")


@dataclass
class Desk:
    """Self-service over a database, with its letters."""

    database: Database
    writer: StoreWriter
    clock: StillClock

    def __post_init__(self) -> None:
        self.letters = Letters(Sms(), "延安", mobile_number, PINS)
        self.service = SelfService(self.writer, load(), self.letters, PINS, self.clock, ZONE)

    async def draft(self, contact_id: ContactId = C1) -> TicketNo:
        """A ticket of an answered contact."""
        async with self.database.unit() as unit:
            await contacts.save(unit, answered(contact_id))
            return (await tickets.draft(unit, contact_id, NOW, ZONE)).ticket_no

    async def tell(self, ticket_no: TicketNo, number: str = ANNA) -> str:
        """The PIN as it is sent to the citizen; ``""``: nothing is sent."""
        async with self.database.unit() as unit:
            await self.letters.ticket(unit, ticket_no, number, self.clock.at())
        texts = [text for text in await self.texts() if ticket_no in text]
        return re.findall(r"查询码(\d{6})", texts[0])[0] if texts else ""

    async def texts(self) -> list[str]:
        """What waits in the outbox, newest first."""
        async with self.database.reading() as connection:
            return [entry.text for entry in await outbox.newest(connection, "waiting")]

    async def ask(self, number: str, pin: str, caller: str = ANNA) -> Facts | None:
        """The state of a ticket, as a caller keys it in."""
        return await self.service.find("ticket", {"ticket_number": number, "pin": pin, "caller": caller})

    async def audited(self) -> list[str]:
        """What the book of accesses says, oldest first."""
        async with self.database.reading() as connection:
            return list(await connection.scalars(select(schema.audit.c.action).order_by(schema.audit.c.id)))


@asynccontextmanager
async def desk_of(database: Database) -> AsyncIterator[Desk]:
    """A running desk."""
    async with writing(database) as writer:
        yield Desk(database, writer, StillClock())


async def test_number_and_pin_open_a_ticket(database: Database) -> None:
    """Keyed without the dash, from whatever phone; the PIN was told once, in a message, and is kept as a hash."""
    async with desk_of(database) as desk:
        ticket_no = await desk.draft()
        pin = await desk.tell(ticket_no)
        keyed = ticket_no.replace("-", "")
        assert await desk.ask(keyed, pin, BO) == {
            "ticket_state": "ticket_state_received",
            "ticket_no": ticket_no,
            "ticket_due": "",
            "ticket_due_is": "unknown",
        }
        (text,) = await desk.texts()
        assert text.startswith("【延安12345】您的诉求已登记，工单编号")
        assert await desk.tell(ticket_no) == pin  # asked for again: no second PIN, no second message
        assert len(await desk.texts()) == 1
        assert await desk.audited() == ["ticket.pin_right"]
        async with database.reading() as connection:
            assert pin not in (await connection.scalar(select(schema.ticket_pins.c.pin_hash)) or "")


def test_every_state_can_be_told() -> None:
    """Each state of a ticket has its prompt, and each prompt says something."""
    assert set(STATES) == set(TicketState)
    assert set(STATES.values()) <= set(catalogue())


async def test_when_a_ticket_is_due(database: Database) -> None:
    """The day in the city's calendar, as long as it lies ahead and when it is over."""
    async with desk_of(database) as desk:
        ticket_no = await desk.draft()
        pin = await desk.tell(ticket_no)
        due_at = datetime(2026, 11, 27, 23, 59, 59, tzinfo=ZONE)
        async with database.unit() as unit:
            await unit.connection.execute(update(schema.tickets).values(deadline=due_at))
        for passed, due_is in ((0.0, "ahead"), (6 * 86_400.0, "over")):
            desk.clock.advance(passed)
            told = await desk.ask(ticket_no, pin)
            assert told is not None
            assert (told["ticket_due"], told["ticket_due_is"]) == ("2026-11-27", due_is)


async def test_caller_id_opens_nothing(database: Database) -> None:
    """The citizen's own number without the PIN, with a wrong one, or with another ticket's: all sound like no ticket."""
    async with desk_of(database) as desk:
        mine, other = await desk.draft(), await desk.draft(C2)
        pin, others_pin = await desk.tell(mine), await desk.tell(other)
        wrong = "000000" if pin != "000000" else "000001"
        for number, said in (
            (mine, ""),
            (mine, wrong),
            (mine, others_pin if others_pin != pin else wrong),
            ("20261122-999999", pin),
            ("x" * 2000, pin),
            ("1" * 2000, pin),
            ("", ""),
        ):
            assert await desk.ask(number, said) is None
        assert await desk.ask(mine, pin) is not None


async def test_guesses_on_a_ticket_are_limited(database: Database) -> None:
    """After five wrong guesses from anywhere the right PIN does not open it either, for an hour; each is audited."""
    async with desk_of(database) as desk:
        ticket_no = await desk.draft()
        pin = await desk.tell(ticket_no)
        wrong = f"{(int(pin) + 1) % 10**6:06}"
        for guess in range(limits.GUESSES_PER_TICKET):
            assert await desk.ask(ticket_no, wrong, f"1390000000{guess}") is None
        assert await desk.ask(ticket_no, pin, ANNA) is None
        desk.clock.advance(limits.LOCK.total_seconds() + 1)
        assert await desk.ask(ticket_no, pin, ANNA) is not None
        assert await desk.audited() == [
            *["ticket.pin_wrong"] * limits.GUESSES_PER_TICKET,
            "ticket.pin_locked",
            "ticket.pin_right",
        ]


async def test_guesses_of_a_caller_are_limited(database: Database) -> None:
    """Who tries number after number is locked out; others are not. All without a number count as one."""
    async with desk_of(database) as desk:
        ticket_no = await desk.draft()
        pin = await desk.tell(ticket_no)
        for guess in range(limits.GUESSES_PER_CALLER):
            assert await desk.ask(f"20261122-1000{guess:02}", "123456", BO) is None
        assert await desk.ask(ticket_no, pin, BO) is None
        assert await desk.ask(ticket_no, pin, ANNA) is not None
        for guess in range(limits.GUESSES_OF_UNKNOWN):
            assert await desk.ask(f"20261122-2000{guess:02}", "123456", "") is None
        assert await desk.ask(ticket_no, pin, "") is None


async def test_a_new_pin_ends_the_old_one(database: Database) -> None:
    """What an agent has made anew for a citizen opens the ticket; what was told before does not."""
    async with desk_of(database) as desk:
        ticket_no = await desk.draft()
        old = await desk.tell(ticket_no)
        async with database.unit() as unit:
            new = await PINS.replace(unit, ticket_no, NOW)
        assert len(new) == limits.DIGITS
        assert await desk.ask(ticket_no, new) is not None
        assert old == new or await desk.ask(ticket_no, old) is None


async def test_a_pin_that_cannot_be_told_is_not_made(database: Database) -> None:
    """Who got all messages of the day gets his PIN with the next one, not never."""
    async with desk_of(database) as desk:
        ticket_no = await desk.draft()
        async with database.unit() as unit:
            for article in list(desk.service.articles.by_id.values())[:5]:
                assert await desk.letters.article(unit, ANNA, article, NOW)
        assert await desk.tell(ticket_no) == ""
        desk.clock.advance(25 * 3600)
        assert await desk.ask(ticket_no, await desk.tell(ticket_no)) is not None


async def test_a_landline_gets_no_message_and_no_pin(database: Database) -> None:
    """Who cannot get the message has no PIN until an agent tells him one."""
    async with desk_of(database) as desk:
        ticket_no = await desk.draft()
        assert await desk.tell(ticket_no, DESK_PHONE) == ""
        assert await desk.ask(ticket_no, "123456", DESK_PHONE) is None


async def test_articles_by_key_and_words_and_in_writing(database: Database) -> None:
    """The answer as a prompt with the question before it; in writing to the calling mobile, once a day."""
    async with desk_of(database) as desk:
        heating = {
            "article": "article_heating",
            "article_asked": "article_heating_asked",
            "article_id": "heating",
        }
        assert await desk.service.find("knowledge", {"key": "8"}) == heating
        found = await desk.service.find("knowledge", {"topic": "暖气不热"})
        assert found == heating
        assert await desk.service.find("knowledge", {"topic": "天气"}) is None
        assert await desk.service.find("knowledge", {}) is None
        assert await desk.service.find("weather", {"topic": "暖气"}) is None
        asked = {**found, "caller": ANNA}
        assert await desk.service.find("link", asked) == {"link": "sent"}
        assert await desk.service.find("link", asked) is None
        assert await desk.service.find("link", {**asked, "caller": DESK_PHONE}) is None
        assert await desk.service.find("link", {"caller": BO}) is None
        with pytest.raises(UsageError, match="no article"):
            await desk.service.send(BO, "weather")
        assert await desk.texts() == ["【延安12345】" + load().by_id["heating"].sms]
        desk.clock.advance(3 * 365 * 24 * 3600)
        assert await desk.service.find("knowledge", {"key": "8"}) is None
