"""Tickets (工单) in SQL.

Invariants: at most one ticket per contact and purpose; numbers of a day count from 1 without holes, whatever
runs at the same time; a ready ticket says what is missing and is not filled again by the machine.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import RowMapping, Select, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from callcenter.core.errors import OurError
from callcenter.core.ids import ContactId, QueueName, RecordingId, SeatId, TicketNo
from callcenter.core.masking import mask_number
from callcenter.store import counters
from callcenter.store.schema import contacts, jobs, recordings, tickets, transcripts
from callcenter.store.unit import Unit
from callcenter.tickets import work
from callcenter.tickets.catalog import Catalog
from callcenter.tickets.core.draft import Facts, Filling, Problem, TicketState, TranscriptState, fill
from callcenter.tickets.core.proposal import due
from recordings.core.names import recording_of, statement_of
from recordings.store import transcription_key

CALL: Final = "call"
"""The purpose of a ticket about a talk, or about what was stated while waiting for one."""
MESSAGE: Final = "message"
"""The purpose of a ticket about a voice message."""


@dataclass(frozen=True, slots=True)
class Ticket:
    """One ticket. ``citizen``: the whole number, for who works on it; lists show ``listed`` instead.

    ``place``: as the citizen named it, ``None``: not known; ``deadline``: the last second of the day on which it is due, by
    the norm of its nature.
    """

    ticket_no: TicketNo
    contact_id: ContactId
    purpose: str
    state: TicketState
    citizen: str
    seat_id: SeatId | None
    queue: QueueName | None
    nature: str | None
    nature_words: tuple[str, ...]
    topic: str | None
    topic_words: tuple[str, ...]
    place: str | None
    deadline: datetime | None
    transcript_state: TranscriptState
    problems: tuple[Problem, ...]
    created_at: datetime
    completed_at: datetime | None

    def listed(self) -> dict[str, Any]:
        """The ticket as JSON for lists and logs of events: the number masked."""
        return {
            "ticket_no": self.ticket_no,
            "contact_id": self.contact_id,
            "purpose": self.purpose,
            "state": self.state.value,
            "citizen": mask_number(self.citizen),
            "seat_id": self.seat_id,
            "queue": self.queue,
            "nature": self.nature,
            "nature_words": list(self.nature_words),
            "topic": self.topic,
            "topic_words": list(self.topic_words),
            "deadline": self.deadline.isoformat() if self.deadline else None,
            "transcript_state": self.transcript_state.value,
            "problems": [problem.value for problem in self.problems],
            "created_at": self.created_at.isoformat(),
            "completed_at": self.completed_at.isoformat() if self.completed_at else None,
        }


async def draft(
    unit: Unit, contact_id: ContactId, at: datetime, zone: ZoneInfo, purpose: str = CALL
) -> Ticket:
    """Open the draft of a contact, or find the one that is there. ``zone``: whose calendar day numbers it.

    Raises:
        OurError: the contact has no row.
    """
    day = at.astimezone(zone).strftime("%Y%m%d")
    counter = f"ticket:{day}"
    await counters.take(unit, counter, 0)  # locks: who comes second sees the first one's ticket
    known = await of_contact(unit.connection, contact_id, purpose)
    if known is not None:
        return known
    contact = await _contact_row(unit.connection, contact_id)
    ticket_no = TicketNo(f"{day}-{await counters.take(unit, counter, 1):06d}")
    await unit.connection.execute(insert(tickets).values(_new(ticket_no, contact, purpose, at)))
    return await get(unit.connection, ticket_no)


async def complete(
    unit: Unit, contact_id: ContactId, at: datetime, catalog: Catalog, zone: ZoneInfo, purpose: str = CALL
) -> Ticket | None:
    """Fill the draft from what is known by now; again and again, until it is ready. ``None``: no draft.

    ``zone``: whose calendar days count until it is due.
    """
    ticket = await of_contact(unit.connection, contact_id, purpose)
    if ticket is None or ticket.state is TicketState.READY:
        return ticket
    contact = await _contact_row(unit.connection, contact_id)
    facts = await _facts(unit.connection, contact)
    filling = fill(facts, catalog.natures, catalog.topics, catalog.places, catalog.workdays)
    corrected = (await work.of_ticket(unit.connection, ticket.ticket_no)).nature
    wanted = due(corrected or filling.nature.category, ticket.created_at, catalog.workdays, zone)
    changes = _changes(contact, filling, at) | {"deadline": wanted.at if wanted else None}
    await unit.connection.execute(
        update(tickets).where(tickets.c.ticket_no == ticket.ticket_no).values(changes)
    )
    return await get(unit.connection, ticket.ticket_no)


async def get(connection: AsyncConnection, ticket_no: TicketNo) -> Ticket:
    """One ticket.

    Raises:
        OurError: there is none.
    """
    found = await find(connection, ticket_no)
    if found is None:
        raise OurError(f"no ticket {ticket_no}", code="no_ticket")
    return found


async def find(connection: AsyncConnection, ticket_no: TicketNo) -> Ticket | None:
    """One ticket, if there is one."""
    found = await _all(connection, select(tickets).where(tickets.c.ticket_no == ticket_no))
    return found[0] if found else None


async def of_contact(
    connection: AsyncConnection, contact_id: ContactId, purpose: str = CALL
) -> Ticket | None:
    """The ticket of a contact."""
    condition = (tickets.c.contact_id == contact_id) & (tickets.c.purpose == purpose)
    found = await _all(connection, select(tickets).where(condition))
    return found[0] if found else None


async def newest(
    connection: AsyncConnection, limit: int = 100, before: TicketNo | None = None
) -> list[Ticket]:
    """The last tickets, newest first."""
    statement = select(tickets).order_by(tickets.c.ticket_no.desc()).limit(limit)
    if before is not None:
        statement = statement.where(tickets.c.ticket_no < before)
    return await _all(connection, statement)


async def facts_of(connection: AsyncConnection, contact_id: ContactId) -> Facts:
    """What is known of a contact by now: whether it has ended, what was recorded, what its citizen said.

    Raises:
        OurError: the contact has no row.
    """
    return await _facts(connection, await _contact_row(connection, contact_id))


async def set_deadline(unit: Unit, ticket_no: TicketNo, due_at: datetime | None) -> None:
    """The ticket is due then: a person has said of which nature it is."""
    await unit.connection.execute(
        update(tickets).where(tickets.c.ticket_no == ticket_no).values(deadline=due_at)
    )


async def unfinished(connection: AsyncConnection) -> list[Ticket]:
    """Drafts of contacts that have ended: what a starting controller completes."""
    statement = (
        select(tickets)
        .join(contacts, contacts.c.contact_id == tickets.c.contact_id)
        .where(tickets.c.state == TicketState.DRAFT.value, contacts.c.outcome.is_not(None))
        .order_by(tickets.c.ticket_no)
    )
    return await _all(connection, statement)


def _new(ticket_no: TicketNo, contact: RowMapping, purpose: str, at: datetime) -> dict[str, Any]:
    return {
        "ticket_no": ticket_no,
        "contact_id": contact["contact_id"],
        "purpose": purpose,
        "state": TicketState.DRAFT.value,
        "citizen": contact["caller"],
        "seat_id": contact["seat_id"],
        "queue": contact["queue"],
        "nature_words": [],
        "topic_words": [],
        "transcript_state": TranscriptState.PENDING.value,
        "problems": [],
        "created_at": at,
    }


def _changes(contact: RowMapping, filling: Filling, at: datetime) -> dict[str, Any]:
    return {
        "state": filling.state.value,
        "citizen": contact["caller"],
        "seat_id": contact["seat_id"],
        "queue": contact["queue"],
        "nature": filling.nature.category,
        "nature_words": list(filling.nature.words),
        "topic": filling.topic.category,
        "topic_words": list(filling.topic.words),
        "place": filling.place,
        "transcript_state": filling.transcript_state.value,
        "problems": [problem.value for problem in filling.problems],
        "completed_at": at if filling.state is TicketState.READY else None,
    }


async def _facts(connection: AsyncConnection, contact: RowMapping) -> Facts:
    """Who talked to nobody and left no message is known by what he stated while he waited."""
    caller, has_ended = contact["caller"], contact["outcome"] is not None
    spoken = await _spoken(connection, recording_of(contact["contact_id"]))
    stated = await _spoken(connection, statement_of(contact["contact_id"]))
    if spoken is None and stated is not None and contact["answered_at"] is None:
        spoken, stated = stated, None
    text, by_demo = (stated["citizen_text"], bool(stated["is_demo"])) if stated else (None, False)
    if spoken is None:
        return Facts(caller, has_ended, is_demo=by_demo, stated_text=text)
    return Facts(
        caller,
        has_ended,
        spoken["state"],
        spoken["short_by_s"] or 0.0,
        spoken["job_state"],
        spoken["citizen_text"],
        bool(spoken["is_demo"]) or by_demo,
        text,
    )


async def _spoken(connection: AsyncConnection, recording_id: RecordingId) -> RowMapping | None:
    """A recording, what was understood of it, and how far that is."""
    key = transcription_key(recording_id)
    joined = recordings.outerjoin(
        transcripts, transcripts.c.recording_id == recordings.c.recording_id
    ).outerjoin(jobs, jobs.c.dedupe_key == key)
    its = (transcripts.c.citizen_text, transcripts.c.is_demo, jobs.c.state.label("job_state"))
    statement = select(recordings.c.state, recordings.c.short_by_s, *its).select_from(joined)
    rows = await connection.execute(statement.where(recordings.c.recording_id == recording_id))
    return rows.mappings().one_or_none()


async def _contact_row(connection: AsyncConnection, contact_id: ContactId) -> RowMapping:
    rows = await connection.execute(select(contacts).where(contacts.c.contact_id == contact_id))
    row = rows.mappings().one_or_none()
    if row is None:
        raise OurError(f"contact {contact_id} has no row", code="no_contact")
    return row


async def _all(connection: AsyncConnection, statement: Select[Any]) -> list[Ticket]:
    rows = await connection.execute(statement)
    return [_ticket(row) for row in rows.mappings()]


def _ticket(row: RowMapping) -> Ticket:
    fields: dict[str, Any] = dict(row)
    fields["state"] = TicketState(row["state"])
    fields["transcript_state"] = TranscriptState(row["transcript_state"])
    fields["nature_words"] = tuple(row["nature_words"])
    fields["topic_words"] = tuple(row["topic_words"])
    fields["problems"] = tuple(map(Problem, row["problems"]))
    return Ticket(**fields)
