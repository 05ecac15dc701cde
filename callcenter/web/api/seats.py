"""Asking something of a seat, and caring for it. What is asked during a call applies after it, and the answer says so."""

from typing import Annotated, Any

from pydantic import AfterValidator, Field

from callcenter.core.ids import QueueName
from callcenter.core.messages.seats import SeatRequest
from callcenter.web.api.common import Why, WhyBody, note, printable, require_may_ask
from callcenter.web.refusals import Refusal
from callcenter.web.roles import Permission
from callcenter.web.routes import PATH_IDS, Call, Nothing, Operation, Params, operation
from callcenter.web.views.seats import RestAnswer, SeatAnswer, SkillsAnswer

RESERVED_REASONS = frozenset({"wrap_up", "rang_out", "rejected", "rest", "callback", "surveys", "helping"})
"""Pause reasons with a meaning of their own."""

SKILLS_MAX = 20
"""Queues that one seat may be assigned to."""


class BreakBody(Params):
    """Why the seat goes on break."""

    reason: Annotated[str, AfterValidator(printable)] = Field(min_length=1, max_length=40)


class SkillsBody(Params):
    """The queues that ring the seat first; none: all alike."""

    skills: list[Annotated[str, Field(pattern=f"^{PATH_IDS['queue']}$")]] = Field(max_length=SKILLS_MAX)
    why: Why = ""


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


@operation(
    "POST",
    "/seats/{seat_id}/abuse",
    may=Permission.ASK_OWN_SEAT,
    zh="辱骂后休息",
    en="Let a seat rest after abuse",
)
async def report_abuse(call: Call[Nothing, WhyBody]) -> RestAnswer:
    """The citizen on the line, or the last one, was abusive."""
    require_may_ask(call, call.seat_id)
    await note(call, "seat.abuse_reported", f"seat/{call.seat_id}", call.body.why)
    return await call.ports.care.rest(call.seat_id, call.identity.name)


@operation(
    "PUT", "/seats/{seat_id}/skills", may=Permission.ASK_ANY_SEAT, zh="技能组", en="Assign skill groups"
)
async def assign_skills(call: Call[Nothing, SkillsBody]) -> SkillsAnswer:
    """A preference, never a wall: any free seat still helps any queue when nobody else is free."""
    skills = [QueueName(skill) for skill in dict.fromkeys(call.body.skills)]
    await note(call, "seat.skills_assigned", f"seat/{call.seat_id}", call.body.why)
    return await call.ports.care.assign_skills(call.seat_id, skills, call.identity.name)


async def _ask(call: Call[Any, Any], request: SeatRequest, reason: str = "") -> SeatAnswer:
    require_may_ask(call, call.seat_id)
    return await call.ports.seats.ask(call.seat_id, request, reason, call.identity.name)


OPERATIONS: tuple[Operation, ...] = (
    login_seat,
    ready_seat,
    break_seat,
    logout_seat,
    report_abuse,
    assign_skills,
)
