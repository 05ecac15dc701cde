"""The one way of the controller into the database: an ordered, bounded queue, committed in batches.

Invariants: operations are committed in the order in which they were handed in; one that is broken is set
aside and takes no other down; a database in trouble delays, but loses, nothing that was accepted; what was
journaled is told exactly once, in order, after its commit.
"""

import asyncio
import contextlib
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Final, NoReturn

import structlog

from callcenter.core.errors import CallcenterError, PeerError
from callcenter.store.database import Database
from callcenter.store.unit import JournalEntry, Unit

log = structlog.get_logger()

Operation = Callable[[Unit], Awaitable[None]]
"""What to do in a unit of work. It may be run again, so it must be harmless to repeat."""

BATCH_MAX: Final = 200
QUEUE_MAX: Final = 50_000
RETRY_FIRST_S: Final = 0.1
RETRY_MAX_S: Final = 5.0
BROKEN_KEPT: Final = 100
LINGER_S: Final = 0.02
"""What nobody awaits may wait so long for company: a commit costs more than an operation."""


@dataclass(frozen=True, slots=True)
class Broken:
    """An operation that the database refused for its own fault."""

    name: str
    error: str


@dataclass(slots=True)
class _Waiting:
    operation: Operation
    name: str
    done: asyncio.Future[None] | None


@dataclass
class StoreWriter:
    """Writes in the background while ``run`` runs. ``on_committed`` is told each batch's journal entries."""

    database: Database
    on_committed: Callable[[Sequence[JournalEntry]], None] = lambda entries: None
    on_trouble: Callable[[CallcenterError | None], None] = lambda trouble: None
    """Told when the database gets into trouble, and ``None`` when it is over."""
    broken: deque[Broken] = field(default_factory=lambda: deque(maxlen=BROKEN_KEPT))
    broken_count: int = 0
    committed_count: int = 0
    trouble: CallcenterError | None = None
    """Why nothing can be written at present."""

    def __post_init__(self) -> None:
        self._queue: deque[_Waiting] = deque()
        self._in_hand = 0
        self._arrived = asyncio.Event()
        self._awaited = asyncio.Event()

    @property
    def backlog(self) -> int:
        """Operations that are not committed yet."""
        return len(self._queue) + self._in_hand

    def submit(self, operation: Operation, name: str = "") -> None:
        """Have this done, after everything handed in before. ``name`` tells it in the log.

        Raises:
            PeerError: code ``store_overflow``: the database has been in trouble for too long.
        """
        self._put(operation, name, None)

    async def do(self, operation: Operation, name: str = "") -> None:
        """Have this done and wait for its commit.

        Raises:
            PeerError: code ``store_overflow``.
            Exception: what the operation itself raised; it was set aside.
        """
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._put(operation, name, done)
        self._awaited.set()
        await done

    async def flush(self) -> None:
        """Wait until everything handed in so far is committed or set aside."""
        await self.do(_nothing, "flush")

    async def run(self) -> NoReturn:
        """Write for ever; cancel it only after ``flush``."""
        while True:
            await self._arrived.wait()
            await self._linger()
            await self._write(self._next_batch())

    def _put(self, operation: Operation, name: str, done: asyncio.Future[None] | None) -> None:
        if self.backlog >= QUEUE_MAX:
            raise PeerError("too much is waiting for the database", code="store_overflow")
        self._queue.append(_Waiting(operation, name or _name(operation), done))
        self._arrived.set()

    def _next_batch(self) -> list[_Waiting]:
        batch = [self._queue.popleft() for _ in range(min(BATCH_MAX, len(self._queue)))]
        self._in_hand = len(batch)
        if not self._queue:
            self._arrived.clear()
            self._awaited.clear()
        return batch

    async def _linger(self) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LINGER_S):
                await self._awaited.wait()

    async def _write(self, batch: list[_Waiting]) -> None:
        try:
            await self._commit(batch)
        except Exception as error:  # noqa: BLE001  whatever one operation raises, the others must be kept
            if len(batch) == 1:
                self._set_aside(batch[0], error)
            else:
                for waiting in batch:
                    await self._write([waiting])
        self._in_hand = 0

    async def _commit(self, batch: list[_Waiting]) -> None:
        """Commit these together, trying again for as long as the database is in trouble."""
        delay_s, is_repeat = RETRY_FIRST_S, False
        while True:
            try:
                self._committed(batch, await self._try(batch, is_repeat=is_repeat))
                return
            except CallcenterError as trouble:
                if not _is_databases_fault(trouble):
                    raise
                self._note_trouble(trouble)
            await asyncio.sleep(delay_s)
            delay_s, is_repeat = min(delay_s * 2, RETRY_MAX_S), True

    async def _try(self, batch: list[_Waiting], *, is_repeat: bool) -> Sequence[JournalEntry]:
        async with self.database.unit(is_repeat=is_repeat) as unit:
            for waiting in batch:
                await waiting.operation(unit)
        return unit.entries

    def _committed(self, batch: list[_Waiting], entries: Sequence[JournalEntry]) -> None:
        if self.trouble is not None:
            self._note_trouble(None)
        self.committed_count += len(batch)
        for waiting in batch:
            if waiting.done is not None and not waiting.done.done():
                waiting.done.set_result(None)
        if entries:
            self.on_committed(entries)

    def _set_aside(self, waiting: _Waiting, error: Exception) -> None:
        kind = error.code if isinstance(error, CallcenterError) else type(error).__name__
        self.broken_count += 1
        self.broken.append(Broken(waiting.name, kind))
        log.error("write set aside", operation=waiting.name, error=kind)
        if waiting.done is not None and not waiting.done.done():
            waiting.done.set_exception(error)

    def _note_trouble(self, trouble: CallcenterError | None) -> None:
        if (self.trouble is None) != (trouble is None):
            log.warning("database trouble" if trouble else "database trouble over", code=_code(trouble))
            self.on_trouble(trouble)
        self.trouble = trouble


def _is_databases_fault(error: CallcenterError) -> bool:
    return error.code.startswith("database_")


def _code(trouble: CallcenterError | None) -> str | None:
    return trouble.code if trouble else None


def _name(operation: Operation) -> str:
    return getattr(operation, "__qualname__", None) or type(operation).__name__


async def _nothing(unit: Unit) -> None:
    """Only the commit is wanted."""
