"""Today's plan."""

from collections.abc import Sequence
from typing import Protocol

from callcenter.web.views.day import DayView


class DayPort(Protocol):
    """Today's plan: roster and forecast."""

    def view(self) -> DayView:
        """What holds now.

        Raises:
            PeerError: ``no_plan``, in the first moment after the start.
        """

    async def change_roster(self, roster: Sequence[int], by: str, why: str) -> DayView:
        """Plan today anew with these seats in each of its 24 hours; it holds until midnight, also over a restart."""
