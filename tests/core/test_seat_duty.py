"""Duties: a seat that surveys or helps is kept from the line, takes its place at the next call, and comes back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stories import (
    C1,
    GENERAL,
    NINE,
    S1,
    abandoned,
    answered,
    joined,
    offered,
    paused,
    resumed,
    snapshot,
    talked,
    tell,
)

from callcenter.core.clock import Instant
from callcenter.core.errors import IllegalTransition, UsageError
from callcenter.core.ids import ContactId, SeatId
from callcenter.core.messages import calls, seats
from callcenter.core.messages.base import Effect, Message
from callcenter.core.messages.callbacks import CallbackAnswered, CallbackBegun, CallbackDialing, callback_id
from callcenter.core.messages.duty import Duty, DutyAssigned
from callcenter.core.messages.link import QueueMember
from callcenter.core.messages.seats import PauseSeat, ResumeSeat, SeatRequest, SeatState
from queues.core.seats import WRAP_UP, SeatRules, Seats

pytestmark = pytest.mark.core

SURVEYS = "surveys"
CALL = callback_id(ContactId("survey-cc-1.1"), 1)


def house(*messages: Message) -> Seats:
    """One seat with a phone, logged in, nobody claims it; then what is told."""
    line = Seats([S1], SeatRules(30.0, 3))
    tell(line, seats.SeatReachable(S1, reachable=True), joined(), *messages)
    return line


def duty(wanted: Duty, seat_id: SeatId = S1) -> DutyAssigned:
    """A manager moves the seat."""
    return DutyAssigned(seat_id, wanted, "lead")


def orders(effects: list[Effect]) -> list[Effect]:
    """Only what Asterisk is asked to do."""
    return [effect for effect in effects if not isinstance(effect, seats.Publish)]


TO_SURVEYS, BACK = duty(Duty.SURVEYS), duty(Duty.INBOUND)


def test_a_ready_seat_leaves_the_line_at_once_and_comes_back_by_one_action() -> None:
    """It is paused with a reason of its own, which no deadline ends."""
    line = house()
    assert orders(tell(line, TO_SURVEYS)) == [PauseSeat(S1, SURVEYS)]
    assert orders(tell(line, paused(reason=SURVEYS))) == []
    seat = line.get(S1)
    assert (seat.state, seat.reason, line.next_deadline()) == (SeatState.ON_BREAK, SURVEYS, None)
    assert orders(tell(line, BACK)) == [ResumeSeat(S1)]
    tell(line, resumed())
    assert line.get(S1).state is SeatState.READY


def test_a_running_talk_is_not_touched() -> None:
    """After it comes the after-call work, then the new duty instead of the line."""
    line = house(offered(), answered())
    assert orders(tell(line, TO_SURVEYS, at=10.0)) == []
    assert orders(tell(line, talked(), at=60.0)) == [PauseSeat(S1, WRAP_UP)]
    tell(line, paused(reason=WRAP_UP), at=60.1)
    line.on_deadline(Instant(90.0))
    assert orders(line.take_effects()) == [PauseSeat(S1, SURVEYS)]


def test_the_line_may_be_faster_than_the_pause() -> None:
    """A phone that rings already is answered; who hangs up first leaves a seat that surveys."""
    line = house(TO_SURVEYS, offered(), paused(reason=SURVEYS))
    assert orders(tell(line, abandoned())) == []
    assert (line.get(S1).state, line.get(S1).reason) == (SeatState.ON_BREAK, SURVEYS)


@pytest.mark.parametrize("news", [resumed(), joined()], ids=["feature code", "log-in"])
def test_who_becomes_ready_by_telephone_is_kept_all_the_same(news: Message) -> None:
    """The feature codes act in Asterisk and know no duty."""
    first = (
        (seats.SeatLeft(S1, GENERAL),) if isinstance(news, seats.SeatJoined) else (paused(reason="lunch"),)
    )
    line = house(TO_SURVEYS, paused(reason=SURVEYS), *first)
    assert orders(tell(line, news)) == [PauseSeat(S1, SURVEYS)]


def test_a_break_is_kept_and_its_end_leads_to_the_duty() -> None:
    """Who is at lunch is not called back from it; afterwards he surveys."""
    line = house(paused(reason="lunch"))
    assert orders(tell(line, TO_SURVEYS)) == []
    ready = seats.SeatAsked(S1, SeatRequest.READY, "", "8001")
    assert orders(tell(line, ready)) == [PauseSeat(S1, SURVEYS)]
    tell(line, paused(reason=SURVEYS))
    with pytest.raises(UsageError, match="8001:inbound"):
        line.receive(ready, Instant(1.0))


def test_a_survey_call_begins_and_ends_at_its_seat() -> None:
    """It rings, talks, works after the call, and is kept for the next one; who is not reached leaves it as it was."""
    line = house(TO_SURVEYS, paused(reason=SURVEYS))
    begun = CallbackBegun(CALL, "13812345678", S1, C1, NINE)
    rings = calls.CallOffered(CALL, GENERAL, S1)
    tell(line, begun, rings, CallbackDialing(CALL))
    assert line.get(S1).state is SeatState.DIALING
    assert orders(tell(line, calls.CallEnded(CALL, 17, NINE))) == []
    assert (line.get(S1).state, line.get(S1).reason) == (SeatState.ON_BREAK, SURVEYS)
    tell(line, begun, rings, CallbackDialing(CALL), CallbackAnswered(CALL))
    assert line.get(S1).state is SeatState.TALKING
    assert orders(tell(line, calls.CallEnded(CALL, 16, NINE), at=50.0)) == [PauseSeat(S1, WRAP_UP)]


def test_moved_back_while_a_survey_call_rings() -> None:
    """The call goes on; then the seat is ready for the line."""
    line = house(TO_SURVEYS, paused(reason=SURVEYS), CallbackBegun(CALL, "13812345678", S1, C1, NINE))
    assert orders(tell(line, BACK)) == []
    assert orders(tell(line, calls.CallEnded(CALL, 17, NINE))) == [ResumeSeat(S1)]


def test_a_snapshot_that_finds_it_ready_has_it_kept() -> None:
    """A duty outlives a gap."""
    line = house(TO_SURVEYS, paused(reason=SURVEYS))
    member = QueueMember(S1, GENERAL, paused=False, reason="", in_call=False)
    assert orders(tell(line, snapshot(members=(member,)))) == [PauseSeat(S1, SURVEYS)]


MESSAGES = st.sampled_from(
    [
        TO_SURVEYS,
        BACK,
        duty(Duty.HELPING),
        offered(),
        answered(),
        talked(),
        abandoned(),
        joined(),
        seats.SeatLeft(S1, GENERAL),
        seats.SeatReachable(S1, reachable=False),
        seats.SeatReachable(S1, reachable=True),
        paused(reason="lunch"),
        resumed(),
    ]
)


@given(st.lists(MESSAGES, max_size=12))
def test_whatever_happened_it_ends_where_its_duty_says(story: list[Message]) -> None:
    """Asterisk does what it is asked and says so; at rest no seat is ready or kept against its duty."""
    line, at = house(), 0.0
    for message in story:
        at += 1.0
        try:
            effects = tell(line, message, at=at)
        except IllegalTransition:
            effects = line.take_effects()
        _obey(line, effects, at)
    _obey(line, tell(line, calls.CallEnded(C1, 16, NINE), talked(), at=at), at)
    for _ in range(3):
        line.on_deadline(Instant(at + 4000.0))
        _obey(line, line.take_effects(), at + 4000.0)
    assert not line.get(S1).is_misplaced


def _obey(line: Seats, effects: list[Effect], at: float) -> None:
    """Asterisk."""
    while effects:
        told: list[Message] = []
        for effect in effects:
            if isinstance(effect, PauseSeat) and line.get(S1).is_member:
                told.append(paused(reason=effect.reason))
            elif isinstance(effect, ResumeSeat) and line.get(S1).is_member:
                told.append(resumed())
        effects = tell(line, *told, at=at)
