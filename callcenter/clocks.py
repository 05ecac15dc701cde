"""The one module that reads clocks; everything else is told the time.

Invariant: ``instant`` never goes back, ``at`` always carries a zone.
"""

import time
from datetime import UTC, datetime, tzinfo

from callcenter.core.clock import Instant


class SystemClock:
    """The machine's clocks, as a :class:`callcenter.core.clock.Clock`.

    ``zone``: the zone that wall-clock times are given in; UTC unless told.
    """

    def __init__(self, zone: tzinfo = UTC):
        self._zone = zone

    def instant(self) -> Instant:
        """Monotonic seconds; only differences mean anything."""
        return Instant(time.monotonic())

    def at(self) -> datetime:
        """Wall-clock now."""
        return datetime.now(self._zone)
