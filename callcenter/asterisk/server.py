"""Starts, finds again and stops the Asterisk of one home.

Invariant: Asterisk outlives the controller (its own session, no pipe to us); a process counts as ours only if it
is the very one that was started, so a recycled pid is never adopted nor killed; "started" means fully
booted with every module of the list running.
"""

import asyncio
import contextlib
import os
import re
import secrets as random_source
import signal
import subprocess
from pathlib import Path

import structlog

from callcenter.asterisk.install import AsteriskProgram, ensure_asterisk
from callcenter.asterisk.packages import Progress
from callcenter.asterisk.ports import Ports, choose_ports, require_sip_port, run_dir
from callcenter.asterisk.render import layout, loaded_modules, render
from callcenter.asterisk.secrets import load_secrets
from callcenter.core.errors import PeerError, UsageError
from callcenter.processes import PidFile
from callcenter.settings import Settings

BOOT_LIMIT_S = 60.0
STOP_LIMIT_S = 10.0
COMMAND_LIMIT_S = 10.0
LAST_GASP_S = 3.0
POLL_S = 0.1
KEPT_VARIABLES = ("PATH", "HOME", "LANG", "TZ", "USER", "LOGNAME", "TMPDIR")
"""What Asterisk inherits: no ``LD_*``, so that the scripts it starts use the host's own libraries."""

log = structlog.get_logger()


def prepare_server(settings: Settings, progress: Progress) -> "AsteriskServer":
    """Find or build the program, choose the ports, and return the server of this home, not yet started.

    Raises:
        UsageError: see :func:`ensure_asterisk`.
        PeerError: see :func:`ensure_asterisk`.
    """
    program = ensure_asterisk(settings, progress)
    controller = PidFile(run_dir(settings) / "controller.pid")
    is_in_use = running_pid(settings) is not None or controller.pid() is not None
    ports = choose_ports(settings, asterisk_running=is_in_use)
    return AsteriskServer(settings, program, ports)


def running_pid(settings: Settings) -> int | None:
    """The pid of this home's Asterisk, ``None`` if it does not run; another process behind the pid does not count."""
    return _pid_file(settings).pid()


def _pid_file(settings: Settings) -> PidFile:
    return PidFile(run_dir(settings) / "asterisk-server.pid")


def _config_path(settings: Settings) -> Path:
    return layout(settings).etc / "asterisk.conf"


class AsteriskServer:
    """The Asterisk process of one home."""

    name = "asterisk"

    def __init__(self, settings: Settings, program: AsteriskProgram, ports: Ports):
        self._settings = settings
        self._program = program
        self.ports = ports
        self._child: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """Its process id, or ``None``."""
        if self._child is not None:
            self._child.poll()  # reaps it if it died
        return running_pid(self._settings)

    def is_running(self) -> bool:
        """Whether the process lives; see :meth:`start` for ready."""
        return self.pid is not None

    async def start(self, progress: Progress) -> None:
        """Start it, or adopt the one that runs, and wait until it is ready.

        Raises:
            UsageError: the SIP port is taken.
            PeerError: it does not come up, or a needed module does not run.
        """
        if self.is_running():
            progress("Asterisk: already running")
        else:
            self._bury()
            await self._require_sip_port()
            progress(f"Asterisk: starting {self._program.version}")
            self._spawn()
        await self._wait_booted()
        await self._require_modules()
        progress(f"Asterisk: ready, SIP on {self._settings.sip}")

    async def stop(self, drain_s: float = 0.0) -> None:
        """Stop it: wait up to ``drain_s`` for calls to end, then end them, then by signals. Nothing if it is down."""
        if drain_s > 0 and self.is_running():
            await self._command("core stop gracefully")
            await self._gone_within(drain_s)
        if self.is_running():
            await self._command("core stop now")
            await self._gone_within(STOP_LIMIT_S)
        for number in (signal.SIGTERM, signal.SIGKILL):
            pid = self.pid
            if pid is None:
                break
            log.warning("asterisk does not stop, sending a signal", signal=number.name)
            os.kill(pid, number)
            await self._gone_within(STOP_LIMIT_S)
        self._bury()
        _pid_file(self._settings).forget()

    async def command(self, line: str) -> str:
        """Run one command on Asterisk's console and return what it printed.

        Raises:
            PeerError: Asterisk does not answer.
        """
        code, printed = await self._command(line)
        if code != 0:
            raise PeerError("Asterisk's console does not answer", code="asterisk_console")
        return printed

    def _bury(self) -> None:
        """Collect the exit code of the process that is gone, or dying of a signal."""
        if self._child is not None:
            self._child.wait(STOP_LIMIT_S)
            self._child = None

    async def _require_sip_port(self) -> None:
        """A killed predecessor holds its port until its last thread has died: allow it a moment."""
        if _pid_file(self._settings).path.exists():
            for _ in range(int(LAST_GASP_S / POLL_S)):
                with contextlib.suppress(UsageError):
                    return require_sip_port(self._settings)
                await asyncio.sleep(POLL_S)
        return require_sip_port(self._settings)

    def _spawn(self) -> None:
        boot_id = f"cc{random_source.token_hex(4)}"
        etc = render(self._settings, self._program, self.ports, load_secrets(self._settings), boot_id)
        where = layout(self._settings)
        environment = {name: os.environ[name] for name in KEPT_VARIABLES if name in os.environ}
        with (where.log / "console.log").open("ab") as console:
            self._child = subprocess.Popen(
                [self._program.program, "-C", etc / "asterisk.conf", "-f", "-n"],
                cwd=where.run,
                env=environment | {"LC_ALL": "C.UTF-8"},
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=console,
                start_new_session=True,
                umask=0o077,
            )
        _pid_file(self._settings).write(self._child.pid)
        log.info("asterisk started", pid=self._child.pid, boot_id=boot_id)

    async def _wait_booted(self) -> None:
        try:
            async with asyncio.timeout(BOOT_LIMIT_S):
                while not await self._is_booted():  # noqa: ASYNC110  another process boots, it signals nothing
                    await asyncio.sleep(POLL_S)
        except TimeoutError:
            raise PeerError(
                f"Asterisk is not ready after {BOOT_LIMIT_S:.0f} s: see {layout(self._settings).log}/full",
                code="asterisk_boot",
            ) from None

    async def _is_booted(self) -> bool:
        if not self.is_running():
            raise PeerError(
                f"Asterisk ended while starting: see {layout(self._settings).log}/console.log",
                code="asterisk_boot",
            )
        code, printed = await self._command("core waitfullybooted")
        return code == 0 and "fully booted" in printed

    async def _require_modules(self) -> None:
        shown = await self.command("module show")
        running = {match[1] for match in re.finditer(r"^(\w+)\.so\b.*\bRunning\b", shown, re.MULTILINE)}
        lacking = sorted(set(loaded_modules(self._program)) - running)
        if lacking:
            raise PeerError(
                f"Asterisk runs without {', '.join(lacking)}: see {layout(self._settings).log}/full",
                code="asterisk_modules",
            )

    async def _command(self, line: str) -> tuple[int, str]:
        process = await asyncio.create_subprocess_exec(
            self._program.program,
            "-C",
            _config_path(self._settings),
            "-rx",
            line,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        try:
            async with asyncio.timeout(COMMAND_LIMIT_S):
                printed, _ = await process.communicate()
        except TimeoutError:
            process.kill()
            await process.wait()
            return 1, ""
        return process.returncode or 0, printed.decode("utf-8", "replace")

    async def _gone_within(self, limit_s: float) -> None:
        for _ in range(int(limit_s / POLL_S)):
            if not self.is_running():
                return
            await asyncio.sleep(POLL_S)
