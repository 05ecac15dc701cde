"""The seats: never two calls, after-call work with a deadline, wishes kept until the call is over."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stories import (
    C1,
    C2,
    GENERAL,
    S1,
    S2,
    abandoned,
    answered,
    joined,
    offered,
    paused,
    rang_out,
    resumed,
    snapshot,
    talked,
    tell,
)

from callcenter.core.clock import Instant
from callcenter.core.errors import IllegalTransition, UsageError
from callcenter.core.ids import SeatId
from callcenter.core.messages import link, seats
from callcenter.core.messages.base import Effect, Message
from callcenter.core.messages.seats import SeatRequest, SeatState
from queues.core.seats import RANG_OUT, WRAP_UP, SeatRules, Seats

pytestmark = pytest.mark.core


def house() -> Seats:
    """Two seats with phones, 30 s of after-call work, a break after two ring-outs."""
    line = Seats([S1, S2], SeatRules(wrap_up_s=30.0, ring_outs_before_break=2))
    tell(line, *(seats.SeatReachable(seat_id, reachable=True) for seat_id in (S1, S2)))
    return line


def wish(request: SeatRequest, reason: str = "", seat_id: SeatId = S1) -> seats.SeatAsked:
    """The desk asks."""
    return seats.SeatAsked(seat_id, request, reason, "8001")


def without_news(effects: list[Effect]) -> list[Effect]:
    """Only what Asterisk is asked to do."""
    return [effect for effect in effects if not isinstance(effect, seats.Publish)]


def test_after_call_work_ends_by_its_deadline() -> None:
    """The seat is paused at the end of the talk and resumed when the time is up."""
    line = house()
    tell(line, joined(), offered(), answered(), at=10.0)
    assert without_news(tell(line, talked(), at=70.0)) == [seats.PauseSeat(S1, WRAP_UP)]
    tell(line, paused(reason=WRAP_UP), at=70.1)
    assert line.get(S1).state is SeatState.WRAP_UP
    assert line.next_deadline() == Instant(100.0)
    line.on_deadline(Instant(100.0))
    assert line.take_effects() == [seats.ResumeSeat(S1)]
    assert line.next_deadline() is None
    tell(line, resumed(), at=100.1)
    assert line.get(S1).state is SeatState.READY


@pytest.mark.parametrize(
    ("request_", "effect"),
    [
        (SeatRequest.BREAK, seats.PauseSeat(S1, "lunch")),
        (SeatRequest.LOGOUT, seats.RemoveSeat(S1)),
        (SeatRequest.READY, seats.ResumeSeat(S1)),
    ],
)
def test_a_wish_during_a_talk_waits_for_its_end(request_: SeatRequest, effect: Effect) -> None:
    """The citizen is never cut off by what the agent presses."""
    line = house()
    tell(line, joined(), offered(), answered())
    assert without_news(tell(line, wish(request_, "lunch"))) == []
    assert without_news(tell(line, talked())) == [effect]


def test_who_does_not_answer_twice_is_sent_on_break() -> None:
    """The reason says why; an answer in between starts the count anew."""
    line = house()
    tell(line, joined())
    assert without_news(tell(line, offered(), rang_out())) == []
    assert without_news(tell(line, offered(), rang_out())) == [seats.PauseSeat(S1, RANG_OUT)]


def test_a_caller_who_gives_up_while_ringing_blames_nobody() -> None:
    """The seat is ready again and its ring-outs are not counted."""
    line = house()
    tell(line, joined(), offered(), abandoned())
    assert line.get(S1).state is SeatState.READY
    assert line.get(S1).ring_outs == 0


def test_logging_in_and_out() -> None:
    """A seat that is off can only log in; one that is on cannot log in again."""
    line = house()
    assert tell(line, wish(SeatRequest.LOGIN)) == [seats.AddSeat(S1)]
    with pytest.raises(UsageError, match="not logged in"):
        line.receive(wish(SeatRequest.BREAK), Instant(0.0))
    tell(line, joined())
    with pytest.raises(UsageError, match="already"):
        line.receive(wish(SeatRequest.LOGIN), Instant(0.0))
    with pytest.raises(UsageError, match="no seat 9999"):
        line.receive(wish(SeatRequest.LOGIN, seat_id=SeatId("9999")), Instant(0.0))


def test_a_seat_without_a_phone_is_no_capacity() -> None:
    """Logged in over HTTP before its phone: unreachable, then ready when the phone registers."""
    line = house()
    tell(line, seats.SeatReachable(S1, reachable=False), joined())
    assert line.get(S1).state is SeatState.UNREACHABLE
    tell(line, seats.SeatReachable(S1, reachable=True))
    assert line.get(S1).state is SeatState.READY


def test_an_unreachable_seat_comes_back_as_it_was() -> None:
    """A lost registration is remembered; a break stays a break."""
    line = house()
    tell(line, joined(), paused(), seats.SeatReachable(S1, reachable=False))
    assert line.get(S1).state is SeatState.UNREACHABLE
    tell(line, seats.SeatReachable(S1, reachable=True))
    assert line.get(S1).state is SeatState.ON_BREAK


def test_the_truth_of_asterisk_is_taken_over() -> None:
    """After a gap every seat is what Asterisk says, with a new deadline for after-call work."""
    line = house()
    members = (
        link.QueueMember(S1, GENERAL, paused=True, reason=WRAP_UP, in_call=False),
        link.QueueMember(S2, GENERAL, paused=False, reason="", in_call=True),
    )
    tell(line, snapshot(members=members), at=50.0)
    assert [seat.state for seat in line.all()] == [SeatState.WRAP_UP, SeatState.TALKING]
    assert line.next_deadline() == Instant(80.0)
    tell(line, snapshot(), at=60.0)
    assert {seat.state for seat in line.all()} == {SeatState.OFF}
    assert line.next_deadline() is None


MOVES = [
    joined(),
    offered(),
    offered(C2),
    rang_out(),
    answered(),
    answered(C2),
    talked(),
    paused(),
    resumed(),
]


@given(st.lists(st.sampled_from(MOVES), max_size=30))
def test_illegal_events_change_nothing(story: list[Message]) -> None:
    """Whatever comes, a refused event leaves seat and effects as they were; only a talk has a contact."""
    line = house()
    for message in story:
        before = line.get(S1)
        try:
            line.receive(message, Instant(1.0))
        except IllegalTransition:
            assert line.get(S1) == before
            assert line.take_effects() == []
        line.take_effects()
        busy = line.get(S1).state in (SeatState.TALKING, SeatState.RINGING)
        assert busy or line.get(S1).contact_id in (None, C1, C2)
