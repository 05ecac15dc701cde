"""Satisfaction: five grades, rates with their parts, intervals; who says nothing is not satisfied."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.reports.core.ratings import RatedTalk, by_seat, satisfaction, wilson

pytestmark = pytest.mark.core

TALKS = [
    RatedTalk("8002", 5, "key", 6),
    RatedTalk("8001", 4, "link", 2),
    RatedTalk("8001", 3, "key", 1),
    RatedTalk("8001", 2, "key", 1),
    RatedTalk("8001", None, "", 10),
]


def test_rates_have_their_parts() -> None:
    """Satisfied of rated, rated of due, good by default of good: with numerator and denominator."""
    counted = satisfaction(TALKS)
    figures = {figure.formula: (figure.numerator, figure.denominator) for figure in counted.figures}
    assert figures == {"satisfy_rate@1": (9, 10), "survey_rate@1": (10, 20), "default_good_share@1": (0, 9)}
    assert counted.grades == {1: 0, 2: 1, 3: 1, 4: 2, 5: 6}
    assert counted.by == {"key": 8, "link": 2, "survey": 0}
    assert counted.silent == 10


def test_silence_is_not_satisfaction() -> None:
    """However many say nothing, the rate of the satisfied does not move; without any answer there is none."""
    more = satisfaction([*TALKS, RatedTalk("8001", None, "", 10_000)])
    assert more.figures[0] == satisfaction(TALKS).figures[0]
    nobody = satisfaction([RatedTalk("8001", None, "", 7)])
    assert [figure.value for figure in nobody.figures] == [None, 0.0, None]
    assert nobody.interval is None


def test_what_nobody_gave_shows() -> None:
    """A good grade that is not the citizen's own, as other systems write them, is told by its share."""
    imported = satisfaction([*TALKS, RatedTalk("8001", 5, "import", 3)])
    assert (imported.figures[2].numerator, imported.figures[2].denominator) == (3, 12)


def test_seats_are_listed_by_number() -> None:
    """Not by how they are rated; talks without a seat are nobody's."""
    seats = by_seat([*TALKS, RatedTalk(None, 1, "key", 3)])
    assert [(seat, counted.rated) for seat, counted in seats.items()] == [("8001", 4), ("8002", 6)]


@pytest.mark.parametrize(
    ("good", "rated", "low", "high"),
    [(9, 10, 0.5958, 0.9821), (0, 10, 0.0, 0.2775), (10, 10, 0.7225, 1.0), (558, 584, 0.9355, 0.9694)],
)
def test_wilson_as_published(good: int, rated: int, low: float, high: float) -> None:
    """Values of the score interval worked out by its closed form elsewhere."""
    assert wilson(good, rated) == pytest.approx((low, high), abs=2e-4)


@given(st.integers(1, 100_000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_the_interval_holds_the_rate(parts: tuple[int, int]) -> None:
    """Always within 0 and 1, around the rate, and never of no width."""
    good, rated = parts
    low, high = wilson(good, rated)
    assert 0 <= low <= good / rated + 1e-12
    assert good / rated - 1e-12 <= high <= 1
    assert low < high
