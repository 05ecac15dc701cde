"""Tickets: in a list as a person corrected them."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, func, select

from callcenter.core.ids import TicketNo
from callcenter.store.database import Database
from callcenter.store.lists import all_equal, counts, part_of
from callcenter.store.schema import recordings, ticket_work, tickets, transcripts
from callcenter.tickets.core.work import Standing
from callcenter.web.ports.tickets import TicketFilter
from callcenter.web.readers.rows import dialog, fields_of, one, stated_by
from callcenter.web.views import Page
from callcenter.web.views.ticket_work import TicketCountsView
from callcenter.web.views.tickets import TicketSummary, TicketView

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


class SqlTickets:
    """The tickets (:class:`callcenter.web.ports.tickets.TicketReader`). ``topic_names``: key -> Chinese name."""

    def __init__(self, database: Database, topic_names: Mapping[str, str] | None = None):
        self._database = database
        self._topic_names = topic_names or {}

    async def get(self, ticket_no: TicketNo) -> TicketView | None:
        """One ticket with its transcript."""
        spoken = recordings.outerjoin(transcripts, transcripts.c.recording_id == recordings.c.recording_id)
        joined = _WORKED.outerjoin(spoken, recordings.c.recording_id == tickets.c.contact_id)
        told = (*_TRANSCRIPT, *stated_by(tickets.c.contact_id), _STANDING.label("standing"))
        statement = (
            select(tickets, recordings.c.recording_id, *told)
            .select_from(joined)
            .where(tickets.c.ticket_no == ticket_no)
        )
        async with self._database.reading() as connection:
            row = await one(connection, statement)
        return self._full(row) if row else None

    async def list(self, which: TicketFilter, limit: int, offset: int) -> Page[TicketSummary]:
        """Tickets, newest or oldest first."""
        wanted = _ticket_wanted(which)
        order = tickets.c.ticket_no if which.oldest_first else tickets.c.ticket_no.desc()
        statement = select(*_SUGGESTED, *_CORRECTED).select_from(_WORKED).where(wanted)
        async with self._database.reading() as connection:
            rows = await part_of(connection, statement.order_by(order), limit, offset)
            total, filtered = await counts(connection, _WORKED, wanted)
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
            row = await one(connection, select(*told).select_from(_WORKED))
        return TicketCountsView.model_validate(dict(row or {}))

    def _short(self, row: RowMapping) -> TicketSummary:
        fields = fields_of(TicketSummary, row)
        return TicketSummary(**fields, topic_name=self._topic_name(row))

    def _full(self, row: RowMapping) -> TicketView:
        return TicketView(
            **fields_of(TicketView, row),
            topic_name=self._topic_name(row),
            transcript=dialog(row["content"]) if row["content"] else None,
            recognizer=row["model"],
            is_demo_model=row["is_demo"],
        )

    def _topic_name(self, row: RowMapping) -> str | None:
        topic: str | None = row["topic"]
        return topic and self._topic_names.get(topic, topic)


_TRANSCRIPT = (transcripts.c.content, transcripts.c.model, transcripts.c.is_demo)


def _ticket_wanted(which: TicketFilter) -> ColumnElement[bool]:
    wanted = all_equal(
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
