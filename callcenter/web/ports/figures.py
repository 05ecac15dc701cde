"""The indicators."""

from collections.abc import Sequence
from datetime import date
from typing import Protocol

from callcenter.reports.core.quarters import QuarterHour
from callcenter.reports.core.report import DayByHour, Report


class Figures(Protocol):
    """The indicators."""

    async def report(self, window: str) -> Report:
        """All figures of a window, written as :func:`callcenter.reports.core.windows.parse` takes it.

        Raises:
            UsageError: ``bad_window``.
        """

    async def by_hour(self, day: date | None) -> DayByHour:
        """A calendar day hour by hour; ``None``: today.

        Raises:
            UsageError: ``bad_window``: the day has not begun.
        """

    async def by_quarter(self, hours: int) -> Sequence[QuarterHour]:
        """The last ``hours`` (1 to 24), quarter by quarter."""
