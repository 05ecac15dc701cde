"""The other end of :mod:`recordings.worker`: one recognizer process, asked for one file at a time.

Invariant: every wait has a limit; a process that broke a limit, died or spoke nonsense is killed and never asked again.
"""

import asyncio
import contextlib
import json
import os
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from callcenter.core.errors import PeerError
from recordings.core.limits import deadline_s
from recordings.core.transcript import Transcript, words_of
from recordings.models import ModelChoice

_LINE_LIMIT = 1 << 26  # a day of speech is one line of some 10 MB
_LOAD_S = 120.0
_QUIET_S = 60.0
"""Seconds without a line after which a process is taken for dead."""

_GOING_S = 2.0

_ROOT = Path(__file__).parent.parent


@dataclass(frozen=True, slots=True)
class Limits:
    """What a worker process may use.

    ``resident_mb``: it is replaced after the job at whose end it holds more memory; ``memory_mb``: address space,
    beyond which it dies.
    """

    jobs: int = 50
    resident_mb: int = 4096
    memory_mb: int = 6144
    load_s: float = _LOAD_S
    quiet_s: float = _QUIET_S


class WorkerProcess:
    """A running recognizer. Use ``start``; then ``transcribe`` until ``is_worn``; then ``stop``."""

    def __init__(self, process: Process, model: ModelChoice, limits: Limits):
        self._process = process
        self._model = model
        self._limits = limits
        self._jobs = 0

    @classmethod
    async def start(cls, model: ModelChoice, limits: Limits, phrases: Sequence[str] = ()) -> Self:
        """Start a process and wait until its model is loaded. ``phrases``: as of ``open_engine``.

        Raises:
            PeerError: ``bad_model``, ``worker_died`` or ``worker_hung``.
        """
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "recordings.worker",
            "--model", str(model.path), "--memory-mb", str(limits.memory_mb),
            *(["--phrases", json.dumps(phrases)] if phrases else []),
            stdin=PIPE, stdout=PIPE, stderr=DEVNULL, limit=_LINE_LIMIT, env=environment(),
        )  # fmt: skip
        worker = cls(process, model, limits)
        try:
            await worker._answer(limits.load_s)
        except BaseException:
            await worker.kill()
            raise
        return worker

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    @property
    def is_worn(self) -> bool:
        """Whether it should be replaced: it is dead, has done its share, or has grown too large."""
        if self._process.returncode is not None or self._jobs >= self._limits.jobs:
            return True
        return self._jobs > 0 and resident_mb(self.pid) > self._limits.resident_mb

    async def transcribe(
        self, path: Path, recording_id: str, heard: Callable[[float], None] = lambda share: None
    ) -> Transcript:
        """Transcribe a file; ``heard`` is told the share that is done.

        Raises:
            PeerError: the worker's own code for a bad file; ``worker_died``, ``worker_hung``, ``worker_nonsense``.
        """
        self._jobs += 1
        request = json.dumps({"path": str(path.absolute())}) + "\n"
        try:
            async with asyncio.timeout(deadline_s(_longest_s(path))):
                await self._send(request)
                return _transcript(await self._result(heard), recording_id, self._model)
        except TimeoutError:
            await self.kill()
            raise PeerError("the recognizer took too long", code="worker_hung") from None
        except _FileError as error:
            raise PeerError(error.reason, code=error.code) from None
        except BaseException:
            await self.kill()
            raise

    async def stop(self) -> None:
        """End it: a little time to go by itself, then killed."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        try:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_GOING_S):
                    await self._process.wait()
        finally:
            await self.kill()

    async def kill(self) -> None:
        """End it now."""
        if self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()
        await self._process.wait()

    async def _send(self, line: str) -> None:
        stdin = self._process.stdin
        try:
            if stdin is not None:
                stdin.write(line.encode())
                await stdin.drain()
        except (BrokenPipeError, ConnectionResetError):
            raise PeerError("the recognizer process died", code="worker_died") from None

    async def _result(self, heard: Callable[[float], None]) -> dict[str, Any]:
        while (answer := await self._answer(self._limits.quiet_s))["type"] == "progress":
            heard(float(answer["done_s"]) / max(1.0, float(answer["total_s"])))
        return answer

    async def _answer(self, patience_s: float) -> dict[str, Any]:
        """The next line.

        Raises:
            TimeoutError: none came.
        """
        if self._process.stdout is None:
            raise PeerError("the recognizer process died", code="worker_died")
        try:
            async with asyncio.timeout(patience_s):
                line = await self._process.stdout.readline()
            answer = json.loads(line) if line else None
        except TimeoutError:
            raise PeerError("the recognizer fell silent", code="worker_hung") from None
        except ValueError:
            raise PeerError("the recognizer spoke nonsense", code="worker_nonsense") from None
        if answer is None:
            raise PeerError("the recognizer process died", code="worker_died")
        if answer["type"] == "error":
            raise _FileError(str(answer["code"]), str(answer["reason"]))
        return dict(answer)


class _FileError(PeerError):
    """The worker is fine, the file (or, at the start, the model) is not."""

    def __init__(self, code: str, reason: str):
        super().__init__(reason, code=code)
        self.reason = reason


def _transcript(answer: dict[str, Any], recording_id: str, model: ModelChoice) -> Transcript:
    channels = [words_of(rows) for rows in answer["channels"]] + [(), ()]
    return Transcript(
        recording_id=recording_id,
        model=model.name,
        is_demo=model.is_demo,
        seconds=float(answer["seconds"]),
        citizen=channels[0],
        agent=channels[1],
    )


def resident_mb(pid: int) -> float:
    """Memory that a process holds; 0 if it is gone."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text("ascii").split()[1])
    except (OSError, ValueError, IndexError):
        return 0.0
    return pages * os.sysconf("SC_PAGE_SIZE") / 1024**2


def _longest_s(path: Path) -> float:
    """Seconds that this file can hold at most; 0 if it is not there (the worker will say so)."""
    try:
        return path.stat().st_size / 16_000
    except OSError:
        return 0.0


def environment() -> dict[str, str]:
    """The worker finds our packages wherever they run from."""
    paths = [str(_ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}
