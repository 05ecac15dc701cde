"""Published flows in SQL: versions, who and why; in force for new walks, also after a restart; walks counted."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from rows import C1, C2, NOW
from web_fakes import FakeClock

from callcenter.core.errors import UsageError
from callcenter.core.messages.flows import Exit, WalkEnded
from callcenter.flow_desk import FlowDesk
from callcenter.settings import Settings
from callcenter.store import journal
from callcenter.store.database import Database
from callcenter.store.writer import StoreWriter
from ivr import flows, store
from ivr.flows import MENUS, Shelf

pytestmark = pytest.mark.contract

NIGHT = MENUS.joinpath("night.toml").read_text("utf-8")
LOUDER = NIGHT.replace('"1" = "message"', '"1" = "message", "2" = "emergency"')


@dataclass
class Desk:
    """A desk on a database of its own."""

    desk: FlowDesk
    shelf: Shelf
    database: Database


@asynccontextmanager
async def opened(database_url: str, home: Path) -> AsyncIterator[Desk]:
    """As the controller builds it at start."""
    database, shelf = Database(database_url), Shelf(Settings(home=str(home)))
    await database.upgrade()
    async with database.reading() as connection:
        shelf.take_up(flows.published(version) for version in await store.in_force(connection))
    writer = StoreWriter(database)
    running = asyncio.create_task(writer.run())
    try:
        yield Desk(FlowDesk(shelf, writer, database, FakeClock(), {}), shelf, database)
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        await database.close()


async def test_a_version_is_in_force_at_once_and_after_a_restart(database_url: str, tmp_path: Path) -> None:
    """Versions count from 1; a walk that began keeps the flows that it has; who did it and why is kept."""
    async with opened(database_url, tmp_path) as house:
        before = house.shelf.flows
        published = await house.desk.publish("night", LOUDER, "anna", "两个键")
        assert (published.version, published.by, published.why) == (1, "anna", "两个键")
        assert house.shelf.flows["night"].version == 1
        assert before["night"].version == 0
        await house.desk.publish("night", NIGHT, "bert", "改回")
    async with opened(database_url, tmp_path) as house:
        assert house.shelf.flows["night"].version == 2
        kept = house.desk.get("night")
        assert kept is not None
        assert (kept.text, kept.version) == (NIGHT, 2)
        versions = await house.desk.versions("night", 10)
        assert [(row.version, row.by, row.why) for row in versions] == [
            (2, "bert", "改回"),
            (1, "anna", "两个键"),
        ]
        assert versions[1].text == LOUDER
        assert await house.desk.versions("intake", 10) == []


async def test_a_mistake_is_never_kept(database_url: str, tmp_path: Path) -> None:
    """It is refused with its line, also when only another flow suffers by it; what was in force stays."""
    async with opened(database_url, tmp_path) as house:
        with pytest.raises(UsageError, match=r"night.toml:10: .*emergencies"):
            await house.desk.publish(
                "night", NIGHT.replace('= "emergency" }', '= "emergencies" }'), "anna", "x"
            )
        with pytest.raises(UsageError, match="emergency"):
            await house.desk.publish("emergency", NIGHT.replace("arrival", "question"), "anna", "x")
        assert await house.desk.versions("night", 10) == []
        assert house.shelf.flows["night"].version == 0


async def test_a_version_that_no_longer_fits_leaves_the_shipped_ones(
    database_url: str, tmp_path: Path
) -> None:
    """A queue that was given up, say: the house answers with the shipped flows, and does not stand still."""
    async with opened(database_url, tmp_path) as house, house.database.unit() as unit:
        await store.publish(unit, "night", NIGHT.replace('"main"', '"gone"'), "anna", "x", NOW)
    async with opened(database_url, tmp_path) as house:
        assert house.shelf.flows["night"].version == 0
        assert "gone" in house.shelf.trouble
        await house.desk.publish("night", NIGHT, "anna", "repaired")
        assert house.shelf.trouble == ""


async def test_walks_are_counted_by_how_they_ended(database_url: str, tmp_path: Path) -> None:
    """From the journal; what is not for normal hours is an exception from the norm."""
    async with opened(database_url, tmp_path) as house:
        ends = [
            WalkEnded(C1, "night", 0, "person", Exit.LINE),
            WalkEnded(C2, "night", 0, "person", Exit.LINE),
            WalkEnded(C2, "night", 1, "greeting", Exit.LEFT),
            WalkEnded(C2, "intake", 0, "person", Exit.LINE),
        ]
        async with house.database.unit() as unit:
            for end in ends:
                unit.record(journal.draft(end, NOW, FakeClock().instant(), derived=False))
        counts = await house.desk.counts(NOW - timedelta(hours=1))
        assert [(row.flow, row.version, row.is_exception, row.walks, row.exits) for row in counts] == [
            ("intake", 0, False, 1, {"line": 1}),
            ("night", 0, True, 2, {"line": 2}),
            ("night", 1, True, 1, {"left": 1}),
        ]
        assert await house.desk.counts(NOW + timedelta(hours=1)) == []
