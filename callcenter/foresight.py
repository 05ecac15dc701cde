"""The forecast of days and the seats they need, from the house's own past (:class:`callcenter.web.ports.forecast.ForecastPort`).

Invariant: a day is forecast only from days before it; what the past does not tell comes from the settings, and says so.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncConnection

from callcenter.calendars import city_calendar
from callcenter.core.clock import Clock
from callcenter.core.errors import UsageError
from callcenter.settings import Settings
from callcenter.store.database import Database
from callcenter.store.history import SeenDay, past_day, usual_day
from queues.core.calendar import Calendar, DayKind
from queues.core.demand import Accuracy, Demand, PastDay, accuracy, demand
from queues.core.staffing import Goal, Load, Service, rostered, seats_needed, service

DAYS_MAX = 31
AHEAD_MAX = timedelta(days=400)
JUDGED_DAYS = 7
"""Of so many days that are over it is told how well they were forecast."""

RosterOf = Callable[[date], Awaitable[Sequence[int]]]
"""The seats on the roster of a day, hour by hour."""


@dataclass(frozen=True, slots=True)
class DayAhead:
    """A day's forecast. ``is_covered``: the year's shifted workdays are known."""

    demand: Demand
    kind: DayKind
    is_covered: bool


@dataclass(frozen=True, slots=True)
class StaffedHour:
    """An hour of the staffing table. ``needed``: seats on the roster for the goal; ``planned``: on the roster as it stands."""

    hour: int
    calls: float
    erlang: float
    needed: int
    planned: int
    expected: Service


@dataclass(frozen=True, slots=True)
class Staffing:
    """The staffing table of a day, with what it rests on."""

    day: DayAhead
    goal: Goal
    handling_s: float
    patience_s: float
    hours: tuple[StaffedHour, ...]


@dataclass
class Foresight:
    """Looks at days ahead. ``roster``: who is planned."""

    settings: Settings
    database: Database
    clock: Clock
    roster: RosterOf
    _calendar: Calendar = field(init=False)
    _zone: ZoneInfo = field(init=False)

    def __post_init__(self) -> None:
        self._calendar, self._zone = city_calendar(self.settings.calendar), ZoneInfo(self.settings.time_zone)

    def change_settings(self, settings: Settings) -> None:
        """Look ahead by another calendar."""
        self.settings, self._calendar = settings, city_calendar(settings.calendar)

    async def forecast(self, day: date | None, days: int) -> tuple[list[DayAhead], Accuracy]:
        """So many days from ``day`` (``None``: today) on, and how well the last week was forecast.

        Raises:
            UsageError: too many days, or too far away.
        """
        if not 1 <= days <= DAYS_MAX:
            raise UsageError(f"1 to {DAYS_MAX} days can be asked for", code="bad_days")
        today, first = self._today(), self._checked(day)
        async with self.database.reading() as connection:
            past = _Past(connection, self._zone)
            ahead = [await self._day(past, first + timedelta(days=n), today) for n in range(days)]
            return ahead, await self._accuracy(past, today)

    async def staffing(self, day: date | None, goal: Goal) -> Staffing:
        """What each hour of a day needs for a goal, and what the planned seats will make of it.

        Raises:
            UsageError: the goal is nonsense, or the day too far away.
        """
        goal.check()
        first, today = self._checked(day), self._today()
        async with self.database.reading() as connection:
            ahead = await self._day(_Past(connection, self._zone), first, today)
            usual = await usual_day(connection, self._calendar.kin(first, today), self._zone)
        talk_s = usual.talk_s if usual and usual.talk_s else self.settings.day.talk_s
        patience_s = usual.patience_s if usual and usual.patience_s else self.settings.day.patience_s
        handling_s = talk_s + self.settings.day.wrap_up_s
        loads = [Load(told.expected, handling_s, patience_s) for told in ahead.demand.hours]
        table = await asyncio.to_thread(staffing_table, loads, await self.roster(first), goal)
        return Staffing(ahead, goal, handling_s, patience_s, table)

    def _today(self) -> date:
        return self.clock.at().astimezone(self._zone).date()

    def _checked(self, day: date | None) -> date:
        today = self._today()
        if day is not None and abs(day - today) > AHEAD_MAX:
            raise UsageError(f"{day} is too far away: at most {AHEAD_MAX.days} days", code="bad_day")
        return day or today

    async def _day(self, past: "_Past", day: date, today: date) -> DayAhead:
        kin = [await past.days(group) for group in self._calendar.kin(day, min(day, today))]
        plan = self.settings.day
        whole = sum(plan.profile)
        usual = PastDay(day, plan.citizens, tuple(share / whole for share in plan.profile))
        return DayAhead(demand(day, kin, usual), self._calendar.of(day), self._calendar.is_covered(day))

    async def _accuracy(self, past: "_Past", today: date) -> Accuracy:
        """Each of the last days, forecast on its eve, beside what happened."""
        days = await past.days([today - timedelta(days=back) for back in range(1, JUDGED_DAYS + 1)])
        return accuracy([((await self._day(past, real.day, real.day)).demand, real) for real in days])


class _Past:
    """Earlier days, each read once."""

    def __init__(self, connection: AsyncConnection, zone: ZoneInfo) -> None:
        self._connection, self._zone = connection, zone
        self._known: dict[date, SeenDay | None] = {}

    async def days(self, days: Sequence[date]) -> list[PastDay]:
        """Those that were watched and had calls."""
        for day in days:
            if day not in self._known:
                self._known[day] = await past_day(self._connection, day, self._zone)
        return [PastDay(day, seen.citizens, seen.profile) for day in days if (seen := self._known[day])]


def staffing_table(loads: Sequence[Load], roster: Sequence[int], goal: Goal) -> tuple[StaffedHour, ...]:
    """What each hour needs, and what the seats on its ``roster`` make of it.

    Raises:
        UsageError: the goal is nonsense.
    """
    pairs = enumerate(zip(loads, roster, strict=True))
    return tuple(_staffed_hour(hour, load, planned, goal) for hour, (load, planned) in pairs)


def _staffed_hour(hour: int, load: Load, planned: int, goal: Goal) -> StaffedHour:
    at_work = int(planned * (1 - goal.shrinkage) + 1e-9)
    return StaffedHour(
        hour,
        load.calls,
        load.erlang,
        rostered(seats_needed(load, goal), goal.shrinkage),
        planned,
        service(load, at_work, goal.within_s),
    )
