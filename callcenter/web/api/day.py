"""Today's plan (排班与预测): seats on the roster and citizens expected, hour by hour."""

from typing import Annotated

from pydantic import AfterValidator, Field

from callcenter.web.api.common import Why, audit
from callcenter.web.roles import Permission
from callcenter.web.routes import Call, Nothing, Operation, Params, operation
from callcenter.web.views.day import DayView

SEATS_MAX = 1000
HOURS = 24


def _somebody(roster: list[int]) -> list[int]:
    if not any(roster):
        raise ValueError("a roster needs a seat in at least one hour")
    return roster


class RosterBody(Params):
    """Seats in each hour of today, from 00:00 on."""

    roster: Annotated[
        list[Annotated[int, Field(ge=0, le=SEATS_MAX)]],
        Field(min_length=HOURS, max_length=HOURS),
        AfterValidator(_somebody),
    ]
    why: Why = ""


@operation("GET", "/day", may=Permission.READ_BOARD, zh="今日排班与预测", en="Today's roster and forecast")
async def get_day(call: Call[Nothing, Nothing]) -> DayView:
    """What the engine counts with: seats and citizens hour by hour, and the hours of call-backs."""
    return call.ports.day.view()


@operation("PUT", "/day/roster", may=Permission.STEER, zh="调整今日排班", en="Change today's roster")
async def change_roster(call: Call[Nothing, RosterBody]) -> DayView:
    """Somebody is ill, or more have come: what is promised follows. Tomorrow has the usual roster again."""
    await audit(call, "day.roster_changed", "day", call.body.why)
    return await call.ports.day.change_roster(call.body.roster, call.identity.name, call.body.why)


OPERATIONS: tuple[Operation, ...] = (get_day, change_roster)
