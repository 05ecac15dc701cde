"""The database itself: units of work, upgrades, and what it says when something is wrong."""

import asyncio
import sqlite3
import stat
from datetime import datetime
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from databases import PostgresServer
from rows import C1, C2, arrival
from sqlalchemy import Connection, func, select

from callcenter.core.errors import CallcenterError, PeerError, UsageError
from callcenter.store import contacts, schema
from callcenter.store.database import Database

pytestmark = pytest.mark.contract

SECRET = "hunter2-secret"


async def test_a_unit_is_kept_whole(database: Database) -> None:
    """What one unit of work wrote is there afterwards."""
    async with database.unit() as unit:
        await contacts.arrive(unit, arrival(C1))
        await contacts.arrive(unit, arrival(C2))
    assert await _count(database) == 2


async def test_a_failing_unit_leaves_nothing(database: Database) -> None:
    """An error in the middle takes everything of its unit back, and comes out as it is."""

    async def fail() -> None:
        async with database.unit() as unit:
            await contacts.arrive(unit, arrival(C1))
            raise LookupError

    with pytest.raises(LookupError):
        await fail()
    assert await _count(database) == 0


async def test_units_side_by_side_all_get_through(database: Database) -> None:
    """Fifty concurrent writers wait for one another instead of failing."""

    async def one(number: int) -> None:
        async with database.unit() as unit:
            await contacts.arrive(unit, arrival(type(C1)(f"cc-1.{number}")))

    await asyncio.gather(*(one(number) for number in range(50)))
    assert await _count(database) == 50


async def test_reading_waits_for_no_writer(database: Database) -> None:
    """Who reads sees the last committed state while a unit is open."""
    async with database.unit() as unit:
        await contacts.arrive(unit, arrival(C1))
        assert await _count(database) == 0


async def test_upgrading_twice_is_harmless(database: Database) -> None:
    """The upgrade of an upgraded database changes nothing."""
    await database.upgrade()
    await database.check()


async def test_two_programs_may_upgrade_at_once(database_url: str) -> None:
    """Who comes second finds the tables and is content."""
    first, second = Database(database_url), Database(database_url)
    await asyncio.gather(first.upgrade(), second.upgrade())
    await second.check()
    await first.close()
    await second.close()


async def test_migrations_lead_to_the_schema(database: Database) -> None:
    """The tables made by the migrations are those that the code describes."""

    def differences(connection: Connection) -> list[object]:
        context = MigrationContext.configure(connection, opts={"include_name": _is_plain})
        return list(compare_metadata(context, schema.metadata))

    async with database.reading() as connection:
        assert await connection.run_sync(differences) == []


def _is_plain(name: str | None, kind: str, _parents: object) -> bool:
    """The full text index is made by each database in its own way, of several tables in SQLite."""
    return not (kind == "table" and (name or "").startswith("transcript_tokens"))


async def test_a_database_of_a_newer_program_is_refused(database_url: str) -> None:
    """An old program does not touch what it does not know."""
    database = Database(database_url)
    await database.upgrade()
    async with database.unit() as unit:
        await unit.connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(UsageError, match="newer version") as caught:
        await database.upgrade()
    assert caught.value.code == "database_too_new"
    await database.close()


async def test_without_tables_it_says_what_to_run(database_url: str, tmp_path: Path) -> None:
    """An empty database is named, with the command that helps."""
    (tmp_path / "data").mkdir()
    database = Database(database_url)
    with pytest.raises(UsageError, match="callcenter db upgrade"):
        await database.check()
    await database.close()


async def test_a_naive_time_is_refused(database: Database) -> None:
    """A time without zone never reaches a table."""
    with pytest.raises(Exception, match="without zone"):
        await _arrive_at(database, datetime(2026, 11, 22, 4, 0))  # noqa: DTZ001  that is the point
    assert await _count(database) == 0


@pytest.mark.parametrize("url", ["", "nonsense", "mysql://a:b@h/d", "sqlite://", "postgresql://h:port/d"])
def test_a_wrong_url_is_a_usage_error(url: str) -> None:
    """A URL that cannot be meant is refused with an example."""
    with pytest.raises(UsageError, match="postgresql://") as caught:
        Database(url)
    assert caught.value.code == "bad_database_url"


async def test_no_message_holds_the_password(postgres: PostgresServer) -> None:
    """Unreachable, missing and refusing databases are told in one line without the password."""
    host = f"?host={postgres.folder}"
    urls = {
        f"postgresql://postgres:{SECRET}@/nowhere{host}": "database_missing",
        f"postgresql://stranger:{SECRET}@/postgres{host}": "database_login",
        f"postgresql://postgres:{SECRET}@/postgres?host=/nonexistent": "database_unreachable",
        f"postgresql://postgres:{SECRET}@127.0.0.1:1/postgres": "database_unreachable",
    }
    for url, code in urls.items():
        error = await _complaint(Database(url))
        assert (error.code, SECRET in str(error), "\n" in str(error)) == (code, False, False)


async def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    """Somebody else's file is not touched."""
    path = tmp_path / "notes.txt"
    path.write_text("not a database, but long enough to look like a file of one " * 100)
    assert (await _complaint(Database(f"sqlite:///{path}"))).code == "database_damaged"


async def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    """A file in the way of the folder gives one clear line."""
    (tmp_path / "data").write_text("in the way")
    with pytest.raises(UsageError, match="folder"):
        await Database(f"sqlite:///{tmp_path / 'data' / 'callcenter.db'}").upgrade()


async def test_the_folder_of_a_new_database_is_private(tmp_path: Path) -> None:
    """What was said lies there plain: nobody else on the machine reads it."""
    path = tmp_path / "data" / "callcenter.db"
    database = Database(f"sqlite:///{path}")
    await database.upgrade()
    await database.close()
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


async def test_another_programs_lock_is_a_passing_trouble(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While another program holds SQLite's lock the trouble is retryable and named."""
    monkeypatch.setattr("callcenter.store.database.BUSY_TIMEOUT_MS", 50)
    database = Database(f"sqlite:///{tmp_path / 'callcenter.db'}")
    await database.upgrade()
    other = sqlite3.connect(tmp_path / "callcenter.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(PeerError) as caught:
        await _arrive_at(database, arrival().at)
    assert (caught.value.code, caught.value.retryable) == ("database_busy", True)
    other.close()
    await database.close()


async def _count(database: Database) -> int:
    async with database.reading() as connection:
        return await connection.scalar(select(func.count()).select_from(schema.contacts)) or 0


async def _arrive_at(database: Database, at: datetime) -> None:
    async with database.unit() as unit:
        await contacts.arrive(unit, arrival(at=at))


async def _complaint(database: Database) -> CallcenterError:
    with pytest.raises(CallcenterError) as caught:
        await database.check()
    await database.close()
    return caught.value
