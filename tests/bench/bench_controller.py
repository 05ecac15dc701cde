"""Event in, action out: the whole controller process on a scripted Asterisk, 100 calls a second.

Everything that ``callcenter controller`` builds runs here (both AMI links, engines, store, sealing, board, web);
only Asterisk is a script. Measured is the time from writing ``AgentComplete`` to the arrival of ``QueuePause``
for the seat's after-call work. The script shares the event loop, so its own cost is in the figures. The best of
some rounds tells what the code can do; the worst, what the machine was doing beside it.
"""

import asyncio
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pytest
from fake_ami import FakeAmi
from pbx import private_settings
from scripted_calls import HOUSE, Script, running_cell

from callcenter.bootstrap import Cell

pytestmark = pytest.mark.bench

CALLS_PER_S = 100
ROUNDS = 3
ROUND_S = 5

P99_MS_MAX = 20.0
BLOCKED_MS_MAX = 50.0
HEARTBEAT_S = 0.005


class Heartbeat:
    """How long the loop was late at worst, in seconds, since ``late_s`` was last set to 0."""

    def __init__(self) -> None:
        self.late_s = 0.0

    async def beat(self) -> None:
        """Until canceled."""
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + HEARTBEAT_S
            await asyncio.sleep(HEARTBEAT_S)
            self.late_s = max(self.late_s, loop.time() - due)


@dataclass(frozen=True, slots=True)
class Round:
    """What five seconds of calls showed; milliseconds."""

    actions: int
    p50_ms: float
    p99_ms: float
    max_ms: float
    blocked_ms: float


def run() -> dict[str, Any]:
    """Measure once."""
    with tempfile.TemporaryDirectory(prefix="cc-") as home:
        return asyncio.run(_measured(Path(home)))


async def _measured(home: Path) -> dict[str, Any]:
    settings = private_settings(home, **HOUSE)
    async with FakeAmi() as server:
        script = Script(server, settings)
        async with running_cell(settings, server) as cell:
            rounds = [await _round(script, cell, n * CALLS_PER_S * ROUND_S) for n in range(ROUNDS)]
            refused, broken = cell.controller.refused, cell.writer.broken_count
    best, worst = min(rounds, key=_by_p99), max(rounds, key=_by_p99)
    actions, all_calls = sum(done.actions for done in rounds), CALLS_PER_S * ROUND_S * ROUNDS
    return {
        "actions": {"value": actions, "target": f">= {all_calls}", "ok": actions >= all_calls},
        "p50_ms": best.p50_ms,
        "p99_ms": _at_most(best.p99_ms, P99_MS_MAX),
        "loop_blocked_max_ms": _at_most(min(done.blocked_ms for done in rounds), BLOCKED_MS_MAX),
        "worst_round": asdict(worst),
        "refused_events": _at_most(refused, 0),
        "broken_writes": _at_most(broken, 0),
    }


async def _round(script: Script, cell: Cell, first: int) -> Round:
    heartbeat = Heartbeat()
    beating = asyncio.create_task(heartbeat.beat())
    await script.replay(cell, first, CALLS_PER_S, ROUND_S)
    beating.cancel()
    await asyncio.gather(beating, return_exceptions=True)
    ordered = sorted(1000 * seconds for seconds in script.latencies_s)
    p50, p99 = (ordered[int(share * len(ordered))] for share in (0.5, 0.99))
    return Round(
        len(ordered), round(p50, 2), round(p99, 2), round(ordered[-1], 2), round(1000 * heartbeat.late_s, 1)
    )


def _by_p99(done: Round) -> float:
    return done.p99_ms


def _at_most(value: float, limit: float) -> dict[str, Any]:
    return {"value": value, "target": f"<= {limit:g}", "ok": value <= limit}
