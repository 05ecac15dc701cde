"""One suite, real back ends: every test that asks for ``database`` runs on SQLite and on PostgreSQL."""

import itertools
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from databases import PostgresServer
from sqlalchemy import text

from callcenter.store.database import Database
from callcenter.store.schema import metadata

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A running PostgreSQL of this test session."""
    server = PostgresServer()
    try:
        server.start()
        yield server
    finally:
        server.remove()


@pytest.fixture(params=["sqlite", "postgresql"])
def backend(request: pytest.FixtureRequest) -> str:
    """Which database."""
    return str(request.param)


@pytest_asyncio.fixture
async def database_url(backend: str, request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[str]:
    """The URL of an empty database of this test's own."""
    if backend == "sqlite":
        yield f"sqlite:///{tmp_path / 'data' / 'callcenter.db'}"
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    name = f"test{next(_numbers)}"
    yield await server.make_database(name)
    await server.drop_database(name)


@pytest_asyncio.fixture
async def database(backend: str, request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Database]:
    """An upgraded database without rows. PostgreSQL's is shared, since making one takes a second."""
    if backend == "sqlite":
        database = Database(f"sqlite:///{tmp_path / 'shared.db'}")
    else:
        database = Database(request.getfixturevalue("postgres").url("postgres"))
    await database.upgrade()
    if backend == "postgresql":
        async with database.unit() as unit:
            await unit.connection.execute(text(f"TRUNCATE {', '.join(metadata.tables)} CASCADE"))
    yield database
    await database.close()
