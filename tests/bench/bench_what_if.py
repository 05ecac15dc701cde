"""What-ifs: how soon they are answered from the state of a 21x hour, and how near they come to the simulated truth.

The truth: the day itself goes on, with and without the change, on its own random numbers, which the prediction never sees.
Invariant: errors are the same in every run (fixed seeds and no limit of time); only the answer's time is measured.
"""

import asyncio
import pickle
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from statistics import mean
from typing import Any

from rich.console import Console
from rich.table import Table

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))
from scenes import LiveDay, live_day

from callcenter.sim.ahead import foresee
from callcenter.what_if import PAIRS_MIN, Foreseer, add_up
from queues.core.what_if import Change, Figures

ANSWER_S = 1.0
"""What-if answer from the live state of a 21x hour."""
ASKED = 7
CASES = {"N1400 10:00": ("N1400", 10.0), "X21-1h 09:20": ("X21-1h", 9 + 1 / 3), "X21-1h 09:40": ("X21-1h", 9 + 2 / 3),
         "X21-3h 10:00": ("X21-3h", 10.0), "X21-1h-eve 19:20": ("X21-1h-eve", 19 + 1 / 3)}  # fmt: skip
SEEDS = range(2, 5)
PAIRS = 3
CHANGE = Change(cloud_seats=6, hours=1.0)
SHOWN = (
    "answered_share",
    "human_share",
    "abandoned_share",
    "mean_wait_s",
    "p95_wait_s",
    "callbacks_open_end",
)
KEPT = ("answered_share", "human_share", "mean_wait_s")
"""What goes into the report; the rest is only printed."""
FOREVER_S = 1e9
_NOW = datetime(2026, 11, 23, tzinfo=UTC)


async def run() -> dict[str, Any]:
    """Seconds until answered; by case and figure the difference that six more cloud seats make, predicted and true."""
    return {"answer": await _answers(), "error": {name: _errors(name) for name in CASES}}


async def _answers() -> dict[str, Any]:
    """From asking to the figures, in warm processes, for one and for two hours."""
    foreseer, day = Foreseer(), live_day("X21-1h", 9.5 * 3600)
    await foreseer.warm()
    try:
        told = {f"{hours:g}h": await _asked(foreseer, day, Change(6, hours=hours)) for hours in (1.0, 2.0)}
    finally:
        foreseer.close()
    return {"scene": _scene(day), **told}


async def _asked(foreseer: Foreseer, day: LiveDay, change: Change) -> dict[str, Any]:
    took, runs, reached = [], [], []
    for seed in range(ASKED):
        began = time.perf_counter()
        found = await foreseer.foresee(pickle.dumps(day.scene()), day.house, change, seed)
        answer = add_up("", _NOW, change, found, lambda began=began: time.perf_counter() - began)  # type: ignore[misc]  # bound at once
        took.append(answer.took_s)
        runs.append(answer.runs)
        reached.append(answer.horizon_s)
    middle = sorted(took)[ASKED // 2]
    return {
        "median_s": {"value": round(middle, 3), "target": f"< {ANSWER_S}", "ok": middle < ANSWER_S},
        "slowest_s": round(max(took), 3),
        "pairs": {"value": min(runs), "target": f">= {PAIRS_MIN}", "ok": min(runs) >= PAIRS_MIN},
        "simulated_min": round(min(reached) / 60),
    }


def _scene(day: LiveDay) -> dict[str, Any]:
    """What holds up the loop: the scene written down."""
    began = time.perf_counter()
    sent = pickle.dumps(day.scene())
    took_ms = 1000 * (time.perf_counter() - began)
    return {"ms": {"value": round(took_ms, 1), "target": "< 50", "ok": took_ms < 50}, "bytes": len(sent)}


def _errors(name: str) -> dict[str, Any]:
    scenario, hour = CASES[name]
    days = [_compared(live_day(scenario, hour * 3600, seed)) for seed in SEEDS]
    table = Table(
        "",
        "没有 / without",
        "有 / with",
        "差 / difference",
        "误差 / error",
        title=f"{name}: +6 云坐席 / cloud seats, 1 h",
    )
    found = {figure: _error(days, figure) for figure in SHOWN}
    for figure, row in found.items():
        pairs = [
            f"{row[f'{part}_predicted']:.3f} ({row[f'{part}_true']:.3f})"
            for part in ("without", "with", "difference")
        ]
        table.add_row(figure, *pairs, f"{row['error']:.3f}")
    Console().print(table, "predicted (true), means over days; error: mean absolute error of the difference")
    return {figure: _short(found[figure]) for figure in KEPT}


def _short(row: dict[str, float]) -> dict[str, float]:
    return {"predicted": row["difference_predicted"], "true": row["difference_true"], "error": row["error"]}


def _compared(day: LiveDay) -> tuple[list[Figures], Figures, Figures]:
    """Predicted without and with; true without and with."""
    told = foresee(pickle.dumps(day.scene()), day.house, CHANGE, range(PAIRS), PAIRS, FOREVER_S)
    predicted = add_up("", _NOW, CHANGE, told, lambda: 0.0)
    return [predicted.without, predicted.with_], day.truth(Change(hours=CHANGE.hours)), day.truth(CHANGE)


def _error(days: list[tuple[list[Figures], Figures, Figures]], figure: str) -> dict[str, float]:
    rows = [
        [float(getattr(it, figure) or 0.0) for it in (*told, without, with_)] for told, without, with_ in days
    ]
    a, b, c, d = (mean(row[n] for row in rows) for n in range(4))
    found = {
        "without_predicted": a,
        "with_predicted": b,
        "difference_predicted": b - a,
        "without_true": c,
        "with_true": d,
        "difference_true": d - c,
        "error": mean(abs((row[1] - row[0]) - (row[3] - row[2])) for row in rows),
    }
    return {key: round(value, 4) for key, value in found.items()}


if __name__ == "__main__":
    asyncio.run(run())
