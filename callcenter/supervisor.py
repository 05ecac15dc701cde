"""Keeps the parts of one instance running: Redis-protocol server, Asterisk, controller.

Invariants: parts start in order and each is ready before the next begins; a part that dies is started again
with growing pauses, while the others go on; calls live in Asterisk, so the controller may die at any time.
"""

import asyncio
import contextlib
import fcntl
import os
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Protocol

import structlog

from callcenter.core.errors import CallcenterError, PeerError, UsageError
from callcenter.processes import PidFile, spawn, stop
from callcenter.settings import Settings

log = structlog.get_logger()

Progress = Callable[[str], None]

CHECK_S = 0.5
PAUSES_S = (0.2, 0.5, 1.0, 2.0, 5.0, 10.0)
"""Pauses before the first, second, ... restart in a row."""

STEADY_S = 60.0
"""A part that ran this long starts again without a pause."""


class Part(Protocol):
    """Something that runs as a process."""

    @property
    def name(self) -> str:
        """What it is called in messages."""

    def is_running(self) -> bool:
        """Whether its process lives."""

    async def start(self, progress: Progress) -> None:
        """Start (or adopt) it and wait until it is ready; raises CallcenterError."""

    async def stop(self) -> None:
        """End it."""


class ControllerProcess:
    """The controller in its own process."""

    name = "controller"

    def __init__(self, settings: Settings, run_dir: Path, ready: Callable[[], Awaitable[bool]]) -> None:
        self._settings = settings
        self._pid_file = PidFile(run_dir / "controller.pid")
        self._ready = ready

    def is_running(self) -> bool:
        """Whether its process lives."""
        return self._pid_file.pid() is not None

    async def start(self, progress: Progress) -> None:
        """Start it and wait until it answers."""
        if not self.is_running():
            progress("控制器启动 / starting the controller")
            command = [sys.executable, "-m", "callcenter", "controller"]
            spawn(command, self._settings.log_path / "controller.log", self._pid_file)
        await self._until_ready(30.0)

    async def stop(self) -> None:
        """End it; what it was writing is committed first."""
        await stop(self._pid_file, grace_s=10.0)

    async def _until_ready(self, limit_s: float) -> None:
        try:
            async with asyncio.timeout(limit_s):
                while not await self._ready():
                    if not self.is_running():
                        raise PeerError(
                            f"the controller stopped at once: see {self._settings.log_path / 'controller.log'}",
                            code="controller_died",
                        )
                    await asyncio.sleep(0.1)
        except TimeoutError:
            raise PeerError(
                f"the controller is not ready after {limit_s:.0f} s: see "
                f"{self._settings.log_path / 'controller.log'}",
                code="controller_slow",
            ) from None


async def start_all(parts: Sequence[Part], progress: Progress) -> None:
    """Start the parts in order; if one fails, stop those that were started here."""
    started: list[Part] = []
    try:
        for part in parts:
            if not part.is_running():
                started.append(part)
            await part.start(progress)
    except BaseException:
        for part in reversed(started):
            await part.stop()
        raise


async def stop_all(parts: Sequence[Part]) -> None:
    """Stop the parts, last started first."""
    for part in reversed(parts):
        await part.stop()


async def supervise(parts: Sequence[Part]) -> None:
    """Restart whatever dies, until canceled."""
    async with asyncio.TaskGroup() as group:
        for part in parts:
            group.create_task(_keep_running(part), name=part.name)


async def _keep_running(part: Part) -> None:
    failures = 0
    while True:
        steady_s = await _until_it_dies(part)
        failures = 0 if steady_s >= STEADY_S else failures
        pause_s = PAUSES_S[min(failures, len(PAUSES_S) - 1)]
        log.error("part died", part=part.name, pause_s=pause_s)
        await asyncio.sleep(pause_s)
        failures += 1
        try:
            await part.start(lambda text: None)
            log.info("part restarted", part=part.name)
        except CallcenterError as error:
            log.error("part does not start", part=part.name, code=error.code)


async def _until_it_dies(part: Part) -> float:
    checks = 0
    while part.is_running():
        checks += 1
        await asyncio.sleep(CHECK_S)
    return checks * CHECK_S


@contextmanager
def only_one(lock: Path) -> Iterator[None]:
    """Hold the instance's lock.

    Raises:
        UsageError: another supervisor holds it.
    """
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise UsageError("this instance is running already", code="already_up") from None
        yield


@asynccontextmanager
async def until_signaled() -> AsyncIterator[asyncio.Event]:
    """An event that SIGTERM and SIGINT set."""
    loop, event = asyncio.get_running_loop(), asyncio.Event()
    for sign in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(sign, event.set)
    try:
        yield event
    finally:
        for sign in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(sign)


async def run_supervisor(parts: Sequence[Part], run_dir: Path, beside: Callable[[], Awaitable[None]]) -> None:
    """Adopt or start the parts and keep them running until a signal; then stop them.

    ``beside``: what else goes on meanwhile, for ever.
    """
    pid_file = PidFile(run_dir / "supervisor.pid")
    with only_one(run_dir / "supervisor.lock"):
        pid_file.write(os.getpid())
        async with until_signaled() as signaled:
            try:
                await start_all(parts, lambda text: log.info("progress", step=text))
                watching = asyncio.gather(supervise(parts), beside())
                await signaled.wait()
                watching.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await watching
            finally:
                await stop_all(parts)
                pid_file.forget()
