"""Tickets (工单)."""

from typing import Literal

from pydantic import Field

from callcenter.web.api.common import Paging, Unmasking, may_unmask
from callcenter.web.ports import TicketFilter
from callcenter.web.refusals import unknown
from callcenter.web.roles import Permission
from callcenter.web.routes import PATH_IDS, Call, Nothing, Operation, Reply, operation
from callcenter.web.ticket_views import StandingName
from callcenter.web.views import UNMASK, Page, TicketSummary, TicketView


class TicketQuery(Paging):
    """Which tickets."""

    state: Literal["draft", "ready"] | None = None
    standing: StandingName | None = Field(None, description="how far a person is with it")
    contact_id: str | None = Field(None, pattern=f"^{PATH_IDS['contact_id']}$")


@operation("GET", "/tickets", may=Permission.READ_TICKETS, zh="工单", en="Tickets, newest first")
async def list_tickets(call: Call[TicketQuery, Nothing]) -> Page[TicketSummary]:
    """A part of the tickets."""
    query = call.query
    return await call.ports.tickets.list(
        TicketFilter(query.state, query.contact_id, query.standing), query.limit, query.offset
    )


@operation("GET", "/tickets/{ticket_no}", may=Permission.READ_TICKETS, zh="工单详情", en="One ticket")
async def get_ticket(call: Call[Unmasking, Nothing]) -> Reply[TicketView]:
    """A ticket with its transcript and the words that led to the suggestions."""
    ticket = await call.ports.tickets.get(call.ticket_no)
    if ticket is None:
        raise unknown("ticket", call.ticket_no)
    shown = await may_unmask(call, call.query, f"ticket/{call.ticket_no}")
    return Reply(ticket, context=UNMASK if shown else None)


OPERATIONS: tuple[Operation, ...] = (list_tickets, get_ticket)
