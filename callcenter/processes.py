"""Long-lived child processes: started in their own session, known by a pid file, found again, stopped surely.

Invariant: a pid is believed only while the process behind it is the one that was started (its start time is
kept beside the pid), so a recycled pid is never signaled.
"""

import asyncio
import contextlib
import os
import signal
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from callcenter.core.errors import PeerError

POLL_S = 0.05


@dataclass(frozen=True)
class PidFile:
    """Remembers one process: its pid and when it began (clock ticks since boot)."""

    path: Path

    def write(self, pid: int) -> None:
        """Remember ``pid``."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.write_text(f"{pid} {start_ticks(pid)}\n", "ascii")

    def pid(self) -> int | None:
        """The remembered process's pid if that very process still runs."""
        try:
            pid, ticks = self.path.read_text("ascii").split()
        except (OSError, ValueError):
            return None
        if not pid.isdigit():
            return None
        if start_ticks(int(pid)) == ticks:
            return int(pid)
        _bury(int(pid))
        return None

    def forget(self) -> None:
        """No process any more."""
        self.path.unlink(missing_ok=True)


def start_ticks(pid: int) -> str:
    """When the process began, or ``""`` if there is none (a zombie counts as none)."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text("ascii", "replace").rpartition(")")[2].split()
    except OSError:
        return ""
    return "" if fields[0] == "Z" else fields[19]


def _bury(pid: int) -> None:
    """Take note of a child's end, so that it leaves no zombie; another's child is not ours to bury."""
    with contextlib.suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)


def spawn(command: Sequence[str], log: Path, pid_file: PidFile) -> int:
    """Start a program in a session of its own, with its output appended to ``log``; returns its pid.

    It outlives this process; an asyncio child would be killed with the loop.

    Raises:
        PeerError: it cannot be started.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    append = os.O_WRONLY | os.O_CREAT | os.O_APPEND
    actions = [
        (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
        (os.POSIX_SPAWN_OPEN, 1, os.fspath(log), append, 0o600),
        (os.POSIX_SPAWN_DUP2, 1, 2),
    ]
    try:
        pid = os.posix_spawnp(command[0], list(command), os.environ, file_actions=actions, setsid=True)
    except OSError as error:
        raise PeerError(f"cannot start {command[0]}: {error.strerror}", code="cannot_start") from None
    pid_file.write(pid)
    return pid


async def stop(pid_file: PidFile, *, grace_s: float) -> None:
    """Ask the process to end; after ``grace_s`` seconds end it."""
    for sign, patience_s in ((signal.SIGTERM, grace_s), (signal.SIGKILL, 5.0)):
        pid = pid_file.pid()
        if pid is None:
            break
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, sign)
        await _gone(pid_file, patience_s)
    pid_file.forget()


async def _gone(pid_file: PidFile, patience_s: float) -> None:
    for _ in range(int(patience_s / POLL_S)):
        if pid_file.pid() is None:
            return
        await asyncio.sleep(POLL_S)
