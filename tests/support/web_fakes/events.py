"""The event stream's journal, in memory."""
# ruff: noqa: D102  each method is described by the port that it stands in for

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from callcenter.web.views.events import EventView
from web_fakes.scene import START


@dataclass
class FakeEvents:
    """A journal in memory. ``oldest``: what was trimmed."""

    oldest: int = 1
    entries: list[EventView] = field(default_factory=list)
    listeners: list[Callable[[EventView], None]] = field(default_factory=list)
    reads: int = 0

    def append(
        self, type_: str, data: dict[str, Any] | None = None, at: datetime = START, **subject: str
    ) -> EventView:
        """Journal and tell."""
        seq = self.entries[-1].seq + 1 if self.entries else self.oldest
        event = EventView(seq=seq, id=f"e{seq}", type=type_, at=at, subject=subject, data=data or {})
        self.entries.append(event)
        for listener in list(self.listeners):
            listener(event)
        return event

    async def since(self, seq: int, limit: int) -> Sequence[EventView]:
        self.reads += 1
        return [event for event in self.entries if event.seq > seq][:limit]

    async def bounds(self) -> tuple[int, int]:
        return self.oldest, self.entries[-1].seq if self.entries else self.oldest - 1

    def subscribe(self, listener: Callable[[EventView], None]) -> Callable[[], None]:
        self.listeners.append(listener)
        return lambda: self.listeners.remove(listener)
