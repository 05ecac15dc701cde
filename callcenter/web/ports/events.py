"""The journal and its live end."""

from collections.abc import Callable, Sequence
from typing import Protocol

from callcenter.web.views.events import EventView


class Events(Protocol):
    """The journal and its live end."""

    async def since(self, seq: int, limit: int) -> Sequence[EventView]:
        """At most ``limit`` entries after ``seq``, in order and without holes."""

    async def bounds(self) -> tuple[int, int]:
        """Oldest and newest seq kept; ``(1, 0)`` when there is none."""

    def subscribe(self, listener: Callable[[EventView], None]) -> Callable[[], None]:
        """Call ``listener`` with each new entry, in order; the answer ends that."""
