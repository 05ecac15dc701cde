"""Who should be at work now (在岗) and is not."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from callcenter.web.views import View


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
