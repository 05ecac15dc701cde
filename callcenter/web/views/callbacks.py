"""What we owe citizens: calls and hearings."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from callcenter.web.views import Number, View


class ReviewAnswer(View):
    """The message is a ticket. ``needs_call``: the citizen will be called."""

    contact_id: str
    needs_call: bool


class CloseAnswer(View):
    """What was owed is closed by hand."""

    contact_id: str


class PostponeAnswer(View):
    """The citizen is called later. ``not_before``: the hours of call-backs and the gap between two tries hold as well."""

    contact_id: str
    not_before: datetime


class CallbackView(View):
    """What we owe one citizen, or owed: his missed calls and what he was promised, merged by number."""

    contact_id: str = Field(description="the contact that began it")
    last_contact_id: str = Field(description="his newest contact that belongs to it")
    citizen: Number
    ground: Literal["missed", "accepted", "message"]
    state: Literal["open", "closed"]
    why: str = Field(
        description="how it ended: kept, answered, self_resolved, unreached, expired, by_hand; empty while open"
    )
    attempts: int = Field(ge=1, description="his contacts that are merged here")
    tries: int = Field(ge=0, description="times that we dialed him")
    can_be_called: bool = Field(description="false: only people can look after it")
    reviewed: bool = Field(description="his message is a ticket already")
    made_at: datetime
    due_at: datetime | None = Field(description="when we dial next; null: somebody works on it")
    tried_at: datetime | None
    closed_at: datetime | None
    ticket_no: str | None = Field(description="the citizen's newest ticket of the last 30 days")
