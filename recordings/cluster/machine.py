"""What runs on the machines of a cluster: one scheduler, and on each machine a worker with its recognizer processes.

Invariants: sound lies in memory only, and only while it is heard; a recognizer that died, hung or grew is replaced here
like in the house; whatever a file does, its answer is a value, so the engine has nothing to log or to try again.
"""

import asyncio
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, NoReturn

from callcenter.core.errors import CallcenterError, PeerError
from recordings.cluster.engine import CONNECT_S, engine, host_and_port, security, tag_of
from recordings.cluster.keys import ClusterKeys
from recordings.models import ModelChoice
from recordings.process import Limits, WorkerProcess
from recordings.sound import PlainCopy, Sound

RETRY_S: Final = 2.0
"""Seconds before a worker that lost its scheduler knocks again."""

MODEL: Final = "callcenter_model"
"""Under this name a worker announces its ``tag_of``."""

_NO_PAGES: Final = "127.0.0.1:0"
"""The engine's web server cannot be left out; without routes and on loopback it serves nobody."""

Told = Callable[[str], None]
"""Called with one line for the operator."""


class Ears:
    """The recognizer processes of one machine: started when needed, kept while they are good."""

    def __init__(self, model: ModelChoice, limits: Limits):
        self._model = model
        self._limits = limits
        self._idle: list[WorkerProcess] = []

    async def prove(self) -> None:
        """Start the first process, so that a model that does not load is known before any job comes.

        Raises:
            PeerError: ``bad_model``, ``worker_died`` or ``worker_hung``.
        """
        self._idle.append(await WorkerProcess.start(self._model, self._limits))

    async def hear(self, sound: bytes, recording_id: str) -> dict[str, Any]:
        """``{"transcript": ...}``, or ``{"code": ..., "reason": ...}`` of what went wrong."""
        try:
            process = await self._process()
            try:
                with PlainCopy(_in_memory(sound)) as path:
                    transcript = await process.transcribe(path, recording_id)
            finally:
                await self._put_back(process)
        except CallcenterError as error:
            return {"code": error.code, "reason": str(error)}
        return {"transcript": transcript.to_json()}

    async def stop(self) -> None:
        """End all idle processes; those at work end with this program."""
        idle, self._idle = self._idle, []
        await asyncio.gather(*(process.stop() for process in idle))

    async def _process(self) -> WorkerProcess:
        while self._idle:
            process = self._idle.pop()
            if not process.is_worn:
                return process
            await process.stop()
        return await WorkerProcess.start(self._model, self._limits)

    async def _put_back(self, process: WorkerProcess) -> None:
        if process.is_worn:
            await process.stop()
        else:
            self._idle.append(process)


def _in_memory(sound: bytes) -> Sound:
    return Sound(lambda offset, length: sound[offset : offset + length], len(sound), lambda: None)


async def hear_here(sound: bytes, recording_id: str) -> dict[str, Any]:
    """What the engine runs on a worker; see :meth:`Ears.hear`."""
    ears: Ears = engine().get_worker().ears
    return await ears.hear(bytes(sound), recording_id)


async def serve_scheduler(listen: str, keys: ClusterKeys, told: Told) -> None:
    """Run the scheduler at ``tls://HOST:PORT`` until canceled.

    Raises:
        PeerError: ``cluster_address``: the address cannot be listened on.
    """
    library = engine()
    host, port = host_and_port(listen)
    scheduler = library.Scheduler(
        host=host,
        port=port,
        protocol="tls",
        security=security(library, keys),
        dashboard=False,
        dashboard_address=_NO_PAGES,
    )
    try:
        await scheduler
    except OSError as error:
        await scheduler.close()
        raise PeerError(
            f"cannot listen on {listen} ({error.strerror or type(error).__name__}): is another scheduler running, or the "
            "address not of this machine?",
            code="cluster_address",
        ) from None
    try:
        told(f"调度器在 / scheduler at {scheduler.address}")
        await scheduler.finished()
    finally:
        await scheduler.close()


@dataclass(frozen=True, slots=True)
class Machine:
    """One machine of the cluster. ``slots``: files at once; ``host``: where others reach it, empty: found out."""

    address: str
    keys: ClusterKeys
    model: ModelChoice
    limits: Limits
    slots: int
    host: str = ""

    async def serve(self, told: Told) -> NoReturn:
        """Serve the scheduler's jobs until canceled; a scheduler that is away is asked again.

        Raises:
            PeerError: the model does not load.
        """
        library = engine()
        tag = await asyncio.to_thread(tag_of, self.model)
        ears = Ears(self.model, self.limits)
        await ears.prove()
        try:
            while True:
                told(await self._serve_once(library, tag, ears, told))
                await asyncio.sleep(RETRY_S)
        finally:
            await ears.stop()

    async def _serve_once(self, library: Any, tag: str, ears: Ears, told: Told) -> str:
        """Until the scheduler is gone; what to tell of it."""
        with tempfile.TemporaryDirectory(
            prefix="callcenter-"
        ) as folder:  # the engine wants one, and leaves it empty
            worker = library.Worker(
                self.address,
                nthreads=self.slots,
                startup_information={MODEL: lambda _worker: tag},
                security=security(library, self.keys),
                host=self.host or None,
                protocol="tls",
                memory_limit=0,
                local_directory=folder,
                dashboard_address=_NO_PAGES,
                death_timeout=CONNECT_S,
            )
            worker.ears = ears
            try:
                await worker
                told(f"已加入 / joined {self.address}: {tag}, {self.slots} 路 / at once")
                await worker.finished()
            except (TimeoutError, OSError):
                return f"连不上 / no scheduler answers at {self.address} with these keys; trying again"
            finally:
                await worker.close(nanny=False, reason="gone")
        return f"调度器断开 / the scheduler at {self.address} went away; trying again"
