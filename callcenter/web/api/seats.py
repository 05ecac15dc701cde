"""Asking something of a seat. What is asked during a call applies after it, and the answer says so."""

from typing import Annotated, Any

from pydantic import AfterValidator, Field

from callcenter.core.messages.seats import SeatRequest
from callcenter.web.api.common import printable
from callcenter.web.refusals import Refusal
from callcenter.web.roles import Permission
from callcenter.web.routes import Call, Nothing, Operation, Params, operation
from callcenter.web.views import SeatAnswer

RESERVED_REASONS = frozenset({"wrap_up", "rang_out"})
"""Pause reasons with a meaning of their own."""


class BreakBody(Params):
    """Why the seat goes on break."""

    reason: Annotated[str, AfterValidator(printable)] = Field(min_length=1, max_length=40)


@operation("POST", "/seats/{seat_id}/login", may=Permission.ASK_OWN_SEAT, zh="签入", en="Log a seat in")
async def login_seat(call: Call[Nothing, Nothing]) -> SeatAnswer:
    """Put the seat into its queues."""
    return await _ask(call, SeatRequest.LOGIN)


@operation("POST", "/seats/{seat_id}/ready", may=Permission.ASK_OWN_SEAT, zh="示闲", en="Make a seat ready")
async def ready_seat(call: Call[Nothing, Nothing]) -> SeatAnswer:
    """End a break or the after-call work."""
    return await _ask(call, SeatRequest.READY)


@operation(
    "POST", "/seats/{seat_id}/break", may=Permission.ASK_OWN_SEAT, zh="小休", en="Send a seat on break"
)
async def break_seat(call: Call[Nothing, BreakBody]) -> SeatAnswer:
    """Offer the seat no calls, with a reason."""
    if call.body.reason in RESERVED_REASONS:
        raise Refusal(422, "reserved_reason", "this reason has a meaning of its own; use another word")
    return await _ask(call, SeatRequest.BREAK, call.body.reason)


@operation("POST", "/seats/{seat_id}/logout", may=Permission.ASK_OWN_SEAT, zh="签出", en="Log a seat out")
async def logout_seat(call: Call[Nothing, Nothing]) -> SeatAnswer:
    """Take the seat out of its queues."""
    return await _ask(call, SeatRequest.LOGOUT)


async def _ask(call: Call[Any, Any], request: SeatRequest, reason: str = "") -> SeatAnswer:
    if not call.identity.may_ask_seat(call.seat_id):
        raise Refusal(403, "not_your_seat", "this is not your seat")
    return await call.ports.seats.ask(call.seat_id, request, reason, call.identity.name)


OPERATIONS: tuple[Operation, ...] = (login_seat, ready_seat, break_seat, logout_seat)
