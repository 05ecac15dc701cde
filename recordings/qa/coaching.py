"""Coaching notes in SQL."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from callcenter.core.errors import UsageError
from callcenter.core.ids import RecordingId, SeatId
from callcenter.store.lists import all_equal
from callcenter.store.schema import qa_notes
from callcenter.store.unit import Unit
from recordings.qa.gather import seat_of


@dataclass(frozen=True, slots=True)
class Note:
    """A coaching note for the agent of a seat. ``second``: of the recording, that it is about."""

    id: int
    seat_id: str
    recording_id: str | None
    second: float | None
    by: str
    at: datetime
    note: str


async def add_note(
    unit: Unit,
    seat_id: SeatId,
    recording_id: RecordingId | None,
    by: str,
    note: str,
    at: datetime,
    *,
    second: float | None = None,
) -> Note:
    """Keep a coaching note.

    Raises:
        UsageError: ``unknown_recording``: it is about a call that this seat has not answered, or about a second of none.
    """
    if recording_id is not None and await seat_of(unit.connection, recording_id) != seat_id:
        raise UsageError("that call was answered at another seat", code="unknown_recording")
    if recording_id is None and second is not None:
        raise UsageError("a second is one of a recording: say of which", code="unknown_recording")
    values = {
        "seat_id": seat_id,
        "recording_id": recording_id,
        "second": second,
        "by": by,
        "at": at,
        "note": note,
    }
    made = await unit.connection.execute(insert(qa_notes).values(values).returning(qa_notes.c.id))
    return Note(made.scalar_one(), **values)  # type: ignore[arg-type]  # fields by name


async def notes(
    connection: AsyncConnection,
    seat_id: str | None,
    limit: int,
    offset: int,
    *,
    recording_id: str | None = None,
) -> tuple[list[Note], int]:
    """Coaching notes of a seat, of a call, or all, newest first; and how many there are."""
    wanted = all_equal({qa_notes.c.seat_id: seat_id, qa_notes.c.recording_id: recording_id})
    statement = select(qa_notes).where(wanted).order_by(qa_notes.c.id.desc()).limit(limit).offset(offset)
    found = [Note(**row) for row in (await connection.execute(statement)).mappings()]
    return found, await connection.scalar(select(func.count()).select_from(qa_notes).where(wanted)) or 0
