"""What the web needs of live captions, and how their state is shown.

Invariant: a state says nothing of what is said.
"""

from contextlib import AbstractContextManager
from typing import Protocol

from pydantic import Field

from callcenter.captions_feed import CaptionFeed, CaptionReader
from callcenter.web.views import View


class CaptionedCallView(View):
    """A call that is captioned. ``seat_id``: empty after a transfer."""

    contact_id: str
    seat_id: str | None


class CaptionsView(View):
    """Live captions right now. ``places``: calls that may be captioned at once; 0: none, for ``reason``."""

    places: int = Field(ge=0)
    reason: str
    busy_ratio: float | None = Field(description="share of all cores, 0 to 1; null: not known")
    behind_s: float = Field(ge=0, description="by how much captions came late, beside the recorder's second")
    model: str
    is_demo_model: bool
    calls: list[CaptionedCallView]


class LiveCaptions(Protocol):
    """Captions of running talks."""

    def view(self) -> CaptionsView:
        """How it is."""

    def follow(self) -> AbstractContextManager[CaptionReader]:
        """Everything that is said from now on, inside the block."""


class NoCaptions:
    """A house without captions."""

    def __init__(self) -> None:
        self._feed = CaptionFeed()

    def view(self) -> CaptionsView:
        """None, and none ever."""
        return CaptionsView(
            places=0, reason="set_off", busy_ratio=None, behind_s=0.0, model="", is_demo_model=False, calls=[]
        )

    def follow(self) -> AbstractContextManager[CaptionReader]:
        """Silence."""
        return self._feed.follow()
