"""The other end of :mod:`recordings.captions_worker`: one process that captions many calls.

Invariant: whatever it does, nobody waits for it: requests are small and never block, and one that fell silent is ended.
"""

import asyncio
import contextlib
import json
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Self

from callcenter.core.errors import PeerError
from recordings.models import ModelChoice
from recordings.process import environment

LOAD_S = 120.0
QUIET_S = 10.0
"""Seconds without a line after which the process is taken for dead; it tells its pace every second."""

_UNREAD_BYTES = 1 << 16
"""Requests that it may leave unread."""

Line = dict[str, Any]


class CaptionProcess:
    """A running recognizer of live captions. Use ``start``, then ``open``, ``close`` and ``lines``, then ``kill``."""

    def __init__(self, process: Process) -> None:
        self._process = process

    @classmethod
    async def start(cls, model: ModelChoice, resident_mb: int) -> Self:
        """Start a process and wait until its model is loaded.

        Raises:
            PeerError: ``bad_model``, ``worker_died`` or ``worker_hung``.
        """
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "recordings.captions_worker",
            "--model", str(model.path), "--resident-mb", str(resident_mb),
            stdin=PIPE, stdout=PIPE, stderr=DEVNULL, env=environment(),
        )  # fmt: skip
        worker = cls(process)
        try:
            if (await worker._line(LOAD_S))["type"] != "ready":
                raise PeerError("this model makes no captions", code="bad_model")
        except BaseException:
            await worker.kill()
            raise
        return worker

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    def open(self, key: str, path: Path) -> None:
        """Caption a recording that grows at ``path``.

        Raises:
            PeerError: ``worker_died`` or ``worker_hung``.
        """
        self._ask({"open": key, "path": str(path)})

    def close(self, key: str) -> None:
        """Caption it no longer.

        Raises:
            PeerError: ``worker_died`` or ``worker_hung``.
        """
        self._ask({"close": key})

    async def lines(self) -> AsyncIterator[Line]:
        """What it tells, for ever.

        Raises:
            PeerError: ``worker_died``, ``worker_hung`` or ``worker_nonsense``.
        """
        while True:
            yield await self._line(QUIET_S)

    async def kill(self) -> None:
        """End it now; it holds nothing that would be lost."""
        if self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()
        await self._process.communicate()  # to the end of its pipes, so that none is left open

    def _ask(self, request: Line) -> None:
        stdin = self._process.stdin
        if stdin is None or stdin.is_closing():
            raise PeerError("the captioning process died", code="worker_died")
        if stdin.transport.get_write_buffer_size() > _UNREAD_BYTES:
            raise PeerError("the captioning process reads nothing", code="worker_hung")
        stdin.write(json.dumps(request).encode() + b"\n")

    async def _line(self, patience_s: float) -> Line:
        stdout = self._process.stdout
        try:
            async with asyncio.timeout(patience_s):
                line = await stdout.readline() if stdout is not None else b""
            if not line:
                raise PeerError("the captioning process died", code="worker_died")
            return dict(json.loads(line))
        except TimeoutError:
            raise PeerError("the captioning process fell silent", code="worker_hung") from None
        except ValueError:
            raise PeerError("the captioning process spoke nonsense", code="worker_nonsense") from None
