"""The world without redials and with exponential people is Erlang-A."""

from dataclasses import replace

import numpy as np
import pytest
from surge_days import public_day

from callcenter.sim.run import make_policy, run_day
from callcenter.sim.trace import COLUMNS, Citizens, Traffic

pytestmark = pytest.mark.sim

HOURS, SEATS, HANDLING_S, PATIENCE_S = 24, 17, 320, 198


def _exponential_day(calls_per_hour: float, seed: int) -> Citizens:
    rng = np.random.default_rng(seed)
    count = rng.poisson(calls_per_hour * HOURS)
    zeros = [0] * count
    columns = dict.fromkeys(COLUMNS, zeros)
    columns |= {name: [9999] * count for name in COLUMNS if name.startswith("u_")}
    columns["cid"] = list(range(count))
    columns["t0_s"] = sorted(int(t) for t in rng.uniform(0, HOURS * 3_600_000, count))
    columns["talk_s"] = [int(t) for t in rng.exponential(HANDLING_S * 1000, count)]
    columns["patience1_s"] = [int(t) for t in rng.exponential(PATIENCE_S * 1000, count)]
    return Citizens(columns)


@pytest.mark.parametrize(
    ("calls_per_hour", "abandoned"), [(150, 0.031), (180, 0.083), (230, 0.204), (400, 0.522)]
)
def test_abandonment_meets_erlang_a(calls_per_hour: float, abandoned: float) -> None:
    """Seventeen seats lose the share of callers that the theory says, within .012."""
    params, _, _ = public_day("N1400")
    params = replace(
        params,
        seats=replace(params.seats, by_hour=(SEATS,) * HOURS),
        lines=replace(params.lines, inbound_channels=10_000),
        citizen=replace(params.citizen, p_redial=0.0, p_redial_busy=0.0),
    )
    lost = calls = 0
    for seed in range(8):
        figures, _ = run_day(
            params, _exponential_day(calls_per_hour, seed), Traffic([], []), make_policy("A", params)
        )
        lost += int(figures["abandoned"] or 0)
        calls += int(figures["attempts"] or 0)
    assert lost / calls == pytest.approx(abandoned, abs=0.012)
