"""What the outside sees of a what-if (推演): a question about seats, and the answer beside what happened."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from callcenter.web.views import View


class ChangeView(View):
    """What would be changed, from now on."""

    cloud_seats: int = Field(description="more (or fewer) cloud seats")
    seats: int = Field(description="more (or fewer) on-site seats for inbound calls")
    hours: float = Field(description="for how long")
    wrap_up_cap_s: float = Field(description="longest after-call work; 0: as it is")
    level: int | None = Field(description="the surge level declared; null: as it is")


class OutlookView(View):
    """What a span comes to. Predicted counts are means over simulated futures; ``null``: nobody to count."""

    attempts: float = Field(description="callers in line when it begins, and calls within it")
    answered: float
    answered_share: float | None = Field(description="answered of those who asked for a person")
    served_within_share: float | None = Field(description="answered in 15 s of answered and abandoned")
    abandoned_share: float | None
    mean_wait_s: float | None = Field(description="of all who waited, censored at the end")
    p95_wait_s: float | None
    occupancy: float | None
    callbacks_open_end: float = Field(description="citizens owed a call or a hearing at the end")
    human_share: float | None = Field(description="citizens who talked with a person, of all of the span")
    waiting_end: float = Field(description="callers in line at the end")
    seats: float = Field(description="seats on duty, on average")


class WhatIfView(View):
    """An answer: without and with the change, and what happened once the span is over."""

    id: str
    asked_at: datetime
    by: str
    until_at: datetime = Field(description="how far was simulated; earlier than asked where time was short")
    change: ChangeView
    without: OutlookView
    with_change: OutlookView
    spread: dict[str, float | None] = Field(description="standard error of the difference, by figure")
    runs: int = Field(description="pairs of simulated futures")
    took_s: float = Field(description="seconds until it was answered")
    real: OutlookView | None = Field(description="what happened; null: not over yet")
    came_true: Literal["", "with", "without"] = Field(
        description="which variant the seats that were really there are nearer to; empty: not known"
    )
