"""Time in a drill: engines are told instants that pass faster; their day begins at start and at each change of the roster.

Invariant: only instants pass faster. The wall clock is Asterisk's too, and both books stay true.
"""

from dataclasses import replace
from datetime import datetime

from callcenter.core.clock import Clock, Instant
from callcenter.planner import Planner, day_begin, plan_day
from callcenter.settings import Settings


class FastClock:
    """A :class:`callcenter.core.clock.Clock` whose instants are ``speed`` times as far apart."""

    def __init__(self, clock: Clock, speed: float) -> None:
        self._clock, self._speed = clock, speed

    def instant(self) -> Instant:
        """Monotonic seconds of the engines; only differences mean anything."""
        return Instant(self._clock.instant() * self._speed)

    def at(self) -> datetime:
        """Wall-clock now."""
        return self._clock.at()


class DrillDays(Planner):
    """Plans one day from the settings alone, whatever the hour. A change of its roster begins it anew."""

    async def look(self) -> None:
        """Plan at start; afterwards there is no other day."""
        if self.today is None:
            self._begin(self._settings.day.roster)

    def change_roster(self, roster: tuple[int, ...]) -> None:
        """Begin the day now, with these seats in each hour."""
        self._begin(tuple(int(seats) for seats in roster))

    def _begin(self, roster: tuple[int, ...]) -> None:
        _, midnight = day_begin(self._clock, self._zone)
        now = self._clock.instant()
        plan = plan_day(self._settings, now, midnight, is_new_day=True, usual=None)
        self.today = replace(plan, length_s=self._settings.drill.length_s, roster=roster)
        self._post(self.today)


def clock_for(settings: Settings, clock: Clock) -> Clock:
    """The clock of the house: in a drill the fast one."""
    speed = settings.drill.speed
    return FastClock(clock, speed) if speed else clock
