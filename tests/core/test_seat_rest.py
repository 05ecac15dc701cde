"""People are not machines: rests after long load and after abuse, and after-call work that a surge makes shorter."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stories import GENERAL, S1, abandoned, answered, joined, offered, paused, resumed, snapshot, talked, tell

from callcenter.core.clock import Instant
from callcenter.core.errors import UsageError
from callcenter.core.ids import SeatId
from callcenter.core.messages import link, seats, surge
from callcenter.core.messages.base import Effect, Message
from callcenter.core.messages.seats import SeatRequest, SeatState
from queues.core.occupancy import BUSY, Occupancy
from queues.core.seats import REST, WRAP_UP, SeatRules, Seats

pytestmark = pytest.mark.core

WINDOW_S = 1000.0
WRAP_UP_S = 100.0
RULES = SeatRules(
    WRAP_UP_S,
    ring_outs_before_break=3,
    rest_window_s=WINDOW_S,
    occupancy_limit=0.9,
    rest_s=300.0,
    abuse_rest_s=600.0,
)
ABUSE = seats.AbuseReported(S1, "8001")
RESTING = paused(reason=REST)
WORKING = paused(reason=WRAP_UP)
CALL: tuple[Message, ...] = (offered(), answered())


def house() -> Seats:
    """A seat that has logged in at zero."""
    line = Seats([S1], RULES, [GENERAL])
    tell(line, seats.SeatReachable(S1, reachable=True), joined())
    return line


def wish(request: SeatRequest) -> seats.SeatAsked:
    """The desk asks."""
    return seats.SeatAsked(S1, request, "lunch", "8001")


def orders(effects: list[Effect]) -> list[Effect]:
    """Only what Asterisk is asked to do."""
    return [effect for effect in effects if not isinstance(effect, seats.Publish)]


def at_deadline(line: Seats) -> list[Effect]:
    """The next deadline comes."""
    deadline = line.next_deadline()
    assert deadline is not None
    line.on_deadline(deadline)
    return orders(line.take_effects())


def after_work(begin: float, talk_until: float) -> tuple[Seats, list[Effect]]:
    """One long talk and its after-call work: the house, and what follows."""
    line = house()
    tell(line, *CALL, at=begin)
    tell(line, talked(), WORKING, at=talk_until)
    return line, at_deadline(line)


@pytest.mark.parametrize(
    ("begin", "talk_until", "rests"),
    [
        (0.0, 950.0, True),  # the whole window
        (140.0, 950.0, True),  # .91 of it
        (160.0, 950.0, False),  # .89 of it
        (0.0, 850.0, False),  # all of 950 s, which is no whole window
        (2000.0, 2850.0, True),  # the window slides
        (2000.0, 2700.0, False),
    ],
)
def test_a_rest_follows_long_load(begin: float, talk_until: float, rests: bool) -> None:
    """Above the limit over a whole window the seat is not made ready but rests; else, and before, it is ready."""
    _, effects = after_work(begin, talk_until)
    assert effects == ([seats.PauseSeat(S1, REST)] if rests else [seats.ResumeSeat(S1)])


def test_a_rest_ends_by_itself() -> None:
    """It is told with its reason, has a deadline, and is followed by calls."""
    line, _ = after_work(0.0, 950.0)
    told = tell(line, RESTING, at=1050.0)
    assert told == [
        seats.Publish(seats.SeatStateChanged(S1, SeatState.WRAP_UP, SeatState.ON_BREAK, REST)),
    ]
    assert line.next_deadline() == Instant(1350.0)
    assert at_deadline(line) == [seats.ResumeSeat(S1)]
    tell(line, resumed(), at=1350.0)
    assert line.get(S1).state is SeatState.READY
    assert line.next_deadline() is None


def test_who_makes_himself_ready_rests_too_and_may_end_the_rest() -> None:
    """The first "ready" ends the after-call work, the second one the rest: people decide."""
    line = house()
    tell(line, *CALL, at=0.0)
    tell(line, talked(), WORKING, at=1000.0)
    assert orders(tell(line, wish(SeatRequest.READY), at=1010.0)) == [seats.PauseSeat(S1, REST)]
    tell(line, RESTING, at=1010.0)
    assert orders(tell(line, wish(SeatRequest.READY), at=1020.0)) == [seats.ResumeSeat(S1)]


def test_a_rest_that_was_not_begun_is_asked_for_again() -> None:
    """The pause got lost: the next deadline asks for it once more."""
    line, first = after_work(0.0, 950.0)
    assert at_deadline(line) == first == [seats.PauseSeat(S1, REST)]


@pytest.mark.parametrize(
    ("story", "effects"),
    [
        ((ABUSE,), [seats.PauseSeat(S1, REST)]),
        ((*CALL, ABUSE), []),
        ((*CALL, ABUSE, talked()), [seats.PauseSeat(S1, REST)]),
        ((*CALL, ABUSE, wish(SeatRequest.READY), talked()), [seats.PauseSeat(S1, REST)]),
        ((*CALL, ABUSE, wish(SeatRequest.BREAK), talked()), [seats.PauseSeat(S1, "lunch")]),
        ((*CALL, ABUSE, wish(SeatRequest.LOGOUT), talked()), [seats.RemoveSeat(S1)]),
        ((*CALL, talked(), ABUSE), [seats.PauseSeat(S1, WRAP_UP), seats.PauseSeat(S1, REST)]),
        ((offered(), ABUSE), []),
        ((offered(), ABUSE, abandoned()), [seats.PauseSeat(S1, REST)]),
        ((paused(), ABUSE), []),
        ((paused(), ABUSE, resumed()), []),
        ((seats.SeatLeft(S1, GENERAL), ABUSE), []),
    ],
)
def test_a_rest_follows_abuse(story: tuple[Message, ...], effects: list[Effect]) -> None:
    """After the call, or at once when it is over; not for who is on a break, leaves or has left."""
    assert orders(tell(house(), *story)) == effects


@pytest.mark.parametrize("ending", ["deadline", "ready", "phone", "logout", "break"])
def test_a_rest_after_abuse_is_longer_and_the_agent_may_end_it(ending: str) -> None:
    """Ten minutes, unless he wants otherwise."""
    line = house()
    tell(line, *CALL, ABUSE, talked(), RESTING, at=100.0)
    assert line.get(S1).state is SeatState.ON_BREAK
    assert line.next_deadline() == Instant(700.0)
    effects = {
        "deadline": lambda: at_deadline(line),
        "ready": lambda: orders(tell(line, wish(SeatRequest.READY))),
        "phone": lambda: orders(tell(line, resumed())),
        "logout": lambda: orders(tell(line, wish(SeatRequest.LOGOUT))),
        "break": lambda: orders(tell(line, wish(SeatRequest.BREAK))),
    }[ending]()
    assert (
        effects
        == {
            "deadline": [seats.ResumeSeat(S1)],
            "ready": [seats.ResumeSeat(S1)],
            "phone": [],
            "logout": [seats.RemoveSeat(S1)],
            "break": [seats.PauseSeat(S1, "lunch")],
        }[ending]
    )


def test_abuse_makes_a_rest_longer() -> None:
    """It never ends earlier for it."""
    line, _ = after_work(0.0, 950.0)
    tell(line, RESTING, at=1050.0)
    tell(line, ABUSE, at=1100.0)
    assert line.next_deadline() == Instant(1700.0)
    tell(line, ABUSE, at=1100.0)
    assert line.next_deadline() == Instant(1700.0)


def test_abuse_is_reported_for_a_seat_that_exists() -> None:
    """One line says which does not."""
    with pytest.raises(UsageError, match="no seat 9999"):
        house().receive(seats.AbuseReported(SeatId("9999"), "lead"), Instant(0.0))


def test_a_rest_that_the_line_overtook_is_not_forgotten() -> None:
    """A caller rang before the pause: after his talk the seat rests."""
    line = house()
    tell(line, ABUSE, offered(), RESTING, answered())
    assert line.get(S1).state is SeatState.TALKING
    assert orders(tell(line, talked())) == [seats.PauseSeat(S1, REST)]


def test_a_break_is_a_rest() -> None:
    """Who goes on a break himself instead of the rest that was due needs none afterwards."""
    line = house()
    assert orders(tell(line, ABUSE, paused(), resumed())) == [seats.PauseSeat(S1, REST)]
    assert line.next_deadline() is None


@pytest.mark.parametrize("knows", [True, False])
def test_a_rest_outlives_a_gap(knows: bool) -> None:
    """Asterisk says that the seat rests: a known end stays, else a whole rest is given."""
    line = house()
    if knows:
        tell(line, RESTING, at=10.0)
    member = link.QueueMember(S1, GENERAL, paused=True, reason=REST, in_call=False)
    tell(line, snapshot(members=(member,)), at=50.0)
    assert line.get(S1).state is SeatState.ON_BREAK
    assert line.next_deadline() == Instant(310.0 if knows else 350.0)


# Occupancy.


@pytest.mark.parametrize("state", list(SeatState))
def test_what_counts_as_work(state: SeatState) -> None:
    """Ringing, dialing, talking and after-call work; a seat that is off has no load."""
    busy = Occupancy(WINDOW_S)
    busy.note(state, Instant(0.0))
    assert busy.share(Instant(10.0)) == (None if state is SeatState.OFF else 1.0 if state in BUSY else 0.0)


def test_the_load_is_of_the_last_window_or_of_the_time_since_log_in() -> None:
    """The board shows it from the first second; logging off forgets it."""
    line = house()
    assert line.occupancy(S1, Instant(0.0)) == 0.0
    tell(line, *CALL, at=60.0)
    assert line.occupancy(S1, Instant(120.0)) == 0.5
    tell(line, talked(), WORKING, resumed(), at=260.0)
    assert line.occupancy(S1, Instant(400.0)) == 0.5
    assert line.occupancy(S1, Instant(1060.0)) == 0.2
    assert line.occupancy(S1, Instant(1160.0)) == 0.1
    assert line.occupancy(S1, Instant(1260.0)) == 0.0
    tell(line, seats.SeatLeft(S1, GENERAL), at=1300.0)
    assert line.occupancy(S1, Instant(1300.0)) is None


@given(st.lists(st.tuples(st.floats(0.0, 50.0), st.sampled_from(list(SeatState))), max_size=60))
def test_the_load_is_what_a_clock_would_count(story: list[tuple[float, SeatState]]) -> None:
    """Against plain counting over the whole history."""
    busy, now = Occupancy(100.0), 0.0
    spells: list[tuple[float, SeatState]] = []
    for lasts_s, state in story:
        busy.note(state, Instant(now))
        if state is SeatState.OFF:
            spells = []
        else:
            spells.append((now, state))
        now += lasts_s
    if not spells:
        assert busy.share(Instant(now)) is None
        return
    begin = max(spells[0][0], now - 100.0)
    ends = [since for since, _ in spells[1:]] + [now]
    worked = sum(
        max(0.0, end - max(since, begin))
        for (since, state), end in zip(spells, ends, strict=True)
        if state in BUSY
    )
    share = busy.share(Instant(now))
    assert share is not None
    if now - begin > 1e-6:
        assert share == pytest.approx(worked / (now - begin), abs=1e-6)
    assert (busy.whole_share(Instant(now)) is None) == (now - spells[0][0] < 100.0)


# After-call work in a surge.


def switched(cap_s: float, *, applied: bool = True) -> surge.LevelSwitched:
    """The level changed, with its cap."""
    return surge.LevelSwitched(0, 2, applied, "figures", "load", 1.4, 300.0, 12, cap_s)


@pytest.mark.parametrize(
    ("levels", "end"),
    [
        ((), 100.0),
        ((switched(40.0),), 40.0),
        ((switched(400.0),), 100.0),
        ((switched(40.0, applied=False),), 100.0),
        ((switched(40.0), switched(0.0)), 100.0),
        ((switched(40.0), switched(60.0)), 60.0),
    ],
)
def test_a_level_caps_new_after_call_work(levels: tuple[Message, ...], end: float) -> None:
    """It is never longer than usual; a level that is only proposed caps nothing; no cap lifts it."""
    line = house()
    tell(line, *levels, *CALL, talked())
    assert line.next_deadline() == Instant(end)


@pytest.mark.parametrize(
    ("at", "levels", "end"),
    [
        (10.0, (switched(40.0),), 40.0),
        (60.0, (switched(40.0),), 60.0),
        (10.0, (switched(400.0),), 100.0),
        (10.0, (switched(40.0), switched(0.0)), 40.0),
        (10.0, (switched(40.0), switched(80.0)), 40.0),
    ],
)
def test_a_level_shortens_the_after_call_work_that_runs(
    at: float, levels: tuple[Message, ...], end: float
) -> None:
    """Counted from its begin, and over at once when that is past; lifting the cap gives no time back."""
    line = house()
    tell(line, *CALL, talked(), WORKING)
    tell(line, *levels, at=at)
    assert line.next_deadline() == Instant(end)


def test_a_level_shortens_no_rest() -> None:
    """A surge is when they are needed."""
    line = house()
    tell(line, ABUSE, RESTING)
    tell(line, switched(1.0), at=10.0)
    assert line.next_deadline() == Instant(600.0)
