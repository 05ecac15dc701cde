"""Skill groups side by side: whose seats are whose, and what Erlang-A expects of them."""

import pytest

from callcenter.core.ids import QueueName, SeatId
from callcenter.core.messages.duty import Duty, SeatMove
from queues.core.groups import CALLS_MIN, Expected, Load, after_moves, compare, erlang_a, seats_of
from queues.core.rebalance import Assignment

pytestmark = pytest.mark.core

MAIN, FIRMS = QueueName("main"), QueueName("enterprise")
LOADS = [Load(MAIN, 90, 80, 180.0, 3600.0), Load(FIRMS, 30, 25, 240.0, 3600.0)]


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
    main, firms = compare(LOADS, list(before.values()), list(after.values()), 60.0, 120.0, erlang_a)
    assert (main.seats_before, main.seats_after, firms.seats_after) == (7.0, 6.0, 4.0)
    had, has = said(main.before), said(main.after)
    assert has.wait_s > had.wait_s
    had, has = said(firms.before), said(firms.after)
    assert has.wait_s < had.wait_s
    assert has.within_share > had.within_share


def test_too_few_calls_say_nothing() -> None:
    """Nor do calls that nobody answered."""
    few = [LOADS[0]._replace(calls=CALLS_MIN - 1), LOADS[1]._replace(talk_s=None)]
    for group in compare(few, [assigned()], [assigned()], 60.0, 120.0, erlang_a):
        assert (group.before, group.after) == (None, None)


def test_erlang_a_knows_its_limits() -> None:
    """Endless patience is Erlang-C; no seat answers nobody, and everybody waits out his patience; plenty serve at once."""
    # Erlang-C, 10 seats, 8 erlangs: P(wait) = 0.409, mean wait = P(wait) * 240 s / (10 - 8) = 49.1 s.
    patient = erlang_a(8 / 240, 240.0, 1e7, 10)
    assert patient.wait_s == pytest.approx(49.1, rel=0.01)
    # P(W > 15 s) = 0.409 * exp(-(10 - 8) * 15 / 240).
    assert 1 - patient.within_share == pytest.approx(0.3610, rel=0.01)
    alone = erlang_a(0.01, 200.0, 100.0, 0)
    assert alone.wait_s == pytest.approx(100.0, rel=0.001)
    assert alone.within_share == pytest.approx(0.0, abs=1e-9)
    assert erlang_a(0.01, 200.0, 100.0, 50).within_share == pytest.approx(1.0)


def test_parts_of_seats_lie_between_whole_ones() -> None:
    """So that a seat of two groups counts for both."""
    half = [assigned(MAIN)] * 6 + [assigned()]
    main, _ = compare(LOADS, [assigned(MAIN)] * 6, half, 60.0, 120.0, erlang_a)
    assert main.seats_after == 6.75
    assert erlang_a(90 / 3600, 240.0, 120.0, 7).wait_s < said(main.after).wait_s < said(main.before).wait_s
