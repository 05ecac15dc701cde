"""The partner city (协作城市): its own calls come first (SCENARIOS.md 5.5).

Invariant: an overflow call is taken only while more than ``reserve`` seats are free and none of its own callers waits.
"""

from collections import deque
from collections.abc import Callable

from callcenter.sim.calendar import Calendar, Rank
from callcenter.sim.params import PartnerCity
from callcenter.sim.trace import Traffic

_END = 1_000_000
"""The number of an end among the seat events of one millisecond (SCENARIOS.md 1.4)."""


class Partner:
    """Its seats, its queue (FIFO, nobody abandons), and how many of its own calls had to wait."""

    def __init__(
        self, params: PartnerCity, traffic: Traffic, calendar: Calendar, freed: Callable[[], None]
    ) -> None:
        self._seats, self._reserve = params.seats, params.reserve
        self._calendar, self._freed = calendar, freed
        self._busy = 0
        self._waiting: deque[int] = deque()
        self.calls = self.delayed = 0
        self.helps = False
        """Whether it ever took an overflow call."""
        for pid, (at, service) in enumerate(zip(traffic.arrivals, traffic.services, strict=True)):
            calendar.at(at, Rank.SEATS, pid, self._arrive, service)

    @property
    def accepts(self) -> bool:
        """Whether an overflow call would be taken now."""
        return self._seats - self._busy > self._reserve and not self._waiting

    def help(self, service: int) -> None:
        """Take an overflow call of ``service`` ms."""
        self.helps = True
        self._serve(service)

    def _serve(self, service: int) -> None:
        self._busy += 1
        self._calendar.at(self._calendar.now + service, Rank.SEATS, _END, self._end)

    def _arrive(self, service: int) -> None:
        self.calls += 1
        if self._busy < self._seats and not self._waiting:
            self._serve(service)
        else:
            self.delayed += 1
            self._waiting.append(service)

    def _end(self) -> None:
        self._busy -= 1
        if self._waiting:
            self._serve(self._waiting.popleft())
        else:
            self._freed()
