"""Skill groups side by side: what moving seats between them should come to, each group with its own seats alone.

Invariant: it is an estimate and a pessimistic one: skills are a preference over one pool, so a free seat of another group
helps in truth; what is not measured is not estimated. The formula (Erlang-A) is handed in.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import floor
from typing import NamedTuple

from callcenter.core.ids import QueueName, SeatId
from callcenter.core.messages.duty import Duty, SeatMove
from queues.core.rebalance import Assignment
from queues.core.what_if import QUICK_S

CALLS_MIN = 5
"""Fewer calls than these in the measured span say nothing."""


class Load(NamedTuple):
    """What came to one queue within ``span_s`` and was measured. ``talk_s`` ``None``: nobody was answered."""

    queue: QueueName
    calls: int
    talks: int
    talk_s: float | None
    span_s: float


class Expected(NamedTuple):
    """``wait_s``: mean wait; ``within_share``: answered within fifteen seconds of the answered and the abandoned."""

    wait_s: float
    within_share: float


Formula = Callable[[float, float, float, int], Expected]
"""Calls per second, seconds of work for a call, mean patience in seconds, seats -> what to expect."""


@dataclass(frozen=True, slots=True)
class Group:
    """One skill group before and after. ``calls``, ``talks``: what the estimate is made of; ``None``: too few to say.

    ``seats_before``, ``seats_after``: seats that ring first, those of several groups in parts.
    """

    queue: QueueName
    calls: int
    talks: int
    seats_before: float
    seats_after: float
    before: Expected | None
    after: Expected | None


def after_moves(
    before: Mapping[SeatId, Assignment], moves: Sequence[SeatMove]
) -> Mapping[SeatId, Assignment]:
    """The assignments as the moves would leave them."""
    after = dict(before)
    for move in moves:
        now = after[move.seat_id]
        after[move.seat_id] = now._replace(
            skills=now.skills if move.skills is None else move.skills,
            duty=now.duty if move.duty is None else move.duty,
        )
    return after


def seats_of(assignments: Sequence[Assignment], loads: Sequence[Load]) -> Mapping[QueueName, float]:
    """How many seats each queue rings first: a seat of several groups, or of none, is shared by their calls."""
    calls = {load.queue: load.calls for load in loads}
    seats = dict.fromkeys(calls, 0.0)
    for each in assignments:
        if each.duty not in (Duty.INBOUND, Duty.GUEST):
            continue
        served = [queue for queue in calls if queue in each.skills] or list(calls)
        whole = sum(calls[queue] for queue in served)
        for queue in served:
            seats[queue] += calls[queue] / whole if whole else 1 / len(served)
    return seats


def compare(
    loads: Sequence[Load],
    before: Sequence[Assignment],
    after: Sequence[Assignment],
    wrap_up_s: float,
    patience_s: float,
    formula: Formula,
) -> list[Group]:
    """Every group before and after. ``before``, ``after``: the assignments of the seats at work.

    ``wrap_up_s``: after-call work, ``patience_s``: mean patience; both > 0.
    """
    had, has = seats_of(before, loads), seats_of(after, loads)

    def expect(load: Load, seats: float) -> Expected | None:
        if load.calls < CALLS_MIN or load.talk_s is None:
            return None
        return _between(formula, load.calls / load.span_s, load.talk_s + wrap_up_s, patience_s, seats)

    return [
        Group(
            load.queue,
            load.calls,
            load.talks,
            round(had[load.queue], 2),
            round(has[load.queue], 2),
            expect(load, had[load.queue]),
            expect(load, has[load.queue]),
        )
        for load in loads
    ]


def _between(formula: Formula, rate: float, work_s: float, patience_s: float, seats: float) -> Expected:
    """The formula knows whole seats: between two of them it goes straight."""
    low = floor(seats)
    part = seats - low
    less = formula(rate, work_s, patience_s, low)
    if not part:
        return less
    more = formula(rate, work_s, patience_s, low + 1)
    return Expected(*(a + (b - a) * part for a, b in zip(less, more, strict=True)))


QUEUE_MAX = 400
"""Longest line that the formula looks at; beyond it patience has decided."""

NEGLIGIBLE = 1e-12
"""A line whose probability is so much smaller than the likeliest one's is not looked at."""

STEP_S = 0.1
"""Step of the integration; every rate is far slower."""


def erlang_a(rate: float, work_s: float, patience_s: float, seats: int) -> Expected:
    """Erlang-A (M/M/n+M): Poisson calls, exponential work and patience; arguments as in :data:`Formula`, all > 0.

    The stationary line is a birth and death process; who finds ``k`` others waiting is answered within time ``t`` with
    probability ``f_k(t)``, where ``f_k' = (n/work + k/patience) f_(k-1) - (n/work + (k+1)/patience) f_k``.
    """
    served, leaves = seats / work_s, 1 / patience_s
    weights = [1.0]
    for k in range(1, seats + QUEUE_MAX + 1):
        weights.append(weights[-1] * rate / (min(k, seats) / work_s + max(k - seats, 0) * leaves))
        if k > seats and weights[-1] < NEGLIGIBLE * max(weights):
            break
        if weights[-1] > 1e250:
            weights = [weight * 1e-250 for weight in weights]
    whole = sum(weights)
    waiting = [weight / whole for weight in weights[seats:]]
    wait_s = sum(k * share for k, share in enumerate(waiting)) / rate
    in_time = _in_time(served, leaves, len(waiting))
    return Expected(wait_s, 1 - sum(waiting) + sum(a * b for a, b in zip(waiting, in_time, strict=True)))


def _in_time(served: float, leaves: float, most: int) -> list[float]:
    """For each number of others in line: the probability to be answered within fifteen seconds."""
    found = [0.0] * most
    for _ in range(round(QUICK_S / STEP_S)):
        before = 1.0
        for k in range(most):
            now = found[k]
            step = STEP_S * ((served + k * leaves) * before - (served + (k + 1) * leaves) * now)
            found[k], before = min(1.0, max(0.0, now + step)), now
    return found
