"""Tells the engines what day it is and what to expect of it: at start, at midnight, and when the clock was set.

Invariant: a plan's begin is local midnight on the monotonic clock, within ``DRIFT_S`` seconds, whatever is done to the
wall clock.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import structlog

from callcenter.calendars import city_calendar
from callcenter.core.clock import Clock, Instant
from callcenter.core.errors import CallcenterError
from callcenter.core.messages.surge import DayPlanned, RosterAsked
from callcenter.settings import Settings
from callcenter.store import journal
from callcenter.store.database import Database
from callcenter.store.history import UsualDay, usual_day

log = structlog.get_logger()

LOOK_EVERY_S = 5.0
DRIFT_S = 30.0
"""A wall clock that moved further than this against the monotonic one was set."""


RosterOfShifts = Callable[[Instant, datetime], Awaitable[tuple[int, ...]]]
"""Told the begin of a day on both clocks: its seats hour by hour by the shifts that were imported, empty without."""


async def _no_shifts(began: Instant, midnight: datetime) -> tuple[int, ...]:
    return ()


class Planner:
    """Plans days from settings, from its shifts or as its roster was changed by hand, and from the house's own past.

    ``today``: the plan in force. ``roster_of_shifts``: asked at each planning.
    """

    def __init__(
        self, settings: Settings, database: Database, clock: Clock, post: Callable[[DayPlanned], None]
    ) -> None:
        self._settings, self._database, self._clock, self._post = settings, database, clock, post
        self._zone = ZoneInfo(settings.time_zone)
        self._calendar = city_calendar(settings.calendar)
        self.today: DayPlanned | None = None
        self.roster_of_shifts: RosterOfShifts = _no_shifts

    async def run(self) -> None:
        """Plan whenever it is needed, for ever."""
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            await self.look()

    async def look(self) -> None:
        """Plan if the day or the clock is another one than planned; a past that cannot be read is done without."""
        began, midnight = day_begin(self._clock, self._zone)
        before = self.today
        if before is not None and abs(began - before.began) <= DRIFT_S:
            return
        is_new_day = before is None or before.began_at != midnight
        if before is not None and not is_new_day:
            log.warning("the wall clock was set", moved_s=round(before.began - began))
        plan = plan_day(self._settings, began, midnight, is_new_day, await self._usual(midnight))
        roster = await self._roster(began, midnight)
        self.today = replace(plan, roster=roster or plan.roster)
        self._post(self.today)

    def change_roster(self, roster: tuple[int, ...]) -> None:
        """Plan today anew with other seats in each hour; the next day has its own again."""
        if self.today is not None:
            self.today = replace(self.today, roster=roster, is_new_day=False)
            self._post(self.today)

    def change_settings(self, settings: Settings) -> None:
        """Other hours of call-backs hold at once, another calendar from the next planning on."""
        self._settings, self._calendar = settings, city_calendar(settings.calendar)
        if self.today is not None:
            callback = settings.callback
            self.today = replace(
                self.today,
                callback_from_s=callback.from_hour * 3600.0,
                callback_to_s=callback.to_hour * 3600.0,
                is_new_day=False,
            )
            self._post(self.today)

    async def look_at_shifts(self) -> None:
        """Plan today anew after its shifts were changed."""
        if self.today is not None:
            roster = await self._roster(self.today.began, self.today.began_at)
            self.change_roster(roster or self._settings.day.roster)

    async def _roster(self, began: Instant, midnight: datetime) -> tuple[int, ...]:
        """As a shift manager changed it, else as its shifts are; empty: the usual one."""
        of_shifts = await self.roster_of_shifts(began, midnight)
        return await self._roster_by_hand(midnight) or of_shifts

    async def _usual(self, day: datetime) -> UsualDay | None:
        try:
            async with self._database.reading() as connection:
                kin = self._calendar.kin(day.date(), day.date())
                return await usual_day(connection, kin, self._zone)
        except CallcenterError as error:
            log.warning("the past could not be read", code=error.code)
            return None

    async def _roster_by_hand(self, midnight: datetime) -> tuple[int, ...]:
        """What a shift manager asked for today, before a restart perhaps; empty: nothing."""
        try:
            async with self._database.reading() as connection:
                asked = await journal.newest_of(connection, RosterAsked.type)
        except CallcenterError as error:
            log.warning("the past could not be read", code=error.code)
            return ()
        is_of_today = asked is not None and midnight <= asked.at < midnight + timedelta(days=1)
        return tuple(asked.data["roster"]) if asked is not None and is_of_today else ()


def day_begin(clock: Clock, zone: ZoneInfo) -> tuple[Instant, datetime]:
    """Local midnight of the present day, on both clocks."""
    now, at = clock.instant(), clock.at().astimezone(zone)
    midnight = datetime.combine(at.date(), time(), zone)
    return Instant(now - (at - midnight).total_seconds()), midnight


def plan_day(
    settings: Settings, began: Instant, midnight: datetime, is_new_day: bool, usual: UsualDay | None
) -> DayPlanned:
    """The plan of one day; what the past does not tell comes from the settings."""
    day, callback = settings.day, settings.callback
    length = datetime.combine(midnight.date() + timedelta(days=1), time(), midnight.tzinfo) - midnight
    return DayPlanned(
        began=began,
        began_at=midnight,
        length_s=length.total_seconds(),
        roster=day.roster,
        profile=usual.profile if usual else _shares(day.profile),
        citizens=usual.citizens if usual else day.citizens,
        callback_from_s=callback.from_hour * 3600.0,
        callback_to_s=callback.to_hour * 3600.0,
        talk_s=usual.talk_s if usual and usual.talk_s else day.talk_s,
        wrap_up_s=day.wrap_up_s,
        review_s=day.review_s,
        patience_s=usual.patience_s if usual and usual.patience_s else day.patience_s,
        is_new_day=is_new_day,
    )


def _shares(profile: tuple[float, ...]) -> tuple[float, ...]:
    whole = sum(profile)
    return tuple(hour / whole for hour in profile)
