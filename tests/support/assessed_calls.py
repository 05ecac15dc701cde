"""Answered calls in a database, with recording, transcript, ticket and journal, for the quality store's tests."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from rows import NOW, answered
from sqlalchemy import update

from callcenter.core.clock import Instant
from callcenter.core.ids import ContactId, QueueName, RecordingId, SeatId
from callcenter.core.messages.calls import CallAnswered, CallHeld, CallTransferred
from callcenter.store import contacts, journal, schema
from callcenter.store.database import Database
from callcenter.store.unit import Unit
from callcenter.tickets import catalog
from callcenter.tickets import store as tickets
from recordings import store as recordings
from recordings.core.transcript import Transcript, Word
from recordings.store import Recording, RecordingState

ZONE = ZoneInfo("Asia/Shanghai")
CATALOG = catalog.load()


def contact_of(number: int) -> ContactId:
    """The id of the contact with this number."""
    return ContactId(f"cc-1763784000.{number}")


def recording_of(number: int) -> RecordingId:
    """The id of its recording."""
    return RecordingId(contact_of(number))


async def answer_call(
    database: Database,
    number: int,
    agent: Sequence[Word] = (),
    citizen: Sequence[Word] = (),
    *,
    at: datetime = NOW,
    seat: str = "8001",
    model: str = "good",
    transcribed: bool = True,
    sealed: bool = True,
    caller: str = "13812345678",
) -> RecordingId:
    """A call of a minute that was answered, recorded, transcribed, and has a ticket."""
    contact_id, recording_id = contact_of(number), recording_of(number)
    contact = replace(answered(contact_id, at), seat_id=SeatId(seat), caller=caller)
    async with database.unit() as unit:
        await contacts.save(unit, contact)
        journal_answer(unit, contact_id, at)
        await tickets.draft(unit, contact_id, at, ZONE)
        await recordings.save(unit, _recording(contact_id, recording_id, at, sealed))
    if transcribed:
        await transcribe(database, recording_id, agent, citizen, model)
    async with database.unit() as unit:
        await tickets.complete(unit, contact_id, at, CATALOG, ZONE)
    return recording_id


async def transcribe(
    database: Database,
    recording_id: RecordingId,
    agent: Sequence[Word] = (),
    citizen: Sequence[Word] = (),
    model: str = "good",
) -> None:
    """Words for a recording."""
    spoken = Transcript(recording_id, model, model == "demo", 60.0, tuple(citizen), tuple(agent))
    async with database.unit() as unit:
        await recordings.save_transcript(unit, spoken, NOW)


def journal_answer(unit: Unit, contact_id: ContactId, at: datetime) -> None:
    """The journal knows of the answer."""
    message = CallAnswered(contact_id, QueueName("main"), SeatId("8001"), 10.0)
    unit.record(journal.draft(message, at + timedelta(seconds=15), Instant(0.0)))


async def hold(database: Database, number: int, *spans: tuple[float, float]) -> None:
    """The citizen was on hold in these seconds of the talk."""
    begun = NOW + timedelta(seconds=15)
    async with database.unit() as unit:
        for span in spans:
            for second, on in zip(span, (True, False), strict=True):
                message = CallHeld(contact_of(number), SeatId("8001"), on)
                unit.record(journal.draft(message, begun + timedelta(seconds=second), Instant(second)))


async def hand_on(database: Database, number: int) -> None:
    """The agent handed the citizen on."""
    async with database.unit() as unit:
        message = CallTransferred(contact_of(number), SeatId("8001"), "8002")
        unit.record(journal.draft(message, NOW + timedelta(seconds=40), Instant(40.0)))


async def record_nature(database: Database, number: int, nature: str, topic: str | None = None) -> None:
    """A person has set what the ticket is."""
    values = {"nature": nature} | ({"topic": topic} if topic else {})
    statement = update(schema.tickets).where(schema.tickets.c.contact_id == contact_of(number))
    async with database.unit() as unit:
        await unit.connection.execute(statement.values(values))


def _recording(contact_id: ContactId, recording_id: RecordingId, at: datetime, sealed: bool) -> Recording:
    if not sealed:
        return Recording(recording_id, contact_id, RecordingState.MISSING, expected_s=60.0, reason="no_file")
    return Recording(
        recording_id,
        contact_id,
        RecordingState.SEALED,
        path=f"sealed/{recording_id}.wav",
        sha256="ab",
        seconds=60.0,
        expected_s=60.0,
        short_by_s=0.0,
        sealed_at=at,
    )
