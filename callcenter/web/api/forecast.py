"""Days ahead: citizens expected hour by hour (话务预测), and the seats they need by Erlang-A (排班测算)."""

from datetime import date

from pydantic import Field

from callcenter.foresight import DAYS_MAX, DayAhead
from callcenter.web.roles import Permission
from callcenter.web.routes import Call, Nothing, Operation, Params, operation
from callcenter.web.views.forecast import (
    AccuracyView,
    ExpectedCitizensView,
    ForecastDayView,
    ForecastView,
    StaffedHourView,
    StaffingView,
)
from queues.core.demand import ACCURACY_FORMULA, Expected
from queues.core.staffing import HOUR_S, Goal


class ForecastQuery(Params):
    """Which days. ``day`` empty: today."""

    day: date | None = None
    days: int = Field(1, ge=1, le=DAYS_MAX)


class StaffingQuery(Params):
    """Which day, and what is to be reached: so many of the calls answered within so many seconds."""

    day: date | None = None
    target: float = Field(0.9, gt=0, lt=1)
    within_s: float = Field(15.0, ge=0, le=HOUR_S)
    abandoned_max: float = Field(1.0, gt=0, le=1, description="at most such a share gives up")
    shrinkage: float = Field(0.0, ge=0, le=0.9, description="share of rostered time not worked at the seat")


@operation("GET", "/forecast", may=Permission.READ_BOARD, zh="话务预测", en="Citizens expected, hour by hour")
async def get_forecast(call: Call[ForecastQuery, Nothing]) -> ForecastView:
    """From own days of the same kind, with a range; holidays and shifted workdays have their own kind."""
    ahead, told = await call.ports.forecast.forecast(call.query.day, call.query.days)
    accuracy = AccuracyView(
        formula=ACCURACY_FORMULA,
        value=None if told.value is None else round(told.value, 4),
        numerator=round(told.numerator, 1),
        denominator=told.denominator,
        days=told.days,
    )
    return ForecastView(days=[_day(day) for day in ahead], accuracy=accuracy)


@operation(
    "GET", "/staffing", may=Permission.READ_BOARD, zh="排班测算", en="Seats that each hour of a day needs"
)
async def get_staffing(call: Call[StaffingQuery, Nothing]) -> StaffingView:
    """By Erlang-A from the forecast, the usual handling and patience; beside it what the planned seats will reach."""
    asked = call.query
    goal = Goal(asked.target, asked.within_s, asked.abandoned_max, asked.shrinkage)
    found = await call.ports.forecast.staffing(asked.day, goal)
    hours = [
        StaffedHourView(
            hour=it.hour,
            citizens=round(it.calls, 1),
            erlang=round(it.erlang, 2),
            needed=it.needed,
            planned=it.planned,
            within_share=round(it.expected.within_share, 4),
            abandoned_share=round(it.expected.abandoned_share, 4),
            occupancy=round(it.expected.occupancy, 4),
        )
        for it in found.hours
    ]
    return StaffingView(
        day=_day(found.day),
        target=goal.share,
        within_s=goal.within_s,
        abandoned_max=goal.abandoned_max,
        shrinkage=goal.shrinkage,
        handling_s=round(found.handling_s, 1),
        patience_s=round(found.patience_s, 1),
        seat_hours_needed=sum(it.needed for it in found.hours),
        seat_hours_planned=sum(it.planned for it in found.hours),
        hours=hours,
    )


def _day(ahead: DayAhead) -> ForecastDayView:
    told = ahead.demand
    return ForecastDayView(
        day=told.day,
        kind=ahead.kind.kind.value,
        kind_name=ahead.kind.name,
        is_covered=ahead.is_covered,
        basis="history" if told.days else "settings",
        days=told.days,
        weekly_trend=round(told.weekly, 4),
        citizens=_expected(told.whole),
        hours=[_expected(hour) for hour in told.hours],
    )


def _expected(told: Expected) -> ExpectedCitizensView:
    return ExpectedCitizensView(
        low=round(told.low, 1), expected=round(told.expected, 1), high=round(told.high, 1)
    )


OPERATIONS: tuple[Operation, ...] = (get_forecast, get_staffing)
