"""What the outside sees of shifts and swaps (班次、换班)."""

from datetime import date, datetime
from typing import Literal

from pydantic import Field

from callcenter.staff.core.roster import ShiftState
from callcenter.staff.shift_store import SwapState
from callcenter.web.views import View


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
