"""Working on tickets: everything typed is saved at once, and nobody overwrites what he has not seen."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from callcenter.tickets.core.work import TEXT_MAX, Standing
from callcenter.web.api.common import Why, audit, paragraphs, printable
from callcenter.web.roles import Permission
from callcenter.web.routes import Call, Nothing, Operation, Params, operation
from callcenter.web.views.ticket_work import TicketWordsView, TicketWorkView, work_view

Line = Annotated[str | None, AfterValidator(lambda text: text and printable(text)), Field(max_length=200)]


class CorrectionBody(Params):
    """Fields that are named are corrected; an empty text takes a correction back. ``version``: what was seen."""

    version: int = Field(ge=0)
    nature: Line = None
    topic: Line = None
    place: Line = None
    unit: Line = None
    note: Annotated[
        str | None, AfterValidator(lambda text: text and paragraphs(text)), Field(max_length=TEXT_MAX)
    ] = None


class EndBody(Params):
    """How it ends. ``version``: what was seen."""

    version: int = Field(ge=0)
    ending: Literal["answered", "handed_on"]


class ReopenBody(Params):
    """Why it is opened again."""

    version: int = Field(ge=0)
    why: Why = ""


@operation("GET", "/ticket-words", may=Permission.READ_TICKETS, zh="工单用词", en="What a ticket can be")
async def get_ticket_words(call: Call[Nothing, Nothing]) -> TicketWordsView:
    """Natures and topics for the form."""
    words = call.ports.ticket_desk.words()
    return TicketWordsView(natures=dict(words["natures"]), topics=dict(words["topics"]))


@operation(
    "GET",
    "/tickets/{ticket_no}/work",
    may=Permission.READ_TICKETS,
    zh="工单办理情况",
    en="What a person made of a ticket",
)
async def get_ticket_work(call: Call[Nothing, Nothing]) -> TicketWorkView:
    """Corrections beside the suggestions, how far it is, and the version to send back with a change."""
    return work_view(await call.ports.ticket_desk.read(call.ticket_no))


@operation(
    "PATCH",
    "/tickets/{ticket_no}",
    may=Permission.WORK_TICKETS,
    zh="修改工单",
    en="Correct a ticket",
    statuses=(409,),
)
async def correct_ticket(call: Call[Nothing, CorrectionBody]) -> TicketWorkView:
    """Corrections stand beside the suggestions, which stay."""
    changes = call.body.model_dump(exclude_unset=True, exclude={"version"})
    name = call.identity.name
    return work_view(await call.ports.ticket_desk.correct(call.ticket_no, changes, call.body.version, name))


@operation(
    "POST",
    "/tickets/{ticket_no}/end",
    may=Permission.WORK_TICKETS,
    zh="办结或转办",
    en="Answer a ticket on the spot, or hand it on",
    statuses=(409,),
)
async def end_ticket(call: Call[Nothing, EndBody]) -> TicketWorkView:
    """It needs a nature and a topic; to be handed on, a unit as well."""
    ending, name = Standing(call.body.ending), call.identity.name
    return work_view(await call.ports.ticket_desk.end(call.ticket_no, ending, call.body.version, name))


@operation(
    "POST",
    "/tickets/{ticket_no}/reopen",
    may=Permission.WORK_TICKETS,
    zh="重新打开工单",
    en="Open an ended ticket again",
    statuses=(409,),
)
async def reopen_ticket(call: Call[Nothing, ReopenBody]) -> TicketWorkView:
    """It had not ended after all; audited."""
    await audit(call, "ticket.reopened", f"ticket/{call.ticket_no}", call.body.why)
    name = call.identity.name
    return work_view(await call.ports.ticket_desk.reopen(call.ticket_no, call.body.version, name))


OPERATIONS: tuple[Operation, ...] = (
    get_ticket_words,
    get_ticket_work,
    correct_ticket,
    end_ticket,
    reopen_ticket,
)
