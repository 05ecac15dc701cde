"""A usual day foreseen; a what-if that answers everything alike."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from callcenter.core.errors import PeerError
from callcenter.foresight import DayAhead, Staffing, staffing_table
from callcenter.store.predictions import Kept
from queues.core.calendar import DayKind, Kind
from queues.core.demand import Accuracy, Demand, Expected
from queues.core.staffing import Goal, Load
from queues.core.what_if import Change, Figures, Prediction

ROSTER = (1,) * 8 + (3,) * 12 + (1,) * 4
ASKED_AT = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
CITIZENS = (4, 3, 2, 2, 3, 6, 14, 31, 78, 96, 88, 70, 52, 64, 72, 75, 70, 58, 41, 33, 26, 19, 12, 7)
"""Citizens expected in each hour of a usual day."""
WITHOUT = Figures(400.333333, 150, 0.3456789, 0.2, 0.1, 50, 140, None, 480, 0.33, 2, 17)
WITH = replace(WITHOUT, answered=210, seats=23)


class FakeForecast:
    """The same usual day, learned from eight weeks, and the seats that it needs."""

    async def forecast(self, day: date | None, days: int) -> tuple[list[DayAhead], Accuracy]:
        """See ``ForecastPort``."""
        hours = tuple(Expected(0.72 * it, float(it), 1.33 * it) for it in CITIZENS)
        whole = Expected(0.85 * sum(CITIZENS), float(sum(CITIZENS)), 1.15 * sum(CITIZENS))
        demand = Demand(day or ASKED_AT.date(), whole, hours, 0.01, 56, "history")
        return [DayAhead(demand, DayKind(Kind.WORKDAY, "工作日"), True)] * days, Accuracy(410, 5200, 7)

    async def staffing(self, day: date | None, goal: Goal) -> Staffing:
        """See ``ForecastPort``."""
        [ahead], _ = await self.forecast(day, 1)
        loads = [Load(float(it), 270.0, 90.0) for it in CITIZENS]
        return Staffing(ahead, goal, 270.0, 90.0, staffing_table(loads, ROSTER, goal))


class FakeWhatIf:
    """Answers everything alike."""

    def __init__(self) -> None:
        self.asked: list[tuple[Change, str]] = []
        self.real: Figures | None = None
        self.is_busy = False

    async def ask(self, change: Change, by: str = "") -> Prediction:
        """See ``WhatIfPort``."""
        change.check()
        if self.is_busy:
            raise PeerError("other what-ifs are being answered: ask again in a moment", code="what_if_busy")
        self.asked.append((change, by))
        spread = dict.fromkeys(Figures.__dataclass_fields__) | {"answered": 2.123456}
        return Prediction("a1", ASKED_AT, change, WITHOUT, WITH, 6, 0.61234, 3600.0, spread)

    async def newest(self, limit: int) -> list[Kept]:
        """See ``WhatIfPort``."""
        told = [await self.ask(change, by) for change, by in list(self.asked)][:limit]
        return [Kept(it, "lead", ASKED_AT + timedelta(seconds=it.horizon_s), self.real) for it in told]
