"""Erlang-A: against published tables, an independent solution of the chain, and common sense at the edges."""

import math

import numpy as np
import pytest
from scipy.linalg import expm

from callcenter.core.errors import UsageError
from queues.core.staffing import Goal, Load, Service, rostered, seats_needed, service

pytestmark = pytest.mark.core

ENDLESS_S = 1e7
"""Patience of people who never give up: Erlang C."""


def solved(load: Load, seats: int, within_s: float, size: int) -> tuple[float, float, float]:
    """Answered within, abandoned, mean wait: the balance equations as a linear system, the wait as an absorbing chain.

    ``size``: states from 0 on, beyond which nothing is likely.
    """
    arrival, work, leave = load.calls / 3600, 1 / load.handling_s, 1 / load.patience_s
    rates = np.zeros((size, size))
    for n in range(size):
        if n + 1 < size:
            rates[n, n + 1] = arrival
        if n:
            rates[n, n - 1] = min(n, seats) * work + max(0, n - seats) * leave
        rates[n, n] = -rates[n].sum()
    system = np.vstack([rates.T, np.ones(size)])
    shares = np.linalg.lstsq(system, np.append(np.zeros(size), 1.0), rcond=None)[0]
    line = np.maximum(0, np.arange(size) - seats)
    return (
        float(shares[:seats].sum() + shares[seats:] @ _answered(seats * work, leave, size - seats, within_s)),
        float(shares @ line * leave / arrival),
        float(shares @ line / arrival),
    )


def _answered(
    rate: float, leave: float, size: int, within_s: float
) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """By callers ahead: how likely a caller is answered in time. States: callers ahead, gave up, answered."""
    chain = np.zeros((size + 2, size + 2))
    for ahead in range(size):
        chain[ahead, ahead - 1 if ahead else size + 1] = rate + ahead * leave
        chain[ahead, size] = leave
        chain[ahead, ahead] = -chain[ahead].sum()
    answered: np.ndarray[tuple[int], np.dtype[np.float64]] = expm(chain * within_s)[:size, size + 1]
    return answered


@pytest.mark.parametrize(
    ("calls", "handling_s", "patience_s", "seats", "within_s"),
    [
        (150, 320, 198, 17, 15),
        (230, 320, 198, 17, 60),
        (60, 270, 120, 3, 15),
        (400, 320, 198, 17, 120),
        (5, 320, 198, 1, 15),
    ],
)
def test_the_formulas_meet_an_independent_solution(
    calls: float, handling_s: float, patience_s: float, seats: int, within_s: float
) -> None:
    """Linear algebra on the whole chain, and a matrix exponential for the wait, give the same to six digits."""
    load = Load(calls, handling_s, patience_s)
    found = service(load, seats, within_s)
    within, abandoned, wait_s = solved(load, seats, within_s, seats + 70)
    assert found.within_share == pytest.approx(within, abs=1e-6)
    assert found.abandoned_share == pytest.approx(abandoned, abs=1e-6)
    assert found.mean_wait_s == pytest.approx(wait_s, abs=1e-4)
    assert found.abandoned_share == pytest.approx(found.mean_wait_s / patience_s)


@pytest.mark.parametrize(("calls", "abandoned"), [(150, 0.031), (180, 0.083), (230, 0.204), (400, 0.522)])
def test_seventeen_seats_lose_what_the_benchmark_says(calls: float, abandoned: float) -> None:
    """The figures that the simulator must meet as well (``tests/sim/test_erlang.py``)."""
    assert service(Load(calls, 320, 198), 17).abandoned_share == pytest.approx(abandoned, abs=0.0006)


@pytest.mark.parametrize(
    ("calls", "handling_s", "seats"),
    [(140, 270, 17), (140, 320, 19), (300, 270, 31), (300, 320, 36), (2940, 270, 240), (2940, 320, 283)],
)
def test_without_impatience_it_is_erlang_c(calls: float, handling_s: float, seats: int) -> None:
    """The table of FIELD.md 2: what 95 % within 15 s would cost."""
    assert seats_needed(Load(calls, handling_s, ENDLESS_S), Goal(0.95, 15)) == seats


@pytest.mark.parametrize("seats", [1, 17, 60, 200, 500])
@pytest.mark.parametrize("load", [0.3, 0.95, 1.0, 1.3, 5.0])
def test_it_is_stable_up_to_hundreds_of_seats(seats: int, load: float) -> None:
    """Every share stays a share, in a light load and in a surge; what is answered is what the seats work."""
    calls = load * seats * 3600 / 320
    found = service(Load(calls, 320, 198), seats)
    shares = (found.within_share, found.abandoned_share, found.waits_share, found.occupancy)
    assert all(math.isfinite(share) and 0 <= share <= 1 + 1e-12 for share in shares)
    assert found.occupancy == pytest.approx(min(load, load * (1 - found.abandoned_share)))


def test_one_seat_more_never_answers_fewer() -> None:
    """From one to forty seats under the same load."""
    found = [service(Load(230, 320, 198), seats) for seats in range(1, 41)]
    within, abandoned = [it.within_share for it in found], [it.abandoned_share for it in found]
    assert within == sorted(within)
    assert abandoned == sorted(abandoned, reverse=True)


@pytest.mark.parametrize("calls", [0.5, 3.0, 78.0, 230.0, 1500.0])
@pytest.mark.parametrize(
    "goal", [Goal(0.9, 15), Goal(0.8, 20), Goal(0.95, 15, abandoned_max=0.01), Goal(0.9, 0.0)]
)
def test_the_seats_needed_are_the_fewest(calls: float, goal: Goal) -> None:
    """They reach the goal, and one fewer does not."""
    load = Load(calls, 320, 198)
    seats = seats_needed(load, goal)

    def reaches(count: int) -> bool:
        found = service(load, count, goal.within_s)
        return found.within_share >= goal.share and found.abandoned_share <= goal.abandoned_max

    assert reaches(seats)
    assert not reaches(seats - 1)


def test_nobody_calls_nobody_is_needed() -> None:
    """And a house without seats answers nobody."""
    assert seats_needed(Load(0, 320, 198), Goal()) == 0
    assert service(Load(0, 320, 198), 0) == Service(1.0, 0.0, 0.0, 0.0, 0.0)
    assert service(Load(60, 320, 198), 0).abandoned_share == 1.0


@pytest.mark.parametrize(
    ("seats", "shrinkage", "expected"), [(17, 0.0, 17), (17, 0.15, 20), (9, 0.1, 10), (0, 0.5, 0)]
)
def test_who_rests_must_be_rostered_too(seats: int, shrinkage: float, expected: int) -> None:
    """Breaks and written work are a share of the roster."""
    assert rostered(seats, shrinkage) == expected


@pytest.mark.parametrize(
    "goal",
    [Goal(0.0), Goal(1.0), Goal(0.9, -1), Goal(0.9, 15, 0.0), Goal(0.9, 15, 1.0, 0.95), Goal(float("nan"))],
)
def test_nonsense_is_refused(goal: Goal) -> None:
    """One line that says what would be right."""
    with pytest.raises(UsageError):
        seats_needed(Load(60, 320, 198), goal)


def test_what_cannot_be_reached_is_said() -> None:
    """More seats than any house has."""
    with pytest.raises(UsageError, match="seats would be needed"):
        seats_needed(Load(100_000, 320, 198), Goal())
