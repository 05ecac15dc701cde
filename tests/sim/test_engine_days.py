"""The production engine on the public days: the numbers it owes, and a log that a stranger believes."""

import pytest
from surge_days import NAMES, public_day, simulated

from callcenter.sim.check import check_log
from callcenter.sim.metrics import Figures

pytestmark = pytest.mark.sim

SAME_RESOURCES = {
    "N1400": ("A", "B", "C", "G", "H", "R"),
    "P3000": ("A", "AM", "B", "C", "G", "H", "R"),
    "X21-1h": ("A", "AM", "B", "C", "G", "H", "R"),
    "X21-3h": ("D", "E", "F", "RC", "RF", "H", "R", "AM"),
    "X21-1h-eve": ("D", "E", "F", "RC", "RF", "H", "R", "AM"),
}
OWED = {
    "N1400": (0.995, 0.99),
    "P3000": (0.95, 0.0),
    "X21-1h": (0.99, 0.9),
    "X21-3h": (0.99, 0.95),
    "X21-1h-eve": (0.97, 0.0),
}


def _served(figures: Figures) -> float:
    return float(figures["served_same_day_rate"] or 0)


def _human(figures: Figures) -> float:
    return float(figures["human_same_day_rate"] or 0)


@pytest.mark.parametrize("name", NAMES)
def test_the_targets_are_met(name: str) -> None:
    """Nobody is lost, served and human reach what was promised, and people need not call twice."""
    figures, _ = simulated(name, "engine")
    served, human = OWED[name]
    assert figures["captured_rate"] == 1
    assert _served(figures) >= served
    assert _human(figures) >= human
    assert float(figures["attempts_per_citizen"] or 0) <= 1.1


@pytest.mark.parametrize("name", NAMES)
def test_no_reference_with_the_same_resources_is_better(name: str) -> None:
    """None serves more, and none that serves about as many lets more of them talk with a person."""
    engine, _ = simulated(name, "engine")
    for policy in SAME_RESOURCES[name]:
        other, _ = simulated(name, policy)
        assert _served(other) <= _served(engine), policy
        if _served(other) >= _served(engine) - 0.005:
            assert _human(other) <= _human(engine), policy


@pytest.mark.parametrize("name", NAMES)
def test_a_stranger_finds_no_breach(name: str) -> None:
    """The event log of the engine's day keeps every rule of the page."""
    params, citizens, _ = public_day(name)
    _, log = simulated(name, "engine")
    assert check_log(params, citizens, log) == []


@pytest.mark.parametrize("policy", ["A", "B", "F", "R"])
def test_the_checker_believes_the_references_too(policy: str) -> None:
    """The checker is fair: reference days have no breach either."""
    params, citizens, _ = public_day("X21-1h")
    _, log = simulated("X21-1h", policy)
    assert check_log(params, citizens, log) == []


def test_the_checker_finds_what_was_forged() -> None:
    """An answer of a caller who never called, and one who is answered twice, are named."""
    params, citizens, _ = public_day("N1400")
    _, log = simulated("N1400", "engine")
    at = next(number for number, entry in enumerate(log) if entry.event == "answer")
    forged = [*log[:at], log[at]._replace(cid=1200), *log[at + 1 :]]
    assert check_log(params, citizens, forged)


def test_announced_ranges_hit() -> None:
    """In the surge at least 85 % of the announced ranges hold."""
    figures, _ = simulated("X21-1h", "engine")
    assert float(figures["ewt_hit_rate"] or 0) >= 0.85
