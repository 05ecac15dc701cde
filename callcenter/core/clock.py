"""Two kinds of time that must never be mixed.

``Instant`` is monotonic seconds: engines are told it, deadlines are made of it.
``datetime`` with a zone is wall-clock time: contacts, tickets and reports carry it (names end in ``_at``).
Invariant: no core reads either; the runtime's ``Clock`` is the only source.
"""

from datetime import datetime
from typing import NewType, Protocol

Instant = NewType("Instant", float)
"""Monotonic seconds; only differences mean anything."""


def after(now: Instant, seconds: float) -> Instant:
    """The instant ``seconds`` (>= 0) later than ``now``."""
    return Instant(now + seconds)


class Clock(Protocol):
    """What the runtime reads the time from; the simulator and the tests bring their own."""

    def instant(self) -> Instant:
        """Monotonic now."""

    def at(self) -> datetime:
        """Wall-clock now, with a zone."""
