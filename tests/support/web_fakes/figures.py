"""Figures counted from the contacts that a test puts in."""
# ruff: noqa: D102  each method is described by the port that it stands in for

from dataclasses import dataclass, field
from datetime import date, timedelta

from callcenter.reports.core.quarters import QuarterHour, by_quarter, quarters_until
from callcenter.reports.core.report import Counting, DayByHour, Report, by_hour
from callcenter.reports.core.rows import ContactRow, DayRows, Gap
from callcenter.reports.core.windows import Window, day_window, parse
from web_fakes.scene import SHANGHAI, START, FakeClock


@dataclass
class FakeFigures:
    """Counts what it was given, in Shanghai's time; nobody watched the first minute after ``START``."""

    clock: FakeClock
    contacts: list[ContactRow] = field(default_factory=list)

    async def report(self, window: str) -> Report:
        counting = Counting(parse(window, self.clock.at(), SHANGHAI), self.clock.at())
        counting.add_day(DayRows(self._today(), self.contacts))
        return counting.report(self._gaps())

    async def by_hour(self, day: date | None) -> DayByHour:
        whole = day_window(day, SHANGHAI) if day else self._today()
        return by_hour(whole, self.contacts, self._gaps(), self.clock.at())

    async def by_quarter(self, hours: int) -> list[QuarterHour]:
        window = quarters_until(self.clock.at(), hours)
        return by_quarter(window, self.contacts, self.clock.at())

    def _today(self) -> Window:
        return day_window(self.clock.at().astimezone(SHANGHAI).date(), SHANGHAI)

    def _gaps(self) -> list[Gap]:
        return [Gap(START, START + timedelta(minutes=1), "link lost")]
