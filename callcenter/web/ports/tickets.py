"""Tickets, read."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from callcenter.core.ids import TicketNo
from callcenter.web.views import Page
from callcenter.web.views.ticket_work import TicketCountsView
from callcenter.web.views.tickets import TicketSummary, TicketView


@dataclass(frozen=True, slots=True)
class TicketFilter:
    """Which tickets; ``None``: any. ``standing``: ``open``, ``answered`` or ``handed_on``.

    ``nature``, ``topic``: as corrected. ``before``, ``due_before``: made, due before that. ``oldest_first``: their order.
    """

    state: str | None = None
    contact_id: str | None = None
    standing: str | None = None
    nature: str | None = None
    topic: str | None = None
    before: datetime | None = None
    due_before: datetime | None = None
    oldest_first: bool = False


class TicketReader(Protocol):
    """Tickets."""

    async def get(self, ticket_no: TicketNo) -> TicketView | None:
        """One ticket."""

    async def list(self, which: TicketFilter, limit: int, offset: int) -> Page[TicketSummary]:
        """Tickets, newest first."""

    async def counts(self, now: datetime) -> TicketCountsView:
        """How many there are by how far a person is, and how old the open ones are."""
