"""The live end of the journal for many readers: each has only a cursor, the events are kept once.

Invariants: a reader gets every entry after its cursor, in order and without holes, from the shared ring or,
when it is further behind, from the journal itself; memory does not grow with the number of readers.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from itertools import islice

from callcenter.web.ports.events import Events
from callcenter.web.refusals import Refusal
from callcenter.web.views.events import EventView

RING = 2_000
"""Newest entries kept in memory: about 20 s of a full surge."""

BATCH = 500


class Feed:
    """Follows the journal."""

    def __init__(self, events: Events) -> None:
        self._events = events
        self._ring: deque[EventView] = deque(maxlen=RING)
        self._news = asyncio.Event()
        self._unsubscribe: Callable[[], None] | None = None

    def open(self) -> None:
        """Begin to follow."""
        self._unsubscribe = self._events.subscribe(self._take)

    def close(self) -> None:
        """Stop following."""
        if self._unsubscribe is not None:
            self._unsubscribe()
            self._unsubscribe = None

    async def start_from(self, since: int | None) -> int:
        """The cursor of a new reader; ``None``: from now on.

        Raises:
            Refusal: 410 ``events_gone``: entries after ``since`` are no longer kept, or never were.
        """
        oldest, newest = await self._events.bounds()
        if since is None:
            return newest
        if not oldest - 1 <= since <= newest:
            raise Refusal(
                410,
                "events_gone",
                "these events are not kept; take the snapshot and follow from its seq",
                details={"oldest_seq": oldest, "newest_seq": newest, "snapshot": "/api/v1/status"},
            )
        return since

    async def after(self, cursor: int) -> Sequence[EventView]:
        """The next entries after ``cursor``; waits until there is one."""
        while True:
            news = self._news
            batch = self._from_ring(cursor)
            if batch is None:
                batch = await self._events.since(cursor, BATCH)
            if batch:
                return batch
            await news.wait()

    def news(self) -> asyncio.Event:
        """Set when the next entry after this question comes; held before a look, it tells what came during it."""
        return self._news

    def _take(self, event: EventView) -> None:
        if self._ring and event.seq != self._ring[-1].seq + 1:
            self._ring.clear()
        self._ring.append(event)
        news, self._news = self._news, asyncio.Event()
        news.set()

    def _from_ring(self, cursor: int) -> Sequence[EventView] | None:
        """Entries after ``cursor``, or ``None`` when the ring does not reach back so far."""
        if not self._ring or cursor < self._ring[0].seq - 1:
            return None
        skip = max(0, cursor - self._ring[0].seq + 1)
        return list(islice(self._ring, skip, skip + BATCH))
