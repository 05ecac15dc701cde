"""Live captions for many readers: each caption goes to all at once, and is then forgotten.

Invariant: memory is bounded by the readers and their talks, however slowly they read: of a line that grows a reader gets the
newest state only.
"""

import asyncio
from collections import OrderedDict, deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from callcenter.core.ids import ContactId, SeatId
from recordings.captions import Caption
from recordings.core.captions import masked

LINES_MAX = 500
"""Lines that may wait for one reader; then the oldest is dropped."""

MASKED_WITH = 4
"""Earlier lines of a speaker over which one number may be spread."""

_SPEAKERS_MAX = 200


@dataclass(frozen=True, slots=True)
class Spoken:
    """A caption as it is handed out. ``seat_id``: the seat in the talk; ``masked_text``: for everybody else."""

    caption: Caption
    masked_text: str
    seat_id: SeatId | None
    at: datetime


class CaptionReader:
    """What one reader has not read yet."""

    def __init__(self) -> None:
        self._waiting: OrderedDict[tuple[ContactId, str, float], Spoken] = OrderedDict()
        self._news = asyncio.Event()

    async def next(self) -> Sequence[Spoken]:
        """What was said since the last time; waits until there is something."""
        await self._news.wait()
        self._news.clear()
        waiting, self._waiting = self._waiting, OrderedDict()
        return list(waiting.values())

    def put(self, spoken: Spoken) -> None:
        """Keep it until it is read."""
        caption = spoken.caption
        self._waiting[caption.contact_id, caption.channel, caption.begin_s] = spoken
        if len(self._waiting) > LINES_MAX:
            self._waiting.popitem(last=False)
        self._news.set()


class CaptionFeed:
    """Hands captions out."""

    def __init__(self) -> None:
        self._readers: set[CaptionReader] = set()
        self._before: OrderedDict[tuple[ContactId, str], deque[str]] = OrderedDict()

    @contextmanager
    def follow(self) -> Iterator[CaptionReader]:
        """A reader of everything from now on, inside the block."""
        reader = CaptionReader()
        self._readers.add(reader)
        try:
            yield reader
        finally:
            self._readers.discard(reader)

    def tell(self, caption: Caption, seat_id: SeatId | None, at: datetime) -> None:
        """Hand one out."""
        before = self._earlier(caption)
        spoken = Spoken(caption, masked(before, caption.text), seat_id, at)
        if caption.final:
            before.append(caption.text)
        for reader in self._readers:
            reader.put(spoken)

    def _earlier(self, caption: Caption) -> deque[str]:
        """The last lines of the same speaker."""
        key = (caption.contact_id, caption.channel)
        before = self._before.pop(key, None) or deque(maxlen=MASKED_WITH)
        self._before[key] = before
        if len(self._before) > _SPEAKERS_MAX:
            self._before.popitem(last=False)
        return before
