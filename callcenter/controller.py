"""The controller: one inbox, one consumer. It routes messages to the engines and hands their effects on.

Invariants: it decides nothing itself; messages are taken one at a time, in order, so decisions need no lock; what one
engine publishes, every engine hears; a message that an engine refuses is logged and changes nothing in that engine, and
the truth is asked anew.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

import structlog

from callcenter.core.clock import Clock, Instant
from callcenter.core.engine import Engine
from callcenter.core.errors import IllegalTransition, OurError, PeerError, UsageError
from callcenter.core.messages.base import Effect, Message
from callcenter.core.messages.link import Resync
from callcenter.core.messages.seats import Publish

log = structlog.get_logger()

INBOX_LIMIT = 50_000
"""Messages that may wait: about ten minutes of a full surge hour's events."""

Perform = Callable[[Any], None]
"""Starts an effect and returns at once; the edge bounds and times what it starts."""

Journal = Callable[[Message, bool], None]
"""Appends a message to the journal; the flag says whether it was derived by an engine."""


@dataclass(frozen=True, slots=True)
class _Entry:
    message: Message
    received: Instant
    reply: asyncio.Future[None] | None


class Controller:
    """Runs the engines on the one inbox. ``speed``: instants of ``clock`` in one second (1, but for a drill)."""

    def __init__(
        self,
        engines: Sequence[Engine],
        perform: Mapping[type[Effect], Perform],
        journal: Journal,
        clock: Clock,
        *,
        observe_latency: Callable[[float], None] = lambda seconds: None,
        speed: float = 1.0,
    ) -> None:
        self._engines = engines
        self._perform = perform
        self._journal = journal
        self._clock = clock
        self._observe_latency = observe_latency
        self._speed = speed
        self._inbox: asyncio.Queue[_Entry] = asyncio.Queue(INBOX_LIMIT)
        self.refused = 0

    def post(self, message: Message) -> None:
        """Take in an event.

        Raises:
            PeerError: the inbox is full; the sender must cut its link and resync later.
        """
        self._put(_Entry(message, self._clock.instant(), None))

    async def ask(self, command: Message) -> None:
        """Take in a command and wait until it was decided.

        Raises:
            UsageError: the command was refused; the reason is for who asked.
        """
        reply: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._put(_Entry(command, self._clock.instant(), reply))
        await reply

    async def run(self) -> NoReturn:
        """Consume the inbox for ever."""
        while True:
            entry = await self._next_entry()
            if entry is None:
                self._on_deadline()
            else:
                self._take(entry)

    def _put(self, entry: _Entry) -> None:
        try:
            self._inbox.put_nowait(entry)
        except asyncio.QueueFull:
            raise PeerError("the controller's inbox is full", code="inbox_full") from None

    async def _next_entry(self) -> _Entry | None:
        """The next message, or ``None`` when a deadline comes first."""
        wait_s = self._seconds_to_deadline()
        if wait_s is not None and wait_s <= 0.0:
            return None
        if not self._inbox.empty():
            return self._inbox.get_nowait()
        try:
            async with asyncio.timeout(wait_s):
                return await self._inbox.get()
        except TimeoutError:
            return None

    def _seconds_to_deadline(self) -> float | None:
        deadlines = [d for engine in self._engines if (d := engine.next_deadline()) is not None]
        return (min(deadlines) - self._clock.instant()) / self._speed if deadlines else None

    def _on_deadline(self) -> None:
        now = self._clock.instant()
        for engine in self._engines:
            deadline = engine.next_deadline()
            if deadline is not None and deadline <= now:
                engine.on_deadline(now)
        self._carry_out()

    def _take(self, entry: _Entry) -> None:
        now = self._clock.instant()
        refusal = self._decide(entry.message, now)
        if refusal is None:
            self._journal(entry.message, False)
        self._carry_out()
        self._observe_latency((self._clock.instant() - entry.received) / self._speed)
        _answer(entry.reply, refusal)

    def _decide(self, message: Message, now: Instant) -> UsageError | None:
        for engine in self._engines:
            try:
                engine.receive(message, now)
            except UsageError as refusal:
                return refusal
            except IllegalTransition as error:
                self.refused += 1
                log.warning(
                    "illegal transition", machine=error.machine, state=error.state, transition=error.event
                )
                self._start(Resync("illegal transition"))
        return None

    def _carry_out(self) -> None:
        """Start what the engines want, until none wants more: what one publishes, the others may act on."""
        while effects := [effect for engine in self._engines for effect in engine.take_effects()]:
            for effect in effects:
                self._start(effect)

    def _show_derived(self, message: Message) -> None:
        now = self._clock.instant()
        for engine in self._engines:
            engine.receive(message, now)

    def _start(self, effect: Effect) -> None:
        if isinstance(effect, Publish):
            self._journal(effect.message, True)
            self._show_derived(effect.message)
            return
        try:
            perform = self._perform[type(effect)]
        except KeyError:
            raise OurError(f"nobody performs {type(effect).__name__}", code="no_performer") from None
        try:
            perform(effect)
        except PeerError as error:
            log.error("effect not started", effect=type(effect).__name__, code=error.code)


def _answer(reply: asyncio.Future[None] | None, refusal: UsageError | None) -> None:
    if reply is None or reply.done():
        return
    if refusal is None:
        reply.set_result(None)
    else:
        reply.set_exception(refusal)
