"""What the outside sees of staff, shifts, swaps and presence (人员、班次、换班、在岗)."""

from datetime import date, datetime
from typing import Literal

from pydantic import Field

from callcenter.staff.core.people import StaffKind
from callcenter.staff.core.roster import ShiftState
from callcenter.staff.shift_store import SwapState
from callcenter.web.views import Number, View
from callcenter.web.views.figures import FigureGapView


class PersonView(View):
    """One of the staff."""

    staff_no: str
    name: str
    kind: StaffKind
    phone: Number = Field(description="his own, masked; empty: he is never rung")
    seat_id: str | None = Field(description="whose phone is his; null: any seat")
    active: bool


class PeopleImportView(View):
    """What an import of people does. ``applied`` false: it was only tried."""

    applied: bool
    people: int = Field(ge=0, description="in the file")
    added: int = Field(ge=0, description="of them new")


class FaultView(View):
    """One mistake in a file."""

    sheet: str
    row: int = Field(ge=0, description="from 1; 0: the whole file")
    column: str
    value: str
    problem: str


class DayEffect(View):
    """Staffed seat-hours of a day, hour by hour from 00:00, before and after an import."""

    day: date
    before: list[float]
    after: list[float]


class RosterImportView(View):
    """What an import of a roster does. ``applied`` false: it was only tried."""

    applied: bool
    shifts: int = Field(ge=0, description="that are added")
    replaced: int = Field(ge=0, description="that are cancelled for them")
    past: int = Field(
        ge=0, description="in the file, but over, or begun on a day that has a roster: left as they are"
    )
    days: list[DayEffect]
    warnings: list[str] = Field(description="what is allowed, but should be seen: short rests")


class ShiftView(View):
    """Somebody's working time (班次). ``seat_id`` null: any seat of its ``kind``."""

    shift_id: int
    staff_no: str
    name: str
    kind: Literal["on_site", "cloud"]
    seat_id: str | None
    from_at: datetime
    to_at: datetime
    code: str
    state: ShiftState


class SwapView(View):
    """A swap (换班). ``second_id`` null: ``second_staff_no`` takes the first over."""

    swap_id: int
    first_id: int
    first_staff_no: str
    second_id: int | None
    second_staff_no: str
    state: SwapState
    why: str
    proposed_by: str
    proposed_at: datetime
    decided_by: str
    decided_at: datetime | None
    undone_by: str
    undone_at: datetime | None


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
