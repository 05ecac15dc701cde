"""Watches Asterisk: events become messages in order; after every gap the whole truth is read first.

Invariant: no live event reaches the controller between the question for the truth and its answer; what came in
between follows it. A truth that cannot be read cuts the link, so that the next connection asks anew.
"""

import asyncio
from collections import deque
from collections.abc import Callable

import structlog

from callcenter.asterisk.ami import AmiLink
from callcenter.asterisk.frames import Frame
from callcenter.asterisk.registrations import Registrations
from callcenter.asterisk.resync import snapshot
from callcenter.asterisk.translate import messages
from callcenter.core.clock import Clock
from callcenter.core.errors import PeerError
from callcenter.core.messages import link
from callcenter.core.messages.base import Message

log = structlog.get_logger()

RESYNC_GAP_S = 2.0
"""Shortest pause between two readings of the truth."""

BUFFER_LIMIT = 20_000
"""Live events kept while the truth is read; beyond it the link is cut."""

UNTOLD_LIMIT = 16
"""News of gaps kept while the inbox is full; one is enough to know that there was a gap."""


class Watch:
    """The observer's link and the resync that belongs to it.

    ``connect``: makes the link from the four callbacks (frame, up, down, alarm).
    """

    def __init__(
        self, connect: Callable[["Watch"], AmiLink], post: Callable[[Message], None], clock: Clock
    ) -> None:
        self._post = post
        self._clock = clock
        self._registrations = Registrations()
        self._wanted = asyncio.Event()
        self._reason = ""
        self._buffer: list[Message] | None = None
        self._untold: deque[Message] = deque(maxlen=UNTOLD_LIMIT)
        self.has_truth = False
        self.link = connect(self)

    def on_frame(self, frame: Frame) -> None:
        """A live event. Raises ``asyncio.QueueFull`` when it cannot be taken: the link is cut."""
        for message in (*messages(frame, self._clock.at()), *self._registrations.see(frame)):
            self._take(message)

    def on_up(self) -> None:
        """Connected: ask for the truth before anything else."""
        self._buffer = []
        self.want_truth("connected")

    def on_down(self, reason: str) -> None:
        """The link is gone: from now on figures have a gap."""
        self._buffer = None
        if self.has_truth:
            self.has_truth = False
            self._tell(link.LinkLost(reason, self._clock.at()))

    def on_alarm(self, reason: str) -> None:
        """A frame was dropped: whatever it said, the truth will tell."""
        self._tell(link.FrameDropped(reason))
        self.want_truth("frame dropped")

    def want_truth(self, reason: str) -> None:
        """Read the truth soon."""
        self._reason = reason
        self._wanted.set()

    async def run(self) -> None:
        """Keep the link and answer each wish for the truth, until canceled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self.link.run(), name="ami-observer")
            group.create_task(self._resyncs(), name="resync")

    async def _resyncs(self) -> None:
        while True:
            await self._wanted.wait()
            self._wanted.clear()
            if self.link.is_up:
                await self._read_truth()
                await asyncio.sleep(RESYNC_GAP_S)

    async def _read_truth(self) -> None:
        self._buffer = self._buffer if self._buffer is not None else []
        try:
            truth = await snapshot(self.link)
            self._restore(truth)
        except PeerError as error:
            log.error("the truth could not be read", code=error.code)
            self.link.cut(error.code)
            return
        log.info("truth read", reason=self._reason, calls=len(truth.calls), waiting=len(truth.waiting))

    def _restore(self, truth: link.Snapshot) -> None:
        late, self._buffer = self._buffer or [], None
        while self._untold:
            self._post(self._untold[0])
            self._untold.popleft()
        self._post(link.LinkRestored(truth, self._clock.at()))
        self.has_truth = True
        for message in late:
            self._post(message)

    def _tell(self, news: Message) -> None:
        """Post news of a gap; what a full inbox cannot take is told before the next truth."""
        try:
            self._post(news)
        except PeerError:
            self._untold.append(news)

    def _take(self, message: Message) -> None:
        if self._buffer is None:
            self._deliver(message)
        elif len(self._buffer) >= BUFFER_LIMIT:
            raise asyncio.QueueFull
        else:
            self._buffer.append(message)

    def _deliver(self, message: Message) -> None:
        try:
            self._post(message)
        except PeerError:
            raise asyncio.QueueFull from None
