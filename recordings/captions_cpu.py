"""How busy the machine is with what goes before captions: the kernel's own count of every core's time.

Niced work is left out: it gives way to calls by itself, and the recognizers, captions included, are niced.
"""

import math
import os
from collections import deque
from collections.abc import Callable
from pathlib import Path

from callcenter.core.clock import Clock, Instant

WINDOW_S = 5.0
"""One look is a moment; the share is that of so many seconds."""

_STAT, _QUOTA = Path("/proc/stat"), Path("/sys/fs/cgroup/cpu.max")
_NICE, _IDLE, _WAITING = 1, 3, 4
_COUNTED = 8
"""user nice system idle iowait irq softirq steal; guests are inside user."""


class CpuMeter:
    """Look about once a second. ``read``: the text of ``/proc/stat``."""

    def __init__(self, clock: Clock, read: Callable[[], str] = lambda: _STAT.read_text("ascii")) -> None:
        self._clock = clock
        self._read = read
        self._seen: deque[tuple[Instant, int, int]] = deque()

    def busy_ratio(self) -> float | None:
        """The share of all cores in the last seconds, 0..1; ``None``: not known, or not yet."""
        try:
            busy, total = _ticks(self._read())
        except (OSError, ValueError, IndexError):
            self._seen.clear()
            return None
        now = self._clock.instant()
        self._seen.append((now, busy, total))
        while len(self._seen) > 2 and self._seen[1][0] <= now - WINDOW_S:
            self._seen.popleft()
        _, busy_before, total_before = self._seen[0]
        passed = total - total_before
        return max(0.0, min(1.0, (busy - busy_before) / passed)) if passed > 0 else None


def cores() -> int:
    """The cores that this process may use: those it is bound to, and no more than its control group pays for."""
    bound = len(os.sched_getaffinity(0))
    try:
        quota, period = _QUOTA.read_text("ascii").split()
        return min(bound, max(1, math.floor(int(quota) / int(period))))
    except (OSError, ValueError):  # no such group, or "max"
        return bound


def _ticks(text: str) -> tuple[int, int]:
    """(busy, all) since the machine started, over all cores."""
    name, *numbers = text.split("\n", 1)[0].split()
    ticks = [int(number) for number in numbers[:_COUNTED]]
    if name != "cpu" or len(ticks) < _COUNTED:
        raise ValueError("not /proc/stat")
    total = sum(ticks) - ticks[_NICE]
    return total - ticks[_IDLE] - ticks[_WAITING], sum(ticks)
