"""The WebSocket end of the event stream.

Invariants: frames carry rising ``seq``; without a type filter it has no holes; live captions and the board, sent only to who
names their type, stand beside that order; a client that does not read within ``SEND_LIMIT_S`` is cut and may come back with
its last seq; a session that ended ends its streams.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from fnmatch import fnmatchcase
from typing import Literal

import structlog
from aiohttp import WSCloseCode, web

from callcenter.core.clock import Clock
from callcenter.core.errors import CallcenterError
from callcenter.web import live_board, live_captions
from callcenter.web.discretion import Discretion
from callcenter.web.feed import Feed
from callcenter.web.identity import Identity, Via
from callcenter.web.live_board import LiveBoards
from callcenter.web.metrics import WebMetrics
from callcenter.web.ports.captions import LiveCaptions
from callcenter.web.signin import SignIn
from callcenter.web.views import View
from callcenter.web.views.events import EventView

log = structlog.get_logger()

SEND_LIMIT_S = 10.0
HEARTBEAT_S = 10.0
"""So often the position is sent: the other side knows that the link lives, and where to begin again, whatever it reads."""

SIGNED_OUT = 4401
"""Close code: the session ended."""

STREAMS_MAX, STREAMS_PER_ACCOUNT = 200, 20
WRITE_BUFFER_BYTES = 64 * 1024
"""What may wait in memory for one client; then its turn waits for the client to read."""


class SessionTakenFrame(View):
    """The last frame of a desk whose seat somebody else took over; without ``seq``."""

    type: Literal["session.taken_over"] = "session.taken_over"
    at: datetime
    seat_id: str
    by: str
    why: str


class Streams:
    """All open streams."""

    def __init__(
        self,
        feed: Feed,
        captions: LiveCaptions,
        boards: LiveBoards,
        signin: SignIn,
        metrics: WebMetrics,
        clock: Clock,
        discretion: Discretion,
    ) -> None:
        self._feed = feed
        self._captions = captions
        self._boards = boards
        self._signin = signin
        self._metrics = metrics
        self._clock = clock
        self._discretion = discretion
        self._open: dict[web.WebSocketResponse, Identity] = {}

    def is_full_for(self, identity: Identity) -> bool:
        """Whether no further stream is taken, from anybody or from this account."""
        own = sum(other.name == identity.name for other in self._open.values())
        return len(self._open) >= STREAMS_MAX or own >= STREAMS_PER_ACCOUNT

    async def serve(
        self,
        request: web.Request,
        identity: Identity,
        cursor: int,
        types: Sequence[str],
        note_reader: Callable[[], Awaitable[None]],
    ) -> web.WebSocketResponse:
        """Replay after ``cursor``, then follow, until either side ends it.

        ``note_reader`` writes into the audit that he reads along: awaited before his first caption of another's talk.
        """
        socket = web.WebSocketResponse(
            heartbeat=30.0, max_msg_size=1024, writer_limit=WRITE_BUFFER_BYTES, compress=False
        )
        await socket.prepare(request)
        self._open[socket] = identity
        self._metrics.streams.inc()
        try:
            await self._both_ways(_Stream(socket, request, identity, types, note_reader), cursor)
        finally:
            del self._open[socket]
            self._metrics.streams.dec()
        return socket

    def present(self) -> list[Identity]:
        """Who has a desk open right now: one identity a session."""
        return list({identity.token_hash: identity for identity in self._open.values()}.values())

    async def dismiss(self, hashed: str, frame: SessionTakenFrame | None = None) -> None:
        """A session has ended: its streams end at once; ``frame`` tells its desks why."""
        for socket in [it for it, identity in self._open.items() if identity.token_hash == hashed]:
            with suppress(TimeoutError, ConnectionError):
                async with asyncio.timeout(1.0):
                    if frame is not None:
                        await socket.send_str(frame.model_dump_json())
                    await socket.close(code=SIGNED_OUT, message=b"signed out")

    async def close(self) -> None:
        """End all streams: the server stops."""
        for socket in list(self._open):
            with suppress(TimeoutError):
                async with asyncio.timeout(1.0):
                    await socket.close(code=WSCloseCode.GOING_AWAY, message=b"server stops")

    async def _both_ways(self, stream: "_Stream", cursor: int) -> None:
        senders = [asyncio.create_task(self._send(stream, cursor))]
        if live_captions.are_wanted(stream.types):
            senders.append(asyncio.create_task(self._send_captions(stream)))
        if live_board.are_wanted(stream.types):
            senders.append(asyncio.create_task(self._send_board(stream)))
        for sender in senders:
            sender.add_done_callback(stream.cut_if_broken)
        try:
            async for _ in stream.socket:
                pass  # nothing is expected from the client; reading notices its leaving
        finally:
            for sender in senders:
                sender.cancel()
            for sender in senders:
                with suppress(asyncio.CancelledError, ConnectionError):
                    await sender

    async def _send(self, stream: "_Stream", cursor: int) -> None:
        checked = self._clock.instant()
        try:
            while True:
                cursor, is_quiet = await self._turn(stream, cursor)
                if not is_quiet and self._clock.instant() - checked < HEARTBEAT_S:
                    continue
                checked = self._clock.instant()
                if not await self._still_signed_in(stream.identity):
                    await stream.socket.close(code=SIGNED_OUT, message=b"signed out")
                    return
                await stream.send(self._sign_of_life(cursor))
        except TimeoutError:
            self._metrics.slow_streams.inc()
            stream.cut()
        except CallcenterError as error:
            log.warning("event stream ended", code=error.code)
            await stream.socket.close(code=WSCloseCode.TRY_AGAIN_LATER, message=b"journal not readable")

    async def _send_board(self, stream: "_Stream") -> None:
        """The board: whole, then what changes."""
        try:
            shows_beside = self._discretion.shows(stream.identity)
            with self._boards.follow(shows_beside=shows_beside) as reader:
                while True:
                    await stream.send(await reader.next(self._boards))
        except TimeoutError:
            self._metrics.slow_streams.inc()
            stream.cut()

    async def _send_captions(self, stream: "_Stream") -> None:
        """What is said, as it is said, and only what this reader may hear."""
        is_noted = False
        try:
            with self._captions.follow() as reader:
                while True:
                    for spoken in await reader.next():
                        if frame := live_captions.frame(spoken, stream.identity):
                            if frame.data.masked and not is_noted:
                                await stream.note_reader()
                                is_noted = True
                            await stream.send(frame.model_dump_json())
        except TimeoutError:
            self._metrics.slow_streams.inc()
            stream.cut()

    async def _turn(self, stream: "_Stream", cursor: int) -> tuple[int, bool]:
        """Send what came within one heartbeat. Returns the new cursor, and whether nothing came."""
        try:
            async with asyncio.timeout(HEARTBEAT_S):
                events = await self._feed.after(cursor)
        except TimeoutError:
            return cursor, True
        for event in (self._discretion.event(event, stream.identity) for event in events):
            if matches(event, stream.types):
                await stream.send(event.model_dump_json())
        return events[-1].seq, False

    async def _still_signed_in(self, identity: Identity) -> bool:
        if identity.via is Via.CONTROL:
            return True
        return await self._signin.recall(identity.token_hash, identity.via) is not None

    def _sign_of_life(self, cursor: int) -> str:
        return f'{{"type":"stream.alive","seq":{cursor},"at":"{self._clock.at().isoformat()}"}}'


def matches(event: EventView, types: Sequence[str]) -> bool:
    """Whether the event is one of ``types`` (exact, or ``call.*``); no types: all."""
    return not types or any(fnmatchcase(event.type, pattern) for pattern in types)


@dataclass(frozen=True, slots=True)
class _Stream:
    socket: web.WebSocketResponse
    request: web.Request
    identity: Identity
    types: Sequence[str]
    note_reader: Callable[[], Awaitable[None]]

    async def send(self, text: str) -> None:
        async with asyncio.timeout(SEND_LIMIT_S):
            await self.socket.send_str(text)

    def cut_if_broken(self, sender: asyncio.Task[None]) -> None:
        """Half a stream would look like a quiet one."""
        if not sender.cancelled() and sender.exception() is not None:
            self.cut()

    def cut(self) -> None:
        """End the connection hard: a closing frame would wait behind all that was not read."""
        if self.request.transport is not None:
            self.request.transport.abort()
