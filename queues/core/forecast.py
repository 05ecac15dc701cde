"""What the rest of the day can still do: seat time against expected callers.

Invariant: spare time is never negative, and an hour with too few seats takes nothing away from the others.
"""

from dataclasses import dataclass

from callcenter.core.clock import Instant

HOUR_S = 3600.0


@dataclass(frozen=True, slots=True)
class DayPlan:
    """What is known before the day. ``began``: its first instant; hours count from there; ``citizens`` a day."""

    began: Instant
    length_s: float
    roster: tuple[int, ...]
    profile: tuple[float, ...]
    citizens: float
    callback_from_s: float
    callback_to_s: float

    @property
    def callbacks_end(self) -> float:
        """The last instant before which a dial may begin, as an ``Instant``."""
        return self.began + self.callback_to_s

    @property
    def ends(self) -> float:
        """The end of the day, as an ``Instant``."""
        return self.began + self.length_s

    def allows_dials(self, now: float) -> bool:
        """Whether citizens may be dialed now."""
        return self.callback_from_s <= now - self.began < self.callback_to_s

    def hour(self, now: float) -> int:
        """The hour of the roster that holds ``now``."""
        return min(len(self.roster) - 1, max(0, int((now - self.began) // HOUR_S)))

    def arrivals_per_s(self, now: float) -> float:
        """Forecast citizens per second at ``now``."""
        return self.citizens * self.profile[self.hour(now)] / HOUR_S


@dataclass(frozen=True, slots=True)
class Capacity:
    """What the day has shown so far. ``cloud_until``: when the cloud seats go home; ``busyness`` of seats, 0..1."""

    handling_s: float
    busyness: float
    cloud_seats: float
    cloud_until: float
    relief_per_s: float
    """Live calls per second that the partner city takes off us."""


def rostered_seat_s(plan: DayPlan, begin: float, end: float) -> float:
    """Seat seconds on the roster from ``begin`` to ``end``."""
    return sum(
        seats * max(0.0, min(end, plan.began + (hour + 1) * HOUR_S) - max(begin, plan.began + hour * HOUR_S))
        for hour, seats in enumerate(plan.roster)
    )


def spare_seat_s(plan: DayPlan, capacity: Capacity, begin: float, end: float) -> float:
    """Seat seconds from ``begin`` to ``end`` that expected live callers leave over.

    It is asked several times for every caller: one pass over the hours, without calls.
    """
    roster, profile, began = plan.roster, plan.profile, plan.began
    handling_s, busyness, relief = capacity.handling_s, capacity.busyness, capacity.relief_per_s
    spare, at, last = 0.0, max(begin, began), min(end, plan.ends)
    hours = int((at - began) // HOUR_S)  # counted on from here: a rounded end of an hour may still lie in it
    while at < last:
        hour, until = min(len(roster) - 1, hours), min(last, began + (hours + 1) * HOUR_S)
        lasts, hours = until - at, hours + 1
        cloud = capacity.cloud_seats * max(0.0, min(until, capacity.cloud_until) - at)
        arrivals = max(0.0, plan.citizens * profile[hour] / HOUR_S - relief)
        left = roster[hour] * lasts * busyness + cloud - arrivals * lasts * handling_s
        if left > 0:
            spare += left
        at = until
    return spare
