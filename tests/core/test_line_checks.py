"""Line checks that agents ask for: when one may begin, and what a seat that needs one may do without."""

import pytest

from callcenter.core.clock import Instant
from callcenter.core.errors import UsageError
from callcenter.core.ids import ContactId, QueueName, SeatId
from callcenter.core.messages import calls, cloud, link, seats
from callcenter.core.messages.base import Effect, Message
from callcenter.core.messages.seats import SeatAsked, SeatRequest
from queues.core.cloud_seat import PhoneLimits
from queues.core.line_checks import LineChecks
from queues.core.seats import SeatRules, Seats

pytestmark = pytest.mark.core

NEEDS, FREE = SeatId("8017"), SeatId("8001")
MAIN = QueueName("main")
GOOD = cloud.PhoneChecked(NEEDS, loss_in=0.01, rtt_ms=30, seconds=6, heard=True)
ASKED = cloud.LineCheckAsked(NEEDS, "zhang")
LOGIN = SeatAsked(NEEDS, SeatRequest.LOGIN, "", "zhang")


class House:
    """Two seats whose phones are there; one needs a check."""

    def __init__(self) -> None:
        self.seats = Seats([NEEDS, FREE], SeatRules(wrap_up_s=30.0, ring_outs_before_break=3), [MAIN])
        self.checks = LineChecks(self.seats, [NEEDS], PhoneLimits())
        self.tell(*(seats.SeatReachable(seat, True) for seat in (NEEDS, FREE)))

    def tell(self, *messages: Message) -> list[Effect]:
        """What is done about these."""
        for message in messages:
            self.checks.receive(message, Instant(0.0))
            self.seats.receive(message, Instant(0.0))
        self.seats.take_effects()
        return self.checks.take_effects()


def test_a_seat_that_is_off_or_on_break_is_checked() -> None:
    """Its phone is rung."""
    house = House()
    assert house.tell(ASKED) == [cloud.CheckPhone(NEEDS)]
    house.tell(GOOD, seats.SeatJoined(NEEDS, MAIN, True, "lunch"))
    assert house.tell(ASKED) == [cloud.CheckPhone(NEEDS)]


@pytest.mark.parametrize(
    "before",
    [
        (seats.SeatReachable(NEEDS, False),),
        (GOOD, seats.SeatJoined(NEEDS, MAIN, False, "")),
        (GOOD, seats.SeatJoined(NEEDS, MAIN, False, ""), calls.CallOffered(ContactId("c"), MAIN, NEEDS)),
    ],
    ids=["not there", "ready", "ringing"],
)
def test_no_check_meets_a_call_or_nobody(before: tuple[Message, ...]) -> None:
    """It is refused, with what to do."""
    house = House()
    house.tell(*before)
    with pytest.raises(UsageError) as refused:
        house.tell(ASKED)
    assert refused.value.code == "wrong_seat_state"


def test_who_needs_a_check_logs_in_after_a_good_one() -> None:
    """Not before, not after a bad one, not with another phone, and not after somebody else has gone."""
    house = House()
    bad = cloud.PhoneChecked(NEEDS, loss_in=0.2, rtt_ms=30, seconds=6, heard=True)
    logged_out = seats.SeatJoined(NEEDS, MAIN, False, ""), seats.SeatLeft(NEEDS, MAIN)
    for news in ((), (bad,), (GOOD, bad), (GOOD, cloud.PhoneChanged(NEEDS)), (GOOD, *logged_out)):
        house.tell(*news)
        assert not house.checks.has_passed(NEEDS)
        with pytest.raises(UsageError) as refused:
            house.tell(LOGIN)
        assert refused.value.code == "wrong_line_check"
    house.tell(GOOD, LOGIN)
    assert house.checks.has_passed(NEEDS)
    assert house.tell(seats.SeatJoined(NEEDS, MAIN, False, "")) == []


def test_a_feature_code_is_no_way_around_it() -> None:
    """Who joined by his phone is taken out again; a seat that needs nothing is left alone."""
    house = House()
    assert house.tell(seats.SeatJoined(NEEDS, MAIN, False, "")) == [seats.RemoveSeat(NEEDS)]
    assert house.tell(seats.SeatJoined(FREE, MAIN, False, "")) == []


def test_who_is_in_the_line_at_a_restart_stays() -> None:
    """What was proven was in the controller that is gone."""
    house = House()
    member = link.QueueMember(NEEDS, MAIN, False, "", False)
    house.checks.receive(
        link.LinkRestored(link.Snapshot("cc", (), (), (member,), frozenset({NEEDS})), None),  # type: ignore[arg-type]
        Instant(0.0),
    )
    assert house.checks.has_passed(NEEDS)
