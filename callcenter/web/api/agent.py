"""An agent's own call and day: what the words heard propose for its ticket, and the own figures without a rank."""

from callcenter.web.agent_ports import SeatDayView, SuggestionsView
from callcenter.web.refusals import Refusal
from callcenter.web.roles import Permission
from callcenter.web.routes import Call, Nothing, Operation, operation


@operation(
    "GET",
    "/tickets/{ticket_no}/suggestions",
    may=Permission.WORK_TICKETS,
    zh="填单建议",
    en="What the words heard so far propose for a ticket",
)
async def get_suggestions(call: Call[Nothing, Nothing]) -> SuggestionsView:
    """Live captions count for the seat in the talk alone; ask again when something was said."""
    return await call.ports.suggestions.of(call.ticket_no, call.identity.seat_id)


@operation(
    "GET",
    "/seats/{seat_id}/day",
    may=Permission.ASK_OWN_SEAT,
    zh="个人当日",
    en="The own figures of the day",
)
async def get_seat_day(call: Call[Nothing, Nothing]) -> SeatDayView:
    """Own values beside the middle of the house; the own seat only, whoever asks."""
    if call.identity.seat_id != call.seat_id:
        raise Refusal(403, "not_your_seat", "these figures are for the agent of this seat alone")
    return await call.ports.seat_days.of(call.seat_id)


OPERATIONS: tuple[Operation, ...] = (get_suggestions, get_seat_day)
