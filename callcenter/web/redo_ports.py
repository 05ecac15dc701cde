"""Transcribing again with another model, as the web asks for it: the answer and the port."""

from datetime import date, datetime
from typing import Protocol

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


class RedoControl(Protocol):
    """Transcribes again. :mod:`callcenter.redo_desk` plugs it in."""

    def newest(self) -> RedoView:
        """How far the newest redo is."""

    async def begin(self, day: date | None, model: str, by: str) -> RedoView:
        """Begin one; stopped in the middle, the same one goes on.

        Raises:
            UsageError: ``wrong_redo_state``: one is running.
        """
