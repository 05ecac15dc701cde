"""An agent's own day, and what is proposed for the ticket of the own call."""

from datetime import date, datetime
from typing import Literal

from pydantic import Field

from callcenter.web.views import View

ProposedField = Literal["nature", "topic", "place", "unit", "note"]


class FieldProposalView(View):
    """What is proposed for one field. ``words``: on which it rests, as they were said."""

    field: ProposedField
    value: str = Field(description="as the ticket keeps it: a key of /ticket-words, or a text")
    name: str = Field(description="as the city names it")
    words: list[str]
    certainty: float = Field(ge=0, le=1, description="how clearly the words speak for it; no probability")


class SuggestionsView(View):
    """What the words heard by now propose for a ticket; numbers of persons as stars."""

    ticket_no: str
    source: Literal["none", "statement", "captions", "transcript"] = Field(
        description="where the words come from: stated in line, live captions, the transcript"
    )
    is_demo_model: bool = Field(description="the words are a demo model's, which recognizes no people")
    items: list[FieldProposalView]
    articles: list[str] = Field(description="ids of articles whose words were said, what fits best first")
    due_at: datetime | None = Field(
        description="when it is due by the norm of its nature, as corrected or proposed; null: no norm"
    )
    due_workdays: int | None


class OwnFigureView(View):
    """One figure of the own seat. ``middle``: the median of the seats at work; null: too few to tell."""

    formula: str = Field(description="id with version, FIELD.md 4")
    zh: str
    en: str
    unit: Literal["s", "count"]
    own: float | None
    middle: float | None


class SeatDayView(View):
    """The own day so far (个人当日)."""

    seat_id: str
    day: date
    as_of: datetime
    figures: list[OwnFigureView]


class SentView(View):
    """Whether a message is on its way. ``false``: no mobile number, or he has got enough messages."""

    is_sent: bool
