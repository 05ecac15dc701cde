"""Transcribing again with another model."""

from datetime import date, datetime

from pydantic import Field

from callcenter.web.stages import Stage
from callcenter.web.views import View


class RedoView(View):
    """The newest redo. What it found stays beside the earlier transcripts; the newer one is shown."""

    state: Stage
    day: date | None = Field(None, description="only recordings of this day; null: all")
    model: str = Field("", description="an installed model; empty: the one in use")
    by: str = ""
    started_at: datetime | None = None
    ended_at: datetime | None = None
    asked: int = Field(0, ge=0, description="recordings that another model had transcribed")
    done: int = Field(0, ge=0)
    parked: int = Field(0, ge=0, description="given up after all tries, also in earlier runs")
    trouble: str = Field("", description="why it failed")
