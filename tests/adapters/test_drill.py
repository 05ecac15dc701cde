"""A drill: engines live faster than the clock, and their day begins when it is told so."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from callcenter.clocks import SystemClock
from callcenter.controller import Controller
from callcenter.core.clock import Instant, after
from callcenter.core.contact import SaveContact
from callcenter.core.contacts import Contacts
from callcenter.core.ids import ChannelName, ContactId
from callcenter.core.messages.calls import CallArrived, CallEnded
from callcenter.core.messages.surge import DayPlanned
from callcenter.drill.days import DrillDays, FastClock, clock_for
from callcenter.settings import Settings
from callcenter.store.database import Database

pytestmark = pytest.mark.adapters

SPEED = 5.0
DAY_S = 86_400.0
LIMIT_S = 20.0
DRILL = {"drill": {"speed": SPEED, "length_s": 900.0}}


class StillClock(SystemClock):
    """A clock whose instants are told by the test."""

    def __init__(self) -> None:
        super().__init__()
        self.passed_s = 100.0

    def instant(self) -> Instant:
        """What the test says."""
        return Instant(self.passed_s)


def test_only_instants_pass_faster() -> None:
    """Ten seconds of the clock are fifty of the engines; the wall clock is everybody's."""
    still = StillClock()
    fast = FastClock(still, SPEED)
    begun, at = fast.instant(), fast.at()
    still.passed_s += 10
    assert fast.instant() - begun == 10 * SPEED
    assert abs(fast.at() - at) < timedelta(seconds=5)


def test_an_ordinary_house_has_the_ordinary_clock() -> None:
    """Nothing changes where no drill is set."""
    clock = SystemClock()
    assert clock_for(Settings(), clock) is clock
    assert isinstance(clock_for(Settings.model_validate(DRILL), clock), FastClock)


async def test_the_day_begins_at_start_and_with_each_roster(tmp_path: Path) -> None:
    """It is as long as the drill, is planned from the settings alone, and only a roster begins it anew."""
    database, still, told = Database(f"sqlite:///{tmp_path / 'a.db'}"), StillClock(), list[DayPlanned]()
    planner = DrillDays(Settings.model_validate(DRILL), database, FastClock(still, SPEED), told.append)
    await planner.look()
    still.passed_s += 40
    await planner.look()
    planner.change_roster((3,) * 24)
    await database.close()
    first, second = told
    assert (first.began, first.length_s, first.is_new_day) == (100 * SPEED, 900.0, True)
    assert (second.began, second.roster, second.is_new_day) == (140 * SPEED, (3,) * 24, True)


class Due(Contacts):
    """An engine with one deadline."""

    def __init__(self, due: Instant) -> None:
        super().__init__()
        self._due = due
        self.woken = asyncio.Event()

    def next_deadline(self) -> Instant | None:
        """Until it came."""
        return None if self.woken.is_set() else self._due

    def on_deadline(self, now: Instant) -> None:
        """It came."""
        self.woken.set()


async def test_the_controller_waits_in_seconds_of_the_clock() -> None:
    """A deadline that is a day of a fast clock away comes at once, not after a day."""
    clock = FastClock(SystemClock(), DAY_S * 10)
    engine = Due(after(clock.instant(), DAY_S))
    controller = Controller([engine], {}, lambda message, derived: None, clock, speed=DAY_S * 10)
    running = asyncio.create_task(controller.run())
    async with asyncio.timeout(LIMIT_S):
        await engine.woken.wait()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


def test_the_ledger_keeps_the_wall_clocks_time() -> None:
    """A call of fifty seconds of the engines is one of ten in the books."""
    engine, citizen = Contacts(SPEED), ContactId("a-1.1")
    begun = datetime(2026, 11, 23, 9, tzinfo=UTC)
    engine.receive(CallArrived(citizen, ChannelName("PJSIP/trunk-1"), "", "12345", begun), Instant(0.0))
    engine.receive(CallEnded(citizen, 16, begun), Instant(50.0))
    ended = [effect.contact.ended_at for effect in engine.take_effects() if isinstance(effect, SaveContact)]
    assert ended[-1:] == [begun + timedelta(seconds=10)]
