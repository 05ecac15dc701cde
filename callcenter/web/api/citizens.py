"""Citizens' matters: the outbox (发件箱), satisfaction (满意度), PINs of tickets (查询码)."""

from typing import Literal
from zoneinfo import ZoneInfo

from pydantic import Field

from callcenter.core.ids import SeatId
from callcenter.web.api.common import WHOLE_MAX, note
from callcenter.web.refusals import Refusal
from callcenter.web.roles import Permission
from callcenter.web.routes import Call, Nothing, Operation, Params, operation
from callcenter.web.views.citizens import (
    OutboxView,
    PinView,
    RatingsBySeatView,
    RatingsView,
    RetryView,
    message_view,
    ratings_view,
    seats_view,
)


class OutboxQuery(Params):
    """Which messages."""

    state: Literal["waiting", "sent", "failed"] | None = None
    limit: int = Field(50, ge=1, le=500)


class RetryBody(Params):
    """Which message."""

    id: int = Field(ge=1, le=WHOLE_MAX)


class RatingQuery(Params):
    """Which window."""

    window: str = Field("today", max_length=100, description="as of GET /figures")


@operation(
    "GET", "/outbox", may=Permission.READ_CONTACTS, zh="发件箱", en="Short messages to citizens, newest first"
)
async def list_messages(call: Call[OutboxQuery, Nothing]) -> OutboxView:
    """What waits, was sent or failed; never what it says."""
    desk, query = call.ports.outbox, call.query
    entries = await desk.list(query.state or "", query.limit)
    return OutboxView(
        gateway=desk.gateway,
        trouble=desk.trouble,
        waiting=await desk.waiting(),
        items=[message_view(entry) for entry in entries],
    )


@operation(
    "POST",
    "/outbox/retry",
    may=Permission.STEER,
    zh="重发短信",
    en="Try a failed message again",
    statuses=(404,),
)
async def retry_message(call: Call[Nothing, RetryBody]) -> RetryView:
    """With all its tries; as long as what it says is still known."""
    await note(call, "message.retried", f"outbox/{call.body.id}")
    await call.ports.outbox.retry(call.body.id)
    return RetryView(id=call.body.id)


@operation("GET", "/ratings", may=Permission.READ_BOARD, zh="满意度", en="What citizens said of their talks")
async def get_ratings(call: Call[RatingQuery, Nothing]) -> RatingsView:
    """By the time of the calls; with response rate, default-good share and interval."""
    return ratings_view(*await call.ports.ratings.talks(call.query.window), _zone(call))


@operation(
    "GET", "/ratings/seats", may=Permission.READ_QUALITY, zh="各坐席满意度", en="The same by seat, unranked"
)
async def get_seat_ratings(call: Call[RatingQuery, Nothing]) -> RatingsBySeatView:
    """In the order of the seats' numbers."""
    return seats_view(*await call.ports.ratings.talks(call.query.window), _zone(call))


@operation(
    "POST",
    "/tickets/{ticket_no}/pin",
    may=Permission.ASK_OWN_SEAT,
    zh="新查询码",
    en="A new PIN for a ticket, shown once",
    keeps_answer=False,
)
async def make_pin(call: Call[Nothing, Nothing]) -> PinView:
    """For the citizen who asks for it, told by the agent; agents get it for tickets of their own seat."""
    seat_id = await call.ports.pins.seat_of(call.ticket_no)
    if not call.identity.may_ask_seat(SeatId(seat_id or "")):
        raise Refusal(403, "not_your_seat", "this ticket is another seat's")
    await note(call, "ticket.pin_told", f"ticket/{call.ticket_no}")
    return PinView(ticket_no=call.ticket_no, pin=await call.ports.pins.replace(call.ticket_no))


def _zone(call: Call[RatingQuery, Nothing]) -> ZoneInfo:
    return ZoneInfo(call.services.settings.time_zone)


OPERATIONS: tuple[Operation, ...] = (list_messages, retry_message, get_ratings, get_seat_ratings, make_pin)
