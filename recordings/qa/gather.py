"""Gathers what is known about an answered call, for its assessment. Only reads."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, RowMapping, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from callcenter.core.errors import OurError, UsageError
from callcenter.core.ids import ContactId, RecordingId, SeatId
from callcenter.core.messages.calls import CallHeld, CallTransferred, Outcome
from callcenter.store.jobs import JobState
from callcenter.store.schema import contacts, jobs, journal, qa_assessments, recordings, tickets, transcripts
from callcenter.tickets.core.suggest import Nature
from recordings.core.qa.facts import NOT_TRANSCRIBED, CallFacts, Span, TicketFacts
from recordings.core.transcript import Transcript
from recordings.store import TRANSCRIBE, RecordingState, transcript_of

CALL: Final = "call"
"""The purpose of the ticket about a talk."""
EARLIER: Final = timedelta(days=30)
TOLD: Final = (Outcome.ANSWERED.value, Outcome.MESSAGE.value)
"""How a contact ended in which the citizen could tell his matter."""

_CALLS = (
    recordings.join(contacts, contacts.c.contact_id == recordings.c.recording_id)
    .outerjoin(transcripts, transcripts.c.recording_id == recordings.c.recording_id)
    .outerjoin(jobs, jobs.c.dedupe_key == TRANSCRIBE + ":" + recordings.c.recording_id)
)
_IS_FINAL = and_(
    contacts.c.outcome == Outcome.ANSWERED.value,
    or_(
        transcripts.c.recording_id.is_not(None),
        recordings.c.state == RecordingState.MISSING.value,
        jobs.c.state == JobState.PARKED.value,
    ),
)
"""An answered call whose words are there, or will never be."""


@dataclass(frozen=True, slots=True)
class Gathered:
    """An answered call: what the rules need, and by what it is found in lists."""

    facts: CallFacts
    contact_id: ContactId
    seat_id: SeatId | None
    answered_at: datetime


async def gather(connection: AsyncConnection, recording_id: RecordingId, zone: ZoneInfo) -> Gathered | None:
    """What is known about a recording's call; ``None``: there is no such recording, or nobody answered."""
    joined = recordings.join(contacts, contacts.c.contact_id == recordings.c.recording_id)
    statement = select(contacts).select_from(joined).where(recordings.c.recording_id == recording_id)
    contact = (await connection.execute(statement)).mappings().one_or_none()
    if contact is None or contact["outcome"] != Outcome.ANSWERED.value or contact["answered_at"] is None:
        return None
    holds, transfers = await _moves(connection, contact)
    facts = CallFacts(
        recording_id,
        await _transcript(connection, recording_id),
        contact["talk_s"] or 0.0,
        holds,
        transfers,
        await _ticket(connection, contact["contact_id"], zone),
        await _earlier(connection, contact),
        contact["answered_at"].astimezone(zone).date(),
    )
    return Gathered(facts, contact["contact_id"], contact["seat_id"], contact["answered_at"])


async def seat_of(connection: AsyncConnection, recording_id: RecordingId) -> SeatId | None:
    """The seat that answered a recording's call; ``None``: it is not known.

    Raises:
        UsageError: ``unknown_recording``: there is none, or nobody answered.
    """
    joined = recordings.join(contacts, contacts.c.contact_id == recordings.c.recording_id)
    statement = select(contacts.c.seat_id, contacts.c.outcome).select_from(joined)
    found = await connection.execute(statement.where(recordings.c.recording_id == recording_id))
    row = found.one_or_none()
    if row is None or row.outcome != Outcome.ANSWERED.value:
        raise UsageError(f"there is no answered call with recording {recording_id}", code="unknown_recording")
    seat_id: SeatId | None = row.seat_id
    return seat_id


async def unassessed(
    connection: AsyncConnection, rules_version: str, after: str, limit: int
) -> Sequence[RecordingId]:
    """Answered calls whose words are there, or will never be, and that these rules have not looked at.

    In order of their recording's id, beginning after ``after``.
    """
    assessed = and_(
        qa_assessments.c.recording_id == recordings.c.recording_id,
        qa_assessments.c.rules_version == rules_version,
        qa_assessments.c.model == func.coalesce(transcripts.c.model, NOT_TRANSCRIBED),
    )
    joined = _CALLS.outerjoin(qa_assessments, assessed)
    wanted = _IS_FINAL & qa_assessments.c.id.is_(None)
    return await _ids(connection, joined, wanted, after, limit)


async def answered(
    connection: AsyncConnection, since: datetime, until: datetime, after: str, limit: int
) -> Sequence[RecordingId]:
    """The calls of ``unassessed``, whoever has looked at them, that were answered in ``[since, until)``."""
    wanted = _IS_FINAL & (contacts.c.answered_at >= since) & (contacts.c.answered_at < until)
    return await _ids(connection, _CALLS, wanted, after, limit)


async def _ids(
    connection: AsyncConnection, joined: Any, wanted: ColumnElement[bool], after: str, limit: int
) -> Sequence[RecordingId]:
    recording_id = recordings.c.recording_id
    statement = select(recording_id).distinct().select_from(joined).where(wanted, recording_id > after)
    rows = await connection.execute(statement.order_by(recording_id).limit(limit))
    return [RecordingId(found) for found in rows.scalars()]


async def _transcript(connection: AsyncConnection, recording_id: RecordingId) -> Transcript | None:
    """A damaged transcript is as good as none."""
    try:
        return await transcript_of(connection, recording_id)
    except OurError:
        return None


async def _moves(connection: AsyncConnection, contact: RowMapping) -> tuple[tuple[Span, ...] | None, int]:
    """When the citizen was on hold (``None``: the journal does not reach back so far), how often handed on."""
    statement = (
        select(journal.c.type, journal.c.at, journal.c.data)
        .where(journal.c.contact_id == contact["contact_id"])
        .order_by(journal.c.seq)
    )
    entries = (await connection.execute(statement)).all()
    handed_on = sum(entry.type == CallTransferred.type for entry in entries)
    held = [(entry.at, bool(entry.data.get("on"))) for entry in entries if entry.type == CallHeld.type]
    return (_spans(held, contact) if entries else None), max(handed_on, int(contact["transferred"]))


def _spans(held: Sequence[tuple[datetime, bool]], contact: RowMapping) -> tuple[Span, ...]:
    talk_s = contact["talk_s"] or 0.0
    spans: list[Span] = []
    since: float | None = None
    for at, on in held:
        second = min(max((at - contact["answered_at"]).total_seconds(), 0.0), talk_s)
        if on and since is None:
            since = second
        elif not on and since is not None:
            spans.append(Span(since, max(since, second)))
            since = None
    return (*spans, *([Span(since, max(since, talk_s))] if since is not None else []))


async def _ticket(connection: AsyncConnection, contact_id: ContactId, zone: ZoneInfo) -> TicketFacts | None:
    statement = select(tickets).where(tickets.c.contact_id == contact_id, tickets.c.purpose == CALL)
    row = (await connection.execute(statement)).mappings().one_or_none()
    if row is None:
        return None
    nature = row["nature"] if row["nature"] in set(Nature) else None
    deadline = row["deadline"] and row["deadline"].astimezone(zone).date()
    return TicketFacts(Nature(nature) if nature else None, bool(row["citizen"]), row["place"], deadline)


async def _earlier(connection: AsyncConnection, contact: RowMapping) -> int | None:
    """In how many contacts of the last 30 days the citizen could tell his matter; unknown without his number."""
    if not contact["caller"]:
        return None
    condition = and_(
        contacts.c.caller == contact["caller"],
        contacts.c.arrived_at >= contact["arrived_at"] - EARLIER,
        contacts.c.arrived_at < contact["arrived_at"],
        contacts.c.outcome.in_(TOLD),
    )
    return await connection.scalar(select(func.count()).select_from(contacts).where(condition)) or 0
