"""What happens next. Invariant: the order of SCENARIOS.md 1.4, and nothing is ever scheduled into the past."""

from collections.abc import Callable
from enum import IntEnum
from heapq import heappop, heappush
from typing import Any


class Rank(IntEnum):
    """Who comes first within a millisecond."""

    ROSTER = 0
    SEATS = 1
    TIMERS = 2
    CITIZENS = 3
    PATIENCE = 4


class Calendar:
    """A heap of events at whole milliseconds."""

    def __init__(self, now: int = 0) -> None:
        self.now = now
        self._heap: list[tuple[int, int, int, int, Callable[..., None], tuple[Any, ...]]] = []
        self._scheduled = 0

    def at(self, when: int, rank: Rank, number: int, do: Callable[..., None], *details: Any) -> None:
        """Let ``do(*details)`` happen at ``when``; ``number`` orders within the rank, then first come first."""
        if when < self.now:
            raise AssertionError(f"{when} is before {self.now}")
        self._scheduled += 1
        heappush(self._heap, (when, rank, number, self._scheduled, do, details))

    def run(self, until: int) -> None:
        """Let everything before ``until`` happen."""
        while self._heap and self._heap[0][0] < until:
            self.now, _, _, _, do, details = heappop(self._heap)
            do(*details)
        self.now = until
