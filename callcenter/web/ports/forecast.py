"""What the web needs of days ahead."""

from datetime import date
from typing import Protocol

from callcenter.core.errors import PeerError
from callcenter.foresight import DayAhead, Staffing
from queues.core.demand import Accuracy
from queues.core.staffing import Goal


class ForecastPort(Protocol):
    """Looks at days ahead. ``day`` ``None``: today."""

    async def forecast(self, day: date | None, days: int) -> tuple[list[DayAhead], Accuracy]:
        """So many days, and how well the last week was forecast.

        Raises:
            UsageError: too many days, or too far away.
        """

    async def staffing(self, day: date | None, goal: Goal) -> Staffing:
        """What each hour of a day needs.

        Raises:
            UsageError: the goal is nonsense, or the day too far away.
        """


class NoForecast:
    """Where nobody looks ahead."""

    async def forecast(self, day: date | None, days: int) -> tuple[list[DayAhead], Accuracy]:
        """See :class:`ForecastPort`."""
        raise PeerError("nobody looks ahead here", code="no_forecast")

    async def staffing(self, day: date | None, goal: Goal) -> Staffing:
        """See :class:`ForecastPort`."""
        raise PeerError("nobody looks ahead here", code="no_forecast")
