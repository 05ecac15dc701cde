"""Which recording is transcribed first, and when all will be done."""

import pytest

from recordings.core.limits import Urgency, eta_s, pace, urgency

pytestmark = pytest.mark.core


@pytest.mark.parametrize(
    ("is_message", "complained", "wanted"),
    [
        (True, False, Urgency.MESSAGE),
        (True, True, Urgency.MESSAGE),
        (False, True, Urgency.COMPLAINT),
        (False, False, Urgency.REST),
    ],
)
def test_messages_first_then_complaints(is_message: bool, complained: bool, wanted: Urgency) -> None:
    """A message that nobody heard goes before everything."""
    assert urgency(is_message=is_message, complained=complained) is wanted
    assert Urgency.MESSAGE > Urgency.COMPLAINT > Urgency.REST


@pytest.mark.parametrize(
    ("finished", "rate"),
    [
        ([], None),
        ([(10.0, 60.0)], None),
        ([(10.0, 60.0), (20.0, 999.0)], 3.0),
        ([(5.0, 100.0), (10.0, 100.0), (20.0, 1.0)], 10.0),
        ([(0.0, 5.0), (0.0, 5.0)], None),
    ],
)
def test_the_rate_is_measured_since_the_oldest_result(
    finished: list[tuple[float, float]], rate: float | None
) -> None:
    """The sound of the oldest is not counted: nobody knows when it was begun."""
    assert pace(finished) == rate


@pytest.mark.parametrize(
    ("left", "rate", "wanted"), [(0, None, 0.0), (100, None, None), (100, 0.0, None), (100, 4.0, 25.0)]
)
def test_an_end_is_told_only_when_the_rate_is_known(
    left: float, rate: float | None, wanted: float | None
) -> None:
    """Nothing left is now; no rate is no promise."""
    assert eta_s(left, rate) == wanted
