"""One recognizer for short utterances, at work while the speaker waits: loaded when it is first needed, replaced when it dies.

Invariant: one utterance at a time; who gives up waiting ends the process that made him wait, and nothing else.
"""

import asyncio
import contextlib
from collections.abc import Sequence
from pathlib import Path

import structlog

from callcenter.core.clock import Clock, Instant
from callcenter.core.errors import PeerError
from recordings.models import ModelChoice
from recordings.process import Limits, WorkerProcess

log = structlog.get_logger()

REST_S = 30.0
"""After a process that could not even start, nobody tries again for so long."""


class Listener:
    """``phrases``: all that is to be heard, if the model can be told; none: everything."""

    def __init__(self, model: ModelChoice, phrases: Sequence[str], limits: Limits, clock: Clock) -> None:
        self._model = model
        self._phrases = phrases
        self._limits = limits
        self._clock = clock
        self._turn = asyncio.Lock()
        self._starting: asyncio.Task[WorkerProcess] | None = None
        self._failed: Instant | None = None

    @property
    def is_away(self) -> bool:
        """Whether it could not start, not long ago."""
        return self._failed is not None and self._clock.instant() - self._failed < REST_S

    @property
    def pid(self) -> int | None:
        """The process, if one is loaded."""
        task = self._starting
        is_loaded = task is not None and task.done() and not task.cancelled() and task.exception() is None
        return task.result().pid if task is not None and is_loaded else None

    def prepare(self) -> None:
        """Begin to load the model, unless it is loaded or loading: somebody is about to speak."""
        if self._starting is None and not self.is_away:
            self._starting = asyncio.create_task(self._start(), name="listener")
            self._starting.add_done_callback(_look_at)

    async def text_of(self, sound: Path) -> str:
        """What is said in a WAV file of one channel. To be called with a limit of time: cancelling ends a process that hangs.

        Raises:
            PeerError: the process died or cannot start, or the file is bad.
        """
        async with self._turn:
            self.prepare()
            if self._starting is None:
                raise PeerError("the recognizer is away", code="worker_died")
            worker = await self._worker(self._starting)
            try:
                return (await worker.transcribe(sound, sound.stem)).citizen_text
            finally:
                if worker.is_worn:
                    self._starting = None
                    await worker.stop()

    async def close(self) -> None:
        """End the process."""
        task, self._starting = self._starting, None
        if task is None:
            return
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError, PeerError):
            await (await task).stop()

    async def _worker(self, starting: asyncio.Task[WorkerProcess]) -> WorkerProcess:
        """Who gives up waiting leaves it loading for the next one."""
        try:
            return await asyncio.shield(starting)
        except PeerError:
            self._starting, self._failed = None, self._clock.instant()
            raise

    async def _start(self) -> WorkerProcess:
        return await WorkerProcess.start(self._model, self._limits, self._phrases)


def _look_at(task: asyncio.Task[WorkerProcess]) -> None:
    """A failure is told even when nobody waited for it."""
    if not task.cancelled() and (error := task.exception()) is not None:
        log.error("the recognizer for callers does not start", error=type(error).__name__)
