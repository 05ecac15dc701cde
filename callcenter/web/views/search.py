"""Answers of the search: in which calls something was said, where, and around which words.

Invariant: numbers of persons are masked, said and called from; texts are texts, with the words found apart from what stands
before and after, so that nobody has to put markup into them.
"""

from datetime import datetime
from typing import Literal

from pydantic import Field

from callcenter.web.views import Number, View
from recordings.search import Hit


class PassageView(View):
    """Where a word is first said on a channel. ``start_s``: play from there."""

    channel: Literal["citizen", "agent"]
    start_s: float = Field(description="seconds from the beginning of the recording")
    end_s: float
    before: str
    hit: str
    after: str


class FoundView(View):
    """A call in which it was said."""

    recording_id: str
    contact_id: str
    arrived_at: datetime
    citizen: Number
    seat_id: str | None
    outcome: str | None
    ticket_no: str | None
    topic: str | None
    topic_name: str | None = Field(description="the topic as the city's list names it in Chinese")
    nature: str | None
    score: float | None = Field(description="by the rules of quality, 0 to 100; null: not assessed")
    recognizer: str
    is_demo_model: bool = Field(description="the model is for demonstration, no recognizer of people")
    passages: list[PassageView] = Field(
        description="for each channel and word the first place, in order of time"
    )


class SearchView(View):
    """A part of what was found, newest first. ``found``: all; ``is_more``: there are more than are counted."""

    items: list[FoundView]
    found: int = Field(ge=0)
    is_more: bool
    searched_from: datetime | None = Field(
        None, description="earlier calls were not looked at: ask again until then; null: nothing was left out"
    )
    words: list[str] = Field(description="what was looked for, as it was understood")
    without: list[str]


def found_view(hit: Hit, topic_name: str | None) -> FoundView:
    """A call as the outside sees it."""
    return FoundView(
        recording_id=hit.recording_id,
        contact_id=hit.contact_id,
        arrived_at=hit.arrived_at,
        citizen=hit.citizen,
        seat_id=hit.seat_id,
        outcome=hit.outcome,
        ticket_no=hit.ticket_no,
        topic=hit.topic,
        topic_name=topic_name,
        nature=hit.nature,
        score=hit.score,
        recognizer=hit.model,
        is_demo_model=hit.is_demo,
        passages=[
            PassageView.model_validate(
                {
                    "channel": passage.channel,
                    "start_s": passage.start,
                    "end_s": passage.end,
                    "before": passage.before,
                    "hit": passage.hit,
                    "after": passage.after,
                }
            )
            for passage in hit.passages
        ],
    )
