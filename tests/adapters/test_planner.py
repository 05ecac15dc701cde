"""The plan of the day and the promises, whatever is done to the wall clock."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from rows import answered, arrival
from telephone import Telephone, may_be_dialed

from callcenter.core.clock import Instant
from callcenter.core.ids import ContactId
from callcenter.core.messages.callbacks import CloseOwed, KeepOwed, OwedCall, callback_id
from callcenter.core.messages.surge import DayPlanned, RosterAsked
from callcenter.planner import DRIFT_S, Planner
from callcenter.promises import Promises
from callcenter.settings import Settings
from callcenter.store import contacts
from callcenter.store.database import Database
from callcenter.store.journal import draft
from callcenter.store.writer import StoreWriter

pytestmark = pytest.mark.adapters

SHANGHAI = ZoneInfo("Asia/Shanghai")
MORNING = datetime(2026, 11, 23, 9, 30, tzinfo=SHANGHAI)
MIDNIGHT = datetime(2026, 11, 23, tzinfo=SHANGHAI)
HOUR_S = 3600.0
TWO_HOURS = timedelta(hours=2)
BO, CHEN = "13800000002", "13800000003"


@dataclass
class Clocks:
    """Two clocks: the wall's can be set, the monotonic one only goes on. ``wall``: at instant 0."""

    wall: datetime = MORNING
    passed_s: float = 1000.0

    def instant(self) -> Instant:
        """Monotonic now."""
        return Instant(self.passed_s)

    def at(self) -> datetime:
        """Wall-clock now."""
        return self.wall + timedelta(seconds=self.passed_s)

    def advance(self, seconds: float) -> None:
        """Time passes."""
        self.passed_s += seconds

    def set_wall(self, by: timedelta) -> None:
        """Somebody sets the wall clock."""
        self.wall += by


@dataclass
class Room:
    """A planner with its clocks, and what it has told."""

    clocks: Clocks
    planner: Planner
    database: Database
    told: list[DayPlanned] = field(default_factory=list)


@asynccontextmanager
async def planning(path: Path, wall: datetime = MORNING, **settings: object) -> AsyncIterator[Room]:
    """A planner on a database of its own."""
    database, clocks, told = Database(f"sqlite:///{path}"), Clocks(wall), list[DayPlanned]()
    try:
        if path.parent.exists():
            await database.upgrade()
        planner = Planner(Settings.model_validate(settings), database, clocks, told.append)
        yield Room(clocks, planner, database, told)
    finally:
        await database.close()


async def test_a_day_is_planned_once(tmp_path: Path) -> None:
    """At start the day of the city begins at its midnight, on both clocks; it is not told again, nor for a small drift."""
    async with planning(tmp_path / "a.db") as room:
        await room.planner.look()
        room.clocks.advance(5 * HOUR_S)
        room.clocks.set_wall(timedelta(seconds=DRIFT_S - 1))
        await room.planner.look()
    [plan] = room.told
    assert (plan.is_new_day, plan.began_at, plan.length_s) == (True, MIDNIGHT, 24 * HOUR_S)
    assert plan.began == -9.5 * HOUR_S
    assert (plan.callback_from_s, plan.callback_to_s) == (8 * HOUR_S, 21 * HOUR_S)


async def test_midnight_begins_a_new_day(tmp_path: Path) -> None:
    """The next one begins a day later on both clocks."""
    async with planning(tmp_path / "a.db") as room:
        await room.planner.look()
        room.clocks.advance(14.5 * HOUR_S)
        await room.planner.look()
    first, second = room.told
    assert second.is_new_day
    assert second.began == first.began + 24 * HOUR_S
    assert second.began_at == MIDNIGHT + timedelta(days=1)


@pytest.mark.parametrize("by", [TWO_HOURS, -TWO_HOURS])
async def test_a_set_clock_moves_the_plan(tmp_path: Path, by: timedelta) -> None:
    """It is the same day, and its hours are where the wall clock says."""
    async with planning(tmp_path / "a.db") as room:
        await room.planner.look()
        room.clocks.set_wall(by)
        await room.planner.look()
    first, second = room.told
    assert not second.is_new_day
    assert second == replace(first, began=Instant(first.began - by.total_seconds()), is_new_day=False)


@pytest.mark.parametrize(("hour", "by", "days"), [(23, TWO_HOURS, 1), (1, -TWO_HOURS, -1)])
async def test_a_clock_set_over_midnight_is_another_day(
    tmp_path: Path, hour: int, by: timedelta, days: int
) -> None:
    """Forward into tomorrow, or back into yesterday."""
    async with planning(tmp_path / "a.db", MIDNIGHT + timedelta(hours=hour)) as room:
        await room.planner.look()
        room.clocks.set_wall(by)
        await room.planner.look()
    assert room.told[-1].is_new_day
    assert room.told[-1].began_at == MIDNIGHT + timedelta(days=days)


async def test_a_roster_changed_by_hand_holds_for_the_day(tmp_path: Path) -> None:
    """Told at once; a restarted planner knows it from the journal; the next day has the usual one again."""
    changed = (3,) * 24
    async with planning(tmp_path / "a.db") as room:
        await room.planner.look()
        room.planner.change_roster(changed)
        async with room.database.unit() as unit:
            asked = RosterAsked(changed, "lead", "two are ill")
            unit.record(draft(asked, room.clocks.at(), room.clocks.instant()))
        again = Planner(Settings(), room.database, room.clocks, room.told.append)
        await again.look()
        room.clocks.advance(14.5 * HOUR_S)
        await again.look()
    usual, by_hand, restarted, tomorrow = room.told
    assert by_hand == replace(usual, roster=changed, is_new_day=False)
    assert restarted.roster == changed
    assert tomorrow.roster == usual.roster


async def test_a_past_that_cannot_be_read_is_done_without(tmp_path: Path) -> None:
    """Without a database the plan is what the operator set; with weeks of calls it is what they teach."""
    async with planning(tmp_path / "nowhere" / "a.db", day={"citizens": 777}) as room:
        await room.planner.look()
    assert room.told[0].citizens == 777
    database = Database(f"sqlite:///{tmp_path / 'a.db'}")
    await database.upgrade()
    async with database.unit() as unit:
        for week in (1, 2, 3):
            day = MORNING - timedelta(weeks=week)
            await contacts.save(unit, answered(ContactId(f"cc-{week}.1"), day))
    await database.close()
    async with planning(tmp_path / "a.db", day={"citizens": 777}) as room:
        await room.planner.look()
    assert room.told[0].citizens == 1


@dataclass
class HouseClocks(Clocks):
    """The clocks of a telephone: its instants, and a wall that can be set."""

    house: Telephone = field(default_factory=lambda: Telephone(seat_count=1))

    def instant(self) -> Instant:
        """The telephone's now."""
        return Instant(self.house.now)

    def at(self) -> datetime:
        """The same on the wall."""
        return self.wall + timedelta(seconds=self.house.now)


@asynccontextmanager
async def steered(path: Path, hour: float) -> AsyncIterator[tuple[Telephone, HouseClocks, Planner]]:
    """A house with one seat that nobody serves yet, whose days are planned."""
    database = Database(f"sqlite:///{path}")
    await database.upgrade()
    house = Telephone(seat_count=1, now=hour * HOUR_S)
    clocks = HouseClocks(MIDNIGHT, house=house)
    planner = Planner(Settings(), database, clocks, house.tell)
    try:
        await planner.look()
        yield house, clocks, planner
    finally:
        await database.close()


async def test_nobody_is_dialed_in_the_night_of_the_wall(tmp_path: Path) -> None:
    """Half past seven becomes half past nine: the seat is free and stays so, until the clock is set right again."""
    async with steered(tmp_path / "a.db", 19.5) as (house, clocks, planner):
        missed = house.arrive(BO)
        house.hang_up(missed)
        clocks.set_wall(TWO_HOURS)
        await planner.look()
        house.log_in()
        house.advance(600.0)
        assert house.dialed == []
        clocks.set_wall(-TWO_HOURS)
        await planner.look()
        house.advance(1.0)
        assert house.dialed == [callback_id(missed, 1)]


@pytest.mark.parametrize("by", [TWO_HOURS, -TWO_HOURS])
async def test_a_set_clock_neither_hastens_nor_delays_the_next_try(tmp_path: Path, by: timedelta) -> None:
    """Nobody answered; half an hour later by the clock that nobody can set, and no sooner, comes the second try."""
    async with steered(tmp_path / "a.db", 14.0) as (house, clocks, planner):
        missed = house.arrive(BO)
        house.hang_up(missed)
        house.log_in()
        house.end_callback(house.pick_up("8001"), packets=None)
        clocks.set_wall(by)
        await planner.look()
        house.advance(1790.0)
        assert len(house.dialed) == 1
        house.advance(20.0)
        assert house.dialed == [callback_id(missed, 1), callback_id(missed, 2)]


@asynccontextmanager
async def writing(path: Path, clocks: Clocks) -> AsyncIterator[tuple[Promises, Database]]:
    """The promises of one life of the controller."""
    database = Database(f"sqlite:///{path}")
    await database.upgrade()
    writer = StoreWriter(database)
    task = asyncio.create_task(writer.run())
    try:
        yield Promises(writer, clocks, may_be_dialed), database
        await writer.flush()
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await database.close()


async def keep_some(path: Path, clocks: Clocks) -> list[OwedCall]:
    """Bo's next try is due in twenty minutes, somebody hears Chen's message, a third was not reached."""
    now = clocks.instant()
    owed = [
        OwedCall(BO, "missed", ContactId("cc-1.1"), Instant(now - 900), Instant(now + 1200), 1, False),
        OwedCall(CHEN, "message", ContactId("cc-1.2"), Instant(now - 60), None, 0, True),
        OwedCall("13800000004", "accepted", ContactId("cc-1.3"), now, now, 3, False),
    ]
    async with writing(path, clocks) as (promises, database):
        async with database.unit() as unit:
            for call in owed:
                await contacts.arrive(unit, arrival(call.origin, call.caller, clocks.at().astimezone(UTC)))
        for call in owed:
            promises.keep(KeepOwed(call, call.origin))
        promises.close(CloseOwed("13800000004", "unreached", ContactId("cc-1.3")))
    return owed[:2]


async def restored(path: Path, clocks: Clocks) -> tuple[list[OwedCall], tuple[str, ...]]:
    """What the next life takes up, with instants counted from its own now."""
    async with writing(path, clocks) as (promises, database):
        told = await promises.restored(database)
    now = clocks.instant()
    return [_relative(call, now) for call in told.owed], told.unreached


async def test_promises_survive_a_restart_with_their_times(tmp_path: Path) -> None:
    """The new life counts its instants from elsewhere; everything is due when it was, five minutes on."""
    clocks = Clocks()
    kept = await keep_some(tmp_path / "a.db", clocks)
    later = Clocks(clocks.at() + timedelta(seconds=300), passed_s=0.0)
    owed, unreached = await restored(tmp_path / "a.db", later)
    assert owed == [_relative(call, Instant(clocks.instant() + 300)) for call in kept]
    assert unreached == ("13800000004",)


@pytest.mark.parametrize("by", [TWO_HOURS, -TWO_HOURS])
async def test_a_clock_set_between_two_lives_loses_no_promise(tmp_path: Path, by: timedelta) -> None:
    """All are there with their tries; only when they are due moves with the wall clock, by as much and no more."""
    clocks = Clocks()
    kept = await keep_some(tmp_path / "a.db", clocks)
    owed, _ = await restored(tmp_path / "a.db", Clocks(clocks.at() + by, passed_s=0.0))
    assert owed == [_relative(call, Instant(clocks.instant() + by.total_seconds())) for call in kept]


@pytest.mark.parametrize("by", [TWO_HOURS, -TWO_HOURS])
async def test_a_clock_set_in_mid_life_shifts_nothing_kept_afterwards(tmp_path: Path, by: timedelta) -> None:
    """The next try is written down anew after the jump: the next life counts the same twenty minutes to it."""
    clocks = Clocks()
    kept = await keep_some(tmp_path / "a.db", clocks)
    async with writing(tmp_path / "a.db", clocks) as (promises, _):
        clocks.set_wall(by)
        for call in kept:
            promises.keep(KeepOwed(replace(call, tries=2), call.origin))
    owed, _ = await restored(tmp_path / "a.db", Clocks(clocks.at() + timedelta(seconds=300), passed_s=0.0))
    later = Instant(clocks.instant() + 300)
    assert [(call.due, call.tries) for call in owed] == [(_relative(call, later).due, 2) for call in kept]


async def test_who_was_not_reached_yesterday_may_be_called_today(tmp_path: Path) -> None:
    """Tries count by the day of the city."""
    clocks = Clocks()
    await keep_some(tmp_path / "a.db", clocks)
    _, unreached = await restored(tmp_path / "a.db", Clocks(clocks.at() + timedelta(days=1), passed_s=0.0))
    assert unreached == ()


def _relative(call: OwedCall, now: Instant) -> OwedCall:
    """The call with its instants as seconds from ``now``, rounded as the database rounds times."""
    due = None if call.due is None else Instant(round(call.due - now, 3))
    return replace(call, made=Instant(round(call.made - now, 3)), due=due)
