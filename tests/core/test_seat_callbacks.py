"""Call-backs at a seat: taken by a pause, ringing, dialing, talking, and given back, whatever order the news has."""

import pytest
from stories import (
    C1,
    GENERAL,
    NINE,
    S1,
    S2,
    abandoned,
    answered,
    ended,
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
from callcenter.core.errors import IllegalTransition
from callcenter.core.ids import ChannelName, ContactId, SeatId
from callcenter.core.messages import callbacks, calls, link, seats
from callcenter.core.messages.base import Effect, Message
from callcenter.core.messages.seats import SeatRequest, SeatState
from queues.core.seat import ASK_AGAIN_S
from queues.core.seats import CALLBACK, RANG_OUT, WRAP_UP, SeatRules, Seats

pytestmark = pytest.mark.core

BACK = callbacks.callback_id(C1, 1)
OTHER = callbacks.callback_id(ContactId("cc00000001-9.9"), 1)

TAKEN = paused(reason=CALLBACK)
PICKED_UP = callbacks.CallbackDialing(BACK)
JOINED = callbacks.CallbackAnswered(BACK)
PARTED = callbacks.CallbackTalkEnded(BACK)
OVER = ended(BACK)
RINGS = offered(BACK)


def begun(contact_id: ContactId = BACK, seat_id: SeatId = S1) -> callbacks.CallbackBegun:
    """The seat's phone is about to ring."""
    return callbacks.CallbackBegun(contact_id, "13800000001", seat_id, C1, NINE)


class Desk:
    """Takes the seats that it is told to take, as the steering engine does."""

    def __init__(self) -> None:
        self.takes: set[SeatId] = set()
        self.asked: list[tuple[SeatId, float]] = []

    def claim(self, seat_id: SeatId, now: Instant) -> bool:
        """See :data:`queues.core.seats.Claim`."""
        self.asked.append((seat_id, now))
        return seat_id in self.takes


def house(desk: Desk | None = None) -> Seats:
    """A seat that is ready and one that is off."""
    desk = desk or Desk()
    line = Seats([S1, S2], SeatRules(30.0, 2), [GENERAL], desk.claim)
    tell(line, *(seats.SeatReachable(seat_id, reachable=True) for seat_id in (S1, S2)), joined())
    return line


def wish(request: SeatRequest, reason: str = "") -> seats.SeatAsked:
    """The desk asks."""
    return seats.SeatAsked(S1, request, reason, "8001")


def orders(effects: list[Effect]) -> list[Effect]:
    """Only what Asterisk is asked to do."""
    return [effect for effect in effects if not isinstance(effect, seats.Publish)]


S = SeatState


@pytest.mark.parametrize(
    ("story", "state", "contact_id"),
    [
        ([TAKEN], S.DIALING, None),
        ([TAKEN, begun()], S.DIALING, BACK),
        ([TAKEN, begun(), RINGS], S.RINGING, BACK),
        ([TAKEN, begun(), RINGS, PICKED_UP], S.DIALING, BACK),
        ([TAKEN, begun(), PICKED_UP], S.DIALING, BACK),
        ([TAKEN, begun(), RINGS, PICKED_UP, JOINED], S.TALKING, BACK),
        ([TAKEN, begun(), RINGS, JOINED], S.TALKING, BACK),
        ([TAKEN, begun(), RINGS, PICKED_UP, JOINED, PARTED], S.WRAP_UP, None),
        ([TAKEN, begun(), RINGS, PICKED_UP, JOINED, PARTED, OVER], S.WRAP_UP, None),
        ([TAKEN, begun(), RINGS, PICKED_UP, JOINED, OVER], S.WRAP_UP, None),
        ([TAKEN, begun(), RINGS, OVER], S.ON_BREAK, None),
        ([TAKEN, begun(), RINGS, OVER, paused(reason=RANG_OUT)], S.ON_BREAK, None),
        ([TAKEN, begun(), RINGS, PICKED_UP, PARTED], S.DIALING, BACK),
        ([TAKEN, begun(), RINGS, PICKED_UP, PARTED, OVER], S.ON_BREAK, None),
        ([TAKEN, begun(), RINGS, PICKED_UP, PARTED, OVER, resumed()], S.READY, None),
        ([TAKEN, begun(), RINGS, PICKED_UP, PARTED, resumed(), OVER], S.READY, None),
        ([TAKEN, begun(), OVER, resumed()], S.READY, None),
        ([TAKEN, resumed()], S.READY, None),
        ([TAKEN, paused(reason="lunch")], S.ON_BREAK, None),
        ([TAKEN, paused(reason="lunch"), begun()], S.DIALING, BACK),
        ([TAKEN, seats.SeatLeft(S1, GENERAL)], S.OFF, None),
        ([begun(), TAKEN, RINGS], S.RINGING, BACK),
        ([paused(reason="lunch"), TAKEN], S.DIALING, None),
        ([TAKEN, begun(), RINGS, rang_out(BACK)], S.RINGING, BACK),
    ],
)
def test_the_way_of_a_call_back(story: list[Message], state: SeatState, contact_id: ContactId | None) -> None:
    """From the pause to its end; the news may overtake one another or be missing."""
    line = house()
    tell(line, *story)
    assert (line.get(S1).state, line.get(S1).contact_id) == (state, contact_id)


def test_a_seat_that_calls_back_is_not_ready() -> None:
    """It is told as dialing, with its reason."""
    news = tell(house(), TAKEN)
    assert news == [seats.Publish(seats.SeatStateChanged(S1, S.READY, S.DIALING, CALLBACK))]


def test_a_talk_by_call_back_is_followed_by_after_call_work() -> None:
    """As after any call, with its deadline."""
    line = house()
    tell(line, TAKEN, begun(), RINGS, PICKED_UP, JOINED, at=100.0)
    assert orders(tell(line, PARTED, at=160.0)) == [seats.PauseSeat(S1, WRAP_UP)]
    tell(line, OVER, paused(reason=WRAP_UP), at=160.2)
    assert (line.get(S1).state, line.next_deadline()) == (S.WRAP_UP, Instant(190.0))


def test_who_was_not_reached_ends_no_talk() -> None:
    """The seats' engine leaves the seat to who took it."""
    line = house()
    assert orders(tell(line, TAKEN, begun(), RINGS, PICKED_UP, PARTED, OVER)) == []


def test_an_answered_call_back_forgives_ring_outs() -> None:
    """Who picks up his phone is there."""
    line = house()
    tell(line, offered(), rang_out(), TAKEN, begun(), RINGS, PICKED_UP, OVER, resumed())
    assert line.get(S1).ring_outs == 0


@pytest.mark.parametrize(
    ("before", "asked", "effects"),
    [
        ([TAKEN], wish(SeatRequest.BREAK, "lunch"), [seats.PauseSeat(S1, "lunch")]),
        ([TAKEN], wish(SeatRequest.LOGOUT), [seats.RemoveSeat(S1)]),
        ([TAKEN, begun()], wish(SeatRequest.BREAK, "lunch"), [seats.PauseSeat(S1, "lunch")]),
        ([TAKEN, begun(), RINGS, PICKED_UP], wish(SeatRequest.LOGOUT), [seats.RemoveSeat(S1)]),
        ([TAKEN, begun(), RINGS, PICKED_UP], paused(reason="*12"), [seats.PauseSeat(S1, "*12")]),
    ],
)
def test_a_wish_waits_until_the_call_back_is_over(
    before: list[Message], asked: Message, effects: list[Effect]
) -> None:
    """With a talk it follows the talk; without one it follows the seat's being given back, which would undo it."""
    talks, fails, rings_out = house(), house(), house()
    for line in (talks, fails, rings_out):
        assert orders(tell(line, *before, asked)) == []
    assert orders(tell(talks, begun(), JOINED, PARTED)) == effects
    assert orders(tell(fails, begun(), PICKED_UP, OVER)) == []
    assert orders(tell(fails, resumed())) == effects
    assert orders(tell(rings_out, begun(), OVER)) == []
    assert orders(tell(rings_out, paused(reason=RANG_OUT))) == effects
    assert {line.get(S1).wish for line in (talks, fails, rings_out)} == {None}


def test_logging_off_by_phone_during_a_call_back_waits_for_its_end() -> None:
    """Neither dialing nor the talk is cut off."""
    line = house()
    tell(line, TAKEN, begun(), RINGS, PICKED_UP, seats.SeatLeft(S1, GENERAL))
    assert line.get(S1).state is S.DIALING
    tell(line, OVER)
    assert line.get(S1).state is S.OFF


def test_a_lost_registration_ends_no_call_back() -> None:
    """The dial goes on; only afterwards the seat counts as unreachable."""
    line = house()
    tell(line, TAKEN, begun(), RINGS, PICKED_UP, seats.SeatReachable(S1, reachable=False))
    assert line.get(S1).state is S.DIALING
    tell(line, OVER)
    assert line.get(S1).state is S.UNREACHABLE


@pytest.mark.parametrize(
    ("before", "then"),
    [
        ([TAKEN, begun()], begun(OTHER)),
        ([TAKEN, begun()], offered()),
        ([TAKEN, begun(), RINGS], begun(OTHER)),
        ([TAKEN, begun(), RINGS], answered()),
        ([TAKEN, begun(), RINGS, PICKED_UP], answered()),
        ([TAKEN, begun(), RINGS, PICKED_UP, JOINED], begun(OTHER)),
        ([TAKEN, begun(), RINGS, PICKED_UP, JOINED], answered()),
        ([offered()], begun()),
        ([offered(), answered()], begun()),
        ([seats.SeatLeft(S1, GENERAL)], begun()),
    ],
)
def test_a_second_contact_is_refused(before: list[Message], then: Message) -> None:
    """Whoever has a citizen, or rings one, gets no other; the seat stays as it was."""
    line = house()
    tell(line, *before)
    seat = line.get(S1)
    with pytest.raises(IllegalTransition):
        line.receive(then, Instant(1.0))
    assert line.get(S1) == seat
    assert line.take_effects() == []


def test_a_call_back_of_another_seat_moves_nobody_else() -> None:
    """News of a contact that no seat has is ignored."""
    line = house()
    tell(line, callbacks.CallbackAnswered(OTHER), callbacks.CallbackTalkEnded(OTHER), ended(OTHER))
    assert line.get(S1).state is S.READY


# The claim: who wants a seat before it becomes ready.


@pytest.mark.parametrize("ending", ["deadline", "ready", "wish"])
@pytest.mark.parametrize("takes", [True, False])
def test_after_call_work_ends_with_the_question_who_needs_the_seat(ending: str, takes: bool) -> None:
    """Who claims it has paused it himself: it is not resumed. Else it is."""
    desk = Desk()
    desk.takes = {S1} if takes else set()
    line = house(desk)
    tell(line, offered(), answered(), *([wish(SeatRequest.READY)] if ending == "wish" else []), at=0.0)
    effects = orders(tell(line, talked(), at=60.0))
    if ending != "wish":
        tell(line, paused(reason=WRAP_UP), at=60.0)
        assert desk.asked == []
        if ending == "ready":
            effects = orders(tell(line, wish(SeatRequest.READY), at=70.0))
        else:
            line.on_deadline(Instant(90.0))
            effects = orders(line.take_effects())
    assert [seat_id for seat_id, _ in desk.asked] == [S1]
    assert effects == ([] if takes else [seats.ResumeSeat(S1)])
    tell(line, TAKEN if takes else resumed(), at=91.0)
    assert line.get(S1).state is (S.DIALING if takes else S.READY)


def test_nobody_is_asked_when_a_break_ends() -> None:
    """Who comes back from lunch is ready."""
    desk = Desk()
    line = house(desk)
    assert orders(tell(line, paused(), wish(SeatRequest.READY))) == [seats.ResumeSeat(S1)]
    assert desk.asked == []


def test_a_claim_that_comes_to_nothing_gives_the_seat_back() -> None:
    """The pause for the call-back got lost, or no call-back follows it: after ten seconds the seat is asked for again."""
    for taken in (False, True):
        desk = Desk()
        desk.takes = {S1}
        line = house(desk)
        tell(line, offered(), answered(), talked(), paused(reason=WRAP_UP), at=0.0)
        line.on_deadline(Instant(30.0))
        assert orders(tell(line, *([TAKEN] if taken else []), at=30.0)) == []
        desk.takes = set()
        line.on_deadline(Instant(30.0 + ASK_AGAIN_S))
        assert orders(line.take_effects()) == [seats.ResumeSeat(S1)]


def test_a_call_back_that_is_over_does_not_hold_its_seat_for_ever() -> None:
    """If nobody says what becomes of the seat, it is ready again."""
    line = house()
    tell(line, TAKEN, begun(), RINGS, PICKED_UP, OVER, at=100.0)
    line.on_deadline(Instant(100.0 + ASK_AGAIN_S))
    assert orders(line.take_effects()) == [seats.ResumeSeat(S1)]


@pytest.mark.parametrize("end", [abandoned(), rang_out()])
def test_the_line_may_be_faster_than_a_call_back(end: Message) -> None:
    """The phone rang for a caller already: when no talk comes of it, the seat is asked for again."""
    desk = Desk()
    line = house(desk)
    tell(line, offered(), TAKEN)
    assert line.get(S1).state is S.RINGING
    assert orders(tell(line, end)) == [seats.ResumeSeat(S1)]
    assert desk.asked == [(S1, 0.0)]


# After a gap.


def member(*, is_paused: bool = True, reason: str = CALLBACK, in_call: bool = False) -> link.QueueMember:
    """Seat 1, as Asterisk has it."""
    return link.QueueMember(S1, GENERAL, is_paused, reason, in_call)


def live(seat_id: SeatId | None = None) -> tuple[link.LiveCall, ...]:
    """The call-back, as Asterisk holds it."""
    return (link.LiveCall(BACK, ChannelName("PJSIP/trunk-00000001"), "", 20.0, seat_id),)


@pytest.mark.parametrize(
    ("before", "calls_held", "state", "contact_id"),
    [
        ([TAKEN], (), S.DIALING, None),
        ([TAKEN, begun()], live(), S.DIALING, BACK),
        ([TAKEN, begun(), RINGS], live(), S.RINGING, BACK),
        ([TAKEN, begun(), RINGS, PICKED_UP], live(), S.DIALING, BACK),
        ([TAKEN, begun(), RINGS, PICKED_UP], live(S1), S.TALKING, BACK),
        ([TAKEN, begun(), RINGS, PICKED_UP, JOINED], live(S1), S.TALKING, BACK),
        ([TAKEN, begun(), RINGS, PICKED_UP, JOINED], live(), S.TALKING, BACK),
        ([TAKEN, begun(), RINGS, PICKED_UP], (), S.ON_BREAK, None),
        ([TAKEN, begun(), RINGS, PICKED_UP, JOINED], (), S.ON_BREAK, None),
        ([], live(), S.ON_BREAK, None),
        ([], live(S1), S.TALKING, BACK),
    ],
)
def test_a_gap_in_a_call_back(
    before: list[Message],
    calls_held: tuple[link.LiveCall, ...],
    state: SeatState,
    contact_id: ContactId | None,
) -> None:
    """What Asterisk still holds goes on; what it does not hold is over and gives the seat back by itself."""
    line = house()
    tell(line, *before)
    tell(line, snapshot(live=calls_held, members=(member(),)), at=50.0)
    seat = line.get(S1)
    assert (seat.state, seat.contact_id) == (state, contact_id)
    waits = seat.contact_id is None
    assert line.next_deadline() == (line.get(S1).until if waits else None)
    assert (line.next_deadline() is not None) == waits


def test_a_call_back_that_ended_before_the_phone_rang_leaves_no_trace() -> None:
    """Its end is the end, whoever told it."""
    line = house()
    tell(line, TAKEN, begun(), calls.CallEnded(BACK, 0, NINE), resumed())
    assert line.get(S1) == house().get(S1)
