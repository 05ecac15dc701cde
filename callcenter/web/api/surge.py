"""The surge level (高峰级别): what holds and why, setting it by hand, undoing, the log of switches."""

from typing import Annotated

from pydantic import Field, Strict

from callcenter.web.api.common import Why, WhyBody, audit
from callcenter.web.roles import Permission
from callcenter.web.routes import Call, Nothing, Operation, Params, operation
from callcenter.web.views import Page
from callcenter.web.views.surge import Level, SurgeSwitchView, SurgeView


class LevelBody(Params):
    """The level to hold. ``null``: the figures decide again."""

    level: Annotated[Level, Strict()] | None
    why: Why = ""


class SwitchQuery(Params):
    """How many."""

    limit: int = Field(50, ge=1, le=500)


@operation("GET", "/surge", may=Permission.READ_BOARD, zh="高峰状态", en="The surge right now")
async def get_surge(call: Call[Nothing, Nothing]) -> SurgeView:
    """The level, what it allows, the figures behind it, an open proposal, and what we owe."""
    return call.ports.surge.view()


@operation(
    "POST",
    "/surge",
    may=Permission.STEER,
    zh="宣布或解除高峰级别",
    en="Declare a surge level, or hand it back",
)
async def set_surge(call: Call[Nothing, LevelBody]) -> SurgeView:
    """Hold a level until it is handed back, or let the figures decide; either answers an open proposal."""
    level, why = call.body.level, call.body.why
    await audit(call, "surge.level_asked", "surge/auto" if level is None else f"surge/{level}", why)
    await call.ports.surge.ask(level, False, call.identity.name, why)
    return call.ports.surge.view()


@operation("POST", "/surge/undo", may=Permission.STEER, zh="撤销级别切换", en="Undo the last switch")
async def undo_surge(call: Call[Nothing, WhyBody]) -> SurgeView:
    """Back to what held before the last switch."""
    await audit(call, "surge.undo_asked", "surge", call.body.why)
    await call.ports.surge.ask(None, True, call.identity.name, call.body.why)
    return call.ports.surge.view()


@operation(
    "GET",
    "/surge/switches",
    may=Permission.READ_BOARD,
    zh="级别切换记录",
    en="Switches of the level, newest first",
)
async def list_surge_switches(call: Call[SwitchQuery, Nothing]) -> Page[SurgeSwitchView]:
    """Who, when, why, and the figures of that moment."""
    switches = await call.ports.surge.switches(call.query.limit)
    return Page.whole(switches)


OPERATIONS: tuple[Operation, ...] = (get_surge, set_surge, undo_surge, list_surge_switches)
