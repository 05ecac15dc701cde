"""Phones that die in a call: which are hung up, which are listened to, and which are left alone."""

import pytest

from callcenter.core.clock import Instant
from callcenter.core.ids import ContactId, QueueName, SeatId
from callcenter.core.messages import callbacks, calls, link, seats
from callcenter.core.messages.base import Effect, Message
from callcenter.core.messages.seats import SeatState
from queues.core.dead_phones import AGAIN_S, UNHEARD_S, DeadPhones
from queues.core.seats import SeatRules, Seats

pytestmark = pytest.mark.core

S1, S2 = SeatId("8001"), SeatId("8002")
C1, C2 = ContactId("cc-1.1"), ContactId("cc-1.2")
CALLBACK = callbacks.callback_id(C2, 1)
MAIN = QueueName("main")
GONE, BACK = seats.SeatReachable(S1, False), seats.SeatReachable(S1, True)
OFFERED, ANSWERED = calls.CallOffered(C1, MAIN, S1), calls.CallAnswered(C1, MAIN, S1, 3)
LISTEN, HANG_UP = seats.ListenToSeat(S1, C1), seats.HangUpSeat(S1, C1)


class House:
    """The seats and who watches their phones, told in the order of the real house."""

    def __init__(self) -> None:
        self.seats = Seats([S1, S2], SeatRules(wrap_up_s=30.0, ring_outs_before_break=3), [MAIN])
        self.dead = DeadPhones(self.seats)
        self.tell(
            BACK, seats.SeatReachable(S2, True), *(seats.SeatJoined(it, MAIN, False, "") for it in (S1, S2))
        )

    def tell(self, *messages: Message, at: float = 0.0) -> list[Effect]:
        """What is done about these."""
        for message in messages:
            self.dead.receive(message, Instant(at))
            self.seats.receive(message, Instant(at))
        self.seats.take_effects()
        return self.dead.take_effects()

    def wait(self, until: float) -> list[Effect]:
        """What is done by itself until then."""
        if (due := self.dead.next_deadline()) is not None and due <= until:
            self.dead.on_deadline(Instant(until))
        return self.dead.take_effects()

    def state(self) -> SeatState:
        """Of the first seat."""
        return self.seats.get(S1).state


def listened(packets: int, *, reachable: bool = False, contact_id: ContactId = C1) -> seats.SeatListened:
    """What was heard of the first seat."""
    return seats.SeatListened(S1, contact_id, packets, reachable)


def test_a_phone_that_dies_while_it_rings_is_hung_up_at_once() -> None:
    """The caller is offered to somebody else; the seat has no contact any more."""
    house = House()
    assert house.tell(OFFERED, GONE) == [seats.HangUpSeat(S1, None)]
    assert house.state() is SeatState.UNREACHABLE


def test_a_phone_in_a_talk_is_heard_before_it_is_hung_up() -> None:
    """It answers nothing and sends nothing: dead. The seat is unreachable as soon as its talk is known to be broken."""
    house = House()
    assert house.tell(OFFERED, ANSWERED, GONE) == [LISTEN]
    assert house.tell(listened(0)) == [HANG_UP]
    assert house.state() is SeatState.TALKING
    house.tell(calls.TalkBroken(C1, S1))
    assert house.state() is SeatState.UNREACHABLE


def test_a_phone_that_speaks_but_does_not_answer_is_listened_to_again_and_again() -> None:
    """As long as sound comes the talk goes on; then it is over."""
    house = House()
    house.tell(OFFERED, ANSWERED, GONE)
    assert house.tell(listened(150), at=3.0) == []
    assert house.wait(3.0 + AGAIN_S) == [LISTEN]
    assert house.tell(listened(0), at=9.0) == [HANG_UP]


def test_what_came_to_nothing_is_asked_again() -> None:
    """Nobody could listen, or the call did not end: as long as the seat has its contact."""
    house = House()
    house.tell(OFFERED, ANSWERED, GONE)
    assert house.wait(UNHEARD_S) == [LISTEN]
    assert house.tell(listened(0), at=11.0) == [HANG_UP]
    assert house.wait(11.0 + UNHEARD_S) == [LISTEN]
    house.tell(calls.TalkBroken(C1, S1), at=20.0)
    assert house.wait(60.0) == []


@pytest.mark.parametrize("news", [BACK, calls.TalkEnded(C1, MAIN, S1, 9)])
def test_nothing_is_done_about_a_phone_that_is_back_or_a_talk_that_is_over(news: Message) -> None:
    """Neither is listened to again."""
    house = House()
    house.tell(OFFERED, ANSWERED, GONE, listened(150))
    assert house.tell(news) == []
    assert house.wait(60.0) == []


def test_a_silent_phone_that_answers_is_never_hung_up() -> None:
    """Many send nothing while their agent says nothing."""
    house = House()
    assert house.tell(OFFERED, ANSWERED, listened(0, reachable=True)) == []


def test_what_was_heard_of_another_talk_counts_for_nothing() -> None:
    """The answer came late: the seat talks with somebody else."""
    house = House()
    assert house.tell(OFFERED, ANSWERED, listened(0, contact_id=C2)) == []


def test_the_phone_of_a_seat_that_calls_back_is_watched_too() -> None:
    """Its channel ends, and with it the try: what is owed stays owed unless they talked for long enough."""
    house = House()
    begun = callbacks.CallbackBegun(CALLBACK, "13800138000", S1, C2, None)  # type: ignore[arg-type]  # not looked at
    house.tell(begun, calls.CallOffered(CALLBACK, MAIN, S1), callbacks.CallbackDialing(CALLBACK))
    assert house.tell(callbacks.CallbackAnswered(CALLBACK), GONE) == [seats.ListenToSeat(S1, CALLBACK)]
    assert house.tell(listened(0, contact_id=CALLBACK)) == [seats.HangUpSeat(S1, CALLBACK)]


def test_after_a_gap_every_seat_in_a_talk_is_listened_to() -> None:
    """Whose phone died in it is told by no event."""
    live = link.LiveCall(C1, "PJSIP/trunk-1", "12345", 60.0, S1)  # type: ignore[arg-type]  # a channel's name
    snapshot = link.Snapshot("boot", (live,), (), (), frozenset({S1}))
    house = House()
    assert house.tell(link.LinkRestored(snapshot, None)) == [LISTEN]  # type: ignore[arg-type]  # not looked at


def test_the_late_end_of_a_broken_talk_ends_no_other_one() -> None:
    """Asterisk tells of it when the citizen hangs up; the seat talks with somebody else by then."""
    house = House()
    house.tell(OFFERED, ANSWERED, calls.TalkBroken(C1, S1), seats.SeatPaused(S1, MAIN, False, ""))
    house.tell(calls.CallOffered(C2, MAIN, S1), calls.CallAnswered(C2, MAIN, S1, 1))
    house.tell(calls.TalkEnded(C1, MAIN, S1, 60))
    assert (house.state(), house.seats.get(S1).contact_id) == (SeatState.TALKING, C2)
