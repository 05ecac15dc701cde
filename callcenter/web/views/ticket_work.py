"""What the outside sees of the work on tickets (工单办理)."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from callcenter.tickets.core.work import Work
from callcenter.web.views import View

StandingName = Literal["open", "answered", "handed_on"]


class TicketWorkView(View):
    """A person's part of a ticket. ``null``: not corrected, the suggestion stands."""

    version: int = Field(
        ge=0, description="send it back with a change: who has not seen the newest is refused"
    )
    standing: StandingName = Field(
        description="answered: on the spot (直接解答); handed_on: to a unit (转办)"
    )
    nature: str | None
    topic: str | None
    place: str | None
    unit: str | None = Field(description="whose matter it is (承办单位)")
    note: str | None
    by: str = Field(description="who changed it last; empty: nobody yet")
    at: datetime | None


class TicketCountsView(View):
    """How much work lies there. ``late``, ``day_old``, ``oldest_at``: of the open ones."""

    open: int = Field(ge=0)
    answered: int = Field(ge=0)
    handed_on: int = Field(ge=0)
    late: int = Field(ge=0, description="past their deadline")
    day_old: int = Field(ge=0, description="made more than 24 hours ago")
    oldest_at: datetime | None = Field(description="null: none is open")


class TicketWordsView(View):
    """What a ticket can be, by key, as the city names it in Chinese."""

    natures: dict[str, str]
    topics: dict[str, str]


def work_view(work: Work) -> TicketWorkView:
    """The view of a person's part."""
    return TicketWorkView(
        version=work.version,
        standing=work.standing.value,
        nature=work.nature,
        topic=work.topic,
        place=work.place,
        unit=work.unit,
        note=work.note,
        by=work.by,
        at=work.at,
    )
