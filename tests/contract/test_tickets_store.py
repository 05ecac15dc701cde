"""Tickets in SQL: one per contact and purpose, numbered without holes, saying what is missing."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from rows import C1, NOW, StillClock, answered

from callcenter.core.contact import ContactState
from callcenter.core.errors import OurError
from callcenter.core.ids import ContactId, RecordingId
from callcenter.core.messages.calls import Outcome
from callcenter.store import contacts
from callcenter.store.database import Database
from callcenter.tickets import catalog
from callcenter.tickets import store as tickets
from callcenter.tickets.core.draft import Problem, TicketState, TranscriptState
from callcenter.tickets.store import Ticket
from recordings import store as recordings
from recordings.core.names import statement_of
from recordings.core.transcript import Transcript, Word
from recordings.store import Recording, RecordingState, SqlJobQueue

pytestmark = pytest.mark.contract

ZONE = ZoneInfo("Asia/Shanghai")
CATALOG = catalog.load()
R1 = RecordingId(C1)
ABANDONED = Outcome.ABANDONED
IN_LINE = replace(
    answered(ended=False),
    state=ContactState.WAITING,
    answered_at=None,
    seat_id=None,
)
SPOKEN = Transcript(
    R1,
    "demo",
    True,
    60.0,
    (Word("我 要 投诉 物业".replace(" ", ""), 0.0, 2.0, 0.9),),
    (Word("您好", 0.0, 0.5, 1.0),),
)
STATED = Transcript(statement_of(C1), "demo", True, 5.0, SPOKEN.citizen, ())


async def test_a_draft_is_one_per_purpose(database: Database) -> None:
    """Drafting twice gives the same ticket; another purpose gives another."""
    await _contact(database, C1)
    first, second = await _draft(database, C1), await _draft(database, C1)
    message = await _draft(database, C1, purpose=tickets.MESSAGE)
    assert first == second
    assert (first.ticket_no, message.ticket_no) == ("20261122-000001", "20261122-000002")


async def test_numbers_have_no_holes(database: Database) -> None:
    """Thirty concurrent drafts, each asked for twice and some failing, are numbered without a hole."""
    ids = [ContactId(f"cc-1.{number}") for number in range(30)]
    for contact_id in ids:
        await _contact(database, contact_id)

    async def fail(contact_id: ContactId) -> None:
        async with database.unit() as unit:
            await tickets.draft(unit, contact_id, NOW, ZONE)
            raise LookupError

    await asyncio.gather(
        *(_draft(database, contact_id) for contact_id in ids + ids),
        *(fail(contact_id) for contact_id in ids[:5]),
        return_exceptions=True,
    )
    async with database.reading() as connection:
        numbers = [ticket.ticket_no for ticket in await tickets.newest(connection)]
    assert numbers == [f"20261122-{number:06d}" for number in range(30, 0, -1)]


async def test_the_day_is_the_citys(database: Database) -> None:
    """Half past four in the afternoon UTC is tomorrow in Yan'an."""
    await _contact(database, C1)
    async with database.unit() as unit:
        ticket = await tickets.draft(unit, C1, NOW + timedelta(hours=12, minutes=30), ZONE)
    assert ticket.ticket_no == "20261123-000001"


async def test_a_ticket_fills_up(database: Database) -> None:
    """While the transcript is on its way the ticket is a draft; then it is ready, with nature, topic and words."""
    await _contact(database, C1)
    await _draft(database, C1)
    await _seal(database)
    waiting = await _complete(database)
    assert (waiting.state, waiting.transcript_state) == (TicketState.DRAFT, TranscriptState.PENDING)
    queue = SqlJobQueue(database, "w", StillClock())
    job = await queue.take(60.0)
    assert job is not None
    await queue.finish(job, SPOKEN)
    ready = await _complete(database)
    assert (ready.state, ready.nature, ready.nature_words) == (TicketState.READY, "complaint", ("投诉",))
    assert (ready.topic, ready.topic_words, ready.completed_at) == ("property", ("物业",), NOW)
    assert ready.problems == (Problem.TRANSCRIPT_BY_DEMO_MODEL,)
    assert (ready.place, ready.deadline) == (None, datetime(2026, 12, 9, 15, 59, 59, tzinfo=UTC))
    async with database.reading() as connection:
        assert await recordings.transcript_of(connection, R1) == SPOKEN


async def test_a_parked_transcript_is_named(database: Database) -> None:
    """A recording that no recognizer could read leaves a ready ticket that says so."""
    await _contact(database, C1)
    await _draft(database, C1)
    await _seal(database)
    clock = StillClock()
    queue = SqlJobQueue(database, "w", clock)
    parked = []
    for _ in range(3):
        job = await queue.take(60.0)
        assert job is not None
        parked.append(await queue.fail(job, "bad_sound"))
        clock.advance(300)
    ticket = await _complete(database)
    assert parked == [False, False, True]
    assert (ticket.state, ticket.problems) == (TicketState.READY, (Problem.TRANSCRIPT_PARKED,))


async def test_a_missing_recording_is_named(database: Database) -> None:
    """Without sound there is nothing to wait for."""
    await _contact(database, C1)
    await _draft(database, C1)
    async with database.unit() as unit:
        await recordings.save(unit, Recording(R1, C1, RecordingState.MISSING, reason="no file"))
    ticket = await _complete(database)
    assert (ticket.state, ticket.transcript_state) == (TicketState.READY, TranscriptState.NONE)
    assert ticket.problems == (Problem.RECORDING_MISSING,)


async def test_a_talk_that_goes_on_stays_a_draft(database: Database) -> None:
    """Nothing makes a ticket ready before its citizen hung up, and the list of unfinished ones leaves it out."""
    async with database.unit() as unit:
        await contacts.save(unit, answered(ended=False))
    await _draft(database, C1)
    assert (await _complete(database)).state is TicketState.DRAFT
    async with database.reading() as connection:
        assert await tickets.unfinished(connection) == []
    await _contact(database, C1)
    async with database.reading() as connection:
        assert [ticket.contact_id for ticket in await tickets.unfinished(connection)] == [C1]


async def test_a_statement_fills_the_draft_while_he_waits_and_is_the_ticket_when_he_gives_up(
    database: Database,
) -> None:
    """What was stated is transcribed before everything else, suggests nature and topic, and is enough when nobody answers."""
    await _wait_in_line(database)
    await _draft(database, C1)
    await _transcribe(database, STATED)
    waiting = await _complete(database)
    assert (waiting.state, waiting.nature, waiting.topic) == (TicketState.DRAFT, "complaint", "property")
    async with database.unit() as unit:
        await contacts.save(unit, replace(IN_LINE, state=ContactState.ENDED, ended_at=NOW, outcome=ABANDONED))
    ready = await _complete(database)
    assert (ready.ticket_no, ready.state) == (waiting.ticket_no, TicketState.READY)
    assert (ready.topic, ready.transcript_state) == ("property", TranscriptState.READY)


async def test_a_statement_and_a_talk_make_one_ticket(database: Database) -> None:
    """The seat that answers finds the draft; it is ready when the talk is transcribed, and both count for its topic."""
    await _wait_in_line(database)
    drafted = await _draft(database, C1)
    await _transcribe(database, STATED)
    await _contact(database, C1)
    answered_draft = await _draft(database, C1)
    pending = await _complete(database)
    assert pending.state is TicketState.DRAFT, "the talk is not transcribed yet"
    assert pending.topic == "property"
    await _transcribe(database, replace(SPOKEN, citizen=(Word("就是这样", 0.0, 1.0, 0.9),)))
    ready = await _complete(database)
    assert (ready.ticket_no, ready.state) == (drafted.ticket_no, TicketState.READY)
    assert answered_draft.ticket_no == drafted.ticket_no
    assert (ready.topic, ready.seat_id) == ("property", "8001")
    async with database.reading() as connection:
        recording = await recordings.of_contact(connection, C1)
    assert recording is not None
    assert recording.recording_id == R1, "the recording of a contact is that of its talk"


async def test_a_statement_goes_before_all_other_sound(database: Database) -> None:
    """A citizen waits: what he stated is taken before talks that were sealed earlier."""
    await _contact(database, C1)
    await _contact(database, ContactId("cc-1.2"))
    for recording_id, contact_id in ((RecordingId("cc-1.2"), ContactId("cc-1.2")), (statement_of(C1), C1)):
        async with database.unit() as unit:
            await recordings.save(unit, _sealed(recording_id, contact_id))
            await recordings.ask_for_transcript(unit, recording_id, NOW)
    job = await SqlJobQueue(database, "w", StillClock()).take(60.0)
    assert job is not None
    assert job.recording_id == statement_of(C1)


async def test_a_list_shows_no_number(database: Database) -> None:
    """The number is masked in every list."""
    await _contact(database, C1)
    ticket = await _draft(database, C1)
    assert ticket.citizen == "13812345678"
    assert ticket.listed()["citizen"] == "138****5678"
    assert "13812345678" not in str(ticket.listed())


async def test_no_ticket_without_a_contact(database: Database) -> None:
    """A ticket of nobody is our own mistake, and uses no number up."""
    with pytest.raises(OurError, match="has no row"):
        await _draft(database, C1)
    async with database.unit() as unit:
        assert await tickets.complete(unit, C1, NOW, CATALOG, ZONE) is None
    await _contact(database, C1)
    assert (await _draft(database, C1)).ticket_no == "20261122-000001"


async def _contact(database: Database, contact_id: ContactId) -> None:
    async with database.unit() as unit:
        await contacts.save(unit, replace(answered(), contact_id=contact_id))


async def _draft(database: Database, contact_id: ContactId, purpose: str = tickets.CALL) -> Ticket:
    async with database.unit() as unit:
        return await tickets.draft(unit, contact_id, NOW, ZONE, purpose)


async def _complete(database: Database) -> Ticket:
    async with database.unit() as unit:
        ticket = await tickets.complete(unit, C1, NOW, CATALOG, ZONE)
    assert ticket is not None
    return ticket


async def _wait_in_line(database: Database) -> None:
    async with database.unit() as unit:
        await contacts.save(unit, IN_LINE)


def _sealed(recording_id: RecordingId, contact_id: ContactId) -> Recording:
    state = RecordingState.SEALED
    return Recording(recording_id, contact_id, state, "sealed/x.wav", "0" * 64, 60.0, 60.0, 0.0, "", NOW)


async def _transcribe(database: Database, transcript: Transcript) -> None:
    """A recording is sealed and understood."""
    recording_id = RecordingId(transcript.recording_id)
    async with database.unit() as unit:
        await recordings.save(unit, _sealed(recording_id, C1))
        await recordings.save_transcript(unit, transcript, NOW)


async def _seal(database: Database) -> None:
    sealed = _sealed(R1, C1)
    async with database.unit() as unit:
        await recordings.save(unit, sealed)
        await recordings.ask_for_transcript(unit, R1, NOW)
        await recordings.ask_for_transcript(unit, R1, NOW)
    async with database.reading() as connection:
        assert await recordings.of_contact(connection, C1) == sealed
        assert await recordings.manifest(connection, NOW, NOW + timedelta(days=1)) == [sealed]
