"""Child processes: known by pid and birth, stopped surely, restarted when they die."""

import asyncio
import os
import signal
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from callcenter.core.errors import PeerError, UsageError
from callcenter.processes import PidFile, spawn, start_ticks, stop
from callcenter.supervisor import Progress, only_one, start_all, supervise

pytestmark = pytest.mark.adapters

SLEEPER = [sys.executable, "-c", "import time; time.sleep(60)"]
STUBBORN = [
    sys.executable,
    "-c",
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(60)",
]


async def test_a_started_process_is_found_again_and_stopped(tmp_path: Path) -> None:
    """The pid file leads to the process until it is stopped."""
    pid_file = PidFile(tmp_path / "x.pid")
    pid = spawn(SLEEPER, tmp_path / "log", pid_file)
    assert PidFile(tmp_path / "x.pid").pid() == pid
    await stop(pid_file, grace_s=5.0)
    assert pid_file.pid() is None
    assert start_ticks(pid) == ""


async def test_a_stubborn_process_is_killed(tmp_path: Path) -> None:
    """Who ignores the request is ended after its grace."""
    pid_file = PidFile(tmp_path / "x.pid")
    pid = spawn(STUBBORN, tmp_path / "log", pid_file)
    async with asyncio.timeout(20):
        while "up" not in (tmp_path / "log").read_text():
            await asyncio.sleep(0.01)
    await stop(pid_file, grace_s=0.2)
    assert start_ticks(pid) == ""


async def test_a_dead_child_leaves_no_zombie(tmp_path: Path) -> None:
    """Looking at the pid of a child that ended takes it out of the process table."""
    pid_file = PidFile(tmp_path / "x.pid")
    pid = spawn(SLEEPER, tmp_path / "log", pid_file)
    os.kill(pid, signal.SIGKILL)
    async with asyncio.timeout(20):
        while pid_file.pid() is not None or Path(f"/proc/{pid}").exists():
            await asyncio.sleep(0.01)


def test_a_recycled_pid_is_not_believed(tmp_path: Path) -> None:
    """Another process behind the remembered pid does not count, and is never signaled."""
    pid_file = PidFile(tmp_path / "x.pid")
    pid_file.path.write_text(f"{os.getpid()} 1\n")
    assert start_ticks(os.getpid()) != "1"
    assert pid_file.pid() is None


async def test_a_program_that_is_not_there_is_named(tmp_path: Path) -> None:
    """The error says which program and why."""
    with pytest.raises(PeerError, match="no-such-program"):
        spawn([str(tmp_path / "no-such-program")], tmp_path / "log", PidFile(tmp_path / "x.pid"))


class Sleeper:
    """A part that is one process."""

    def __init__(self, folder: Path, name: str, *, works: bool = True) -> None:
        self.name = name
        self.works = works
        self.starts = 0
        self.pid_file = PidFile(folder / f"{name}.pid")
        self._log = folder / f"{name}.log"

    def is_running(self) -> bool:
        """Whether it lives."""
        return self.pid_file.pid() is not None

    async def start(self, progress: Progress) -> None:
        """Start it."""
        self.starts += 1
        if not self.works:
            raise PeerError("does not start", code="broken_part")
        spawn(SLEEPER, self._log, self.pid_file)

    async def stop(self) -> None:
        """End it."""
        await stop(self.pid_file, grace_s=2.0)


async def test_a_killed_part_is_started_again(tmp_path: Path) -> None:
    """After kill -9 it comes back with another pid."""
    part = Sleeper(tmp_path, "part")
    await part.start(lambda text: None)
    first = part.pid_file.pid()
    assert first is not None
    watching = asyncio.create_task(supervise([part]))
    try:
        os.kill(first, signal.SIGKILL)
        async with asyncio.timeout(20):
            while part.starts < 2 or part.pid_file.pid() in (None, first):
                await asyncio.sleep(0.02)
    finally:
        watching.cancel()
        with suppress(asyncio.CancelledError):
            await watching
        await part.stop()


async def test_when_one_part_does_not_start_the_others_are_stopped(tmp_path: Path) -> None:
    """Nothing is left half started."""
    good, bad = Sleeper(tmp_path, "good"), Sleeper(tmp_path, "bad", works=False)
    with pytest.raises(PeerError, match="does not start"):
        await start_all([good, bad], lambda text: None)
    assert not good.is_running()


def test_only_one_supervisor_runs(tmp_path: Path) -> None:
    """The second is told that the instance runs already."""
    with (
        only_one(tmp_path / "lock"),
        pytest.raises(UsageError, match="running already"),
        only_one(tmp_path / "lock"),
    ):
        pass
