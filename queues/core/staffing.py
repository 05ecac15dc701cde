"""How many seats an hour needs: Erlang-A (M/M/n+M), exact, stable for any number of seats.

Calls come at random at rate ``lambda``, each takes ``1/mu`` on average, each caller in line gives up after ``1/theta`` on
average. Source: Garnett, Mandelbaum, Reiman, "Designing a call center with impatient customers", M&SOM 4 (2002) 208-227;
after Palm (1957). Norms: N2, N3 of FIELD.md 3.1 (within 15 s; 95 %).
Invariant: shares are 0..1, and one seat more never answers fewer.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from callcenter.core.errors import UsageError

SEATS_MAX = 2000
NEGLIGIBLE = 1e-18
"""States so much rarer than the commonest one change no figure."""
HOUR_S = 3600.0


@dataclass(frozen=True, slots=True)
class Load:
    """What comes in an hour. ``calls``: >= 0 per hour; ``handling_s``: talk and after-call work, > 0; ``patience_s`` > 0."""

    calls: float
    handling_s: float
    patience_s: float

    @property
    def erlang(self) -> float:
        """Offered load: the seats that would be busy if nobody had to wait."""
        return self.calls * self.handling_s / HOUR_S


@dataclass(frozen=True, slots=True)
class Service:
    """What so many seats make of a load. Shares are of all calls; ``within_share``: answered within the time asked for."""

    within_share: float
    abandoned_share: float
    waits_share: float
    mean_wait_s: float
    occupancy: float


@dataclass(frozen=True, slots=True)
class Goal:
    """What is to be reached: ``share`` (0..1) of calls answered within ``within_s``, at most ``abandoned_max`` given up.

    ``shrinkage``: share of rostered time that is not worked at the seat (breaks, training, written work), 0 <= s < 1.
    """

    share: float = 0.9
    within_s: float = 15.0
    abandoned_max: float = 1.0
    shrinkage: float = 0.0

    def check(self) -> None:
        """Refuse nonsense.

        Raises:
            UsageError: a number out of its range.
        """
        if not 0 < self.share < 1:
            raise UsageError("the target is a share between 0 and 1, for example 0.9", code="bad_target")
        if not 0 <= self.within_s <= HOUR_S:
            raise UsageError("within is 0 to 3600 seconds, for example 15", code="bad_within")
        if not 0 < self.abandoned_max <= 1:
            raise UsageError("at most so many may abandon: more than 0, at most 1", code="bad_abandoned")
        if not 0 <= self.shrinkage <= 0.9:
            raise UsageError("shrinkage is 0 to 0.9, for example 0.15", code="bad_shrinkage")


def service(load: Load, seats: int, within_s: float = 15.0) -> Service:
    """What ``seats`` (>= 0) make of a load."""
    if load.calls <= 0:
        return Service(1.0, 0.0, 0.0, 0.0, 0.0)
    if seats == 0:
        return Service(0.0, 1.0, 1.0, load.patience_s, 0.0)
    arrival, work, leave = load.calls / HOUR_S, 1 / load.handling_s, 1 / load.patience_s
    states = _states(arrival, work, leave, seats)
    line = states[seats:]
    mean_line = math.fsum(count * share for count, share in enumerate(line))
    abandoned = mean_line * leave / arrival
    at_once = math.fsum(states[:seats])
    soon = math.fsum(
        share * answered
        for share, answered in zip(line, _answered_within(seats * work, leave, within_s), strict=False)
    )
    return Service(
        within_share=min(1.0, at_once + soon),
        abandoned_share=abandoned,
        waits_share=math.fsum(line),
        mean_wait_s=mean_line / arrival,
        occupancy=arrival * (1 - abandoned) / (seats * work),
    )


def seats_needed(load: Load, goal: Goal) -> int:
    """The fewest seats that reach a goal, without shrinkage.

    Raises:
        UsageError: the goal is nonsense, or cannot be reached with ``SEATS_MAX`` seats.
    """
    goal.check()
    if load.calls <= 0:
        return 0
    low, high = 0, max(1, math.ceil(load.erlang))
    while high <= SEATS_MAX and not _reaches(load, high, goal):
        low, high = high, 2 * high
    if high > SEATS_MAX:
        raise UsageError(f"more than {SEATS_MAX // 2} seats would be needed", code="too_many_seats")
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if _reaches(load, middle, goal) else (middle, high)
    return high


def rostered(seats: int, shrinkage: float) -> int:
    """How many must be on the roster so that ``seats`` are at work."""
    return math.ceil(seats / (1 - shrinkage) - 1e-9)


def _reaches(load: Load, seats: int, goal: Goal) -> bool:
    found = service(load, seats, goal.within_s)
    return found.within_share >= goal.share and found.abandoned_share <= goal.abandoned_max


def _states(arrival: float, work: float, leave: float, seats: int) -> Sequence[float]:
    """How likely so many calls (0, 1, ...) are in the house: a birth-death chain, summed from its commonest state."""

    def death(calls: int) -> float:
        return min(calls, seats) * work + max(0, calls - seats) * leave

    load = arrival / work
    mode = int(load) if load < seats else seats + int((arrival - seats * work) / leave)
    below, likely, calls = list[float](), 1.0, mode
    while calls > 0:
        likely *= death(calls) / arrival
        below.append(likely)
        calls -= 1
    above, likely, calls = list[float](), 1.0, mode
    while likely > NEGLIGIBLE or calls < seats:
        calls += 1
        likely *= arrival / death(calls)
        above.append(likely)
    whole = math.fsum(below) + 1.0 + math.fsum(above)
    return [it / whole for it in (*reversed(below), 1.0, *above)]


def _answered_within(rate: float, leave: float, within_s: float) -> Iterator[float]:
    """How likely a caller behind 0, 1, 2, ... others is answered within ``within_s``; ``rate``: of all seats together.

    Behind ``n`` others ``n + 1`` exponential times pass until his turn, with rates ``rate + i * leave``, i = 0..n; so
    ``exp(-leave * V)`` is Beta(rate / leave, n + 1), and with his own patience: E[B; B >= exp(-leave * t)].
    """
    a, log_x = rate / leave, -leave * within_s
    log_rest = math.log(-math.expm1(log_x)) if log_x else -math.inf
    log_term, late, ahead = (a + 1) * log_x, 0.0, 0
    while (
        True
    ):  # late: the regularized incomplete beta function I_x(a + 1, ahead + 1), a sum of positive terms
        late += math.exp(log_term)
        yield a / (a + ahead + 1) * max(0.0, 1 - late)
        ahead += 1
        log_term += log_rest + math.log((a + ahead) / ahead)
