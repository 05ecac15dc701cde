"""The surge benchmark: the engine beside the reference policies with the same people.

One public day each, and the mean of eight more drawn days for the engine. Invariant: the same run gives the same figures,
``day_s`` apart.
"""

import sys
import time
from pathlib import Path
from statistics import mean
from typing import Any

from rich.console import Console
from rich.table import Table

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))
from surge_days import NAMES, public_day

from callcenter.sim.generate import generate
from callcenter.sim.metrics import Figures
from callcenter.sim.params import Params
from callcenter.sim.run import make_policy, run_day
from callcenter.sim.trace import Citizens, Traffic

POLICIES = ("engine", "A", "H", "R", "F", "RF")
MEAN_DAYS = range(2, 10)
SHOWN = {
    "served": "served_same_day_rate",
    "human": "human_same_day_rate",
    "self": "share_self",
    "message": "share_message",
    "pending": "share_pending",
    "unreached": "share_unreached",
    "captured": "captured_rate",
    "attempts": "attempts_per_citizen",
    "urgent_p95_s": "urgent_attempt_wait_p95_s",
    "wait_p95_s": "wait_p95_all_s",
    "ewt_hit": "ewt_hit_rate",
    "connect_call": "connect_rate_call",
    "occupancy": "occupancy",
    "harm": "partner_harm",
}
TARGETS = {
    "N1400": {"served": 0.995, "human": 0.99},
    "P3000": {"served": 0.95},
    "X21-1h": {"served": 0.99, "human": 0.90, "ewt_hit": 0.85},
    "X21-3h": {"served": 0.99, "human": 0.95},
    "X21-1h-eve": {"served": 0.97},
}


def run() -> dict[str, Any]:
    """All figures by scenario and policy; ``mean`` is the engine over eight drawn days."""
    return {name: _scenario(name) for name in NAMES}


def _scenario(name: str) -> dict[str, Any]:
    params, citizens, traffic = public_day(name)
    rows = {policy: _day(params, citizens, traffic, policy) for policy in POLICIES}
    drawn = [generate(params, seed) for seed in MEAN_DAYS]
    days = [_day(params, day.citizens, day.traffic, "engine") for day in drawn]
    rows["mean"] = {key: _mean([day[key] for day in days]) for key in days[0]}
    _print(name, rows)
    engine = rows["engine"]
    owed = {
        key: {"value": engine[key], "target": target, "ok": (engine[key] or 0) >= target}
        for key, target in TARGETS[name].items()
    }
    owed["day_s"] = {"value": engine["day_s"], "target": 2.0, "ok": (engine["day_s"] or 0) < 2.0}
    return {"rows": rows, "owed": owed}


def _day(params: Params, citizens: Citizens, traffic: Traffic, policy: str) -> dict[str, float | None]:
    began = time.perf_counter()
    figures, _ = run_day(params, citizens, traffic, make_policy(policy, params))
    took = time.perf_counter() - began
    return {short: _figure(figures, key) for short, key in SHOWN.items()} | {"day_s": round(took, 2)}


def _figure(figures: Figures, key: str) -> float | None:
    value = figures[key]
    return None if value is None else round(value, 4)


def _mean(values: list[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return round(mean(known), 4) if known else None


def _print(name: str, rows: dict[str, dict[str, float | None]]) -> None:
    table = Table(title=name)
    table.add_column("policy")
    for key in (*SHOWN, "day_s"):
        table.add_column(key, justify="right")
    for policy, row in rows.items():
        table.add_row(policy, *("-" if value is None else f"{value:g}" for value in row.values()))
    Console(width=170).print(table)


if __name__ == "__main__":
    run()
