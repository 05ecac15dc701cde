"""How busy a seat was of late (坐席利用率): the share of a sliding window that it spent working.

Working is ringing, talking, dialing and after-call work. Invariant: what was not observed is not guessed; before the seat
was seen for a whole window, the share is of the time since it was first seen.
"""

from collections import deque
from collections.abc import Set

from callcenter.core.clock import Instant
from callcenter.core.messages.seats import SeatState

BUSY: Set[SeatState] = frozenset({SeatState.RINGING, SeatState.DIALING, SeatState.TALKING, SeatState.WRAP_UP})
"""States in which an agent works for a citizen."""

MAX_SPELLS = 4096
"""Spells of work that are remembered: more than one begins each second of an hour."""


class Occupancy:
    """The working time of one seat over the last ``window_s`` (> 0) seconds."""

    def __init__(self, window_s: float) -> None:
        self._window_s = window_s
        self._seen_since: Instant | None = None
        self._busy_since: Instant | None = None
        self._spells: deque[tuple[Instant, Instant]] = deque(maxlen=MAX_SPELLS)

    def note(self, state: SeatState, now: Instant) -> None:
        """The seat is in ``state`` from ``now`` on. Logging off forgets everything."""
        if state is SeatState.OFF:
            self._seen_since = self._busy_since = None
            self._spells.clear()
            return
        if self._seen_since is None:
            self._seen_since = now
        if state in BUSY:
            self._busy_since = now if self._busy_since is None else self._busy_since
        elif self._busy_since is not None:
            self._spells.append((self._busy_since, now))
            self._busy_since = None
        self._forget_before(now - self._window_s)

    def whole_share(self, now: Instant) -> float | None:
        """:meth:`share`, but ``None`` until the seat was seen for a whole window."""
        if self._seen_since is None or now - self._seen_since < self._window_s:
            return None
        return self.share(now)

    def share(self, now: Instant) -> float | None:
        """Working time over the last window, or over the time since log-in when that is shorter: 0 to 1.

        ``None`` while the seat is off.
        """
        if self._seen_since is None:
            return None
        begin = max(self._seen_since, now - self._window_s)
        if now <= begin:
            return 0.0 if self._busy_since is None else 1.0
        worked_s = sum(max(0.0, to - max(since, begin)) for since, to in self._spells)
        if self._busy_since is not None:
            worked_s += now - max(self._busy_since, begin)
        return worked_s / (now - begin)

    def _forget_before(self, begin: float) -> None:
        while self._spells and self._spells[0][1] <= begin:
            self._spells.popleft()
