"""Background work with bounds: so many tasks at once, each with a time limit, none unreferenced.

Invariant: a task that fails is counted and logged by type, and never takes others down.
"""

import asyncio
from collections.abc import Coroutine
from typing import Any

import structlog

from callcenter.core.errors import CallcenterError, PeerError

log = structlog.get_logger()


class Workbench:
    """Runs coroutines of one kind. ``limit``: at once; ``limit_s``: longest run, seconds; ``backlog``: waiting."""

    def __init__(self, name: str, *, limit: int, limit_s: float, backlog: int = 10_000) -> None:
        self._name = name
        self._limit = limit
        self._limit_s = limit_s
        self._queue: asyncio.Queue[Coroutine[Any, Any, None]] = asyncio.Queue(backlog)
        self.failed = 0

    def start(self, work: Coroutine[Any, Any, None]) -> None:
        """Do this as soon as a place is free, in order of arrival.

        Raises:
            PeerError: the backlog is full.
        """
        try:
            self._queue.put_nowait(work)
        except asyncio.QueueFull:
            work.close()
            raise PeerError(f"too much unfinished work: {self._name}", code="backlog_full") from None

    async def run(self) -> None:
        """Work until canceled; what has not begun by then never does."""
        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(self._limit):
                    group.create_task(self._worker(), name=self._name)
        finally:
            while not self._queue.empty():
                self._queue.get_nowait().close()

    async def _worker(self) -> None:
        while True:
            await self._do(await self._queue.get())

    async def _do(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            async with asyncio.timeout(self._limit_s):
                await work
        except CallcenterError as error:
            self._failed(error.code)
        except Exception as error:  # noqa: BLE001  one piece of work must not end the workbench
            self._failed(type(error).__name__)

    def _failed(self, code: str) -> None:
        self.failed += 1
        log.error("work failed", bench=self._name, code=code)
