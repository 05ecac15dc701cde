"""How long seats were ready, talked and wrapped up, from the changes of their state.

Invariant: only time between two changes that fit together is counted; where a change begins with another state than the
one before it left, nobody watched in between.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime

from callcenter.reports.core.rows import SeatChange
from callcenter.reports.core.windows import Window

WORK = frozenset({"talking", "wrap_up"})
PRESENT = WORK | {"ready"}


def seat_seconds(changes: Iterable[SeatChange], window: Window) -> Mapping[str, float]:
    """Seconds in each of ``PRESENT`` within the window, summed over seats. ``changes``: in order.

    Before its first change a seat was in the state that this one left. Seats without any change are not counted: let
    the changes begin so long before the window that such a seat is not at work.
    """
    seconds: dict[str, float] = defaultdict(float)
    last: dict[str, SeatChange] = {}
    for change in changes:
        before = last.get(change.seat_id) or SeatChange(window.from_at, change.seat_id, "", change.old)
        if before.new == change.old:
            _add(seconds, before, change.at, window)
        last[change.seat_id] = change
    for change in last.values():
        _add(seconds, change, window.until_at, window)
    return seconds


def _add(seconds: dict[str, float], since: SeatChange, until: datetime, window: Window) -> None:
    if since.new in PRESENT:
        seconds[since.new] += window.overlap_s(since.at, until)
