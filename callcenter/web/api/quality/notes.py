"""Coaching notes (辅导记录)."""

from pydantic import Field

from callcenter.core.ids import RecordingId, SeatId
from callcenter.web.api.common import Paging
from callcenter.web.api.quality.fields import Recording, Seat, SomeText
from callcenter.web.api.quality.viewing import readable_seat
from callcenter.web.roles import Permission
from callcenter.web.routes import Call, Nothing, Operation, Params, operation
from callcenter.web.views import Page
from callcenter.web.views.quality import NoteView

SECOND_MAX = 24 * 3600
"""No recording is longer than a day."""


class NotesQuery(Paging):
    """Of which seat, about which call; without: of all."""

    seat_id: Seat | None = None
    recording_id: Recording | None = None


class NoteBody(Params):
    """For whom, about which call or none."""

    seat_id: Seat
    recording_id: Recording | None = None
    second: float | None = Field(None, ge=0, le=SECOND_MAX, description="of the recording, that it is about")
    note: SomeText


@operation(
    "GET", "/qa/notes", may=Permission.READ_OWN_QUALITY, zh="辅导记录", en="Coaching notes, newest first"
)
async def list_notes(call: Call[NotesQuery, Nothing]) -> Page[NoteView]:
    """An agent sees those for the own seat."""
    query = call.query
    seat_id = readable_seat(call, query.seat_id)
    return await call.ports.reviews.notes(seat_id, query.recording_id, query.limit, query.offset)


@operation("POST", "/qa/notes", may=Permission.REVIEW_CALLS, zh="写辅导记录", en="Write a coaching note")
async def add_note(call: Call[Nothing, NoteBody]) -> NoteView:
    """For the agent of a seat, about one of its calls or none."""
    body = call.body
    recording_id = RecordingId(body.recording_id) if body.recording_id else None
    return await call.ports.reviews.add_note(
        SeatId(body.seat_id), recording_id, body.second, call.identity.name, body.note
    )


OPERATIONS: tuple[Operation, ...] = (list_notes, add_note)
