"""What-ifs answered by real processes beside the loop; and what of a live house a scene shows."""

import asyncio
import pickle
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from scenes import LiveDay, live_day
from telephone import Telephone

from callcenter.clocks import SystemClock
from callcenter.core.clock import Instant
from callcenter.core.errors import PeerError, UsageError
from callcenter.core.ids import SeatId
from callcenter.sim.ahead import foresee
from callcenter.store.database import Database
from callcenter.store.writer import StoreWriter
from callcenter.what_if import ASKED_MAX, PAIRS_MIN, Foreseer, WhatIfDesk, add_up, live_scene
from queues.core.scene import SeatPhase
from queues.core.what_if import FIGURES, Change, Figures

pytestmark = pytest.mark.adapters

BLOCKED_S = 0.05
"""A loop that is held longer than this delays live calls."""


@pytest.fixture(scope="module")
def foreseer() -> Iterator[Foreseer]:
    """The processes, started once."""
    made = Foreseer()
    yield made
    made.close()


@pytest.fixture(scope="module")
def surge() -> LiveDay:
    """Half past nine of an hour with twenty-one times the attempts."""
    return live_day("X21-1h", 9.5 * 3600)


@asynccontextmanager
async def desk(
    path: Path, day: LiveDay, foreseer: Foreseer, clock: "Ahead | SystemClock | None" = None
) -> AsyncIterator[WhatIfDesk]:
    """The desk of a house that is a simulated day."""
    database = Database(f"sqlite:///{path}")
    await database.upgrade()
    writer = StoreWriter(database)
    writing = asyncio.create_task(writer.run())
    try:
        yield WhatIfDesk(day.scene, day.house, database, writer, clock or SystemClock(UTC), foreseer)
    finally:
        writing.cancel()
        with suppress(asyncio.CancelledError):
            await writing
        await database.close()


@dataclass
class Ahead(SystemClock):
    """A clock that can be put ahead."""

    ahead: timedelta = timedelta()

    def at(self) -> datetime:
        """Wall-clock now, and ahead."""
        return datetime.now(UTC) + self.ahead


async def test_an_answer_compares_and_is_kept(tmp_path: Path, surge: LiveDay, foreseer: Foreseer) -> None:
    """Six more cloud seats for half an hour: more are answered, by at least three pairs of futures; who asked is kept."""
    async with desk(tmp_path / "a.db", surge, foreseer) as it:
        told = await it.ask(Change(cloud_seats=6, hours=0.5), "lead")
        [kept] = await it.newest(5)
    assert told.runs >= PAIRS_MIN
    assert told.with_.answered > told.without.answered
    assert told.with_.seats == pytest.approx(told.without.seats + 6, abs=0.1)
    assert set(told.spread) == set(FIGURES)
    assert (kept.prediction, kept.by, kept.real) == (told, "lead", None)


async def test_the_loop_is_not_blocked_while_a_what_if_runs(
    tmp_path: Path, surge: LiveDay, foreseer: Foreseer
) -> None:
    """The scene is written down in a few milliseconds, the rest is elsewhere.

    Measured in processor time of the loop's thread between ticks, so that whatever else this machine does is not counted.
    """
    gaps: list[float] = []

    async def tick() -> None:
        last = time.thread_time()
        while True:
            await asyncio.sleep(0.005)
            gaps.append(time.thread_time() - last)
            last = time.thread_time()

    async with desk(tmp_path / "a.db", surge, foreseer) as it:
        await it.ask(Change(hours=0.1))
        began = time.thread_time()
        scene = pickle.dumps(surge.scene())
        written_down_s = time.thread_time() - began
        ticker = asyncio.create_task(tick())
        for _ in range(3):
            await it.ask(Change(cloud_seats=6, hours=0.5))
        ticker.cancel()
    assert len(scene) < 1_000_000
    gaps.sort()
    usual_s = gaps[int(0.9 * len(gaps))]
    assert usual_s < BLOCKED_S, "nine of ten ticks come in time"
    assert written_down_s < 10 * BLOCKED_S


async def test_what_happened_is_found_when_the_span_is_over(
    tmp_path: Path, surge: LiveDay, foreseer: Foreseer
) -> None:
    """Not before its end; then once, from a ledger in which nobody called."""
    clock = Ahead()
    async with desk(tmp_path / "a.db", surge, foreseer, clock) as it:
        await it.ask(Change(hours=0.1))
        await it.close_due()
        [kept] = await it.newest(5)
        assert kept.real is None
        clock.ahead = timedelta(minutes=10)
        await it.close_due()
        [kept] = await it.newest(5)
    assert kept.real == Figures(0, 0, None, None, None, None, None, None, 0, None, 0, 0)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (Change(hours=0.0), "bad_hours"),
        (Change(hours=-1.0), "bad_hours"),
        (Change(hours=float("nan")), "bad_hours"),
        (Change(hours=13.0), "bad_hours"),
        (Change(cloud_seats=501), "bad_seats"),
        (Change(seats=-501), "bad_seats"),
    ],
)
async def test_nonsense_is_refused(
    tmp_path: Path, surge: LiveDay, foreseer: Foreseer, change: Change, code: str
) -> None:
    """Before anything is simulated."""
    async with desk(tmp_path / "a.db", surge, foreseer) as it:
        with pytest.raises(UsageError) as refused:
            await it.ask(change)
        assert refused.value.code == code
        assert await it.newest(5) == []


async def test_only_a_few_may_ask_at_once(tmp_path: Path, surge: LiveDay, foreseer: Foreseer) -> None:
    """One is answered after the other; who comes when too many wait is told so."""
    async with desk(tmp_path / "a.db", surge, foreseer) as it:
        asked = [it.ask(Change(hours=0.05)) for _ in range(ASKED_MAX + 1)]
        answers = await asyncio.gather(*asked, return_exceptions=True)
    refused = [answer for answer in answers if isinstance(answer, PeerError)]
    assert [error.code for error in refused] == ["what_if_busy"]


async def test_a_died_process_is_replaced(tmp_path: Path, surge: LiveDay) -> None:
    """The one who asked is told to ask again, and then is answered."""
    own = Foreseer(workers=1)
    try:
        await own.warm()
        assert own._pool is not None
        for process in own._pool._processes.values():
            process.kill()
        scene = pickle.dumps(surge.scene())
        with pytest.raises(PeerError) as failed:
            await own.foresee(scene, surge.house, Change(hours=0.05), 1)
        assert failed.value.code == "what_if_failed"
        assert len(await own.foresee(scene, surge.house, Change(hours=0.05), 1)) >= PAIRS_MIN
    finally:
        own.close()


HOUSE = """
import asyncio, sys
from callcenter.what_if import Foreseer

async def main():
    foreseer = Foreseer(workers=1)
    await foreseer.warm()
    print(*foreseer._pool._processes, flush=True)
    await asyncio.sleep(60)

if __name__ == "__main__":
    asyncio.run(main())
"""


async def test_a_killed_house_leaves_no_process_behind(tmp_path: Path) -> None:
    """Killed, it closes nothing; what simulated for it ends by itself."""
    script = tmp_path / "house.py"
    script.write_text(HOUSE)
    house = await asyncio.create_subprocess_exec(sys.executable, script, stdout=asyncio.subprocess.PIPE)
    assert house.stdout is not None
    worker = Path("/proc") / (await house.stdout.readline()).decode().strip()
    assert worker.exists()
    house.kill()
    await house.wait()
    async with asyncio.timeout(30):
        while worker.exists():
            await asyncio.sleep(0.1)


def test_pairs_of_different_length_are_told_as_far_as_three_came(surge: LiveDay) -> None:
    """Where time was short the span is cut; a pair that came less far is left out, one that came further is cut."""
    scene, change = pickle.dumps(surge.scene()), Change(cloud_seats=6, hours=0.5)
    told = foresee(scene, surge.house, change, range(4), 4, 60.0)
    lengths = (3, 2, 2, 1)
    cut = [steps[:length] for steps, length in zip(told, lengths, strict=True)]
    prediction = add_up("a", datetime.now(UTC), change, cut, lambda: 0.5)
    assert (prediction.runs, prediction.horizon_s, prediction.took_s) == (3, 360.0, 0.5)
    expected = sum(steps[1][2].answered for steps in told[:3]) / 3
    assert prediction.with_.answered == pytest.approx(expected)


def test_a_live_house_is_seen_as_it_is() -> None:
    """Who waits, who hears the greeting, who talks since when, who is owed a call; nobody's number is in it."""
    house = Telephone(seat_count=1)
    house.log_in()
    talking, waiting, greeted, missed = (f"1380000000{n}" for n in range(4))
    house.arrive(talking)
    house.pick_up("8001")
    house.hang_up(house.arrive(missed))
    house.advance(30.0)
    place = house.arrive(waiting)
    while place in house.asked:
        house.reply(place, accepted=False)
    house.advance(5.0)
    house.arrive(greeted, key=None)
    cloud = frozenset([SeatId("8101")])
    scene = live_scene(house.steering.engine, house.seats, house.contacts, cloud, Instant(house.now))
    [seat] = scene.seats
    assert (seat.phase, seat.is_cloud) == (SeatPhase.TALKING, False)
    assert seat.since_s == pytest.approx(35.0)
    [waiter] = scene.waiting
    assert waiter.waited_s == pytest.approx(5.0)
    assert (len(scene.greeted), len(scene.owed)) == (1, 1)
    sent = pickle.dumps(scene)
    for number in (talking, waiting, greeted, missed):
        assert number.encode() not in sent
