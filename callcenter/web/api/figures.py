"""The indicators (指标): each with its formula, numerator, denominator, window, gaps and time of counting."""

from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import Field

from callcenter.reports.core.quarters import HOURS_MAX
from callcenter.web.roles import Permission
from callcenter.web.routes import Call, Nothing, Operation, Params, operation
from callcenter.web.views.figures import (
    FiguresView,
    HoursView,
    QuartersView,
    figures_view,
    hours_view,
    quarters_view,
)


class FiguresQuery(Params):
    """Which window."""

    window: str = Field(
        "today",
        max_length=100,
        description="15min, today, 7d (today and the six days before), a day such as 2026-11-21, or from..until as "
        "days or ISO 8601 times; without an offset they are the city's; at most 400 days",
    )


class HoursQuery(Params):
    """Which day of the city's calendar; none: today."""

    day: date | None = None


class QuartersQuery(Params):
    """How far back."""

    hours: int = Field(4, ge=1, le=HOURS_MAX)


@operation("GET", "/figures", may=Permission.READ_BOARD, zh="指标", en="The figures of a window")
async def get_figures(call: Call[FiguresQuery, Nothing]) -> FiguresView:
    """Counted a moment ago at most, see ``as_of``; boards may ask every few seconds."""
    return figures_view(await call.ports.figures.report(call.query.window), _zone(call))


@operation(
    "GET", "/figures/hours", may=Permission.READ_BOARD, zh="分时来电", en="A day's arrivals hour by hour"
)
async def get_hours(call: Call[HoursQuery, Nothing]) -> HoursView:
    """For pictures: attempts, person requests and how they ended, by the hour in which they arrived."""
    return hours_view(await call.ports.figures.by_hour(call.query.day), _zone(call))


@operation(
    "GET",
    "/figures/quarters",
    may=Permission.READ_BOARD,
    zh="分刻来电",
    en="The last hours quarter by quarter",
)
async def get_quarters(call: Call[QuartersQuery, Nothing]) -> QuartersView:
    """For pictures: who came, how it ended, and who was in line at the end of each quarter."""
    return quarters_view(await call.ports.figures.by_quarter(call.query.hours), _zone(call))


def _zone(call: Call[Any, Nothing]) -> ZoneInfo:
    return ZoneInfo(call.services.settings.time_zone)


OPERATIONS: tuple[Operation, ...] = (get_figures, get_hours, get_quarters)
