"""The web's readers on the real store: straight from SQL to views.

Invariant: they only read, and they return numbers as they are (masking happens where an answer is serialized).
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, FromClause, Label, RowMapping, Select, and_, func, or_, select, true
from sqlalchemy.ext.asyncio import AsyncConnection

from callcenter.core.clock import Clock
from callcenter.core.ids import ContactId, RecordingId, TicketNo
from callcenter.core.messages.surge import LevelSwitched
from callcenter.store import journal, schema
from callcenter.store.database import Database
from callcenter.store.schema import contacts, gaps, promises, recordings, ticket_work, tickets, transcripts
from callcenter.store.unit import JournalEntry
from callcenter.tickets.core.work import Standing
from callcenter.web.ports.callbacks import CallbackFilter
from callcenter.web.ports.ledger import ContactFilter
from callcenter.web.ports.tickets import TicketFilter
from callcenter.web.views import Page, View
from callcenter.web.views.callbacks import CallbackView
from callcenter.web.views.events import EventView
from callcenter.web.views.ledger import ContactView, GapView
from callcenter.web.views.recordings import RecordingView
from callcenter.web.views.surge import LEVEL_NAMES, SurgeSwitchView
from callcenter.web.views.ticket_work import TicketCountsView
from callcenter.web.views.tickets import TicketSummary, TicketView
from callcenter.web.views.transcripts import TranscriptQueueView
from queues import store
from recordings import store as recording_rows
from recordings.core.names import STATEMENT, is_contact_id
from recordings.core.transcript import Transcript
from recordings.store import RecordingState
from recordings.vault import Sound, Vault

SPEAKERS = {"citizen": "市民：", "agent": "坐席："}
"""Channel of a transcript -> how a turn of it begins."""


_CORRECTED_NATURE = func.coalesce(ticket_work.c.nature, tickets.c.nature)
_CORRECTED_TOPIC = func.coalesce(ticket_work.c.topic, tickets.c.topic)
_WORKED = tickets.outerjoin(ticket_work, ticket_work.c.ticket_no == tickets.c.ticket_no)
_STANDING = func.coalesce(ticket_work.c.standing, Standing.OPEN.value)
_SUGGESTED = [column for column in tickets.c if column.name not in ("nature", "topic")]
_CORRECTED = (
    _CORRECTED_NATURE.label("nature"),
    _CORRECTED_TOPIC.label("topic"),
    _STANDING.label("standing"),
)
"""A ticket in a list shows what a person made of it."""


class SqlContacts:
    """The ledger (:class:`callcenter.web.ports.ledger.ContactReader`)."""

    def __init__(self, database: Database):
        self._database = database

    async def get(self, contact_id: ContactId) -> ContactView | None:
        """One contact, a call-back with what was stated in the call that it answers."""
        async with self._database.reading() as connection:
            origin = func.coalesce(contacts.c.answers_contact_id, contacts.c.contact_id)
            wanted = select(contacts, *_stated_by(origin))
            row = await _one(connection, wanted.where(contacts.c.contact_id == contact_id))
        return _contact(row) if row else None

    async def list(self, which: ContactFilter, limit: int, offset: int) -> Page[ContactView]:
        """Contacts, newest first."""
        wanted = _matching(which)
        statement = (
            select(contacts).where(wanted).order_by(contacts.c.arrived_at.desc(), contacts.c.contact_id)
        )
        async with self._database.reading() as connection:
            rows = await _part(connection, statement, limit, offset)
            total, filtered = await _counts(connection, contacts, wanted)
        return Page(items=[_contact(row) for row in rows], total=total, filtered=filtered)


class SqlTickets:
    """The tickets (:class:`callcenter.web.ports.tickets.TicketReader`). ``topic_names``: key -> Chinese name."""

    def __init__(self, database: Database, topic_names: Mapping[str, str] | None = None):
        self._database = database
        self._topic_names = topic_names or {}

    async def get(self, ticket_no: TicketNo) -> TicketView | None:
        """One ticket with its transcript."""
        spoken = recordings.outerjoin(transcripts, transcripts.c.recording_id == recordings.c.recording_id)
        joined = _WORKED.outerjoin(spoken, recordings.c.recording_id == tickets.c.contact_id)
        told = (*_TRANSCRIPT, *_stated_by(tickets.c.contact_id), _STANDING.label("standing"))
        statement = (
            select(tickets, recordings.c.recording_id, *told)
            .select_from(joined)
            .where(tickets.c.ticket_no == ticket_no)
        )
        async with self._database.reading() as connection:
            row = await _one(connection, statement)
        return self._full(row) if row else None

    async def list(self, which: TicketFilter, limit: int, offset: int) -> Page[TicketSummary]:
        """Tickets, newest or oldest first."""
        wanted = _ticket_wanted(which)
        order = tickets.c.ticket_no if which.oldest_first else tickets.c.ticket_no.desc()
        statement = select(*_SUGGESTED, *_CORRECTED).select_from(_WORKED).where(wanted)
        async with self._database.reading() as connection:
            rows = await _part(connection, statement.order_by(order), limit, offset)
            total, filtered = await _counts(connection, _WORKED, wanted)
        return Page(items=[self._short(row) for row in rows], total=total, filtered=filtered)

    async def counts(self, now: datetime) -> TicketCountsView:
        """How much work lies there."""
        is_open = _STANDING.in_([Standing.OPEN.value])
        counted = {
            **{name.value: _STANDING.in_([name.value]) for name in Standing},
            "late": is_open & (tickets.c.deadline < now),
            "day_old": is_open & (tickets.c.created_at < now - timedelta(days=1)),
        }
        told: list[Any] = [func.count().filter(each).label(name) for name, each in counted.items()]
        told.append(func.min(tickets.c.created_at).filter(is_open).label("oldest_at"))
        async with self._database.reading() as connection:
            row = await _one(connection, select(*told).select_from(_WORKED))
        return TicketCountsView.model_validate(dict(row or {}))

    def _short(self, row: RowMapping) -> TicketSummary:
        fields = _fields(TicketSummary, row)
        return TicketSummary(**fields, topic_name=self._topic_name(row))

    def _full(self, row: RowMapping) -> TicketView:
        return TicketView(
            **_fields(TicketView, row),
            topic_name=self._topic_name(row),
            transcript=_dialog(row["content"]) if row["content"] else None,
            recognizer=row["model"],
            is_demo_model=row["is_demo"],
        )

    def _topic_name(self, row: RowMapping) -> str | None:
        topic: str | None = row["topic"]
        return topic and self._topic_names.get(topic, topic)


class SqlCallbacks:
    """The missed-call list and what else was promised (:class:`callcenter.web.ports.callbacks.CallbackReader`)."""

    def __init__(self, database: Database):
        self._database = database

    async def get(self, contact_id: ContactId) -> CallbackView | None:
        """What the contact led to, be it the first or the last of its citizen; the newest of several."""
        is_part = or_(promises.c.origin_contact_id == contact_id, promises.c.last_contact_id == contact_id)
        statement = select(promises).where(is_part).order_by(promises.c.id.desc()).limit(1)
        async with self._database.reading() as connection:
            row = await _one(connection, statement)
            return _callback(row, await connection.scalar(_newest_ticket(row))) if row else None

    async def list(self, which: CallbackFilter, limit: int, offset: int) -> Page[CallbackView]:
        """Newest first, each with the citizen's newest ticket."""
        wanted = store.PromiseFilter(which.state, which.ground)
        async with self._database.reading() as connection:
            page = await store.page(connection, wanted, limit, offset)
        items = [_callback(asdict(item.promise), item.ticket_no) for item in page.items]
        return Page(items=items, total=page.total, filtered=page.filtered)


class SurgeLog:
    """The switches of the surge level, from the journal."""

    def __init__(self, database: Database):
        self._database = database

    async def newest(self, limit: int) -> list[SurgeSwitchView]:
        """The newest ``limit`` switches and proposals, newest first."""
        entries = schema.journal
        is_switch = entries.c.type == LevelSwitched.type
        statement = select(entries).where(is_switch).order_by(entries.c.seq.desc())
        async with self._database.reading() as connection:
            rows = await _part(connection, statement, limit, 0)
        return [_switch(row) for row in rows]


class SqlRecordings:
    """The recordings (:class:`callcenter.web.ports.recordings.RecordingReader`): rows from SQL, sound from the vault."""

    def __init__(self, database: Database, vault: Vault):
        self._database = database
        self._vault = vault

    async def get(self, recording_id: RecordingId) -> RecordingView | None:
        """One recording."""
        row = await self._row(recording_id)
        return RecordingView(**_fields(RecordingView, row)) if row else None

    async def media(self, recording_id: RecordingId) -> Sound | None:
        """Its sound, by its id and never by a path, whatever the row says."""
        row = await self._row(recording_id)
        if row is None or row["state"] != RecordingState.SEALED or not is_contact_id(recording_id):
            return None
        return await asyncio.to_thread(self._vault.open, recording_id)

    async def _row(self, recording_id: RecordingId) -> RowMapping | None:
        async with self._database.reading() as connection:
            return await _one(connection, select(recordings).where(recordings.c.recording_id == recording_id))


class SqlTranscripts:
    """What was made of recordings (:class:`callcenter.web.ports.transcripts.TranscriptReader`)."""

    def __init__(self, database: Database, clock: Clock, zone: ZoneInfo):
        self._database = database
        self._clock = clock
        self._zone = zone

    async def of(self, recording_id: RecordingId) -> list[Transcript]:
        """Every model's transcript of a recording, the one in use first."""
        async with self._database.reading() as connection:
            return await recording_rows.transcripts_of(connection, recording_id)

    async def queue(self) -> TranscriptQueueView:
        """How far transcription is."""
        now = self._clock.at().astimezone(self._zone)
        midnight = datetime.combine(now.date(), time(), self._zone)
        async with self._database.reading() as connection:
            progress = await recording_rows.progress(connection, now, midnight)
        return TranscriptQueueView(**asdict(progress))


class SqlGaps:
    """Times without events (:class:`callcenter.web.ports.ledger.GapReader`)."""

    def __init__(self, database: Database):
        self._database = database

    async def list(self, limit: int) -> list[GapView]:
        """Newest first."""
        statement = select(gaps).order_by(gaps.c.from_at.desc())
        async with self._database.reading() as connection:
            rows = await _part(connection, statement, limit, 0)
        return [
            GapView(opened_at=row["from_at"], closed_at=row["until_at"], reason=row["reason"]) for row in rows
        ]


class JournalEvents:
    """The journal and its live end (:class:`callcenter.web.ports.events.Events`).

    ``tell`` is what the store writer calls after each commit (``StoreWriter.on_committed``).
    """

    def __init__(self, database: Database):
        self._database = database
        self._listeners: list[Callable[[EventView], None]] = []

    async def since(self, seq: int, limit: int) -> Sequence[EventView]:
        """Entries after ``seq``, in order.

        Raises:
            UsageError: ``too_old``: they were trimmed meanwhile.
        """
        async with self._database.reading() as connection:
            return [_event(entry) for entry in await journal.since(connection, seq, limit)]

    async def bounds(self) -> tuple[int, int]:
        """Oldest and newest seq kept; ``(1, 0)`` when there is none."""
        async with self._database.reading() as connection:
            oldest = await journal.oldest_seq(connection)
            return (oldest or 1, await journal.newest_seq(connection))

    def subscribe(self, listener: Callable[[EventView], None]) -> Callable[[], None]:
        """Call ``listener`` with each new entry; the answer ends that."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def tell(self, entries: Sequence[JournalEntry]) -> None:
        """Entries were committed."""
        if not self._listeners:
            return
        for event in map(_event, entries):
            for listener in self._listeners:
                listener(event)


_TRANSCRIPT = (transcripts.c.content, transcripts.c.model, transcripts.c.is_demo)


def _stated_by(contact_id: ColumnElement[str]) -> tuple[Label[Any], Label[Any]]:
    """What a contact stated while he waited, and the recording of it."""
    words, sounds, statement_id = transcripts.alias(), recordings.alias(), contact_id.concat(STATEMENT)
    text = select(words.c.content).where(words.c.recording_id == statement_id)
    sound = select(sounds.c.recording_id).where(sounds.c.recording_id == statement_id)
    return text.scalar_subquery().label("statement"), sound.scalar_subquery().label("statement_id")


def _matching(which: ContactFilter) -> ColumnElement[bool]:
    wanted = _all_equal(
        {
            contacts.c.outcome: which.outcome,
            contacts.c.queue: which.queue,
            contacts.c.seat_id: which.seat_id,
        }
    )
    if which.arrived_from is not None:
        wanted &= contacts.c.arrived_at >= which.arrived_from
    if which.arrived_until is not None:
        wanted &= contacts.c.arrived_at < which.arrived_until
    return wanted


def _all_equal(wanted: dict[Any, str | None]) -> ColumnElement[bool]:
    return and_(true(), *(column == value for column, value in wanted.items() if value is not None))


async def _one(connection: AsyncConnection, statement: Select[Any]) -> RowMapping | None:
    rows = await connection.execute(statement)
    row: RowMapping | None = rows.mappings().one_or_none()
    return row


def _ticket_wanted(which: TicketFilter) -> ColumnElement[bool]:
    wanted = _all_equal(
        {
            tickets.c.state: which.state,
            tickets.c.contact_id: which.contact_id,
            _STANDING: which.standing,
            _CORRECTED_NATURE: which.nature,
            _CORRECTED_TOPIC: which.topic,
        }
    )
    if which.before is not None:
        wanted &= tickets.c.created_at < which.before
    if which.due_before is not None:
        wanted &= tickets.c.deadline < which.due_before
    return wanted


async def _part(
    connection: AsyncConnection, statement: Select[Any], limit: int, offset: int
) -> Sequence[RowMapping]:
    rows = await connection.execute(statement.limit(limit).offset(offset))
    part: Sequence[RowMapping] = rows.mappings().all()
    return part


async def _counts(
    connection: AsyncConnection, table: FromClause, wanted: ColumnElement[bool]
) -> tuple[int, int]:
    total = await connection.scalar(select(func.count()).select_from(table))
    filtered = await connection.scalar(select(func.count()).select_from(table).where(wanted))
    return total or 0, filtered or 0


def _fields(view: type[View], row: Mapping[str, Any] | RowMapping) -> dict[str, Any]:
    """The columns that the view has; a statement as it is read."""
    fields = {name: row[name] for name in view.model_fields if name in row}
    if fields.get("statement"):
        fields["statement"] = _dialog(fields["statement"])
    return fields


def _contact(row: RowMapping) -> ContactView:
    return ContactView(citizen=row["caller"], **_fields(ContactView, row))


def _callback(promise: Mapping[str, Any] | RowMapping, ticket_no: str | None) -> CallbackView:
    return CallbackView(
        contact_id=promise["origin_contact_id"],
        citizen=promise["caller"],
        ticket_no=ticket_no,
        **_fields(CallbackView, promise),
    )


def _newest_ticket(promise: RowMapping) -> Select[Any]:
    caller, origin = promise["caller"], promise["origin_contact_id"]
    is_his = contacts.c.caller == caller if caller else contacts.c.contact_id == origin
    is_recent = contacts.c.arrived_at >= promise["made_at"] - store.TICKET_AGE
    joined = tickets.join(contacts, contacts.c.contact_id == tickets.c.contact_id)
    return select(func.max(tickets.c.ticket_no)).select_from(joined).where(is_his, is_recent)


def _switch(row: RowMapping) -> SurgeSwitchView:
    told = row["data"]
    fields = {name: told[name] for name in SurgeSwitchView.model_fields if name in told}
    return SurgeSwitchView(seq=row["seq"], at=row["at"], new_name=LEVEL_NAMES[told["new"]], **fields)


def _dialog(content: dict[str, Any]) -> str:
    turns = Transcript.from_json(content).turns()
    return "\n".join(SPEAKERS[turn.channel] + turn.text for turn in turns)


def _event(entry: JournalEntry) -> EventView:
    return EventView(
        seq=entry.seq, id=entry.id, type=entry.type, at=entry.at, subject=entry.subject, data=entry.data
    )
