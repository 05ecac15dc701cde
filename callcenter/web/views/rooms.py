"""What the outside sees of how the house is furnished: seats and their people, special days, prompts, drafts of flows."""

from datetime import date
from typing import Literal

from pydantic import Field

from callcenter.core.messages.seats import SeatState
from callcenter.web.views import View


class HouseSeatView(View):
    """A seat and who belongs to it."""

    seat_id: str
    kind: Literal["on_site", "cloud"]
    phone: Literal["browser", "sip"] = Field(description="a page of the browser, or any SIP phone")
    reachable: bool
    state: SeatState
    skills: list[str] = Field(description="queues that ring it first; empty: all alike")
    accounts: list[str] = Field(description="accounts with this seat")
    here: list[str] = Field(description="of these, whose desk is open now")


class SpecialDayView(View):
    """A day that is not what its weekday says."""

    day: date
    kind: Literal["holiday", "shifted_workday"]
    name: str
    is_added: bool = Field(description="by the operator or on the page; else of the country")


class CalendarView(View):
    """The special days of a year."""

    year: int
    is_covered: bool = Field(description="the year's shifted workdays are known")
    days: list[SpecialDayView]


class PromptView(View):
    """A prompt that callers hear."""

    id: str
    zh: str
    en: str
    seconds: float | None = Field(description="null: it is missing")
    source: Literal["own", "made", "missing"]


class FlowCheckView(View):
    """What is wrong with a draft, by file and line; empty: it could be published."""

    mistake: str
