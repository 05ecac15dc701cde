"""Tickets (工单)."""

from datetime import timedelta
from typing import Annotated, Literal

from pydantic import Field

from callcenter.web.api.common import Paging, Unmasking, may_unmask
from callcenter.web.ports.tickets import TicketFilter
from callcenter.web.refusals import unknown
from callcenter.web.roles import Permission
from callcenter.web.routes import PATH_IDS, Call, Nothing, Operation, Reply, operation
from callcenter.web.views import UNMASK, Page
from callcenter.web.views.ticket_work import StandingName, TicketCountsView
from callcenter.web.views.tickets import TicketSummary, TicketView

Key = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]


class TicketQuery(Paging):
    """Which tickets."""

    state: Literal["draft", "ready"] | None = None
    standing: StandingName | None = Field(None, description="how far a person is with it")
    contact_id: str | None = Field(None, pattern=f"^{PATH_IDS['contact_id']}$")
    nature: Key | None = Field(None, description="as corrected by a person, else as suggested")
    topic: Key | None = Field(None, description="as corrected by a person, else as suggested")
    late: bool = Field(False, description="only past their deadline")
    older_h: float | None = Field(None, ge=0, le=24 * 400, description="only made more hours ago")
    oldest_first: bool = False


@operation("GET", "/tickets", may=Permission.READ_TICKETS, zh="工单", en="Tickets, newest or oldest first")
async def list_tickets(call: Call[TicketQuery, Nothing]) -> Page[TicketSummary]:
    """A part of the tickets."""
    query, now = call.query, call.ports.clock.at()
    which = TicketFilter(
        state=query.state,
        contact_id=query.contact_id,
        standing=query.standing,
        nature=query.nature,
        topic=query.topic,
        before=None if query.older_h is None else now - timedelta(hours=query.older_h),
        due_before=now if query.late else None,
        oldest_first=query.oldest_first,
    )
    return await call.ports.tickets.list(which, query.limit, query.offset)


@operation(
    "GET", "/ticket-counts", may=Permission.READ_TICKETS, zh="工单数量", en="How many tickets, how old"
)
async def count_tickets(call: Call[Nothing, Nothing]) -> TicketCountsView:
    """By how far a person is with them; of the open ones also how many are late or older than a day."""
    return await call.ports.tickets.counts(call.ports.clock.at())


@operation("GET", "/tickets/{ticket_no}", may=Permission.READ_TICKETS, zh="工单详情", en="One ticket")
async def get_ticket(call: Call[Unmasking, Nothing]) -> Reply[TicketView]:
    """A ticket with its transcript and the words that led to the suggestions."""
    ticket = await call.ports.tickets.get(call.ticket_no)
    if ticket is None:
        raise unknown("ticket", call.ticket_no)
    shown = await may_unmask(call, call.query, f"ticket/{call.ticket_no}")
    return Reply(ticket, context=UNMASK if shown else None)


OPERATIONS: tuple[Operation, ...] = (list_tickets, count_tickets, get_ticket)
