"""Recordings and transcripts in SQL: the manifest. The audio itself lies in the recordings folder.

Invariants: one recording per contact; a sealed one has a file and its SHA-256, a missing one has a reason;
one transcript per recording.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import RowMapping, Select, select
from sqlalchemy.ext.asyncio import AsyncConnection

from callcenter.core.ids import ContactId, RecordingId
from callcenter.store import jobs
from callcenter.store.schema import recordings, transcripts
from callcenter.store.unit import Unit, insert

TRANSCRIBE: Final = "transcribe"
"""The kind of the durable job that transcribes a recording; its payload names recording, contact and path."""


class RecordingState(StrEnum):
    """Whether there is a checked file."""

    SEALED = "sealed"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Recording:
    """One line of the manifest. ``path`` is relative to the recordings folder; lengths in seconds."""

    recording_id: RecordingId
    contact_id: ContactId
    state: RecordingState
    path: str | None = None
    sha256: str | None = None
    seconds: float | None = None
    expected_s: float | None = None
    short_by_s: float | None = None
    reason: str = ""
    sealed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Transcript:
    """What was said. ``words``: channel (``citizen``, ``agent``) -> words with start, end, confidence."""

    recording_id: RecordingId
    model: str
    is_demo_model: bool
    words: Mapping[str, Sequence[Mapping[str, Any]]]
    citizen_text: str
    agent_text: str
    created_at: datetime


async def save(unit: Unit, recording: Recording) -> None:
    """Write a recording to the manifest; a missing one may turn up later, a sealed one stays."""
    values = {name: getattr(recording, name) for name in Recording.__slots__}
    statement = insert(unit.connection, recordings).values(values | {"state": recording.state.value})
    statement = statement.on_conflict_do_update(
        index_elements=["contact_id"],
        set_={
            name: statement.excluded[name] for name in values if name not in ("recording_id", "contact_id")
        },
        where=recordings.c.state == RecordingState.MISSING.value,
    )
    await unit.connection.execute(statement)


async def of_contact(connection: AsyncConnection, contact_id: ContactId) -> Recording | None:
    """The recording of a contact."""
    found = await _all(connection, select(recordings).where(recordings.c.contact_id == contact_id))
    return found[0] if found else None


async def get(connection: AsyncConnection, recording_id: RecordingId) -> Recording | None:
    """One recording."""
    found = await _all(connection, select(recordings).where(recordings.c.recording_id == recording_id))
    return found[0] if found else None


async def manifest(connection: AsyncConnection, since: datetime, until: datetime) -> list[Recording]:
    """The recordings that were sealed in ``[since, until)``, oldest first."""
    condition = (recordings.c.sealed_at >= since) & (recordings.c.sealed_at < until)
    return await _all(connection, select(recordings).where(condition).order_by(recordings.c.sealed_at))


def transcription_key(recording_id: RecordingId) -> str:
    """The dedupe key of a recording's transcription job."""
    return f"{TRANSCRIBE}:{recording_id}"


async def ask_for_transcript(unit: Unit, recording_id: RecordingId, now: datetime) -> None:
    """Put a sealed recording into the durable queue; again and again is harmless."""
    recording = await get(unit.connection, recording_id)
    if recording is None or recording.state is not RecordingState.SEALED:
        return
    payload = {
        "recording_id": recording_id,
        "contact_id": recording.contact_id,
        "path": recording.path,
        "sha256": recording.sha256,
    }
    await jobs.put(unit, TRANSCRIBE, transcription_key(recording_id), payload, now)


async def save_transcript(unit: Unit, transcript: Transcript) -> None:
    """Keep what was said; the first result of a recording stays."""
    values = {name: getattr(transcript, name) for name in Transcript.__slots__}
    statement = insert(unit.connection, transcripts).values(values)
    await unit.connection.execute(statement.on_conflict_do_nothing(index_elements=["recording_id"]))


async def transcript_of(connection: AsyncConnection, recording_id: RecordingId) -> Transcript | None:
    """The transcript of a recording."""
    rows = await connection.execute(select(transcripts).where(transcripts.c.recording_id == recording_id))
    row = rows.mappings().one_or_none()
    return Transcript(**row) if row else None


async def _all(connection: AsyncConnection, statement: Select[Any]) -> list[Recording]:
    rows = await connection.execute(statement)
    return [_recording(row) for row in rows.mappings()]


def _recording(row: RowMapping) -> Recording:
    fields: dict[str, Any] = dict(row)
    return Recording(**(fields | {"state": RecordingState(row["state"])}))
