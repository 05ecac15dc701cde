"""What the outside sees of call days (接话日)."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from callcenter.web.views import Number, View


class GuestDayView(View):
    """A call day and the guest's own record."""

    id: int = Field(ge=1)
    name: str
    title: str
    seat_id: str
    helper_seat_id: str | None = Field(description="who sits beside; null: nobody")
    from_at: datetime
    to_at: datetime
    by: str
    closed_by: str = Field(description="who closed it before its end; empty: nobody")
    state: Literal["planned", "running", "over"]
    calls: int = Field(ge=0, description="citizens answered")
    talk_s: float = Field(ge=0)
    tickets: int = Field(ge=0)
    promises: int = Field(
        ge=0, description="promised times that differ from the ticket's deadline, found by quality"
    )
    grades: int = Field(ge=0)
    grade: float | None = Field(description="mean of 1 to 5; null: nobody rated")


class FollowUpView(View):
    """A ticket of a guest's call."""

    ticket_no: str
    contact_id: str
    citizen: Number
    answered_at: datetime | None
    nature: str | None
    department: str = Field(description="who is in charge, by the suggested topic; empty: unknown yet")
    place: str | None
    state: Literal["draft", "ready"]
    deadline: datetime | None
    promised: list[str] = Field(description="words of a promise that quality found")


class FollowUpsView(View):
    """All tickets of a call day, those due first before the others."""

    day: GuestDayView
    items: list[FollowUpView]
