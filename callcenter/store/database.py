"""The database: SQLite by default, PostgreSQL by URL, the same tables and the same code.

Invariants: a unit is committed whole or not at all; on SQLite one writer at a time, who takes the lock when
the unit begins, so that none fails half-way for being late; a trouble is one clear line without password.
"""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import URL, Connection, event, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from callcenter.core.errors import UsageError
from callcenter.store import journal
from callcenter.store.troubles import explained, parse_url, shown
from callcenter.store.unit import Unit

BUSY_TIMEOUT_MS: Final = 5000
CONNECT_TIMEOUT_S: Final = 5
COMMAND_TIMEOUT_S: Final = 30
POOL_SIZE: Final = 8
UPGRADE_LOCK: Final = 12345
"""PostgreSQL advisory lock: two programs never upgrade at once."""

_WRITES = "callcenter_writes"
_MIGRATIONS = Path(__file__).with_name("migrations")


class Database:
    """The way to everything that must survive. Making one opens nothing; its block closes all connections.

    Raises:
        UsageError: code ``bad_database_url``.
    """

    def __init__(self, url: str):
        self._url = parse_url(url)
        self._engine = _engine(self._url)
        self._writing = self._engine.execution_options(**{_WRITES: True})
        self._turn = asyncio.Lock()

    def __str__(self) -> str:
        return shown(self._url)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    @property
    def is_sqlite(self) -> bool:
        """Whether the database is one file."""
        return self._url.get_backend_name() == "sqlite"

    @property
    def path(self) -> Path | None:
        """The file of a SQLite database."""
        return Path(self._url.database or "") if self.is_sqlite else None

    @asynccontextmanager
    async def unit(self, *, is_repeat: bool = False) -> AsyncIterator[Unit]:
        """One unit of work: committed at the end, rolled back on an error.

        Raises:
            UsageError: wrong URL, wrong password, tables missing.
            PeerError: unreachable, busy, disk full; nothing, or (connection lost in the commit) all was kept.
        """
        async with self._my_turn():
            with explained(self._url):
                async with self._writing.begin() as connection:
                    unit = Unit(connection, is_repeat=is_repeat)
                    yield unit
                    await journal.append_drafts(unit)

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """One consistent look at committed data; waits for no writer.

        Raises:
            UsageError: as for ``unit``.
            PeerError: as for ``unit``.
        """
        self._require_folder()
        with explained(self._url):
            async with self._engine.connect() as connection:
                yield connection

    async def upgrade(self) -> None:
        """Bring the tables to this program's version; harmless when they are. Makes SQLite's folder.

        Raises:
            UsageError: the database was made by a newer program, or as for ``unit``.
            PeerError: as for ``unit``.
        """
        self._make_folder()
        await self._refuse_newer()
        async with self.unit() as unit:
            if not self.is_sqlite:
                await unit.connection.execute(text(f"SELECT pg_advisory_xact_lock({UPGRADE_LOCK})"))
            await unit.connection.run_sync(_upgrade_to_head)

    async def check(self) -> None:
        """Answer whether units can be done now: reachable and upgraded.

        Raises:
            UsageError: as for ``unit``.
            PeerError: as for ``unit``.
        """
        async with self.reading() as connection:
            await connection.execute(text("SELECT count(*) FROM contacts WHERE outcome IS NULL"))

    async def close(self) -> None:
        """Close all connections."""
        await self._engine.dispose()

    def _my_turn(self) -> AbstractAsyncContextManager[Any]:
        return self._turn if self.is_sqlite else nullcontext()

    def _make_folder(self) -> None:
        if self.path is None:
            return
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)  # what was said lies there plain
        except OSError as error:
            raise UsageError(
                f"cannot make the folder of {self}: {error.strerror}", code="database_unreachable"
            ) from None

    def _require_folder(self) -> None:
        """Asked before SQLite is: its failing connection may still speak when the program is over."""
        if self.path is not None and not self.path.parent.is_dir():
            raise UsageError(
                f"cannot open {self}; does its folder exist and may we write there?",
                code="database_unreachable",
            )

    async def _refuse_newer(self) -> None:
        known = {script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()}
        async with self.reading() as connection:
            if await connection.run_sync(_has_versions):
                found = await connection.scalar(text("SELECT version_num FROM alembic_version"))
                if found is not None and found not in known:
                    raise UsageError(
                        f"database {self} was made by a newer version; update this program",
                        code="database_too_new",
                    )


def _engine(url: URL) -> AsyncEngine:
    dumps = partial(json.dumps, ensure_ascii=False, separators=(",", ":"))
    if url.get_backend_name() == "sqlite":
        engine = create_async_engine(url, json_serializer=dumps, pool_size=POOL_SIZE)
        event.listen(engine.sync_engine, "connect", _prepare_sqlite)
        event.listen(engine.sync_engine, "begin", _begin_sqlite)
        return engine
    timeouts = {"timeout": CONNECT_TIMEOUT_S, "command_timeout": COMMAND_TIMEOUT_S}
    return create_async_engine(
        url, json_serializer=dumps, pool_size=POOL_SIZE, pool_pre_ping=True, connect_args=timeouts
    )


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # the driver must not begin transactions of its own
    cursor = connection.cursor()
    for pragma in (
        f"busy_timeout={BUSY_TIMEOUT_MS}",
        "journal_mode=WAL",
        "synchronous=FULL",  # a committed contact survives a power cut; group commit pays for it
        "foreign_keys=ON",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get(_WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    return config


def _upgrade_to_head(connection: Connection) -> None:
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _has_versions(connection: Connection) -> bool:
    return connection.dialect.has_table(connection, "alembic_version")
