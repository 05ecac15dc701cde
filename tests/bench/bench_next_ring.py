"""From the end of a seat's work to the next ring of its phone: the product beside plain app_queue, callers always waiting.

Both run at once on the same Asterisk program, and are loaded in turn: one round is a block of talks here and a block
there, so that whatever else the machine does falls on both. The plain side is what a careful user would write:
``autofill``, ``retry = 1``, the product's own strategy, and after-call work as ``wrapuptime``; no controller.
Seconds are counted at the phone: from the BYE of its last talk, plus after-call work, to its next INVITE.
app_queue counts after-call work in whole seconds of the clock and so ends it up to a second early: that second is the
agent's, not a gain. A ring before the end counts as one at the end, 0 s, and how many there were is told beside.
"""

import asyncio
import itertools
import math
import random
import re
import statistics
import tempfile
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from pbx import Pbx, Witness, running_pbx, running_system
from sip_load import Callers, Seats

from callcenter.asterisk.render import layout
from callcenter.clocks import SystemClock

pytestmark = pytest.mark.bench

WRAP_UPS_S = (3, 0)
SEATS = 8
CALLERS = 60
"""Citizens at once, those who hear the greeting included; each is followed by another one."""

ROUNDS = 3
TALKS = 24
"""Rings measured in one block."""

TALK_S = 2.0
"""Mean talk, each ±50 %: equal ones would move in step with the queue's look once a second."""

SPREAD_S = 3.0
"""The first callers of a block come within this time."""

LIMIT_S = 120.0
STAY_S = 300.0
PLAIN_NUMBER = "12399"
SAME_S = 0.1
"""Medians this close are called equal: so much do they differ by chance, as plain callers look once a second."""

LINE: Mapping[str, object] = {"queues": ["main"], "ring_timeout_s": 20}
HOUSE: dict[str, object] = {
    "line": LINE,
    "seats": {"count": SEATS, "cloud_count": 0},
    "surge": {"automatic": False, "offer_ewt_s": 100_000},
    "rest": {"occupancy_limit": 1.0},
    "speech": {"workers": 0},
}
"""A house that offers nothing, never rests and recognizes nothing: only the way of calls is compared."""

PLAIN_QUEUES = """\
[general]
autofill = yes
[main]
strategy = {strategy}
autofill = yes
retry = 1
timeout = 20
ringinuse = no
joinempty = yes
musicclass = waiting
wrapuptime = {wrap_up_s}
"""

clock = SystemClock()
_citizens = itertools.count()


def run() -> dict[str, Any]:
    """Measure with after-call work, then without."""
    return asyncio.run(_all())


async def _all() -> dict[str, Any]:
    return {
        ("with_after_call_work" if wrap_up_s else "without"): await _compared(wrap_up_s)
        for wrap_up_s in WRAP_UPS_S
    }


@dataclass(frozen=True, slots=True)
class Ring:
    """One way from talk to talk, in seconds of the wall clock."""

    hung_up: float
    rang: float


class WatchedSeats(Seats):
    """Seats that note when they hang up and when they ring again; every talk is of another length."""

    def __init__(self, pbx: Pbx) -> None:
        super().__init__(pbx.address, pbx.secrets.seats, answer_after_s=0.1, talk_s=TALK_S)
        self.rings: list[Ring] = []
        self._hung_up: dict[str, float] = {}
        self._chance = random.Random(12345)

    def forget(self) -> None:
        """A new block begins; the seats' last talks were another's."""
        self.rings.clear()
        self._hung_up.clear()

    async def _serve(self, invite: Any) -> None:
        rang = _now()
        if (hung_up := self._hung_up.pop(invite.user, None)) is not None:
            self.rings.append(Ring(hung_up, rang))
        await super()._serve(invite)

    async def _stay(self, leg: Any, seconds: float) -> bool:
        has_ended = await super()._stay(leg, seconds * self._chance.uniform(0.5, 1.5))
        self._hung_up[leg.user] = _now()
        return has_ended


@dataclass(slots=True)
class Side:
    """One of the two: whom to dial, and what was measured. ``free_at``: when a seat that hung up then is rung again."""

    pbx: Pbx
    number: str
    seats: WatchedSeats
    witness: Witness
    free_at: Callable[[float], float]
    blocks: list[list[Ring]] = field(default_factory=list)
    waiting_min: int = CALLERS


async def _compared(wrap_up_s: int) -> dict[str, Any]:
    """Both sides, block after block."""
    with tempfile.TemporaryDirectory(prefix="cc-") as folder:
        async with _product(Path(folder), wrap_up_s) as product, _plain(Path(folder), wrap_up_s) as plain:
            for _ in range(ROUNDS):
                for side in (product, plain):
                    side.blocks.append(await _block(side))
    return _figures(product, plain, wrap_up_s)


@asynccontextmanager
async def _product(home: Path, wrap_up_s: int) -> AsyncIterator[Side]:
    line = {**LINE, "wrap_up_s": wrap_up_s, "statement_from_s": 0}
    async with (
        running_system(home / "product", **HOUSE | {"line": line}) as pbx,
        _side(pbx, "12345", lambda hung_up: hung_up + wrap_up_s) as side,
    ):
        yield side


@asynccontextmanager
async def _plain(home: Path, wrap_up_s: int) -> AsyncIterator[Side]:
    async with running_pbx(home / "plain", **HOUSE) as pbx:
        queues = layout(pbx.settings).etc / "queues.conf"
        strategy = re.findall(r"^strategy\s*=\s*(\w+)", queues.read_text("utf-8"), re.MULTILINE)[-1]
        queues.write_text(PLAIN_QUEUES.format(strategy=strategy, wrap_up_s=wrap_up_s), "utf-8")
        await pbx.server.command("queue reload all")
        for step, application in enumerate(("Answer()", "Queue(main)"), start=1):
            await pbx.server.command(
                f"dialplan add extension {PLAIN_NUMBER},{step},{application} into intake"
            )
        async with _side(pbx, PLAIN_NUMBER, _free_by_whole_seconds(wrap_up_s)) as side:
            yield side


def _free_by_whole_seconds(wrap_up_s: int) -> Callable[[float], float]:
    """When app_queue takes a seat for free: it compares whole seconds of the clock (``time(NULL)``)."""
    return lambda hung_up: math.floor(hung_up) + wrap_up_s if wrap_up_s else hung_up


@asynccontextmanager
async def _side(pbx: Pbx, number: str, free_at: Callable[[float], float]) -> AsyncIterator[Side]:
    async with WatchedSeats(pbx) as seats, pbx.watched() as witness:
        await seats.register()
        for seat_id in pbx.settings.seats.all():
            assert await seats.dial_code(seat_id, "*11"), f"seat {seat_id} cannot log in"
        yield Side(pbx, number, seats, witness, free_at)


async def _block(side: Side) -> list[Ring]:
    """One block: callers come; when the line is long, rings are measured; then the house is empty again."""
    async with Callers(side.pbx.address) as callers:
        tasks = [asyncio.create_task(_keep_calling(callers, side.number)) for _ in range(CALLERS)]
        try:
            rings = await _measured(side)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
    assert await side.pbx.is_quiet(), "channels are left behind"
    return rings


async def _measured(side: Side) -> list[Ring]:
    begun = len(side.witness.frames)
    await _until(lambda: _line_lengths(side, begun)[-1] >= SEATS, "a line")
    side.seats.forget()
    begun = len(side.witness.frames)
    await _until(lambda: len(side.seats.rings) >= TALKS, f"{TALKS} rings")
    side.waiting_min = min(side.waiting_min, *_line_lengths(side, begun))
    return side.seats.rings[:TALKS]


async def _until(holds: Callable[[], bool], what: str) -> None:
    try:
        async with asyncio.timeout(LIMIT_S):
            while not holds():
                await asyncio.sleep(0.05)
    except TimeoutError:
        raise AssertionError(f"not within {LIMIT_S:g} s: {what}") from None


def _line_lengths(side: Side, begun: int) -> list[int]:
    """How many waited, after each change since the frame ``begun``; 0 if there was none."""
    changes = (
        frame
        for frame in side.witness.frames[begun:]
        if frame.event in ("QueueCallerJoin", "QueueCallerLeave")
    )
    return [int(frame.get("Count")) for frame in changes] or [0]


async def _keep_calling(callers: Callers, number: str) -> None:
    """Citizens one after the other, each another one: who calls again would have his old place.

    They do not begin together: every waiting caller looks for a free seat once a second from when he came.
    """
    await asyncio.sleep(random.uniform(0, SPREAD_S))
    for citizen in _citizens:
        await callers.call(number, f"13{citizen:09d}", STAY_S, STAY_S)


def _figures(product: Side, plain: Side, wrap_up_s: int) -> dict[str, Any]:
    """Medians of both, and the median of the rounds' differences."""
    pairs = [
        statistics.median(_late(ours, wrap_up_s)) - statistics.median(_late(theirs, wrap_up_s))
        for ours, theirs in zip(product.blocks, plain.blocks, strict=True)
    ]
    difference = statistics.median(pairs)
    return {
        "ring_later_than_plain_s": {
            "value": round(difference, 3),
            "target": f"<= {SAME_S:g}",
            "ok": difference <= SAME_S,
        },
        "rounds": " ".join(f"{pair:+.3f}" for pair in pairs),
        "product": _told(product, wrap_up_s),
        "plain": _told(plain, wrap_up_s),
    }


def _late(rings: Sequence[Ring], wrap_up_s: int) -> list[float]:
    """Seconds from the end of each seat's work to its ring."""
    return [max(0.0, after) for after in _after_work(rings, wrap_up_s)]


def _after_work(rings: Sequence[Ring], wrap_up_s: int) -> list[float]:
    """The same; less than 0: so long before the end."""
    return [ring.rang - ring.hung_up - wrap_up_s for ring in rings]


def _told(side: Side, wrap_up_s: int) -> dict[str, Any]:
    rings = [ring for block in side.blocks for ring in block]
    after, late = _after_work(rings, wrap_up_s), sorted(_late(rings, wrap_up_s))
    own = [ring.rang - side.free_at(ring.hung_up) for ring in rings]
    return {
        "rings": len(rings),
        "p50_s": round(statistics.median(late), 3),
        "mean_s": round(statistics.mean(late), 3),
        "p95_s": round(late[int(0.95 * len(late))], 3),
        "rang_before_end_of_work_ratio": round(sum(seconds < 0 for seconds in after) / len(rings), 2),
        "earliest_s": round(min(after), 3),
        "from_its_own_end_of_work_p50_s": round(statistics.median(own), 3),
        "fewest_waiting": side.waiting_min,
    }


def _now() -> float:
    return clock.at().timestamp()
