"""What the web needs of live captions."""

from contextlib import AbstractContextManager
from typing import Protocol

from callcenter.captions.feed import CaptionFeed, CaptionReader
from callcenter.web.views.captions import CaptionsView


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
