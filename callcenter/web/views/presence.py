"""Who should be at work (在岗): now, and how a day went against its plan."""

from datetime import date, datetime
from typing import Literal

from pydantic import Field

from callcenter.web.views import View
from callcenter.web.views.figures import FigureGapView


class AbsentView(View):
    """Somebody who should be there now and is not. ``left``: he was there and logged off."""

    staff_no: str
    seat_id: str | None
    due_at: datetime
    left: bool


class HeadsView(View):
    """Of a kind of seats, people due without a seat of their own, and how many of them are not there."""

    kind: Literal["on_site", "cloud"]
    due: int = Field(ge=0)
    missing: int = Field(ge=0)


class OnDutyView(View):
    """Who should be there now (在岗): counted from the shifts; all zero where no roster was imported."""

    as_of: datetime
    due: int = Field(ge=0)
    missing: int = Field(ge=0)
    absent: list[AbsentView]
    heads: list[HeadsView]


class PresenceHourView(View):
    """One hour, or the day, in seat-hours. ``rate``: ``filled`` of ``due``, by the formula; null: nothing was due."""

    from_at: datetime
    until_at: datetime
    planned: float = Field(ge=0, description="seat-hours on the roster")
    due: float = Field(ge=0, description="of them those that lie in the past: the denominator")
    present: float = Field(ge=0, description="seat-hours not off, on break or unreachable")
    filled: float = Field(
        ge=0, description="the same, at each moment at most as many as planned: the numerator"
    )
    working: float = Field(ge=0, description="seat-hours of talk and after-call work")
    no_shows: int = Field(ge=0, description="shifts that began in it without their seat")
    rate: float | None = Field(ge=0, le=1)


class NoShowView(View):
    """A shift that began without its seat."""

    shift_id: int
    staff_no: str
    name: str
    seat_id: str | None
    due_at: datetime
    late_s: float | None = Field(description="seconds until he came; null: he did not")


class PresenceView(View):
    """Presence against plan of a day. ``plan``: its shifts, or the usual roster of the settings where none were imported."""

    day: date
    time_zone: str
    as_of: datetime
    plan: Literal["shifts", "usual"]
    formula: str
    zh: str
    en: str
    total: PresenceHourView
    hours: list[PresenceHourView]
    no_shows: list[NoShowView]
    gaps: list[FigureGapView] = Field(description="when nobody watched: what was there then is not counted")
