"""A window of a day is a day of its own, for the simulator and for the live replay."""

from pathlib import Path

import pytest
from surge_days import public_day

from callcenter.core.errors import UsageError
from callcenter.sim.cut import Window, cut, parse_window, write_cut
from callcenter.sim.params import load_params
from callcenter.sim.run import simulate
from callcenter.sim.trace import load_citizens

pytestmark = pytest.mark.sim

SURGE = Window(9 * 3600, 9 * 3600 + 900)


def test_a_cut_begins_at_zero() -> None:
    """Instants, roster, forecast and call-back hours are shifted, citizens renumbered, and nothing else is changed."""
    params, citizens, _ = public_day("X21-1h")
    world, people = cut(params, citizens, SURGE)
    first = next(cid for cid, t0 in enumerate(citizens.t0) if t0 >= 9 * 3_600_000)
    assert people.t0[0] == citizens.t0[first] - 9 * 3_600_000
    assert people.columns()["cid"] == list(range(len(people)))
    assert max(people.t0) < 900_000
    assert people.draw("talk_s", 0) == citizens.draw("talk_s", first)
    assert world.day.length_s == 900
    assert (world.day.callback_from_s, world.day.callback_to_s) == (0, 75_600 - 32_400)
    assert world.seats.by_hour == params.seats.by_hour[9:]
    assert world.forecast.profile == params.forecast.profile[9:]
    assert world.forecast.citizens == params.forecast.citizens


def test_the_files_of_a_cut_run_in_the_simulator(tmp_path: Path) -> None:
    """What is written is read back the same, and a day can be simulated from it."""
    params, citizens, _ = public_day("N1400")
    world, people = cut(params, citizens, SURGE)
    path = write_cut(tmp_path, world, people)
    again = load_params(path)
    assert (again.day, again.seats, again.cloud) == (world.day, world.seats, world.cloud)
    assert load_citizens(again.trace_path).columns() == people.columns()
    assert simulate(path, None, "A")["citizens"] == len(people)


@pytest.mark.parametrize(
    "text", ["", "9-11", "09:30-11:00", "11:00-09:00", "09:00-09:00", "23:00-24:01", "09:00-10:99"]
)
def test_a_bad_window_is_refused(text: str) -> None:
    """Who writes another window than one from a full hour is told how to write it."""
    with pytest.raises(UsageError, match="09:00-11:00"):
        parse_window(text)


def test_a_window_is_read_as_it_is_written() -> None:
    """Its text names the same window."""
    assert parse_window("9:00-09:15") == SURGE
    assert str(SURGE) == "09:00-09:15"


def test_an_empty_window_is_refused() -> None:
    """Where nobody calls there is nothing to replay."""
    params, citizens, _ = public_day("N1400")
    with pytest.raises(UsageError, match="nobody calls"):
        cut(params, citizens, Window(23 * 3600, 25 * 3600))
