"""Tickets, and what was said in their calls."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from callcenter.web.views import Number, Said, View


class TicketSummary(View):
    """A ticket in a list."""

    ticket_no: str
    contact_id: str
    state: str
    citizen: Number
    created_at: datetime
    queue: str | None
    seat_id: str | None
    nature: str | None = Field(
        description="help, consult, complaint, tip_off, suggestion, praise: suggested, in lists as corrected"
    )
    topic: str | None = Field(description="by the key of the city's list: suggested, in lists as corrected")
    topic_name: str | None = Field(description="the topic as the city's list names it in Chinese")
    deadline: datetime | None = Field(
        None, description="the last second of the day on which it is due; null: no norm"
    )
    standing: Literal["open", "answered", "handed_on"] = Field(
        "open", description="how far a person is with it"
    )


class TicketView(TicketSummary):
    """A ticket with what was said. ``nature_words`` and ``topic_words`` led to the suggestions."""

    nature_words: list[str]
    topic_words: list[str]
    place: Said = Field(None, description="as the citizen named it; null: not known")
    transcript_state: str
    transcript: Said
    statement: Said = Field(
        None,
        description="what was stated while waiting for a seat, numbers of persons as stars; null: nothing, or not yet",
    )
    statement_id: str | None = Field(None, description="the recording of the statement")
    recognizer: str | None = Field(description="the model that made the transcript")
    is_demo_model: bool | None = Field(description="the model is for demonstration, no recognizer of people")
    problems: list[str] = Field(description="what could not be had, by code")
    recording_id: str | None
    completed_at: datetime | None
