"""What the web needs of how the house is furnished, and no more."""

from collections.abc import Collection, Sequence
from typing import Protocol

from callcenter.web.views.rooms import CalendarView, PromptView


class RoomPort(Protocol):
    """Days, prompts and flows of the house."""

    def browser_seats(self) -> Collection[str]:
        """Seats whose phone is a page of the browser."""

    def calendar(self, year: int) -> CalendarView:
        """The special days of a year."""

    def prompts(self) -> Sequence[PromptView]:
        """Every prompt; looks at the disk."""

    def sound(self, prompt_id: str) -> bytes:
        """A prompt as callers hear it, WAV; looks at the disk.

        Raises:
            UsageError: ``unknown_prompt``.
            PeerError: ``prompt_missing``.
        """

    def picture(self, flow: str) -> str | None:
        """A flow in force as SVG; ``None``: there is none."""

    def mistake(self, flow: str, text: str) -> str:
        """What is wrong with a text, by file and line; empty: it could be published."""
