"""What the outside sees of days ahead: citizens expected (话务预测), and the seats they need (排班测算)."""

from datetime import date
from typing import Literal

from pydantic import Field

from callcenter.web.views import View

DayKindName = Literal["workday", "weekend", "holiday", "shifted_workday"]


class ExpectedCitizensView(View):
    """Citizens expected; eight of ten days lie from low to high."""

    low: float = Field(ge=0, description="P10")
    expected: float = Field(ge=0)
    high: float = Field(ge=0, description="P90")


class ForecastDayView(View):
    """A day's forecast."""

    day: date
    kind: DayKindName
    kind_name: str = Field(description="the holiday's name, else 工作日, 周末, 调休上班")
    is_covered: bool = Field(
        description="the year's shifted workdays are known; else only statutory holidays"
    )
    basis: Literal["history", "settings"] = Field(
        description="learned from own days, or the plan of the settings"
    )
    days: int = Field(ge=0, description="own days it was learned from")
    weekly_trend: float = Field(description="growth a week, as a share")
    citizens: ExpectedCitizensView
    hours: list[ExpectedCitizensView] = Field(description="from 00:00 on")


class AccuracyView(View):
    """How well the last week was forecast, each day on its eve."""

    formula: str
    value: float | None = Field(description="null: no day of the last week could be forecast")
    numerator: float
    denominator: float
    days: int


class ForecastView(View):
    """Days ahead."""

    days: list[ForecastDayView]
    accuracy: AccuracyView


class StaffedHourView(View):
    """An hour of the staffing table."""

    hour: int = Field(ge=0, le=23)
    citizens: float
    erlang: float = Field(description="offered load")
    needed: int = Field(description="seats on the roster that reach the goal")
    planned: int = Field(description="seats on the roster")
    within_share: float = Field(description="answered in time with the planned seats")
    abandoned_share: float = Field(description="given up with the planned seats")
    occupancy: float


class StaffingView(View):
    """What each hour of a day needs."""

    day: ForecastDayView
    target: float
    within_s: float
    abandoned_max: float
    shrinkage: float
    handling_s: float
    patience_s: float
    seat_hours_needed: int
    seat_hours_planned: int
    hours: list[StaffedHourView]
