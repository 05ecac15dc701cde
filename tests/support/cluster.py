"""A real transcription cluster on loopback: the command line's own scheduler and workers, each a process.

Invariant: all processes are gone when the ``with`` block ends, also those that were stopped or killed in it.
"""

import asyncio
import gc
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from loopback import free_port
from recognizer import cache_path, demo_model

from callcenter.clocks import SystemClock
from callcenter.settings import Settings, load
from recordings.cluster.house import Cluster, open_cluster
from recordings.cluster.keys import ClusterKeys
from recordings.models import ModelChoice

LIMIT_S = 60.0
ROOT = Path(__file__).parents[2]


@dataclass(slots=True)
class Machines:
    """Starts scheduler and workers of one cluster, whose keys lie in ``home``."""

    home: Path
    address: str
    running: list[asyncio.subprocess.Process] = field(default_factory=list)
    clock: SystemClock = field(default_factory=SystemClock)

    @property
    def scratch(self) -> Path:
        """Where their temporary files are."""
        return self.home / "scratch"

    @property
    def settings(self) -> Settings:
        """Those of the house."""
        mine = {name: text for name, text in self._environment().items() if name.startswith("CALLCENTER_")}
        return load(mine).settings

    def house(self) -> Cluster:
        """The house's end of it."""
        cluster = open_cluster(self.settings, demo_model(), self.clock)
        assert cluster is not None
        return cluster

    async def scheduler(self) -> asyncio.subprocess.Process:
        """Start it, and wait until it listens."""
        return await self._start(["scheduler"], "scheduler at", demo_model())

    async def worker(
        self, slots: int = 1, said: str = "joined", model: ModelChoice | None = None
    ) -> asyncio.subprocess.Process:
        """Start one, and wait until it has ``said`` something."""
        command = ["worker", "--slots", str(slots), "--host", "127.0.0.1"]
        return await self._start(command, said, model or demo_model())

    async def _start(self, command: list[str], said: str, model: ModelChoice) -> asyncio.subprocess.Process:
        self.scratch.mkdir(exist_ok=True)
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "callcenter", "cluster", *command,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
            env=self._environment() | {"CALLCENTER_VOSK_MODEL": str(model.path)}, cwd=ROOT,
        )  # fmt: skip
        self.running.append(process)
        await heard(process, said)
        return process

    def _environment(self) -> dict[str, str]:
        return {
            "PATH": os.environ["PATH"],
            "COLUMNS": "200",
            "TMPDIR": str(self.scratch),
            "CALLCENTER_HOME": str(self.home),
            "CALLCENTER_CACHE": str(cache_path()),
            "CALLCENTER_CLUSTER": self.address,
            "CALLCENTER_VOSK_MODEL": str(demo_model().path),
        }


async def heard(process: asyncio.subprocess.Process, text: str) -> str:
    """Read what it says until ``text``."""
    assert process.stdout is not None
    said: list[str] = []
    async with asyncio.timeout(LIMIT_S):
        while line := (await process.stdout.readline()).decode():
            said.append(line)
            if text in line:
                return line
    raise AssertionError(f"'{text}' was not said, but: {''.join(said)}")


@asynccontextmanager
async def cluster_at(home: Path) -> AsyncIterator[Machines]:
    """A cluster with keys, and no process yet."""
    machines = Machines(home, f"tls://127.0.0.1:{free_port()}")
    ClusterKeys.of(machines.settings).make(machines.clock.at())
    try:
        yield machines
    finally:
        for process in machines.running:
            with suppress(ProcessLookupError):
                process.kill()
        await asyncio.gather(*(process.wait() for process in machines.running))
        gc.collect()  # the engine leaves sockets of lost machines to it, which would be another test's warning
