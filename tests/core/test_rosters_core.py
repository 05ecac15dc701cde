"""Rosters and presence, by the rule: what is told of double bookings, seats and hours against counting it minute by minute."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.core.ids import SeatId
from callcenter.reports.core.rows import SeatChange
from callcenter.staff.core.presence import Restart, by_hour, spells, whole
from callcenter.staff.core.roster import Shift, double_bookings, over_capacity

pytestmark = pytest.mark.core

BEGIN = datetime(2026, 11, 22, 16, tzinfo=UTC)
STEP = timedelta(minutes=30)
STEPS = 48


def shift(number: int, person: int, seat: int, begin: int, long: int) -> Shift:
    """A shift by half hours."""
    from_at = BEGIN + begin * STEP
    seat_id = SeatId(f"800{seat}") if seat else None
    return Shift(number, f"p{person}", "on_site", seat_id, from_at, from_at + long * STEP)


ROSTERS = st.lists(
    st.tuples(st.integers(1, 3), st.integers(0, 2), st.integers(0, 12), st.integers(1, 8)), max_size=6
).map(lambda drawn: [shift(n, *each) for n, each in enumerate(drawn)])


def _at_work(roster: list[Shift], step: int) -> list[Shift]:
    at = BEGIN + step * STEP
    return [each for each in roster if each.from_at <= at < each.to_at]


@given(ROSTERS)
def test_a_roster_without_faults_is_possible(roster: list[Shift]) -> None:
    """And one with faults is not: nobody and no seat twice in any half hour, no more people than seats."""
    is_twice = is_over = False
    for step in range(STEPS):
        there = _at_work(roster, step)
        people, seats = [s.staff_no for s in there], [s.seat_id for s in there if s.seat_id]
        is_twice |= len(set(people)) < len(people) or len(set(seats)) < len(seats)
        is_over |= len(there) > 2
    assert bool(list(double_bookings(roster, UTC))) == is_twice
    assert bool(list(over_capacity(roster, {"on_site": 2}, UTC))) == is_over


CHANGES = st.lists(
    st.tuples(
        st.integers(0, STEPS),
        st.sampled_from(["a", "b", "c"]),
        st.sampled_from(["off", "ready", "talking", "on_break"]),
    ),
    max_size=12,
)


@given(ROSTERS, CHANGES, st.integers(1, STEPS))
def test_presence_is_what_counting_each_half_hour_gives(
    roster: list[Shift], moves: list[tuple[int, str, str]], now: int
) -> None:
    """Planned, due, present, filled, working; nothing of the future but the plan; never more filled than due."""
    moves = sorted((move for move in moves if move[0] < now), key=lambda move: move[0])
    states, changes = dict.fromkeys("abc", "off"), []
    for step, seat, state in moves:
        changes.append(SeatChange(BEGIN + step * STEP, seat, states[seat], state))
        states[seat] = state
    as_of = BEGIN + now * STEP
    hours = by_hour(
        BEGIN, [(s.from_at, s.to_at) for s in roster], spells(changes, BEGIN - STEP, as_of), as_of
    )
    states = dict.fromkeys("abc", "off")
    counted = [[0.0] * 5 for _ in range(24)]
    for step in range(STEPS):
        states |= {seat: state for at, seat, state in moves if at == step}
        planned = len(_at_work(roster, step))
        present = sum(state in ("ready", "talking") for state in states.values()) * (step < now)
        working = sum(state == "talking" for state in states.values()) * (step < now)
        due = planned * (step < now)
        for n, seats in enumerate((planned, due, present, min(due, present), working)):
            counted[step // 2][n] += seats / 2
    for hour, expected in zip(hours, counted, strict=True):
        assert [hour.planned, hour.due, hour.present, hour.filled, hour.working] == pytest.approx(expected)
        assert hour.rate is None or 0 <= hour.rate <= 1
    assert whole(hours).present == pytest.approx(sum(hour.present for hour in hours))


def test_between_changes_that_do_not_fit_nobody_watched() -> None:
    """A restart ends every spell where something was last seen; a lost change ends one without being counted."""
    at = [BEGIN + n * STEP for n in range(8)]
    events: list[SeatChange | Restart] = [
        SeatChange(at[0], "a", "off", "ready"),
        SeatChange(at[0], "b", "off", "ready"),
        Restart(at[2], at[4]),
        SeatChange(at[4], "a", "off", "ready"),
        SeatChange(at[6], "a", "talking", "wrap_up"),
    ]
    seen = [spell for spell in spells(events, BEGIN, at[7]) if spell.state != "off"]
    assert [(each.seat_id, each.state, each.from_at, each.until_at) for each in seen] == [
        ("a", "ready", at[0], at[2]),
        ("b", "ready", at[0], at[2]),
        ("a", "wrap_up", at[6], at[7]),
    ]
