"""Transcripts in SQL: order of the work, progress, and a second opinion that keeps the first."""

from dataclasses import replace
from datetime import timedelta

import pytest
from rows import C1, NOW, StillClock, answered
from sqlalchemy import insert

from callcenter.core.ids import ContactId, RecordingId
from callcenter.core.messages.calls import Outcome
from callcenter.store import contacts, jobs
from callcenter.store.database import Database
from callcenter.store.schema import tickets
from recordings import search, store
from recordings.core.search import parse
from recordings.core.transcript import Transcript, Word
from recordings.store import Progress, Recording, RecordingState

pytestmark = pytest.mark.contract

SAID = Transcript(C1, "old", True, 60.0, (Word("停水", 0, 1, 0.9),), ())
BETTER = replace(SAID, model="new", is_demo=False, citizen=(Word("停电", 0, 1, 0.9),))
MINUTE = timedelta(minutes=1)


async def test_messages_go_first_then_who_complained(database: Database) -> None:
    """An ordinary call that came first is transcribed last; the nature of earlier tickets speaks for a call."""
    await _recorded(database, "a-1.1", caller="111")
    await _recorded(database, "a-1.2", caller="222")
    await _recorded(database, "a-1.3", caller="333", outcome=Outcome.MESSAGE)
    await _recorded(database, "a-1.0", caller="222")
    await _complained(database, "a-1.0")
    for contact_id in ("a-1.1", "a-1.2", "a-1.3"):
        await _ask(database, contact_id)
    assert [await _take(database) for _ in range(4)] == ["a-1.3", "a-1.2", "a-1.1", None]


async def test_an_old_complaint_and_another_citizens_do_not_count(database: Database) -> None:
    """Neither a complaint of last year, nor one of an unknown caller speaks for somebody."""
    await _recorded(database, "a-1.1", caller="")
    await _complained(database, "a-1.1")
    await _recorded(database, "a-1.2", caller="222", days_ago=31)
    await _complained(database, "a-1.2")
    await _recorded(database, "a-1.3", caller="")
    await _recorded(database, "a-1.4", caller="222")
    for contact_id in ("a-1.3", "a-1.4", "a-1.1"):
        await _ask(database, contact_id)
    assert [await _take(database) for _ in range(3)] == ["a-1.1", "a-1.3", "a-1.4"]


async def test_progress_tells_what_is_left_and_until_when(database: Database) -> None:
    """Sound in seconds by what waits and runs; the rate from the last results."""
    for number in range(5):
        await _recorded(database, f"a-1.{number}", seconds=120.0)
        await _ask(database, f"a-1.{number}")
    assert await _progress(database) == Progress(5, 0, 0, 0, 0.0, 600.0, None, None)
    clock = StillClock(NOW)
    queue = store.SqlJobQueue(database, "w", clock)
    for _ in range(3):
        clock.advance(60)
        job = await queue.take(60)
        assert job is not None
        await queue.finish(job, replace(SAID, recording_id=job.recording_id))
    assert await queue.take(60)
    clock.advance(60)
    async with database.reading() as connection:
        found = await store.progress(connection, clock.at(), NOW)
        tomorrow = await store.progress(connection, NOW + timedelta(days=1), NOW + timedelta(days=1))
    assert found == Progress(1, 1, 0, 3, 360.0, 240.0, 240 / 180, 180.0)
    assert (tomorrow.done_today, tomorrow.rate) == (0, None)


async def test_a_newer_models_result_takes_over_and_keeps_the_old(database: Database) -> None:
    """Readers see the newest; a repeated result of a model changes nothing; back and forth loses none."""
    await _recorded(database, C1)
    await _save(database, SAID)
    await _save(database, replace(SAID, citizen=()))
    assert await _all(database) == [SAID]
    await _save(database, BETTER)
    assert await _all(database) == [BETTER, SAID]
    again = replace(SAID, citizen=(Word("停暖", 0, 1, 0.9),))
    await _save(database, again)
    assert await _all(database) == [again, BETTER]
    async with database.reading() as connection:
        assert await store.transcript_of(connection, RecordingId(C1)) == again
        assert await store.transcripts_of(connection, RecordingId("x")) == []


async def test_what_no_database_takes_is_left_out(database: Database) -> None:
    """A NUL, half a surrogate pair, a turn of the writing direction, a time that is none: the other words are kept."""
    await _recorded(database, C1)
    spoken = (
        Word("停\x00水\x1b[31m", 0, 1, 0.9),
        Word("\x00", 1, 2, 0.9),
        Word("\ud800了\u202e", 2, 3, float("nan")),
    )
    await _save(
        database, replace(SAID, citizen=(*spoken, Word("没有", 3, float("inf"), 0.9)), agent=spoken[:2])
    )
    (kept,) = await _all(database)
    assert kept.citizen == (Word("停水[31m", 0, 1, 0.9), Word("了", 2, 3, 0.0))
    assert kept.agent_text == "停水[31m"
    async with database.reading() as connection:
        assert (await search.find(connection, parse("停水"), search.Filter(), 10, 0)).found == 1


async def test_redo_asks_for_what_another_model_said(database: Database) -> None:
    """Of the day asked for, once, in a queue of its own that the daily work does not wait for."""
    for contact_id, days_ago in (("a-1.1", 0), ("a-1.2", 0), ("a-1.3", 1), ("a-1.4", 0)):
        await _recorded(database, contact_id, days_ago=days_ago)
    for contact_id, model in (("a-1.1", "old"), ("a-1.2", "new"), ("a-1.3", "old")):
        await _save(database, replace(SAID, recording_id=contact_id, model=model))
    assert [await _redo(database), await _redo(database)] == [1, 1]
    assert await _take(database) is None
    queue = store.SqlJobQueue(database, "w", StillClock(), kind=store.redo_kind("new"))
    job = await queue.take(60)
    assert job is not None
    assert job.recording_id == "a-1.1"
    await queue.finish(job, replace(BETTER, recording_id=job.recording_id))
    assert await _redo(database) == 0
    async with database.reading() as connection:
        both = await store.transcripts_of(connection, job.recording_id)
    assert [transcript.model for transcript in both] == ["new", "old"]


async def _recorded(
    database: Database,
    contact_id: str,
    *,
    caller: str = "13812345678",
    outcome: Outcome = Outcome.ANSWERED,
    seconds: float = 60.0,
    days_ago: int = 0,
) -> None:
    at = NOW - timedelta(days=days_ago)
    contact = replace(answered(ContactId(contact_id), at), caller=caller, outcome=outcome)
    recording = Recording(
        RecordingId(contact_id),
        ContactId(contact_id),
        RecordingState.SEALED,
        path="x.wav",
        sha256="0" * 64,
        seconds=seconds,
        sealed_at=at,
    )
    async with database.unit() as unit:
        await contacts.save(unit, contact)
        await store.save(unit, recording)


async def _complained(database: Database, contact_id: str) -> None:
    row = {
        "ticket_no": contact_id,
        "contact_id": contact_id,
        "purpose": "call",
        "state": "draft",
        "citizen": "",
        "nature": "complaint",
        "nature_words": [],
        "topic_words": [],
        "transcript_state": "pending",
        "problems": [],
        "created_at": NOW,
    }
    async with database.unit() as unit:
        await unit.connection.execute(insert(tickets).values(row))


async def _ask(database: Database, contact_id: str) -> None:
    async with database.unit() as unit:
        await store.ask_for_transcript(unit, RecordingId(contact_id), NOW)


async def _take(database: Database) -> str | None:
    async with database.unit() as unit:
        job = await jobs.take(unit, "w", NOW, 60, store.TRANSCRIBE)
    return str(job.payload["recording_id"]) if job else None


async def _redo(database: Database) -> int:
    async with database.unit() as unit:
        return await store.ask_for_redo(unit, "new", NOW, NOW + timedelta(days=1), NOW)


async def _save(database: Database, transcript: Transcript) -> None:
    async with database.unit() as unit:
        await store.save_transcript(unit, transcript, NOW)


async def _all(database: Database) -> list[Transcript]:
    async with database.reading() as connection:
        return await store.transcripts_of(connection, RecordingId(C1))


async def _progress(database: Database) -> Progress:
    async with database.reading() as connection:
        return await store.progress(connection, NOW, NOW)
