"""Recordings and transcripts in SQL: the manifest. The audio itself lies in the recordings folder.

Invariants: one recording per contact; a sealed one has a file and its SHA-256, a missing one has a reason;
one transcript per recording.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import RowMapping, Select, select
from sqlalchemy.ext.asyncio import AsyncConnection

from callcenter.core.clock import Clock
from callcenter.core.ids import ContactId, RecordingId
from callcenter.store import jobs
from callcenter.store.database import Database
from callcenter.store.schema import recordings, transcripts
from callcenter.store.unit import Unit, insert
from recordings.core.transcript import Transcript
from recordings.transcribe import Job

TRANSCRIBE: Final = "transcribe"
"""The kind of the durable job that transcribes a recording; its payload names recording and contact."""


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
    payload = {"recording_id": recording_id, "contact_id": recording.contact_id}
    await jobs.put(unit, TRANSCRIBE, transcription_key(recording_id), payload, now)


async def save_transcript(unit: Unit, transcript: Transcript, at: datetime) -> None:
    """Keep what was said; the first result of a recording stays."""
    values = {
        "recording_id": transcript.recording_id,
        "model": transcript.model,
        "is_demo": transcript.is_demo,
        "content": transcript.to_json(),
        "citizen_text": transcript.citizen_text,
        "agent_text": transcript.agent_text,
        "created_at": at,
    }
    statement = insert(unit.connection, transcripts).values(values)
    await unit.connection.execute(statement.on_conflict_do_nothing(index_elements=["recording_id"]))


async def transcript_of(connection: AsyncConnection, recording_id: RecordingId) -> Transcript | None:
    """The transcript of a recording."""
    content = await connection.scalar(
        select(transcripts.c.content).where(transcripts.c.recording_id == recording_id)
    )
    return Transcript.from_json(content) if content else None


class SqlJobQueue:
    """The durable queue as transcription sees it (:class:`recordings.transcribe.JobQueue`).

    ``owner`` names this process among others; ``on_parked`` is told of jobs whose worker died once too often.
    """

    def __init__(
        self,
        database: Database,
        owner: str,
        clock: Clock,
        on_parked: Callable[[Job], None] = lambda job: None,
    ):
        self._database = database
        self._owner = owner
        self._clock = clock
        self._on_parked = on_parked

    async def take(self, lease_s: float) -> Job | None:
        """Take the next due job under a lease, after taking those of dead workers back."""
        now = self._clock.at()
        async with self._database.unit() as unit:
            swept = await jobs.sweep(unit, now)
            taken = await jobs.take(unit, self._owner, now, lease_s, TRANSCRIBE)
        for job in swept:
            if job.state is jobs.JobState.PARKED and job.kind == TRANSCRIBE:
                self._on_parked(_job(job))
        return _job(taken) if taken else None

    async def renew(self, job: Job, lease_s: float) -> None:
        """Keep the lease; raises LeaseLost."""
        async with self._database.unit() as unit:
            await jobs.renew(unit, job.id, self._owner, self._clock.at(), lease_s)

    async def finish(self, job: Job, transcript: Transcript) -> None:
        """Store the transcript and mark the job done, both or neither; raises LeaseLost."""
        now = self._clock.at()
        async with self._database.unit() as unit:
            await save_transcript(unit, transcript, now)
            await jobs.finish(unit, job.id, self._owner, now)

    async def fail(self, job: Job, reason: str) -> bool:
        """Note a failed try; whether the job was parked. Raises LeaseLost."""
        async with self._database.unit() as unit:
            state = await jobs.fail(unit, job.id, self._owner, reason, self._clock.at())
        return state is jobs.JobState.PARKED


def _job(job: jobs.Job) -> Job:
    return Job(job.id, ContactId(job.payload["contact_id"]), RecordingId(job.payload["recording_id"]))


async def _all(connection: AsyncConnection, statement: Select[Any]) -> list[Recording]:
    rows = await connection.execute(statement)
    return [_recording(row) for row in rows.mappings()]


def _recording(row: RowMapping) -> Recording:
    fields: dict[str, Any] = dict(row)
    return Recording(**(fields | {"state": RecordingState(row["state"])}))
