"""How the seats' time was used, read from an event log.

Invariant: a task counts from its begin to its end or the day's end; home seats above the roster count while they are occupied.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from callcenter.sim.log import Entry
from callcenter.sim.params import Params, ms

HOUR = 3_600_000
_BEGINS = ("answer", "dial", "review")


@dataclass(slots=True)
class SeatUse:
    """Seat time in ms, home and cloud together. ``overflow``: calls answered by the partner city."""

    logged_in_ms: int = 0
    work_ms: int = 0
    review_ms: int = 0
    overflow: int = 0


def seat_use(params: Params, log: Sequence[Entry]) -> SeatUse:
    """Add up seat time until the day's end."""
    return _Meter(params).read(log)


class _Meter:
    """Integrates counters over time."""

    def __init__(self, params: Params) -> None:
        self._length = ms(params.day.length_s)
        self._roster = params.seats.by_hour
        self._use = SeatUse()
        self._now = 0
        self._busy = {"home": 0, "cloud": 0}
        self._resting = self._cloud = 0
        self._reviews: dict[int | str, int] = {}

    def read(self, log: Sequence[Entry]) -> SeatUse:
        for entry in log:
            self._advance(entry.t_ms)
            self._apply(entry)
        self._advance(self._length)
        return self._use

    def _apply(self, entry: Entry) -> None:
        if entry.event in _BEGINS and entry.a == "partner":
            self._use.overflow += 1
        elif entry.event in _BEGINS:
            self._busy[str(entry.a)] += 1
        elif entry.event == "seat_free":
            self._busy[str(entry.a)] -= 1
        if entry.event == "review":
            self._reviews[entry.cid] = entry.t_ms
        elif entry.event == "reviewed":
            self._use.review_ms += entry.t_ms - self._reviews.pop(entry.cid)
        self._resting += (entry.event == "break") - (entry.event == "break_end")
        self._cloud += (entry.event == "cloud_in") - (entry.event == "cloud_out")

    def _advance(self, until: int) -> None:
        while self._now < until:
            hour = self._now // HOUR
            step = min(until, (hour + 1) * HOUR) - self._now
            home = max(self._roster[hour], self._busy["home"] + self._resting) - self._resting
            self._use.logged_in_ms += (home + self._cloud) * step
            self._use.work_ms += sum(self._busy.values()) * step
            self._now += step
