"""Waits: what opens offers, what is announced, what the day teaches."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from queues.core.estimate import announced_range, expected_wait_s, plain_wait_s
from queues.core.learn import Mean, Patience, RecentCount, Share

pytestmark = pytest.mark.core


def test_a_free_seat_means_no_wait() -> None:
    """The plain estimate is zero as long as a seat waits for work."""
    assert plain_wait_s(free=1, waiting=3, handling_s=320, seats=17) == 0


def test_everybody_ahead_is_served_in_turn() -> None:
    """Two ahead of him and 17 seats of 320 s: three turns."""
    assert plain_wait_s(free=0, waiting=2, handling_s=320, seats=17) == pytest.approx(3 * 320 / 17)


@given(st.integers(0, 500), st.floats(0.001, 2), st.floats(10, 1000))
def test_abandonment_shortens_the_wait(ahead: int, rate: float, patience_s: float) -> None:
    """Who expects some to leave never expects longer than who does not."""
    assert 0 < expected_wait_s(ahead, rate, patience_s) <= (ahead + 1) / rate * (1 + 1e-9)


@given(st.floats(0, 10_000), st.floats(0, 300), st.floats(0.1, 1.5))
def test_a_range_obeys_the_rule(expected_s: float, slack_s: float, lean: float) -> None:
    """High is at most twice low plus the slack, and low is not negative."""
    low, high = announced_range(expected_s, slack_s, lean)
    assert 0 <= low <= high <= 2 * low + slack_s


def test_beliefs_move_from_the_prior_to_what_is_seen() -> None:
    """A few observations move a little, many move all the way."""
    handling, reach = Mean(320, 40), Share(0.65, 20)
    assert (handling.value, reach.value) == (320, 0.65)
    for _ in range(4000):
        handling.see(420)
        reach.see(False)
    assert handling.value == pytest.approx(420, abs=2)
    assert reach.value < 0.01


def test_the_answered_count_for_patience() -> None:
    """Ninety answered after 60 s and ten who gave up then: patience is ten times what a survivor's mean would say."""
    patience = Patience(198, 1e-9)
    for number in range(100):
        patience.see(60, gave_up=number < 10)
    assert patience.value == pytest.approx(600, rel=0.01)


def test_what_is_old_is_forgotten() -> None:
    """Only the last window counts."""
    recent = RecentCount(600)
    recent.see(0)
    recent.see(500)
    assert (recent.count(599), recent.count(600), recent.count(1100)) == (2, 1, 0)
