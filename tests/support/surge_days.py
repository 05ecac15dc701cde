"""The public scenarios and short, hostile days for tests. Invariant: everything is a small change of a public file."""

from dataclasses import replace
from functools import cache
from pathlib import Path

from callcenter.sim.generate import Day, generate
from callcenter.sim.log import Entry
from callcenter.sim.metrics import Figures
from callcenter.sim.params import Params, load_params
from callcenter.sim.run import make_policy, run_day
from callcenter.sim.trace import Citizens, Traffic, load_citizens, load_traffic

SCENARIOS = Path(__file__).parents[1] / "sim" / "scenarios"
NAMES = ("N1400", "P3000", "X21-1h", "X21-3h", "X21-1h-eve")


@cache
def public_day(name: str) -> tuple[Params, Citizens, Traffic]:
    """Parameters, citizens and partner's calls of a public scenario."""
    params = load_params(SCENARIOS / "params" / f"{name}.toml")
    return params, load_citizens(params.trace_path), load_traffic(params.partner_path)


@cache
def simulated(name: str, policy: str) -> tuple[Figures, tuple[Entry, ...]]:
    """A public day under a policy."""
    params, citizens, traffic = public_day(name)
    figures, log = run_day(params, citizens, traffic, make_policy(policy, params))
    return figures, tuple(log)


def small_day(
    name: str, citizens: int, surge_x: float, seats: int, channels: int, seed: int
) -> tuple[Params, Day]:
    """A day of few citizens with a surge, few seats and few channels."""
    params, _, _ = public_day(name)
    changed = replace(
        params,
        forecast=replace(params.forecast, citizens=citizens),
        seats=replace(params.seats, by_hour=(seats,) * 24),
        lines=replace(params.lines, inbound_channels=channels),
        generator=params.generator | {"surge_x": surge_x, "surge_start_s": 36_000, "surge_len_s": 3600},
    )
    return changed, generate(changed, seed)
