"""The web on the real store: what was written is what is read, filtered, paged, followed."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert
from web_fakes import MASKED, NUMBER, PASSWORD, House, browsing

from callcenter.caller_desk import SqlCallerHistory
from callcenter.core.clock import Instant
from callcenter.core.ids import ChannelName, ContactId, QueueName, RecordingId, SeatId, TicketNo
from callcenter.core.messages.calls import CallArrived, CallQueued
from callcenter.store import journal, schema
from callcenter.store.accounts import SqlAccounts, SqlAnswers, SqlAudit, SqlSessions
from callcenter.store.database import Database
from callcenter.store.writer import StoreWriter
from callcenter.web.ports.ledger import ContactFilter
from callcenter.web.ports.tickets import TicketFilter
from callcenter.web.readers.events import JournalEvents
from callcenter.web.readers.ledger import SqlContacts, SqlGaps
from callcenter.web.readers.recordings import SqlRecordings
from callcenter.web.readers.search import SqlSearch
from callcenter.web.readers.tickets import SqlTickets
from callcenter.web.roles import Role
from callcenter.web.views.events import EventView
from recordings import wav
from recordings.core.transcript import Transcript, Word
from recordings.vault import Vault

pytestmark = pytest.mark.contract

AT = datetime(2026, 11, 22, 1, 0, tzinfo=UTC)


async def _fill(database: Database) -> None:
    """Three contacts an hour apart; the first was answered, recorded, transcribed and has a ticket."""
    async with database.unit() as unit:
        for number in range(3):
            await unit.connection.execute(insert(schema.contacts).values(_contact(number)))
        await unit.connection.execute(insert(schema.recordings).values(_RECORDING))
        await unit.connection.execute(insert(schema.transcripts).values(_TRANSCRIPT))
        await unit.connection.execute(insert(schema.tickets).values(_TICKET))
        await unit.connection.execute(
            insert(schema.gaps).values(from_at=AT, until_at=None, reason="link lost")
        )


def _contact(number: int) -> dict[str, Any]:
    answered = number == 0
    return {
        "contact_id": f"c-{number}",
        "caller": NUMBER,
        "called": "12345",
        "channel": "",
        "source": "controller",
        "state": "ended",
        "outcome": "answered" if answered else "abandoned",
        "queue": "general",
        "seat_id": "8001" if answered else None,
        "arrived_at": AT + timedelta(hours=number),
        "ended_at": AT + timedelta(hours=number, minutes=3),
        "transferred": False,
    }


_RECORDING = {
    "recording_id": "c-0",
    "contact_id": "c-0",
    "state": "sealed",
    "path": "sealed/20261122/c-0.wav",
    "sha256": "ab",
    "seconds": 60.0,
    "expected_s": 60.0,
    "short_by_s": 0.0,
    "reason": "",
    "sealed_at": AT,
}
_SAID = Transcript(
    "c-0", "demo", True, 60.0, (Word("路灯坏了", 1.0, 2.0, 0.9),), (Word("好的", 3.0, 4.0, 0.9),)
)
_TRANSCRIPT = {
    "recording_id": "c-0",
    "model": "demo",
    "is_demo": True,
    "content": _SAID.to_json(),
    "citizen_text": "路灯坏了",
    "agent_text": "好的",
    "created_at": AT,
}
_TICKET = {
    "ticket_no": "20261122-000001",
    "contact_id": "c-0",
    "purpose": "call",
    "state": "ready",
    "citizen": NUMBER,
    "seat_id": "8001",
    "queue": "general",
    "nature": "help",
    "nature_words": ["坏了"],
    "topic": "street_light",
    "topic_words": ["路灯"],
    "transcript_state": "done",
    "problems": [],
    "created_at": AT,
    "completed_at": AT,
}


async def test_contacts_are_filtered_and_paged(database: Database) -> None:
    """Newest first; ``total`` counts all, ``filtered`` those that match; until is exclusive."""
    await _fill(database)
    reader = SqlContacts(database)
    page = await reader.list(ContactFilter(), 2, 0)
    assert ([c.contact_id for c in page.items], page.total, page.filtered) == (["c-2", "c-1"], 3, 3)
    page = await reader.list(ContactFilter(outcome="abandoned", queue="general"), 10, 1)
    assert ([c.contact_id for c in page.items], page.total, page.filtered) == (["c-1"], 3, 2)
    hour = timedelta(hours=1)
    page = await reader.list(ContactFilter(arrived_from=AT, arrived_until=AT + hour), 10, 0)
    assert [c.contact_id for c in page.items] == ["c-0"]
    assert (await reader.list(ContactFilter(seat_id="8001"), 10, 0)).filtered == 1
    assert await reader.get(ContactId("c-9")) is None


async def test_a_ticket_carries_what_was_said(database: Database) -> None:
    """The transcript of the contact's recording, a paragraph a turn, with the model named."""
    await _fill(database)
    reader = SqlTickets(database, {"street_light": "路灯"})
    ticket = await reader.get(TicketNo("20261122-000001"))
    assert ticket is not None
    assert ticket.transcript == "市民：路灯坏了。\n坐席：好的。"
    assert (ticket.recognizer, ticket.is_demo_model, ticket.recording_id) == ("demo", True, "c-0")
    assert (ticket.contact_id, ticket.topic, ticket.topic_name) == ("c-0", "street_light", "路灯")
    page = await reader.list(TicketFilter(state="ready", contact_id="c-0"), 10, 0)
    assert [(t.ticket_no, t.topic_name) for t in page.items] == [("20261122-000001", "路灯")]
    assert (await reader.list(TicketFilter(state="draft"), 10, 0)).items == []
    assert await reader.get(TicketNo("20261122-000009")) is None


async def test_contact_and_ticket_tell_what_was_stated_while_waiting(database: Database) -> None:
    """Beside what was said in the talk, with the id under which it can be heard; numbers of persons are stars."""
    await _fill(database)
    said = Transcript("c-0-0", "demo", True, 5.0, (Word("我的电话是13812345678", 0.0, 4.0, 0.9),), ())
    sound, words = _RECORDING | {"recording_id": "c-0-0"}, _TRANSCRIPT | {"recording_id": "c-0-0"}
    words |= {"content": said.to_json(), "citizen_text": said.citizen_text, "agent_text": ""}
    async with database.unit() as unit:
        await unit.connection.execute(insert(schema.recordings).values(sound))
        await unit.connection.execute(insert(schema.transcripts).values(words))
    contact = await SqlContacts(database).get(ContactId("c-0"))
    ticket = await SqlTickets(database).get(TicketNo("20261122-000001"))
    async with database.unit() as unit:
        call_back = _contact(2) | {"contact_id": "callback-c-0-1", "answers_contact_id": "c-0"}
        await unit.connection.execute(insert(schema.contacts).values(call_back))
    called_back = await SqlContacts(database).get(ContactId("callback-c-0-1"))
    assert called_back is not None
    assert contact is not None
    assert called_back.statement == contact.statement
    silent = await SqlContacts(database).get(ContactId("c-1"))
    assert ticket is not None
    assert silent is not None
    assert (contact.statement, contact.statement_id) == ("市民：我的电话是13812345678。", "c-0-0")
    assert (ticket.statement, ticket.statement_id, ticket.recording_id) == (contact.statement, "c-0-0", "c-0")
    assert (silent.statement, silent.statement_id) == (None, None)
    assert "13812345678" not in contact.model_dump_json()
    assert "13812345678" not in ticket.model_dump_json()


async def test_a_ticket_without_recording_says_so(database: Database) -> None:
    """No recording, no transcript: null, not an error."""
    async with database.unit() as unit:
        await unit.connection.execute(insert(schema.contacts).values(_contact(0)))
        await unit.connection.execute(insert(schema.tickets).values(_TICKET))
    ticket = await SqlTickets(database).get(TicketNo("20261122-000001"))
    assert ticket is not None
    assert (ticket.transcript, ticket.recognizer, ticket.recording_id) == (None, None, None)


async def test_media_comes_from_the_vault_by_id(database: Database, tmp_path: Path) -> None:
    """Whatever path the row names, the vault is asked for the recording; what is no id is no recording."""
    await _fill(database)
    there = RecordingId("x-1795305600.1")
    async with database.unit() as unit:
        row = _RECORDING | {"recording_id": there, "contact_id": "c-1"}
        await unit.connection.execute(insert(schema.recordings).values(row))
    reader = SqlRecordings(database, Vault(tmp_path))
    assert await reader.media(there) is None, "there is no file"
    Vault(tmp_path).keep(ContactId(there), _sound(tmp_path), AT)
    async with database.unit() as unit:
        await unit.connection.execute(schema.recordings.update().values(path="../../etc/passwd"))
    sound = await reader.media(there)
    assert sound is not None
    with sound:
        assert sound.read(0, 100).startswith(b"RIFF")
    for other in ("c-0", "r-2", "../../etc/passwd"):
        assert await reader.media(RecordingId(other)) is None


def _sound(folder: Path) -> wav.Wave:
    path = folder / "x.raw"
    path.write_bytes(b"\1\0\2\0" * wav.RATE)
    return wav.of_raw(path)


async def test_the_journal_is_read_and_followed(database: Database) -> None:
    """Bounds of an empty journal, entries after a seq, and listeners told after the commit."""
    events, told = JournalEvents(database), list[EventView]()
    assert await events.bounds() == (1, 0)
    unsubscribe = events.subscribe(told.append)
    writer = StoreWriter(database, on_committed=events.tell)
    async with database.unit() as unit:
        unit.record(journal.draft(_arrival("c-1"), AT, Instant(0.0)))
        unit.record(journal.draft(CallQueued(ContactId("c-1"), QueueName("general"), 1), AT, Instant(0.0)))
    writer.on_committed(unit.entries)
    unsubscribe()
    writer.on_committed(unit.entries)
    assert [(event.seq, event.type) for event in told] == [(1, "call.arrived"), (2, "call.queued")]
    assert await events.bounds() == (1, 2)
    assert await events.since(1, 10) == told[1:]


def _arrival(contact_id: str) -> CallArrived:
    return CallArrived(ContactId(contact_id), ChannelName("PJSIP/trunk-1"), NUMBER, "12345", AT)


async def test_the_api_on_the_real_store(database: Database, tmp_path: Path) -> None:
    """Sign in, read, steer once, listen, look behind a mask: the whole API over SQL."""
    await _fill(database)
    house = _house_on(database, tmp_path)
    house.add_account(Role.ADMIN)
    await SqlAccounts(database).save(house.accounts.by_name["admin"])
    heard = ContactId("x-1795305600.1")
    Vault(tmp_path).keep(heard, _sound(tmp_path), AT)
    async with database.unit() as unit:
        row = _RECORDING | {"recording_id": heard, "contact_id": "c-1"}
        await unit.connection.execute(insert(schema.recordings).values(row))
    async with browsing(house) as browser:
        _, opened = await browser.post("/session", {"name": "admin", "password": PASSWORD})
        browser.headers["Authorization"] = f"Bearer {opened['token']}"
        assert (await browser.get("/contacts"))[1]["items"][0]["citizen"] == MASKED
        assert (await browser.get("/contacts/c-0?unmask=1&why=test"))[1]["citizen"] == NUMBER
        assert (await browser.get("/tickets/20261122-000001"))[1]["topic"] == "street_light"
        assert (await browser.get(f"/recordings/{heard}/media?why=test"))[0] == 200
        assert (await browser.get("/gaps"))[1]["items"][0]["closed_at"] is None
        for _ in range(2):
            assert (await browser.post("/seats/8001/login", Idempotency_Key="k"))[0] == 200
        audit = (await browser.get("/audit"))[1]["items"]
        assert [row["action"] for row in audit] == ["recording.heard", "number.unmasked", "session.opened"]
        assert (await browser.ask("DELETE", "/session"))[0] == 204
        assert (await browser.get("/status"))[0] == 401
    assert [asked[0] for asked in house.seats.asked] == [SeatId("8001")]


def _house_on(database: Database, root: Path) -> House:
    house = House(root)
    house.ports = replace(
        house.ports,
        contacts=SqlContacts(database),
        tickets=SqlTickets(database),
        recordings=SqlRecordings(database, Vault(root)),
        search=SqlSearch(database),
        events=JournalEvents(database),
        gaps=SqlGaps(database),
        accounts=SqlAccounts(database),
        sessions=SqlSessions(database),
        answers=SqlAnswers(database),
        audit=SqlAudit(database),
    )
    return house


async def test_earlier_contacts_of_the_same_number(database: Database) -> None:
    """Newest first with their tickets; nothing of a withheld number; an unknown contact is named so."""
    await _fill(database)
    history = SqlCallerHistory(database, {"heating": "供暖"})
    found = await history.earlier(ContactId("c-2"), 10)
    assert found is not None
    assert [(one.contact_id, one.ticket_no is not None, one.standing) for one in found] == [
        ("c-1", False, None),
        ("c-0", True, "open"),
    ]
    assert await history.earlier(ContactId("c-0"), 10) == []
    assert await history.earlier(ContactId("c-9"), 10) is None
