"""The phone of the own seat: how the page becomes it, and how good its line is. Nobody is told of another's."""

from callcenter.web.api.common import note, require_own
from callcenter.web.hosts import host_of
from callcenter.web.roles import Permission
from callcenter.web.routes import Call, Nothing, Operation, operation
from callcenter.web.views.phones import LineCheckView, PhoneView


@operation("GET", "/seats/{seat_id}/phone", may=Permission.ASK_OWN_SEAT, zh="本席话机", en="The own phone")
async def get_phone(call: Call[Nothing, Nothing]) -> PhoneView:
    """What a page needs to be the phone of this seat; of the own seat only, whatever the role."""
    require_own(call)
    await note(call, "seat.phone_told", f"seat/{call.seat_id}")
    return call.ports.phones.view(call.seat_id, host_of(call.request))


@operation(
    "POST",
    "/seats/{seat_id}/line-check",
    may=Permission.ASK_OWN_SEAT,
    zh="线路检测",
    en="Check the own line",
    keeps_answer=False,
)
async def check_line(call: Call[Nothing, Nothing]) -> LineCheckView:
    """The phone rings and whoever answers hears himself; a page answers by itself. Takes 10 to 30 seconds."""
    require_own(call)
    await note(call, "seat.line_checked", f"seat/{call.seat_id}")
    return await call.ports.phones.check(call.seat_id, call.identity.name)


OPERATIONS: tuple[Operation, ...] = (get_phone, check_line)
