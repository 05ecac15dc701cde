"""The reference policies give the reference's numbers, exactly."""

import json

import pytest
from surge_days import NAMES, SCENARIOS, simulated

pytestmark = pytest.mark.sim

REFERENCE = json.loads((SCENARIOS / "reference.json").read_text("utf-8"))
NOT_IN_THE_LOG = {"ewt_rmse_ql_s"}
"""The error of a second predictor that no policy here announces."""
ROUNDING = 1.0e-4


@pytest.mark.parametrize("policy", ["A", "B", "H", "E", "F", "R", "RC", "RF"])
@pytest.mark.parametrize("name", NAMES)
def test_every_figure_of_the_reference_is_met(name: str, policy: str) -> None:
    """Same people, same rules, same day: no figure differs by more than its last digit."""
    figures, _ = simulated(name, policy)
    expected = REFERENCE[name][policy]
    differing = {
        key: (figures[key], value)
        for key, value in expected.items()
        if key not in NOT_IN_THE_LOG and figures[key] != pytest.approx(value, abs=ROUNDING)
    }
    assert not differing
