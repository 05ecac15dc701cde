"""A real Redis-protocol server for the tests, in a folder of its own, that can be killed."""

import os
import shutil
import signal
import tempfile
from pathlib import Path

from callcenter.processes import PidFile
from callcenter.settings import Settings
from callcenter.store.redis_server import RedisServer


class PrivateRedis:
    """The product's own server part, in a temporary home (short: a socket's path has a limit)."""

    def __init__(self) -> None:
        self.home = Path(tempfile.mkdtemp(prefix="rd"))
        self.part = RedisServer(Settings(home=str(self.home)), self.home)

    @property
    def url(self) -> str:
        """Where it answers."""
        return self.part.url

    @property
    def pid(self) -> int | None:
        """Its process."""
        return PidFile(self.home / "redis.pid").pid()

    async def start(self) -> None:
        """Start it and wait until it answers."""
        await self.part.start(lambda text: None)

    def kill(self) -> None:
        """Kill -9."""
        pid = self.pid
        assert pid is not None
        os.kill(pid, signal.SIGKILL)

    async def remove(self) -> None:
        """Stop it and delete everything."""
        await self.part.stop()
        shutil.rmtree(self.home, ignore_errors=True)
