"""What-if (推演): what a change of the seats would come to, answered from the live state by the same engine.

Invariant: asking changes nothing in the house, and holds its loop no longer than a scene takes to be written down; the
futures are simulated in processes beside it.
"""

import asyncio
import gc
import multiprocessing
import os
import pickle
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from datetime import datetime, timedelta
from functools import partial
from statistics import fmean, stdev
from threading import Thread
from time import sleep
from typing import Final, Protocol
from uuid import uuid4

import structlog

from callcenter.core.clock import Clock, Instant
from callcenter.core.contact import ContactState
from callcenter.core.contacts import Contacts
from callcenter.core.errors import CallcenterError, PeerError
from callcenter.core.ids import SeatId
from callcenter.core.messages.seats import SeatState
from callcenter.sim.ahead import House, Step, foresee
from callcenter.store import predictions
from callcenter.store.database import Database
from callcenter.store.predictions import Kept
from callcenter.store.writer import StoreWriter
from callcenter.what_if_truth import what_happened
from queues.core.engine import HotlineEngine
from queues.core.scene import Scene, SeatNow, SeatPhase, take_scene
from queues.core.seats import Seat, Seats
from queues.core.what_if import FIGURES, Change, Figures, Prediction

__all__ = ["Change", "Figures", "Foreseer", "Kept", "Prediction", "WhatIf", "WhatIfDesk", "live_scene"]

log = structlog.get_logger()

PAIRS_MIN: Final = 3
PAIRS_MAX: Final = 24
"""Pairs of futures that are simulated at least, and at most."""
BUDGET_S: Final = 0.75
"""Time for simulating; with sending and adding up the answer comes within a second."""
LATE_S: Final = 15.0
ASKED_MAX: Final = 4
"""Questions that may wait for their answer at once."""
NICENESS: Final = 5
"""Calls go before predictions."""
WARM_AFTER_S: Final = 20.0
ORPHAN_LOOK_S: Final = 2.0
CLOSE_EVERY_S: Final = 60.0
SETTLED_AFTER: Final = timedelta(seconds=90)
"""So long after a span its contacts are written."""

_WORKING = {
    SeatState.RINGING: SeatPhase.TALKING,
    SeatState.DIALING: SeatPhase.TALKING,
    SeatState.TALKING: SeatPhase.TALKING,
    SeatState.WRAP_UP: SeatPhase.WRAP_UP,
}
_IN_SESSION = frozenset({ContactState.ARRIVED, ContactState.WAITING})


class WhatIf(Protocol):
    """Whoever answers."""

    async def ask(self, change: Change, by: str = "") -> Prediction:
        """What the change would come to, beside how it goes on without. ``by``: who asks.

        Raises:
            UsageError: the change is absurd.
            PeerError: the house is not ready to answer, or no answer came in time.
        """
        ...


def live_scene(
    engine: HotlineEngine, seats: Seats, contacts: Contacts, cloud: frozenset[SeatId], now: Instant
) -> Scene:
    """The live hotline as its engines know it now: seats that work as they are, free ones as the engine counts them."""
    counted = engine.hotline.seats
    working = (seat for seat in seats.all() if seat.state in _WORKING and not seat.kept_for)
    talking = {
        key
        for contact in contacts.live()
        if contact.state not in _IN_SESSION
        for key in (contact.caller, contact.contact_id)
    }
    on_duty = [
        *([SeatNow(False, SeatPhase.FREE)] * counted.home_free),
        *([SeatNow(True, SeatPhase.FREE)] * counted.cloud_free),
        *(_seat_now(seat, seat.seat_id in cloud, now) for seat in working),
    ]
    return take_scene(engine, on_duty, talking, now)


def _seat_now(seat: Seat, is_cloud: bool, now: Instant) -> SeatNow:
    return SeatNow(is_cloud, _WORKING[seat.state], max(0.0, now - seat.since))


class Foreseer:
    """Processes that simulate, kept warm. Use :meth:`warm` at leisure, :meth:`foresee`, :meth:`close`."""

    def __init__(self, workers: int | None = None) -> None:
        self._workers = workers or min(2, os.cpu_count() or 1)
        self._pool: ProcessPoolExecutor | None = None

    async def warm(self) -> None:
        """Start the processes and let them load what they need, without holding up the loop."""
        if (pool := self._pool) is None:
            pool = self._pool = self._open()
        futures = await asyncio.to_thread(lambda: [pool.submit(_settle) for _ in range(self._workers)])
        await asyncio.gather(*map(asyncio.wrap_future, futures))

    async def foresee(
        self, scene: bytes, house: House, change: Change, seed: int, budget_s: float = BUDGET_S
    ) -> list[list[Step]]:
        """Simulate pairs of futures side by side in all processes: at least ``PAIRS_MIN``, more where time is left.

        Raises:
            PeerError: ``what_if_failed``: a process died; ``what_if_late``: no answer within ``LATE_S``.
        """
        if self._pool is None:
            await self.warm()
        loop, share = asyncio.get_running_loop(), -(-PAIRS_MIN // self._workers)
        works = []
        for worker in range(self._workers):
            seeds = [seed + worker + self._workers * turn for turn in range(PAIRS_MAX // self._workers)]
            work = partial(foresee, scene, house, change, seeds, share, budget_s)
            works.append(loop.run_in_executor(self._pool, work))
        try:
            async with asyncio.timeout(LATE_S):
                found = await asyncio.gather(*works)
        except BrokenProcessPool:
            self.close()
            raise PeerError("the simulation died: ask again", code="what_if_failed") from None
        except TimeoutError:
            self.close()
            raise PeerError("the simulation took too long: ask again", code="what_if_late") from None
        return [pair for pairs in found for pair in pairs]

    def close(self) -> None:
        """End the processes; running simulations end by themselves."""
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)
            self._pool = None

    def _open(self) -> ProcessPoolExecutor:
        spawn = multiprocessing.get_context("spawn")
        house = (os.getpid(),)
        return ProcessPoolExecutor(self._workers, mp_context=spawn, initializer=_be_modest, initargs=house)


def _be_modest(house: int) -> None:
    """In a new process: behind the calls, gone with its house, and without looking again and again at what was loaded."""
    Thread(target=_end_with, args=(house,), daemon=True).start()
    os.nice(NICENESS)
    gc.freeze()
    gc.set_threshold(100_000, 50, 50)


def _end_with(house: int) -> None:
    """A house that was killed cannot close its pool, and its pipes stay open in the processes themselves."""
    while os.getppid() == house:
        sleep(ORPHAN_LOOK_S)
    os._exit(0)


def _settle() -> None:
    """So long that every process of the pool gets one of these."""
    sleep(0.2)


class WhatIfDesk:
    """Answers what-ifs of the live house, keeps them, and later says what happened (:class:`WhatIf`).

    ``scene``: the house now; ``house``: what a scene does not hold.
    """

    def __init__(
        self,
        scene: Callable[[], Scene],
        house: House,
        database: Database,
        writer: StoreWriter,
        clock: Clock,
        foreseer: Foreseer | None = None,
    ) -> None:
        self._scene, self._house = scene, house
        self._database, self._writer, self._clock = database, writer, clock
        self._foreseer = foreseer or Foreseer()
        self._turn = asyncio.Lock()
        self._asked = 0

    async def ask(self, change: Change, by: str = "") -> Prediction:
        """See :class:`WhatIf`."""
        change.check()
        if self._asked >= ASKED_MAX:
            raise PeerError("other what-ifs are being answered: ask again in a moment", code="what_if_busy")
        self._asked += 1
        try:
            async with self._turn:
                prediction = await self._answer(change)
        finally:
            self._asked -= 1
        kept = partial(predictions.keep, prediction=prediction, by=by)
        await self._writer.do(kept, "keep prediction")
        return prediction

    async def newest(self, limit: int) -> list[Kept]:
        """What was predicted, newest first, with what happened where the span is over."""
        async with self._database.reading() as connection:
            return await predictions.newest(connection, limit)

    async def run(self) -> None:
        """Warm the processes when the house has settled; then close predictions whose span is over, for ever."""
        try:
            await asyncio.sleep(WARM_AFTER_S)
            await self._foreseer.warm()
            while True:
                await self.close_due()
                await asyncio.sleep(CLOSE_EVERY_S)
        finally:
            self._foreseer.close()

    async def close_due(self) -> None:
        """Write down what happened in spans that are over; a database in trouble is asked again later."""
        now = self._clock.at()
        try:
            async with self._database.reading() as connection:
                due = await predictions.due(connection, now - SETTLED_AFTER)
            for kept in due:
                real = await what_happened(self._database, kept.asked_at, kept.until_at)
                await self._writer.do(
                    partial(predictions.close, id_=kept.id, real=real, at=now), "close prediction"
                )
        except CallcenterError as error:
            log.warning("predictions were not compared", code=error.code)

    async def _answer(self, change: Change) -> Prediction:
        asked_at, began = self._clock.at(), self._clock.instant()
        scene = pickle.dumps(self._scene(), pickle.HIGHEST_PROTOCOL)
        told = await self._foreseer.foresee(scene, self._house, change, seed=int(began * 1000) % 2**31)
        id_ = uuid4().hex[:12]
        return add_up(id_, asked_at, change, told, lambda: self._clock.instant() - began)


def add_up(
    id_: str, asked_at: datetime, change: Change, told: Sequence[Sequence[Step]], took_s: Callable[[], float]
) -> Prediction:
    """The prediction of all pairs of futures: as far ahead as at least ``PAIRS_MIN`` of them came."""
    lengths = sorted((len(steps_) for steps_ in told), reverse=True)
    reached = lengths[min(PAIRS_MIN, len(lengths)) - 1]
    pairs = [steps_[reached - 1] for steps_ in told if len(steps_) >= reached]
    without, with_ = [pair[1] for pair in pairs], [pair[2] for pair in pairs]
    return Prediction(
        id=id_,
        asked_at=asked_at,
        change=change,
        without=_mean(without),
        with_=_mean(with_),
        runs=len(pairs),
        took_s=took_s(),
        horizon_s=pairs[0][0],
        spread={name: _error(without, with_, name) for name in FIGURES},
    )


def _mean(figures: Sequence[Figures]) -> Figures:
    values = {name: [value for it in figures if (value := getattr(it, name)) is not None] for name in FIGURES}
    return Figures(**{name: fmean(known) if known else None for name, known in values.items()})  # type: ignore[arg-type]  # counts are never None


def _error(without: Sequence[Figures], with_: Sequence[Figures], name: str) -> float | None:
    """The standard error of the difference that a change makes."""
    pairs = [(getattr(a, name), getattr(b, name)) for a, b in zip(without, with_, strict=True)]
    differences = [b - a for a, b in pairs if a is not None and b is not None]
    return stdev(differences) / len(differences) ** 0.5 if len(differences) > 1 else None
