"""Full intake beside plain ``Answer`` + ``Queue``: from INVITE over the committed row to the line, in calls a second.

Both run here, one after the other, on the same machine with the same Asterisk program and the same callers. A step
counts as sustained when nobody was refused or lost, everybody got into the line, and fewer than 1 % of the INVITEs
had to be repeated. Waiting times are taken from Asterisk's own event stamps (``Newchannel`` → ``QueueCallerJoin``).
"""

import asyncio
import itertools
import os
import sqlite3
import tempfile
import wave
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, closing, suppress
from pathlib import Path
from typing import Any

import pytest
from pbx import Pbx, Witness, running_pbx, running_system
from sip_load import Callers, Counters

from callcenter.asterisk.ami import AmiLink, AmiRefused
from callcenter.asterisk.ports import run_dir
from callcenter.asterisk.render import layout
from callcenter.processes import PidFile
from callcenter.settings import Settings

pytestmark = pytest.mark.bench

RATES_PER_S = (25, 50, 75, 100)
STEP_S = 15
TARGET_PER_S = 50
PATIENCE_S = 5.0
"""A caller is released as soon as he is in the line; who is not within this time after the greeting hangs up."""

RETRANSMIT_RATIO_MAX = 0.01
PLAIN_NUMBER = "12399"

ROOM: Mapping[str, object] = {
    "rtp": "10000-15999",
    "line": {"max_waiting": 5000, "statement_from_s": 0},
    "capacity": {"max_calls": 1500, "intake_limit": 1500},
}
"""What the load needs and a house of 17 seats does not."""


def run() -> dict[str, Any]:
    """Measure both, one after the other."""
    with tempfile.TemporaryDirectory(prefix="cc-") as home:
        return asyncio.run(_both(Path(home)))


async def _both(home: Path) -> dict[str, Any]:
    async with _plain(home / "plain") as pbx:
        plain = await _ladder(pbx, PLAIN_NUMBER, 0.0)
    async with running_system(home / "full", **ROOM) as pbx:
        full = await _ladder(pbx, "12345", _greeting_s(pbx.settings))
    best, plain_best = _sustained(full), _sustained(plain)
    return {
        "sustained_calls_per_s": {"value": best, "target": f">= {TARGET_PER_S}", "ok": best >= TARGET_PER_S},
        "plain_sustained_calls_per_s": plain_best,
        "full": full,
        "plain": plain,
    }


@asynccontextmanager
async def _plain(home: Path) -> AsyncIterator[Pbx]:
    """Asterisk alone with a number that does nothing but ``Answer`` and ``Queue``."""
    async with running_pbx(home, **ROOM) as pbx:
        queue = pbx.settings.line.queues[0]
        for step, application in enumerate(("Answer()", f"Queue({queue})"), start=1):
            await pbx.server.command(
                f"dialplan add extension {PLAIN_NUMBER},{step},{application} into intake"
            )
        yield pbx


async def _ladder(pbx: Pbx, number: str, greeting_s: float) -> dict[str, Any]:
    """Higher and higher rates, until one is not sustained."""
    steps: dict[str, Any] = {}
    for rate in RATES_PER_S:
        steps[f"{rate}/s"] = step = await _step(pbx, number, rate, greeting_s)
        if not step["sustained"]:
            break
    return steps


async def _step(pbx: Pbx, number: str, rate: int, greeting_s: float) -> dict[str, Any]:
    rows_before = _contact_rows(pbx.settings)
    used_before = _cpu_s(pbx)
    async with pbx.watched() as witness, pbx.acting() as actor, Callers(pbx.address) as callers:
        releasing = asyncio.create_task(_release(witness, actor))
        counters = await callers.offer(number, rate, STEP_S, talk_s=greeting_s + PATIENCE_S)
        is_quiet = await pbx.is_quiet(30)
        releasing.cancel()
        await asyncio.gather(releasing, return_exceptions=True)
    waits = sorted(wait - greeting_s for wait in _seconds_to_line(witness))
    joined, rows = len(waits), _contact_rows(pbx.settings) - rows_before
    is_booked = rows_before < 0 or rows == counters.invites
    figures = _told(counters) | {
        "in_line": joined,
        "to_line_p50_s": _quantile(waits, 0.5),
        "to_line_p99_s": _quantile(waits, 0.99),
        "cpu_ms_per_call": _per_call_ms(used_before, _cpu_s(pbx), counters.invites),
        "sustained": _is_clean(counters, joined) and is_booked and is_quiet,
    }
    return figures | ({"contact_rows": rows} if rows_before >= 0 else {})


async def _release(witness: Witness, actor: AmiLink) -> None:
    """Hang up everybody who is in the line: it is the way there that is measured, not the music."""
    for index in itertools.count():
        await witness.until(lambda: len(witness.joined) > index, "a caller", STEP_S + 60)  # noqa: B023  awaited here
        with suppress(AmiRefused):  # he was faster
            await actor.ask({"Action": "Hangup", "Channel": witness.joined[index], "Cause": "16"})


def _cpu_s(pbx: Pbx) -> dict[str, float]:
    """CPU seconds used so far by Asterisk and, where there is one, the controller."""
    pids = {"asterisk": pbx.server.pid, "controller": PidFile(run_dir(pbx.settings) / "controller.pid").pid()}
    return {name: sum(_ticks(pid)) / os.sysconf("SC_CLK_TCK") for name, pid in pids.items() if pid}


def _ticks(pid: int) -> tuple[int, int]:
    """User and system time of a process (fields 14 and 15 of proc(5))."""
    fields = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()
    return int(fields[11]), int(fields[12])


def _per_call_ms(before: Mapping[str, float], after: Mapping[str, float], calls: int) -> dict[str, float]:
    return {name: 1000 * (after[name] - used) / calls for name, used in before.items() if name in after}


def _told(counters: Counters) -> dict[str, Any]:
    return {
        "calls": counters.invites,
        "answered": counters.answered,
        "refused": sum(counters.refused.values()),
        "lost": counters.lost,
        "retransmits": counters.retransmits,
        "answer_p50_ms": 1000 * counters.quantile(0.5),
        "answer_p99_ms": 1000 * counters.quantile(0.99),
    }


def _is_clean(counters: Counters, joined: int) -> bool:
    return (
        counters.answered == counters.invites == joined
        and counters.retransmits <= RETRANSMIT_RATIO_MAX * counters.invites
    )


def _seconds_to_line(witness: Witness) -> list[float]:
    """For each caller who got there: from his channel's birth to his place in the line."""
    born = {frame.get("Uniqueid"): float(frame.get("Timestamp")) for frame in witness.all("Newchannel")}
    joins = witness.all("QueueCallerJoin")
    return [
        float(join.get("Timestamp")) - born[join.get("Uniqueid")]
        for join in joins
        if join.get("Uniqueid") in born
    ]


def _quantile(ordered: list[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else float("nan")


def _sustained(steps: Mapping[str, Mapping[str, Any]]) -> int:
    return max((int(name.removesuffix("/s")) for name, step in steps.items() if step["sustained"]), default=0)


def _contact_rows(settings: Settings) -> int:
    """Committed contacts of the default SQLite store; -1 where there is none."""
    path = settings.home_path / "data" / "callcenter.db"
    if not path.exists():
        return -1
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
        return int(database.execute("SELECT count(*) FROM contacts").fetchone()[0])


def _greeting_s(settings: Settings) -> float:
    with wave.open(str(layout(settings).prompts / "greeting.wav")) as sound:
        return float(sound.getnframes() / sound.getframerate())
