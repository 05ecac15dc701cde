"""Presence against plan (在席率): seat-hours planned, present and at work, hour by hour.

Invariants: what nobody watched is not counted as present; at each moment at most as many seats fill the plan as it has, so the
rate is never above 1 and who comes unplanned hides no one's absence at another time.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import NamedTuple

from callcenter.core.messages.seats import SeatState
from callcenter.reports.core.formulas import RATE, Formula
from callcenter.reports.core.rows import SeatChange

FORMULA = Formula("seat_presence_rate", "在席率", "planned seats that were filled", RATE)
"""FIELD.md 4: seat-seconds not off, on break or unreachable, at each moment at most as many as planned, over those planned."""

WORKING = frozenset({SeatState.TALKING.value, SeatState.WRAP_UP.value})
PRESENT = WORKING | {SeatState.READY.value, SeatState.RINGING.value, SeatState.DIALING.value}
HOUR = timedelta(hours=1)


class Restart(NamedTuple):
    """The program began anew ``at``; what it did last before was ``last_seen_at``. Every seat is taken for off until it tells."""

    last_seen_at: datetime
    at: datetime


class Spell(NamedTuple):
    """A seat was in ``state`` for ``[from_at, until_at)``."""

    seat_id: str
    state: str
    from_at: datetime
    until_at: datetime


@dataclass(frozen=True, slots=True)
class HourOfPresence:
    """One hour, in seat-hours. ``due``: the part of ``planned`` that lies in the past; ``filled``: of it, what was there."""

    from_at: datetime
    planned: float
    due: float
    present: float
    filled: float
    working: float

    @property
    def rate(self) -> float | None:
        """:data:`FORMULA`; ``None``: nothing was due."""
        return self.filled / self.due if self.due else None


def spells(events: Iterable[SeatChange | Restart], from_at: datetime, until_at: datetime) -> Iterator[Spell]:
    """How long seats were in which state. ``events``: in order; before its first change a seat was in the state that this left.

    Between two changes that do not fit together nobody watched.
    """
    last: dict[str, SeatChange] = {}
    for event in events:
        if isinstance(event, Restart):
            for change in last.values():
                yield Spell(change.seat_id, change.new, change.at, max(change.at, event.last_seen_at))
            last = {seat: SeatChange(event.at, seat, "", SeatState.OFF.value) for seat in last}
            continue
        before = last.get(event.seat_id) or SeatChange(from_at, event.seat_id, "", event.old)
        if before.new == event.old:
            yield Spell(event.seat_id, before.new, before.at, event.at)
        last[event.seat_id] = event
    for change in last.values():
        yield Spell(change.seat_id, change.new, change.at, max(change.at, until_at))


def by_hour(
    midnight: datetime,
    planned: Iterable[tuple[datetime, datetime]],
    seen: Iterable[Spell],
    as_of: datetime,
) -> list[HourOfPresence]:
    """The 24 hours from ``midnight`` on. ``planned``: one pair for each planned seat."""
    steps = [(at, 0, 0, 0) for hour in range(25) for at in [midnight + hour * HOUR]]
    steps.append((as_of, 0, 0, 0))
    for begin, end in planned:
        steps += [(begin, 1, 0, 0), (end, -1, 0, 0)]
    for spell in seen:
        if spell.state in PRESENT:
            works = int(spell.state in WORKING)
            steps += [(spell.from_at, 0, 1, works), (spell.until_at, 0, -1, -works)]
    return _summed(sorted(steps), midnight, as_of)


def whole(hours: Sequence[HourOfPresence]) -> HourOfPresence:
    """The day as one."""
    return HourOfPresence(
        hours[0].from_at,
        sum(hour.planned for hour in hours),
        sum(hour.due for hour in hours),
        sum(hour.present for hour in hours),
        sum(hour.filled for hour in hours),
        sum(hour.working for hour in hours),
    )


def _summed(
    steps: Sequence[tuple[datetime, int, int, int]], midnight: datetime, as_of: datetime
) -> list[HourOfPresence]:
    sums = [[0.0] * 5 for _ in range(24)]
    planned = present = working = 0
    for (at, *moves), (until, *_) in pairwise(steps):
        planned, present, working = planned + moves[0], present + moves[1], working + moves[2]
        hour = (at - midnight) // HOUR
        if not 0 <= hour < 24 or until == at:
            continue
        lasts = (until - at) / HOUR
        is_past = at < as_of
        for n, seats in enumerate((planned, planned * is_past, present, min(planned, present), working)):
            sums[hour][n] += seats * lasts if n < 2 or is_past else 0.0
    return [HourOfPresence(midnight + n * HOUR, *hour) for n, hour in enumerate(sums)]
