"""What holds on every day, whoever decides: nobody is lost, nothing is done twice, the same day repeats itself."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from surge_days import SCENARIOS, public_day, simulated, small_day

from callcenter.sim.check import check_log
from callcenter.sim.driver import EngineDriver, engine_settings
from callcenter.sim.generate import generate, write_citizens
from callcenter.sim.log import read_log, write_log
from callcenter.sim.metrics import measure
from callcenter.sim.run import run_day, simulate
from callcenter.sim.trace import load_citizens

pytestmark = pytest.mark.sim

hostile_days = st.tuples(
    st.sampled_from(["X21-1h", "X21-3h"]),
    st.integers(40, 250),
    st.floats(1, 30),
    st.integers(1, 6),
    st.integers(2, 20),
    st.integers(0, 10_000),
)


@settings(deadline=None, max_examples=25, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(hostile_days)
def test_no_day_breaks_a_rule(shape: tuple[str, int, float, int, int, int]) -> None:
    """Few seats, few channels, any surge: every citizen is accounted for and no rule of the page is broken."""
    params, day = small_day(*shape)
    figures, log = run_day(params, day.citizens, day.traffic, EngineDriver(engine_settings(params)))
    assert check_log(params, day.citizens, log) == []
    assert figures["share_lost"] == 0
    assert figures["captured_rate"] == 1


def test_the_same_day_twice_is_the_same_log(tmp_path: Path) -> None:
    """There is no chance in a run: two logs are equal byte by byte."""
    params = SCENARIOS / "params" / "N1400.toml"
    logs = [tmp_path / "one.csv.gz", tmp_path / "two.csv.gz"]
    for log in logs:
        simulate(params, None, "engine", log)
    assert logs[0].read_bytes() == logs[1].read_bytes()


def test_figures_come_from_the_log_alone(tmp_path: Path) -> None:
    """Who reads the written log back computes the printed figures."""
    params, citizens, _ = public_day("X21-1h-eve")
    figures, log = simulated("X21-1h-eve", "engine")
    write_log(tmp_path / "log.csv", log)
    again = measure(params, citizens, read_log(tmp_path / "log.csv"), {})
    beyond_the_log = {"ewt_rmse_s", "ewt_bias_s", "partner_harm"}
    assert {k: v for k, v in figures.items() if k not in beyond_the_log} == {
        k: v for k, v in again.items() if k not in beyond_the_log
    }


def test_a_drawn_day_survives_its_file(tmp_path: Path) -> None:
    """Citizens written to a file are read back the same."""
    params, _, _ = public_day("N1400")
    drawn = generate(params, seed=5).citizens
    write_citizens(tmp_path / "day.csv.gz", drawn)
    assert load_citizens(tmp_path / "day.csv.gz").columns() == drawn.columns()
