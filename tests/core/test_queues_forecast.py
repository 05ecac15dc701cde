"""What the rest of the day can do."""

import random
from dataclasses import replace

import pytest

from callcenter.core.clock import Instant
from queues.core.forecast import Capacity, DayPlan, rostered_seat_s, spare_seat_s

pytestmark = pytest.mark.core

PLAN = DayPlan(
    began=Instant(1000.0),
    length_s=14_400,
    roster=(10, 10, 2, 10),
    profile=(0.25, 0.25, 0.25, 0.25),
    citizens=120,
    callback_from_s=3600,
    callback_to_s=10_800,
)
CAPACITY = Capacity(handling_s=300, busyness=1.0, cloud_seats=0, cloud_until=0, relief_per_s=0)


def test_a_poor_hour_takes_nothing_from_the_others() -> None:
    """Thirty callers an hour need 2.5 seats: ten seats leave 7.5, two seats leave none."""
    assert spare_seat_s(PLAN, CAPACITY, 1000, 15_400) == pytest.approx(3 * 7.5 * 3600)


def test_cloud_seats_count_until_they_leave() -> None:
    """A cloud seat that goes home after half an hour adds half an hour."""
    capacity = Capacity(300, 1.0, cloud_seats=2, cloud_until=2800, relief_per_s=0)
    assert spare_seat_s(PLAN, capacity, 1000, 4600) == pytest.approx(7.5 * 3600 + 2 * 1800)


def test_an_hour_whose_end_is_rounded_into_it() -> None:
    """No start of a day, however it is rounded, keeps the sum from its end: 63557.07… + h · 3600 may lie before the h-th hour."""
    rng = random.Random(1)
    for began in (63_557.076174772534, *(rng.uniform(0, 1e6) for _ in range(200))):
        plan = replace(
            PLAN, began=Instant(began), length_s=24 * 3600, roster=(10,) * 24, profile=(1 / 24,) * 24
        )
        spare = spare_seat_s(plan, CAPACITY, began + 1.5, plan.ends)
        assert spare == pytest.approx((10 - 120 / 24 / 3600 * 300) * (24 * 3600 - 1.5))


def test_hours_of_dialing() -> None:
    """Dials are allowed from the first instant of the hours until before their end."""
    allowed = [PLAN.allows_dials(1000 + at) for at in (3599, 3600, 10_799, 10_800)]
    assert allowed == [False, True, True, False]


def test_rostered_time() -> None:
    """Half of the second hour and half of the third: six seat hours."""
    assert rostered_seat_s(PLAN, 1000 + 5400, 1000 + 9000) == pytest.approx((10 + 2) * 1800)
