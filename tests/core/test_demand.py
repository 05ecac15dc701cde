"""The forecast of a day on made histories: surge days, trends, kinds of day, chance."""

from datetime import date, timedelta

import numpy as np
import pytest

from queues.core.demand import (
    HISTORY,
    SETTINGS,
    Accuracy,
    Demand,
    PastDay,
    accuracy,
    demand,
    spread,
    trend,
    weighted_median,
)

pytestmark = pytest.mark.core

MONDAY = date(2026, 11, 23)
SHAPE = tuple(
    share / 96 for share in (0, 0, 0, 0, 0, 0, 1, 3, 8, 10, 10, 8, 5, 5, 8, 9, 8, 6, 4, 4, 3, 2, 1, 1)
)
USUAL = PastDay(MONDAY, 1000.0, (1 / 24,) * 24)


def mondays(*citizens: float) -> list[PastDay]:
    """Earlier Mondays, the last one first."""
    return [PastDay(MONDAY - timedelta(weeks=n + 1), count, SHAPE) for n, count in enumerate(citizens)]


def told(*citizens: float) -> Demand:
    """The forecast from such Mondays."""
    return demand(MONDAY, [mondays(*citizens)], USUAL)


def test_steady_days_go_on() -> None:
    """The level of the Mondays, in the shape of their hours; the hours add up to the day."""
    found = told(*[700.0] * 8)
    assert (found.basis, found.days, found.weekly) == (HISTORY, 8, 0.0)
    assert found.whole.expected == pytest.approx(700)
    assert sum(hour.expected for hour in found.hours) == pytest.approx(700)
    assert found.hours[9].expected == pytest.approx(700 * SHAPE[9])


@pytest.mark.parametrize("surge", range(8))
def test_a_surge_day_moves_nothing(surge: int) -> None:
    """Twenty-one times the citizens, all in one hour, on whichever Monday it was."""
    days = mondays(*[700.0] * 8)
    peak = tuple(float(hour == 11) for hour in range(24))
    days[surge] = PastDay(days[surge].day, 21 * 700.0, peak)
    found = demand(MONDAY, [days], USUAL)
    assert found.whole.expected == pytest.approx(700, rel=0.02)
    assert found.hours[11].expected == pytest.approx(700 * SHAPE[11], rel=0.1)
    assert found.whole.high < 800


def test_a_trend_goes_on_within_bounds() -> None:
    """Two per cent a week go on; a doubling from week to week is not believed."""
    growing = told(*[700 * 1.02**-n for n in range(1, 9)])
    assert growing.whole.expected == pytest.approx(700, rel=0.01)
    wild = told(*[700 * 2.0**-n for n in range(1, 9)])
    assert wild.weekly == pytest.approx(0.03)


def test_few_or_close_days_have_no_trend() -> None:
    """Four weeks, or a fortnight, prove nothing."""
    assert trend(mondays(400, 300, 200, 100)) == 0.0
    close = [PastDay(MONDAY - timedelta(days=n + 1), 100.0 * n + 100, SHAPE) for n in range(14)]
    assert trend(close) == 0.0


def test_the_newest_weeks_count_most() -> None:
    """A step three weeks ago is followed, though most days are from before it."""
    assert told(900, 900, 900, 600, 600, 600).whole.expected > 700


def test_without_history_the_settings_speak() -> None:
    """And it says so; the second-best days are taken where the best are too few."""
    found = told(700, 700)
    assert (found.basis, found.days, found.whole.expected) == (SETTINGS, 0, 1000.0)
    second = demand(MONDAY, [mondays(700, 700), mondays(500, 500, 500)], USUAL)
    assert second.basis == HISTORY
    assert second.whole.expected == pytest.approx(500)


def test_eight_of_ten_days_lie_in_the_range() -> None:
    """Days that differ by a tenth and by chance: the range holds about as many as it says, hour by hour too."""
    rng = np.random.default_rng(5)
    held = hours_held = 0
    for _ in range(300):
        levels = rng.lognormal(np.log(700), 0.1, 9)
        real = [rng.poisson(level * np.array(SHAPE)) for level in levels]
        past = [
            PastDay(MONDAY - timedelta(weeks=n + 1), float(sum(day)), tuple(day / sum(day)))
            for n, day in enumerate(real[1:])
        ]
        found = demand(MONDAY, [past], USUAL)
        held += int(found.whole.low <= sum(real[0]) <= found.whole.high)
        hours_held += int(found.hours[10].low <= real[0][10] <= found.hours[10].high)
    assert 0.7 < held / 300 < 0.9
    assert 0.7 < hours_held / 300 < 0.9


@pytest.mark.parametrize("citizens", [(3.0, 4.0, 2.0), (0.5, 0.5, 0.5), (700.0, 100.0, 9000.0)])
def test_the_range_holds_what_is_expected(citizens: tuple[float, ...]) -> None:
    """Low is never below zero, expected never outside."""
    found = told(*citizens)
    for hour in (found.whole, *found.hours):
        assert 0 <= hour.low <= hour.expected <= hour.high


def test_weighted_median_by_hand() -> None:
    """The heavier half decides; an even cut lies between."""
    assert weighted_median([1, 2, 3], [1, 1, 5]) == 3
    assert weighted_median([1, 2], [1, 1]) == 1.5
    assert weighted_median([7], [0.2]) == 7


def test_chance_alone_is_no_spread() -> None:
    """Days that differ as Poisson counts do have a spread of about zero; others have theirs."""
    rng = np.random.default_rng(1)
    assert spread([float(n) for n in rng.poisson(700, 500)], 700) < 0.03
    assert spread([700 * 0.8, 700 * 1.2] * 50, 700) == pytest.approx(1.4826 * 0.2, rel=0.05)


def test_accuracy_is_the_weighted_absolute_error() -> None:
    """Sum of misses over sum of citizens; forecasts without history do not count; without any there is no value."""
    real = PastDay(MONDAY, 770.0, SHAPE)
    steady = told(*[700.0] * 8)
    by_settings = told()
    found = accuracy([(steady, real), (by_settings, real)])
    assert (found.days, found.denominator) == (1, 770.0)
    assert found.value == pytest.approx(70 / 770)
    assert Accuracy(0, 0, 0).value is None
