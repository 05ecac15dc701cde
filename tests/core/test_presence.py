"""Who should be there and is not: told once, within a minute, and never of who is there."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.core.clock import Instant
from callcenter.core.ids import SeatId
from callcenter.core.messages.base import Message
from callcenter.core.messages.link import LinkLost, LinkRestored, Snapshot
from callcenter.core.messages.seats import Publish, SeatState, SeatStateChanged
from callcenter.core.messages.shifts import (
    Arrived,
    DueShift,
    LeftEarly,
    NoShow,
    PeopleMissing,
    ShiftsPlanned,
)
from queues.core.presence import Phase, Presence

pytestmark = pytest.mark.core

MIDNIGHT = datetime(2026, 11, 22, 16, tzinfo=UTC)
BEGAN = Instant(1000.0)
GRACE_S = 45.0
HOUR_S = 3600.0
S1, S2, S3 = SeatId("8001"), SeatId("8002"), SeatId("8003")
GROUPS = {"on_site": frozenset({S1, S2, S3}), "cloud": frozenset({SeatId("8101")})}
TRUTH = LinkRestored(Snapshot("boot", (), (), (), frozenset()), MIDNIGHT)


class Watcher:
    """A presence engine whose deadlines are kept, and what it told: seconds since midnight and news."""

    def __init__(self, *due: DueShift, sees: bool = True) -> None:
        self.engine = Presence(GROUPS, GRACE_S)
        self.told: list[tuple[float, Message]] = []
        self.hear(0.0, plan(*due))
        if sees:
            self.hear(0.0, TRUTH)

    def hear(self, at_s: float, message: Message) -> None:
        """Something happens, after all deadlines before it."""
        self.until(at_s)
        self.engine.receive(message, Instant(BEGAN + at_s))
        self._take(at_s)

    def until(self, at_s: float) -> None:
        """Time passes; each deadline lies after the one before, so it ends."""
        while (deadline := self.engine.next_deadline()) is not None and deadline <= BEGAN + at_s:
            self.engine.on_deadline(deadline)
            self._take(deadline - BEGAN)

    def seat(self, at_s: float, seat_id: SeatId, state: SeatState) -> None:
        """A seat's state moves."""
        self.hear(at_s, SeatStateChanged(seat_id, SeatState.OFF, state, ""))

    def news(self) -> list[Message]:
        """What was told."""
        return [message for _, message in self.told]

    def _take(self, at_s: float) -> None:
        for effect in self.engine.take_effects():
            assert isinstance(effect, Publish)
            self.told.append((at_s, effect.message))


def shift(
    number: int, from_h: float, to_h: float, *seats: SeatId, group: str = "on_site", told: str = ""
) -> DueShift:
    """A shift by hours since midnight."""
    begin, end = MIDNIGHT + timedelta(hours=from_h), MIDNIGHT + timedelta(hours=to_h)
    return DueShift(number, f"p{number}", group, seats, begin, end, told)


def plan(*due: DueShift, began: float = BEGAN) -> ShiftsPlanned:
    """The day's shifts."""
    return ShiftsPlanned(Instant(began), MIDNIGHT, due)


def test_who_does_not_come_is_told_within_a_minute() -> None:
    """Once, with seat and time; when he comes, how late he is."""
    watcher = Watcher(shift(1, 8, 16, S1))
    watcher.until(10 * HOUR_S)
    watcher.seat(10 * HOUR_S, S1, SeatState.READY)
    watcher.until(24 * HOUR_S)
    [(at_s, missing), (_, came)] = watcher.told
    assert 8 * HOUR_S < at_s <= 8 * HOUR_S + 60
    assert missing == NoShow(1, "p1", S1, MIDNIGHT + timedelta(hours=8))
    assert came == Arrived(1, "p1", S1, 2 * HOUR_S)


def test_nothing_is_told_of_who_is_there() -> None:
    """Logged in before the begin, on break, and off at the end."""
    watcher = Watcher(shift(1, 8, 16, S1))
    watcher.seat(7.9 * HOUR_S, S1, SeatState.READY)
    watcher.seat(12 * HOUR_S, S1, SeatState.ON_BREAK)
    watcher.seat(16 * HOUR_S, S1, SeatState.OFF)
    watcher.until(24 * HOUR_S)
    assert watcher.told == []


def test_who_leaves_is_told_and_who_is_back_at_once_is_not() -> None:
    """A phone that registers again within the grace was never gone; half a minute before the end is no leaving."""
    watcher = Watcher(shift(1, 8, 16, S1), shift(2, 8, 16, S2))
    watcher.seat(8 * HOUR_S, S1, SeatState.READY)
    watcher.seat(8 * HOUR_S, S2, SeatState.READY)
    watcher.seat(9 * HOUR_S, S1, SeatState.UNREACHABLE)
    watcher.seat(9 * HOUR_S + 20, S1, SeatState.READY)
    watcher.seat(16 * HOUR_S - 30, S1, SeatState.OFF)
    watcher.seat(16 * HOUR_S, S2, SeatState.TALKING)  # goes on talking
    assert watcher.told == []
    watcher = Watcher(shift(1, 8, 16, S1))
    watcher.seat(8 * HOUR_S, S1, SeatState.READY)
    watcher.seat(14 * HOUR_S, S1, SeatState.OFF)
    watcher.seat(15 * HOUR_S, S1, SeatState.READY)
    watcher.until(24 * HOUR_S)
    assert watcher.news() == [LeftEarly(1, "p1", S1, 2 * HOUR_S), Arrived(1, "p1", S1, HOUR_S)]
    assert watcher.told[0][0] == 14 * HOUR_S + GRACE_S


def test_his_own_seat_will_do() -> None:
    """Any of a shift's seats."""
    watcher = Watcher(shift(1, 8, 16, S1, S3))
    watcher.seat(8 * HOUR_S, S3, SeatState.READY)
    watcher.until(24 * HOUR_S)
    assert not watcher.told[1:]
    assert not isinstance(watcher.news()[:1], NoShow)


def test_while_asterisk_is_out_of_sight_nothing_is_told() -> None:
    """Who was missing then is told when the truth is known, after the seats have told theirs."""
    watcher = Watcher(shift(1, 8, 16, S1), shift(2, 8, 16, S2), sees=False)
    watcher.until(9 * HOUR_S)
    assert watcher.told == []
    for message in (TRUTH, SeatStateChanged(S2, SeatState.OFF, SeatState.READY, "")):  # in one breath
        watcher.engine.receive(message, Instant(BEGAN + 9 * HOUR_S))
    watcher.until(9 * HOUR_S)
    assert watcher.news() == [NoShow(1, "p1", S1, MIDNIGHT + timedelta(hours=8))]
    watcher.hear(10 * HOUR_S, LinkLost("cut", MIDNIGHT))
    assert watcher.engine.next_deadline() is None


def test_a_restart_tells_nothing_twice() -> None:
    """What was told before comes with the plan; the same plan again changes nothing either."""
    watcher = Watcher(shift(1, 8, 16, S1, told="missing"), shift(2, 8, 16, S2))
    watcher.until(9 * HOUR_S)
    watcher.hear(9 * HOUR_S, plan(shift(1, 8, 16, S1), shift(2, 8, 16, S2)))
    watcher.until(10 * HOUR_S)
    assert [news.shift_id for news in watcher.news() if isinstance(news, NoShow)] == [2]
    watcher.seat(11 * HOUR_S, S1, SeatState.READY)
    assert watcher.news()[-1] == Arrived(1, "p1", S1, 3 * HOUR_S)


def test_a_swapped_shift_is_watched_anew() -> None:
    """Somebody else is due now: his absence is his own."""
    watcher = Watcher(shift(1, 8, 16, S1))
    watcher.until(9 * HOUR_S)
    other = DueShift(1, "p9", "on_site", (S2,), MIDNIGHT + timedelta(hours=8), MIDNIGHT + timedelta(hours=16))
    watcher.hear(9 * HOUR_S, plan(other))
    watcher.until(9 * HOUR_S + 60)
    assert [news.staff_no for news in watcher.news() if isinstance(news, NoShow)] == ["p1", "p9"]


def test_a_clock_that_was_set_moves_what_is_due() -> None:
    """An hour later on the wall clock: the shift begins an hour sooner."""
    watcher = Watcher(shift(1, 8, 16, S1))
    watcher.hear(6 * HOUR_S, plan(shift(1, 8, 16, S1), began=BEGAN - HOUR_S))
    watcher.until(7 * HOUR_S + 60)
    assert [at_s for at_s, _ in watcher.told] == [7 * HOUR_S + GRACE_S]


def test_people_without_a_seat_are_counted() -> None:
    """Three are due, one seat that is nobody else's is logged in: two are missing, until they come."""
    watcher = Watcher(*(shift(n, 8, 16) for n in (1, 2, 3)), shift(4, 8, 16, S1))
    watcher.seat(7 * HOUR_S, S1, SeatState.READY)
    watcher.seat(7 * HOUR_S, S2, SeatState.READY)
    watcher.until(9 * HOUR_S)
    assert watcher.told == [(8 * HOUR_S + GRACE_S, PeopleMissing("on_site", 3, 2))]
    now = Instant(BEGAN + 9 * HOUR_S)
    seen = watcher.engine.overview(now)
    assert (seen.due, seen.missing, [duty.phase for duty in seen.duties]) == (4, 2, [Phase.THERE])
    watcher.seat(10 * HOUR_S, S3, SeatState.READY)
    watcher.until(24 * HOUR_S)
    assert watcher.news()[1:] == [PeopleMissing("on_site", 3, 1), PeopleMissing("on_site", 0, 0)]


STATES = st.sampled_from([SeatState.OFF, SeatState.READY, SeatState.TALKING, SeatState.UNREACHABLE])
MOVES = st.lists(st.tuples(st.integers(0, 1200), st.sampled_from([S1, S2]), STATES), max_size=30)
SHIFTS = st.lists(
    st.tuples(st.integers(0, 15), st.integers(2, 10), st.sampled_from([S1, S2])), min_size=1, max_size=4
)


@given(SHIFTS, MOVES)
def test_absences_are_told_once_in_time_and_truly(
    drawn: list[tuple[int, int, SeatId]], moves: list[tuple[int, SeatId, SeatState]]
) -> None:
    """Whatever seats do: of each shift one no-show at most, at begin plus grace, exactly when nobody was there in between."""
    due = [shift(n, begin / 60, (begin + long) / 60, seat) for n, (begin, long, seat) in enumerate(drawn)]
    moves.sort(key=lambda move: move[0])
    watcher = Watcher(*due)
    for at_s, seat, state in moves:
        watcher.seat(float(at_s), seat, state)
    watcher.until(3000.0)
    for each in due:
        begin_s = (each.from_at - MIDNIGHT).total_seconds()
        told = [
            at_s for at_s, news in watcher.told if isinstance(news, NoShow) and news.shift_id == each.shift_id
        ]
        was_there = _was_there(moves, each.seats[0], begin_s, begin_s + GRACE_S)
        assert told == ([] if was_there else [begin_s + GRACE_S])


def _was_there(
    moves: list[tuple[int, SeatId, SeatState]], seat_id: SeatId, from_s: float, to_s: float
) -> bool:
    """Whether the seat was there at any moment of ``[from_s, to_s)``; at the begin its last move counts."""
    seen = [(at_s, moved) for at_s, seat, moved in moves if seat == seat_id]
    before = [moved for at_s, moved in seen if at_s <= from_s]
    during = [moved for at_s, moved in seen if from_s < at_s < to_s]
    absent = (SeatState.OFF, SeatState.UNREACHABLE)
    return any(moved not in absent for moved in [*before[-1:], *during])
