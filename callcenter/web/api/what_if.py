"""What-if (推演): ask what more or fewer seats would come to; earlier answers beside what happened."""

from dataclasses import asdict
from datetime import timedelta

from pydantic import Field

from callcenter.store.predictions import Kept
from callcenter.web.api.common import note
from callcenter.web.roles import Permission
from callcenter.web.routes import Call, Nothing, Operation, Params, operation
from callcenter.web.views import Page
from callcenter.web.views.surge import LEVEL_NAMES
from callcenter.web.views.what_if import ChangeView, OutlookView, WhatIfView
from queues.core.what_if import HOURS_MAX, SEATS_MAX, WRAP_UP_CAP_MAX_S, Change, Figures


class ChangeBody(Params):
    """What would be changed. Nothing: how it goes on."""

    cloud_seats: int = Field(0, ge=-SEATS_MAX, le=SEATS_MAX)
    seats: int = Field(0, ge=-SEATS_MAX, le=SEATS_MAX)
    hours: float = Field(1.0, gt=0, le=HOURS_MAX, allow_inf_nan=False)
    wrap_up_cap_s: float = Field(
        0.0,
        ge=0,
        le=WRAP_UP_CAP_MAX_S,
        allow_inf_nan=False,
        description="longest after-call work; 0: as it is",
    )
    level: int | None = Field(None, ge=0, lt=len(LEVEL_NAMES), description="declare this surge level")


class WhatIfQuery(Params):
    """How many."""

    limit: int = Field(20, ge=1, le=200)


@operation("POST", "/what-if", may=Permission.STEER, zh="推演", en="What would a change come to")
async def ask_what_if(call: Call[Nothing, ChangeBody]) -> WhatIfView:
    """Simulated from the live state by the same engine, within a second; it changes nothing and is kept."""
    body = call.body
    change = Change(body.cloud_seats, body.seats, body.hours, body.wrap_up_cap_s, body.level)
    await note(call, "what_if.asked", f"what-if/{_told(change)}")
    name = call.identity.name
    told = await call.ports.what_if.ask(change, name)
    return _view(Kept(told, name, told.asked_at + timedelta(seconds=told.horizon_s), None))


@operation(
    "GET",
    "/what-if",
    may=Permission.READ_BOARD,
    zh="推演记录",
    en="Predictions beside what happened, newest first",
)
async def list_what_ifs(call: Call[WhatIfQuery, Nothing]) -> Page[WhatIfView]:
    """What was predicted without and with the change; once the span is over, what happened."""
    kept = [_view(it) for it in await call.ports.what_if.newest(call.query.limit)]
    return Page.whole(kept)


def _told(change: Change) -> str:
    told = f"cloud={change.cloud_seats},seats={change.seats}"
    if change.wrap_up_cap_s:
        told += f",wrap_up={change.wrap_up_cap_s:g}"
    return told if change.level is None else f"{told},level={change.level}"


def _view(kept: Kept) -> WhatIfView:
    told = kept.prediction
    return WhatIfView(
        id=told.id,
        asked_at=told.asked_at,
        by=kept.by,
        until_at=kept.until_at,
        change=ChangeView(**asdict(told.change)),
        without=_outlook(told.without),
        with_change=_outlook(told.with_),
        spread={name: _rounded(value) for name, value in told.spread.items()},
        runs=told.runs,
        took_s=round(told.took_s, 3),
        real=None if kept.real is None else _outlook(kept.real),
        came_true=kept.came_true,
    )


def _outlook(figures: Figures) -> OutlookView:
    return OutlookView.model_validate({name: _rounded(value) for name, value in asdict(figures).items()})


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


OPERATIONS: tuple[Operation, ...] = (ask_what_if, list_what_ifs)
