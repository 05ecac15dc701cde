"""Call days (接话日): a guest answers at a seat for some hours, and what is to be followed up afterwards."""

from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, Field

from callcenter.core.ids import SeatId
from callcenter.web.api.common import Unmasking, may_unmask, note, printable
from callcenter.web.roles import Permission
from callcenter.web.routes import PATH_IDS, Call, Nothing, Operation, Params, Reply, operation
from callcenter.web.views import UNMASK, Page
from callcenter.web.views.guests import FollowUpsView, GuestDayView

Name = Annotated[str, AfterValidator(printable), Field(min_length=1, max_length=40)]
Seat = Annotated[str, Field(pattern=f"^{PATH_IDS['seat_id']}$")]


class GuestBody(Params):
    """Who answers where and when, and who sits beside."""

    name: Name
    title: Annotated[str, AfterValidator(printable), Field(max_length=40)] = ""
    seat_id: Seat
    helper_seat_id: Seat | None = None
    from_at: AwareDatetime
    to_at: AwareDatetime


class GuestDaysQuery(Params):
    """How many."""

    limit: int = Field(20, ge=1, le=200)


@operation("GET", "/guests", may=Permission.READ_BOARD, zh="接话日", en="Call days, newest first")
async def list_guest_days(call: Call[GuestDaysQuery, Nothing]) -> Page[GuestDayView]:
    """Each with the guest's own record: calls, talk, tickets, promises, grades."""
    days = list(await call.ports.guests.newest(call.query.limit))
    return Page.whole(days)


@operation(
    "POST", "/guests", may=Permission.STEER, zh="开放接话日", en="Open a call day", statuses=(400, 404, 409)
)
async def open_guest_day(call: Call[Nothing, GuestBody]) -> GuestDayView:
    """Calls answered at the seat meanwhile are the guest's; the helper's phone joins each of them, heard by the guest alone."""
    body = call.body
    await note(call, "guest.opened", f"seat/{body.seat_id}", f"{body.title}{body.name}")
    helper = SeatId(body.helper_seat_id) if body.helper_seat_id else None
    return await call.ports.guests.open(
        body.name, body.title, SeatId(body.seat_id), helper, body.from_at, body.to_at, call.identity.name
    )


@operation(
    "DELETE",
    "/guests/{guest_day}",
    may=Permission.STEER,
    zh="结束接话日",
    en="Close a call day",
    statuses=(404, 409),
)
async def close_guest_day(call: Call[Nothing, Nothing]) -> GuestDayView:
    """Before its end; a running call goes on and stays the guest's."""
    day_id = int(call.request.match_info["guest_day"])
    await note(call, "guest.closed", f"guest_day/{day_id}")
    return await call.ports.guests.close(day_id, call.identity.name)


@operation(
    "GET",
    "/guests/{guest_day}/follow-ups",
    may=Permission.READ_TICKETS,
    zh="接话日跟踪清单",
    en="The tickets of a call day",
    statuses=(404,),
)
async def guest_follow_ups(call: Call[Unmasking, Nothing]) -> Reply[FollowUpsView]:
    """State, deadline and department of each; ``unmask=1`` with a reason shows the citizens' numbers and is audited."""
    day_id = int(call.request.match_info["guest_day"])
    shows = await may_unmask(call, call.query, f"guest_day/{day_id}")
    return Reply(await call.ports.guests.follow_ups(day_id), context=UNMASK if shows else None)


OPERATIONS: tuple[Operation, ...] = (list_guest_days, open_guest_day, close_guest_day, guest_follow_ups)
