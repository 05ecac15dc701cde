"""Skill groups side by side: whose seats are whose, and what Erlang-A expects of them."""

import pytest

from callcenter.core.ids import QueueName, SeatId
from callcenter.core.messages.duty import Duty, SeatMove
from queues.core.groups import CALLS_MIN, Expected, QueueLoad, after_moves, compare, seats_of
from queues.core.rebalance import Assignment
from queues.core.staffing import Load, service

pytestmark = pytest.mark.core

MAIN, FIRMS = QueueName("main"), QueueName("enterprise")
LOADS = [QueueLoad(MAIN, 90, 80, 180.0, 3600.0), QueueLoad(FIRMS, 30, 25, 240.0, 3600.0)]


def assigned(*skills: QueueName, duty: Duty = Duty.INBOUND) -> Assignment:
    """A seat."""
    return Assignment(skills, duty, 0, "")


def said(expected: Expected | None) -> Expected:
    """What must not be missing."""
    assert expected is not None
    return expected


def test_a_seat_of_several_groups_is_shared_by_their_calls() -> None:
    """Who surveys is nobody's; a guest answers like everybody."""
    seats = [assigned(), assigned(FIRMS), assigned(MAIN, FIRMS), assigned(duty=Duty.SURVEYS)]
    assert seats_of(seats, LOADS) == {MAIN: 1.5, FIRMS: 1.5}
    assert seats_of([assigned(duty=Duty.GUEST)], LOADS) == {MAIN: 0.75, FIRMS: 0.25}
    silent = [load._replace(calls=0) for load in LOADS]
    assert seats_of([assigned()], silent) == {MAIN: 0.5, FIRMS: 0.5}


def test_one_moves_and_one_group_waits_longer() -> None:
    """The other one less; what the moves do not name stays."""
    before = {SeatId(str(8000 + n)): assigned(MAIN if n < 7 else FIRMS) for n in range(10)}
    after = after_moves(before, [SeatMove(SeatId("8000"), (FIRMS,), None, 0)])
    assert after[SeatId("8001")] == before[SeatId("8001")]
    main, firms = compare(LOADS, list(before.values()), list(after.values()), 60.0, 120.0)
    assert (main.seats_before, main.seats_after, firms.seats_after) == (7.0, 6.0, 4.0)
    had, has = said(main.before), said(main.after)
    assert has.wait_s > had.wait_s
    had, has = said(firms.before), said(firms.after)
    assert has.wait_s < had.wait_s
    assert has.within_share > had.within_share


def test_too_few_calls_say_nothing() -> None:
    """Nor do calls that nobody answered."""
    few = [LOADS[0]._replace(calls=CALLS_MIN - 1), LOADS[1]._replace(talk_s=None)]
    for group in compare(few, [assigned()], [assigned()], 60.0, 120.0):
        assert (group.before, group.after) == (None, None)


def test_parts_of_seats_lie_between_whole_ones() -> None:
    """So that a seat of two groups counts for both."""
    half = [assigned(MAIN)] * 6 + [assigned()]
    main, _ = compare(LOADS, [assigned(MAIN)] * 6, half, 60.0, 120.0)
    assert main.seats_after == 6.75
    seven = service(Load(90, 240.0, 120.0), 7)
    assert seven.mean_wait_s < said(main.after).wait_s < said(main.before).wait_s
