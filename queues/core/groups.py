"""Skill groups side by side: what moving seats between them should come to, each group with its own seats alone.

Invariant: it is an estimate and a pessimistic one: skills are a preference over one pool, so a free seat of another group
helps in truth; what is not measured is not estimated. The formula is Erlang-A, of ``staffing.py``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import floor
from typing import NamedTuple

from callcenter.core.ids import QueueName, SeatId
from callcenter.core.messages.duty import Duty, SeatMove
from queues.core.rebalance import Assignment
from queues.core.staffing import HOUR_S, Load, service
from queues.core.what_if import QUICK_S

CALLS_MIN = 5
"""Fewer calls than these in the measured span say nothing."""


class QueueLoad(NamedTuple):
    """What came to one queue within ``span_s`` and was measured. ``talk_s`` ``None``: nobody was answered."""

    queue: QueueName
    calls: int
    talks: int
    talk_s: float | None
    span_s: float


class Expected(NamedTuple):
    """``wait_s``: mean wait; ``within_share``: answered within fifteen seconds, of all calls."""

    wait_s: float
    within_share: float


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


def seats_of(assignments: Sequence[Assignment], loads: Sequence[QueueLoad]) -> Mapping[QueueName, float]:
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
    loads: Sequence[QueueLoad],
    before: Sequence[Assignment],
    after: Sequence[Assignment],
    wrap_up_s: float,
    patience_s: float,
) -> list[Group]:
    """Every group before and after. ``before``, ``after``: the assignments of the seats at work.

    ``wrap_up_s``: after-call work, ``patience_s``: mean patience; both > 0.
    """
    had, has = seats_of(before, loads), seats_of(after, loads)

    def expect(load: QueueLoad, seats: float) -> Expected | None:
        if load.calls < CALLS_MIN or load.talk_s is None:
            return None
        return _between(Load(load.calls / load.span_s * HOUR_S, load.talk_s + wrap_up_s, patience_s), seats)

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


def _between(load: Load, seats: float) -> Expected:
    """The formula knows whole seats: between two of them it goes straight."""
    low = floor(seats)
    part, less = seats - low, _expected(load, low)
    if not part:
        return less
    more = _expected(load, low + 1)
    return Expected(*(a + (b - a) * part for a, b in zip(less, more, strict=True)))


def _expected(load: Load, seats: int) -> Expected:
    found = service(load, seats, QUICK_S)
    return Expected(found.mean_wait_s, found.within_share)
