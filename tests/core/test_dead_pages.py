"""Seats whose phone is a page: a cut WebSocket is not a dead phone, and a phone that is back is not a living sound."""

import pytest

from callcenter.core.clock import Instant
from callcenter.core.ids import ContactId, QueueName, SeatId
from callcenter.core.messages import calls, link, seats
from callcenter.core.messages.base import Effect, Message
from queues.core.dead_phones import AGAIN_S, UNHEARD_S, DeadPhones
from queues.core.seats import SeatRules, Seats

pytestmark = pytest.mark.core

PAGE, SIP = SeatId("8001"), SeatId("8002")
TALK, OTHER = ContactId("cc-1.1"), ContactId("cc-1.2")
MAIN = QueueName("main")
GONE, BACK = seats.SeatReachable(PAGE, False), seats.SeatReachable(PAGE, True)
OFFERED, ANSWERED = calls.CallOffered(TALK, MAIN, PAGE), calls.CallAnswered(TALK, MAIN, PAGE, 3)
HELD = calls.CallHeld(TALK, PAGE, on=True)
LISTEN, HANG_UP = seats.ListenToSeat(PAGE, TALK), seats.HangUpSeat(PAGE, TALK)


class House:
    """A page and a SIP phone, both in the line; the page talks."""

    def __init__(self) -> None:
        self.seats = Seats([PAGE, SIP], SeatRules(wrap_up_s=30.0, ring_outs_before_break=3), [MAIN])
        self.dead = DeadPhones(self.seats, [PAGE])
        for seat_id in (PAGE, SIP):
            self.tell(seats.SeatReachable(seat_id, True), seats.SeatJoined(seat_id, MAIN, False, ""))
        self.tell(OFFERED, ANSWERED)

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


def heard(packets: int, *, reachable: bool) -> seats.SeatListened:
    """What came from the page."""
    return seats.SeatListened(PAGE, TALK, packets, reachable)


def test_a_cut_websocket_ends_no_talk() -> None:
    """As long as sound comes it is listened to; once the page is back and heard, no more."""
    house = House()
    assert house.tell(GONE) == [LISTEN]
    assert house.tell(heard(150, reachable=False), at=3.0) == []
    assert house.wait(3.0 + AGAIN_S) == [LISTEN]
    assert house.tell(BACK, at=6.0) == [LISTEN]
    assert house.tell(heard(150, reachable=True), at=9.0) == []
    assert house.wait(600.0) == []


@pytest.mark.parametrize("is_back", [False, True])
def test_a_page_without_sound_is_hung_up_whether_it_is_back_or_not(is_back: bool) -> None:
    """Killed, or loaded anew: what talked is gone."""
    house = House()
    assert house.tell(GONE) == [LISTEN]
    if is_back:
        assert house.tell(BACK, at=1.0) == [LISTEN]
    assert house.tell(heard(0, reachable=is_back), at=3.0) == [HANG_UP]
    assert house.wait(3.0 + UNHEARD_S) == [LISTEN]  # it did not end


def test_a_page_that_registers_in_a_talk_is_doubted_though_none_was_missed() -> None:
    """The old WebSocket may be found dead only after the new one has come."""
    house = House()
    assert house.tell(BACK) == [LISTEN]
    assert house.tell(heard(0, reachable=True), at=3.0) == [HANG_UP]


def test_a_page_that_holds_is_judged_as_ever() -> None:
    """It sends on while it holds: sound keeps the talk, none ends it."""
    house = House()
    house.tell(HELD)
    assert house.tell(GONE) == [LISTEN]
    assert house.tell(heard(150, reachable=False), at=3.0) == []
    assert house.wait(3.0 + AGAIN_S) == [LISTEN]
    assert house.tell(heard(0, reachable=False), at=8.0) == [HANG_UP]


def test_a_silent_page_whose_registration_never_changed_is_left_alone() -> None:
    """After a gap everybody is listened to: a page whose headset was pulled out sends nothing and lives."""
    house = House()
    assert house.tell(heard(0, reachable=True)) == []


def test_a_page_that_rings_is_hung_up_at_once() -> None:
    """What rang was in the page that is gone; a phone that only comes back is not."""
    house = House()
    house.tell(calls.TalkEnded(TALK, MAIN, PAGE, 9), calls.CallOffered(OTHER, MAIN, PAGE))
    assert house.tell(GONE) == [seats.HangUpSeat(PAGE, None)]


def test_a_new_talk_begins_without_doubts() -> None:
    """What was found of the last one says nothing of it."""
    house = House()
    house.tell(GONE, heard(0, reachable=False), calls.TalkBroken(TALK, PAGE), BACK)
    house.tell(calls.CallOffered(TALK, MAIN, PAGE), calls.CallAnswered(TALK, MAIN, PAGE, 0))
    assert house.tell(heard(0, reachable=True)) == []


def test_sip_phones_are_judged_as_before() -> None:
    """One that answers is never hung up for its silence."""
    house = House()
    house.tell(calls.CallOffered(OTHER, MAIN, SIP), calls.CallAnswered(OTHER, MAIN, SIP, 3))
    assert house.tell(seats.SeatReachable(SIP, True)) == []
    assert house.tell(seats.SeatListened(SIP, OTHER, 0, True)) == []


def test_a_gap_forgets_what_was_doubted() -> None:
    """Everybody is asked anew, as the truth is."""
    house = House()
    house.tell(GONE)
    calls_now = (link.LiveCall(TALK, "PJSIP/trunk-1", "12345", 9.0, PAGE),)  # type: ignore[arg-type]  # a plain name
    truth = link.Snapshot("cc", calls_now, (), (), frozenset({PAGE}))
    assert LISTEN in house.tell(link.LinkRestored(truth, None))  # type: ignore[arg-type]  # not looked at
    assert house.tell(heard(0, reachable=True)) == []
