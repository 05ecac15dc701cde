"""Recordings and transcripts in SQL: the manifest. The audio itself lies in the recordings folder.

Invariants: at most one recording of a contact's talk or message, and one of what he stated while he waited; a sealed one has
a file and its SHA-256, a missing one has a reason;
one transcript per recording, the newest; those of other models are kept beside it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import RowMapping, Select, and_, delete, func, or_, select, update
from sqlalchemy import insert as plain_insert
from sqlalchemy.ext.asyncio import AsyncConnection

from callcenter.core.clock import Clock
from callcenter.core.ids import ContactId, RecordingId
from callcenter.store import jobs
from callcenter.store.database import Database
from callcenter.store.schema import contacts, earlier_transcripts, recordings, tickets, transcripts
from callcenter.store.schema import jobs as job_rows
from callcenter.store.unit import Unit, insert
from recordings import search
from recordings.core.limits import Urgency, eta_s, pace, urgency
from recordings.core.names import STATEMENT, is_statement, recording_of
from recordings.core.transcript import Transcript
from recordings.transcribe import Job

TRANSCRIBE: Final = "transcribe"
"""The kind of the durable job that transcribes a recording; its payload names recording and contact."""

COMPLAINT_AGE: Final = timedelta(days=30)
"""Who complained within this is likely to call about it again."""
PACE_JOBS: Final = 50
"""How many of the last results tell the rate."""
PACE_AGE: Final = timedelta(hours=1)
"""How old they may be."""
BACKLOG_AGE: Final = timedelta(days=30)
"""Work that waited longer counts in no figure of the day."""

_MESSAGE, _COMPLAINT = "message", "complaint"


class RecordingState(StrEnum):
    """Whether there is a checked file."""

    SEALED = "sealed"
    MISSING = "missing"
    DELETED = "deleted"
    """There was one until its time was over."""


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
        index_elements=["recording_id"],
        set_={
            name: statement.excluded[name] for name in values if name not in ("recording_id", "contact_id")
        },
        where=recordings.c.state == RecordingState.MISSING.value,
    )
    await unit.connection.execute(statement)


async def of_contact(connection: AsyncConnection, contact_id: ContactId) -> Recording | None:
    """The recording of a contact's talk or message."""
    return await get(connection, recording_of(contact_id))


async def get(connection: AsyncConnection, recording_id: RecordingId) -> Recording | None:
    """One recording."""
    found = await _all(connection, select(recordings).where(recordings.c.recording_id == recording_id))
    return found[0] if found else None


async def stated(connection: AsyncConnection) -> frozenset[ContactId]:
    """The contacts without an outcome that stated their matter while they waited: what a starting controller reads."""
    mine = recordings.c.recording_id == contacts.c.contact_id + STATEMENT
    rows = await connection.execute(
        select(contacts.c.contact_id).join(recordings, mine).where(contacts.c.outcome.is_(None))
    )
    return frozenset(map(ContactId, rows.scalars()))


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
    await jobs.put(
        unit,
        TRANSCRIBE,
        transcription_key(recording_id),
        _payload(recording),
        now,
        priority=await _urgency(unit.connection, recording, now),
    )


def redo_kind(model: str) -> str:
    """The kind of the jobs that transcribe again with this model; who has the model serves it."""
    return f"redo:{model}"


async def ask_for_redo(unit: Unit, model: str, since: datetime, until: datetime, now: datetime) -> int:
    """Queue what was sealed in ``[since, until)`` and whose transcript is of another model; how many wait now.

    Again and again is harmless: what was redone with this model is not asked for twice.
    """
    wanted = (
        select(recordings)
        .join(transcripts, transcripts.c.recording_id == recordings.c.recording_id)
        .where(
            recordings.c.state == RecordingState.SEALED.value,
            recordings.c.sealed_at >= since,
            recordings.c.sealed_at < until,
            transcripts.c.model != model,
        )
        .order_by(recordings.c.sealed_at)
    )
    kind = redo_kind(model)
    for recording in await _all(unit.connection, wanted):
        await jobs.put(unit, kind, f"{kind}:{recording.recording_id}", _payload(recording), now)
    states = await jobs.counts(unit.connection, kind)
    return states[jobs.JobState.QUEUED] + states[jobs.JobState.RUNNING]


async def save_transcript(unit: Unit, transcript: Transcript, at: datetime) -> None:
    """Keep what was said, cleaned and findable. A model's first result of a recording stays; another model's becomes the transcript."""
    transcript = transcript.clean()
    values = {
        "model": transcript.model,
        "is_demo": transcript.is_demo,
        "content": transcript.to_json(),
        "citizen_text": transcript.citizen_text,
        "agent_text": transcript.agent_text,
        "created_at": at,
    }
    its = transcripts.c.recording_id == transcript.recording_id
    model = await unit.connection.scalar(select(transcripts.c.model).where(its).with_for_update())
    if model is None:
        statement = insert(unit.connection, transcripts).values(
            recording_id=transcript.recording_id, **values
        )
        await unit.connection.execute(statement.on_conflict_do_nothing(index_elements=["recording_id"]))
    elif model != transcript.model:
        await _set_aside(unit.connection, transcript.recording_id, transcript.model, model)
        await unit.connection.execute(update(transcripts).where(its).values(**values))
    if model != transcript.model:
        await search.index(unit, transcript)


async def transcripts_of(connection: AsyncConnection, recording_id: RecordingId) -> list[Transcript]:
    """All transcripts of a recording, one a model: the one in use first, then the newest."""
    newest = await transcript_of(connection, recording_id)
    statement = (
        select(earlier_transcripts.c.content)
        .where(earlier_transcripts.c.recording_id == recording_id)
        .order_by(earlier_transcripts.c.created_at.desc())
    )
    earlier = [Transcript.from_json(content) for content in await connection.scalars(statement)]
    return [newest, *earlier] if newest else earlier


async def transcript_of(connection: AsyncConnection, recording_id: RecordingId) -> Transcript | None:
    """The transcript of a recording."""
    content = await connection.scalar(
        select(transcripts.c.content).where(transcripts.c.recording_id == recording_id)
    )
    return Transcript.from_json(content) if content else None


@dataclass(frozen=True, slots=True)
class Progress:
    """How far transcription is. Sound in seconds; ``rate``: seconds of sound a second; ``None``: unknown."""

    waiting: int
    running: int
    parked: int
    done_today: int
    sound_done_today_s: float
    sound_left_s: float
    rate: float | None
    eta_s: float | None


async def progress(connection: AsyncConnection, now: datetime, midnight: datetime) -> Progress:
    """The queue of transcriptions, ``midnight``: the day's beginning."""
    states = await jobs.counts(connection, TRANSCRIBE)
    done = and_(
        job_rows.c.state == jobs.JobState.DONE.value,
        job_rows.c.due_at >= midnight - BACKLOG_AGE,  # for the index
        job_rows.c.updated_at >= midnight,
    )
    is_left = job_rows.c.state.in_([jobs.JobState.QUEUED.value, jobs.JobState.RUNNING.value])
    done_today, done_s = await _sound(connection, done)
    _, left_s = await _sound(connection, is_left)
    rate = pace(await _last_results(connection, now))
    return Progress(
        waiting=states[jobs.JobState.QUEUED],
        running=states[jobs.JobState.RUNNING],
        parked=states[jobs.JobState.PARKED],
        done_today=done_today,
        sound_done_today_s=done_s,
        sound_left_s=left_s,
        rate=rate,
        eta_s=eta_s(left_s, rate),
    )


class SqlJobQueue:
    """The durable queue as transcription sees it (:class:`recordings.transcribe.JobQueue`).

    ``owner`` names this process among others; ``kind``: :data:`TRANSCRIBE` or a ``redo_kind``; ``on_parked`` is told of jobs whose worker died once too often.
    """

    def __init__(
        self,
        database: Database,
        owner: str,
        clock: Clock,
        on_parked: Callable[[Job], None] = lambda job: None,
        kind: str = TRANSCRIBE,
    ):
        self._database = database
        self._owner = owner
        self._clock = clock
        self._on_parked = on_parked
        self._kind = kind

    async def take(self, lease_s: float) -> Job | None:
        """Take the next due job under a lease, after taking those of dead workers back."""
        now = self._clock.at()
        async with self._database.unit() as unit:
            swept = await jobs.sweep(unit, now)
            taken = await jobs.take(unit, self._owner, now, lease_s, self._kind)
        for job in swept:
            if job.state is jobs.JobState.PARKED and job.kind == self._kind:
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

    async def put_back(self, job: Job, reason: str, wait_s: float) -> None:
        """Leave the job to later without counting the try. Raises LeaseLost."""
        async with self._database.unit() as unit:
            await jobs.put_back(unit, job.id, self._owner, reason, self._clock.at(), wait_s)

    async def fail(self, job: Job, reason: str) -> bool:
        """Note a failed try; whether the job was parked. Raises LeaseLost."""
        async with self._database.unit() as unit:
            state = await jobs.fail(unit, job.id, self._owner, reason, self._clock.at())
        return state is jobs.JobState.PARKED


def _payload(recording: Recording) -> dict[str, Any]:
    return {"recording_id": recording.recording_id, "contact_id": recording.contact_id}


async def _urgency(connection: AsyncConnection, recording: Recording, now: datetime) -> Urgency:
    """Before the first transcript a ticket has no nature: then the citizen's tickets of the last days speak for it."""
    if is_statement(recording.recording_id):
        return Urgency.STATEMENT
    contact_id = recording.contact_id
    found = await connection.execute(
        select(contacts.c.outcome, contacts.c.caller).where(contacts.c.contact_id == contact_id)
    )
    contact = found.one_or_none()
    if contact is None:
        return Urgency.REST
    is_his = contacts.c.contact_id == contact_id
    if contact.caller:
        is_recent = contacts.c.arrived_at >= now - COMPLAINT_AGE
        is_his = or_(is_his, and_(contacts.c.caller == contact.caller, is_recent))
    his = tickets.join(contacts, contacts.c.contact_id == tickets.c.contact_id)
    complaint = select(func.count()).select_from(his).where(is_his, tickets.c.nature == _COMPLAINT)
    complained = bool(await connection.scalar(complaint))
    return urgency(is_message=contact.outcome == _MESSAGE, complained=complained)


async def _set_aside(connection: AsyncConnection, recording_id: str, model: str, old: str) -> None:
    """Make room for a result of ``model``: what ``old`` said is kept beside it."""
    rows = earlier_transcripts
    doubles = rows.c.recording_id == recording_id, rows.c.model.in_([model, old])
    await connection.execute(delete(rows).where(*doubles))
    names = [column.name for column in rows.columns]
    current = select(*(transcripts.c[name] for name in names)).where(
        transcripts.c.recording_id == recording_id
    )
    await connection.execute(plain_insert(rows).from_select(names, current))


def _its_recording() -> Any:
    return job_rows.join(
        recordings, recordings.c.recording_id == job_rows.c.payload["recording_id"].as_string()
    )


async def _sound(connection: AsyncConnection, which: Any) -> tuple[int, float]:
    """(number, seconds of sound) of transcription jobs."""
    statement = (
        select(func.count(), func.coalesce(func.sum(recordings.c.seconds), 0.0))
        .select_from(_its_recording())
        .where(job_rows.c.kind == TRANSCRIBE, which)
    )
    number, seconds = (await connection.execute(statement)).one()
    return int(number), float(seconds)


async def _last_results(connection: AsyncConnection, now: datetime) -> list[tuple[float, float]]:
    """(age, seconds of sound) of what was finished last."""
    statement = (
        select(job_rows.c.updated_at, recordings.c.seconds)
        .select_from(_its_recording())
        .where(
            job_rows.c.kind == TRANSCRIBE,
            job_rows.c.state == jobs.JobState.DONE.value,
            job_rows.c.due_at >= now - BACKLOG_AGE,
            job_rows.c.updated_at >= now - PACE_AGE,
        )
        .order_by(job_rows.c.updated_at.desc())
        .limit(PACE_JOBS)
    )
    rows = await connection.execute(statement)
    return [((now - at).total_seconds(), seconds or 0.0) for at, seconds in rows]


def _job(job: jobs.Job) -> Job:
    return Job(job.id, ContactId(job.payload["contact_id"]), RecordingId(job.payload["recording_id"]))


async def _all(connection: AsyncConnection, statement: Select[Any]) -> list[Recording]:
    rows = await connection.execute(statement)
    return [_recording(row) for row in rows.mappings()]


def _recording(row: RowMapping) -> Recording:
    fields: dict[str, Any] = dict(row)
    return Recording(**(fields | {"state": RecordingState(row["state"])}))
