"""What is kept about alarms (告警) between two questions: who has seen which, and what the stores told a moment ago.

Invariant: a surge with a hundred open boards asks the stores no more often than a calm day with one.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Final

from callcenter.core.alarms import Told
from callcenter.core.clock import Instant
from callcenter.web.views.alarms import SeenView

FRESH_S: Final = 15.0
"""So long what the stores told is good enough."""


class AlarmBook:
    """Who has seen which alarm, as long as it lasts; a restart asks anew."""

    def __init__(self) -> None:
        self._seen: dict[str, SeenView] = {}
        self._told: tuple[Instant, Told] | None = None

    def acknowledge(self, alarm_id: str, by: str, at: datetime) -> None:
        """Somebody looks after it; the first one stays."""
        self._seen.setdefault(alarm_id, SeenView(by=by, at=at))

    def keep_only(self, lasting: set[str]) -> None:
        """Forget those that are over: when one comes back somebody is to look again."""
        self._seen = {name: seen for name, seen in self._seen.items() if name in lasting}

    def of(self, alarm_id: str) -> SeenView | None:
        """Who acknowledged it."""
        return self._seen.get(alarm_id)

    async def told(self, now: Instant, ask: Callable[[], Awaitable[Told]]) -> Told:
        """What the stores tell, asked at most every ``FRESH_S`` seconds."""
        if self._told is None or now - self._told[0] >= FRESH_S:
            self._told = now, await ask()
        return self._told[1]
