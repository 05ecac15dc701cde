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
from callcenter.core.ids import ChannelName, SeatId
from callcenter.core.messages import calls, link, seats
from callcenter.core.messages.base import Effect, Message
from callcenter.core.messages.seats import SeatRequest, SeatState
from queues.core.seat import ASK_AGAIN_S
from queues.core.seats import RANG_OUT, REJECTED, REST, WRAP_UP, SeatRules, Seats

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
    tell(line, resumed(), at=100.1)
    assert line.get(S1).state is SeatState.READY
    assert line.next_deadline() is None


def test_what_asterisk_did_not_do_is_asked_again() -> None:
    """A seat whose after-call work is over does not stay in it because one order was lost."""
    line = house()
    tell(line, joined(), offered(), answered(), talked(), paused(reason=WRAP_UP), at=0.0)
    line.on_deadline(Instant(30.0))
    assert without_news(line.take_effects()) == [seats.ResumeSeat(S1)]
    line.on_deadline(Instant(30.0 + ASK_AGAIN_S))
    assert without_news(line.take_effects()) == [seats.ResumeSeat(S1)]


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


def test_who_rejects_a_call_is_on_break_for_that() -> None:
    """Asterisk pauses it as if it had rung out, and tells afterwards that it was rejected."""
    line = house()
    tell(line, joined(), offered(), rang_out(), paused(reason=RANG_OUT))
    assert without_news(tell(line, calls.OfferRejected(C1, S1))) == [seats.PauseSeat(S1, REJECTED)]
    assert tell(line, paused(reason=REJECTED))
    assert (line.get(S1).state, line.get(S1).reason) == (SeatState.ON_BREAK, REJECTED)
    assert tell(line, calls.OfferRejected(C1, S1)) == []


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


@pytest.mark.parametrize(
    ("request_", "effects"),
    [
        (SeatRequest.BREAK, [seats.PauseSeat(S1, "lunch")]),
        (SeatRequest.LOGOUT, [seats.RemoveSeat(S1)]),
        (SeatRequest.READY, []),
    ],
)
def test_a_wish_is_not_forgotten_when_no_talk_comes_of_the_ringing(
    request_: SeatRequest, effects: list[Effect]
) -> None:
    """The caller gives up: what was asked meanwhile is done now, not after some later talk."""
    line = house()
    tell(line, joined(), offered(), wish(request_, "lunch"))
    assert without_news(tell(line, abandoned())) == effects
    assert line.get(S1).wish is None


def test_a_break_begun_by_feature_code_during_a_talk_follows_it() -> None:
    """After-call work does not swallow it."""
    line = house()
    tell(line, joined(), offered(), answered(), paused(reason="break"))
    assert line.get(S1).state is SeatState.TALKING
    assert without_news(tell(line, talked())) == [seats.PauseSeat(S1, "break")]


def test_who_logs_off_during_a_talk_finishes_it_and_is_off() -> None:
    """The talk stays on the board; at its end there is nobody to do after-call work, until he logs in again."""
    line = house()
    tell(line, joined(), offered(), answered(), seats.SeatLeft(S1, GENERAL))
    assert line.get(S1).state is SeatState.TALKING
    assert without_news(tell(line, talked())) == []
    assert line.get(S1).state is SeatState.OFF
    tell(line, joined(), offered(), answered(), seats.SeatLeft(S1, GENERAL), joined())
    assert without_news(tell(line, talked())) == [seats.PauseSeat(S1, WRAP_UP)]


def test_a_pause_while_the_phone_rings_lets_it_ring() -> None:
    """The pause came too late: the agent may still answer, else the seat is what its pause says."""
    line = house()
    tell(line, joined(), offered(), paused(reason=RANG_OUT))
    assert line.get(S1).state is SeatState.RINGING
    tell(line, abandoned())
    assert line.get(S1).state is SeatState.ON_BREAK


def test_a_lost_registration_ends_no_after_call_work() -> None:
    """The phone comes back in time: still after-call work; it comes back late: ready, and neither is a break."""
    for back_at, state in ((20.0, SeatState.WRAP_UP), (50.0, SeatState.READY)):
        line = house()
        tell(line, joined(), offered(), answered(), talked(), paused(reason=WRAP_UP), at=0.0)
        tell(line, seats.SeatReachable(S1, reachable=False), at=10.0)
        assert line.next_deadline() == Instant(30.0)
        if back_at > 30.0:
            line.on_deadline(Instant(30.0))
            tell(line, resumed(), at=30.1)
        tell(line, seats.SeatReachable(S1, reachable=True), at=back_at)
        assert line.get(S1).state is state


def test_a_seat_that_is_resumed_without_its_phone_is_no_capacity() -> None:
    """After-call work ends, the phone is gone: unreachable, not ready."""
    line = house()
    tell(line, joined(), offered(), answered(), seats.SeatReachable(S1, reachable=False), talked())
    tell(line, paused(reason=WRAP_UP), resumed())
    assert line.get(S1).state is SeatState.UNREACHABLE


def test_another_reason_of_a_break_is_told() -> None:
    """The board shows lunch, not the rest that it replaced."""
    line = house()
    tell(line, joined(), paused(reason=RANG_OUT))
    news = tell(line, paused(reason="lunch"))
    assert news == [
        seats.Publish(seats.SeatStateChanged(S1, SeatState.ON_BREAK, SeatState.ON_BREAK, "lunch"))
    ]


def test_a_break_cannot_be_named_like_what_the_engines_mean() -> None:
    """Who pauses as "rest" or "callback" would be resumed by itself."""
    line = house()
    tell(line, joined())
    with pytest.raises(UsageError, match="meaning of its own"):
        line.receive(wish(SeatRequest.BREAK, REST), Instant(0.0))


def test_after_a_gap_the_bridge_says_who_talks() -> None:
    """A talk that the queue does not know of is a talk; a phone that rang for somebody who is gone is free."""
    line = house()
    tell(line, joined(), joined(S2), offered(C2, S2))
    members = tuple(
        link.QueueMember(seat_id, GENERAL, paused=False, reason="", in_call=False) for seat_id in (S1, S2)
    )
    live = (link.LiveCall(C1, ChannelName("PJSIP/trunk-00000001"), "12345", 60.0, S1),)
    tell(line, snapshot(live=live, members=members))
    assert [(seat.state, seat.contact_id) for seat in line.all()] == [
        (SeatState.TALKING, C1),
        (SeatState.READY, None),
    ]


def test_a_wish_outlives_a_gap() -> None:
    """The talk ended unseen: the break that was asked for during it begins now."""
    line = house()
    tell(line, joined(), offered(), answered(), wish(SeatRequest.BREAK, "lunch"))
    members = (link.QueueMember(S1, GENERAL, paused=False, reason="", in_call=False),)
    assert without_news(tell(line, snapshot(members=members))) == [seats.PauseSeat(S1, "lunch")]


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
