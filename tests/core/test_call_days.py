"""Call days: two seats for some hours, whose calls are the guest's, when the helper's phone rings."""

from dataclasses import replace

import pytest
from stories import C1, C2, GENERAL, S1, S2, answered, joined, offered, snapshot, talked, tell

from callcenter.core.clock import Instant
from callcenter.core.errors import UsageError
from callcenter.core.ids import SeatId
from callcenter.core.messages import seats
from callcenter.core.messages.base import Effect, Message
from callcenter.core.messages.duty import Duty, DutyAssigned
from callcenter.core.messages.guests import (
    GuestAnswered,
    GuestDayClosed,
    GuestDayOpened,
    GuestDayOver,
    SitBeside,
)
from callcenter.core.messages.link import LiveCall, QueueMember
from queues.core.call_days import CallDays
from queues.core.seats import SeatRules, Seats

pytestmark = pytest.mark.core

S3 = SeatId("8003")
DAY = GuestDayOpened(1, S1, S2, Instant(100.0), Instant(4000.0), "lead")


class House:
    """Seats and call days as the controller runs them."""

    def __init__(self) -> None:
        self.seats = Seats([S1, S2, S3], SeatRules(30.0, 3))
        self.days = CallDays(self.seats)
        self.told: list[Message] = []
        self.done: list[Effect] = []
        for seat_id in (S1, S2, S3):
            tell(self.seats, seats.SeatReachable(seat_id, reachable=True), joined(seat_id))

    def hear(self, *messages: Message, at: float) -> None:
        """Everybody hears the messages, and what is published."""
        for message in messages:
            self.seats.receive(message, Instant(at))
            self.days.receive(message, Instant(at))
        self.settle(at)

    def pass_to(self, at: float) -> None:
        """Time passes."""
        self.days.on_deadline(Instant(at))
        self.settle(at)

    def settle(self, at: float) -> None:
        """Until nobody wants more."""
        while effects := [*self.seats.take_effects(), *self.days.take_effects()]:
            for effect in effects:
                if isinstance(effect, seats.Publish):
                    self.told.append(effect.message)
                    self.seats.receive(effect.message, Instant(at))
                    self.days.receive(effect.message, Instant(at))
                else:
                    self.done.append(effect)


@pytest.fixture
def house() -> House:
    """Three ready seats."""
    return House()


def test_it_begins_and_ends_by_the_clock(house: House) -> None:
    """The helper is kept from the line meanwhile; the guest's seat takes calls as ever."""
    house.hear(DAY, at=0.0)
    assert house.seats.get(S1).duty is Duty.INBOUND
    assert house.days.next_deadline() == Instant(100.0)
    house.pass_to(100.0)
    assert (house.seats.get(S1).duty, house.seats.get(S2).duty) == (Duty.GUEST, Duty.HELPING)
    assert house.done == [seats.PauseSeat(S2, "helping")]
    house.hear(seats.SeatPaused(S2, GENERAL, paused=True, reason="helping"), at=100.1)
    assert house.days.next_deadline() == Instant(4000.0)
    house.pass_to(4000.0)
    assert {house.seats.get(seat).duty for seat in (S1, S2)} == {Duty.INBOUND}
    assert house.done[-1] == seats.ResumeSeat(S2)
    assert house.told[-1] == GuestDayOver(1)
    assert house.days.next_deadline() is None


def test_the_guests_calls_are_his_and_the_helper_joins_each(house: House) -> None:
    """Other seats' calls are not; nor are the guest seat's before and after."""
    house.hear(DAY, offered(), answered(), talked(), at=0.0)
    house.pass_to(100.0)
    assert house.done == [seats.PauseSeat(S1, "wrap_up"), seats.PauseSeat(S2, "helping")]
    house.done.clear()
    house.hear(offered(C2, S3), answered(C2, S3), offered(C1, S1), answered(C1, S1), at=200.0)
    assert [message for message in house.told if isinstance(message, GuestAnswered)] == [
        GuestAnswered(C1, S1, 1)
    ]
    assert house.done == [SitBeside(C1, S2, S1, 1)]
    house.hear(talked(C1, S1), GuestDayClosed(1, "lead"), at=260.0)
    house.told.clear()
    house.hear(offered(C2, S1), answered(C2, S1), at=300.0)
    assert GuestAnswered(C2, S1, 1) not in house.told


def test_a_helper_who_is_not_there_is_not_rung(house: House) -> None:
    """The call is the guest's all the same."""
    house.hear(replace(DAY, begins=Instant(0.0)), seats.SeatReachable(S2, reachable=False), at=1.0)
    house.done.clear()
    house.hear(offered(), answered(), at=2.0)
    assert GuestAnswered(C1, S1, 1) in house.told
    assert house.done == []


def test_without_a_helper_nobody_listens(house: House) -> None:
    """One seat, one duty."""
    house.hear(replace(DAY, helper_id=None, begins=Instant(0.0)), offered(), answered(), at=1.0)
    assert house.done == []
    assert [message for message in house.told if isinstance(message, DutyAssigned)] == [
        DutyAssigned(S1, Duty.GUEST, "lead")
    ]


def test_a_talk_that_began_unwatched_is_his_too(house: House) -> None:
    """A gap in the events loses no call of his."""
    house.hear(replace(DAY, begins=Instant(0.0)), at=1.0)
    member = QueueMember(S1, GENERAL, paused=False, reason="", in_call=True)
    live = LiveCall(C1, "PJSIP/trunk-1", "12345", 20.0, S1)  # type: ignore[arg-type]  # a name of a channel
    house.hear(snapshot(live=(live,), members=(member,)), at=50.0)
    assert GuestAnswered(C1, S1, 1) in house.told


@pytest.mark.parametrize(
    ("opened", "code"),
    [
        (replace(DAY, ends=Instant(100.0)), "bad_times"),
        (replace(DAY, begins=Instant(-50.0), ends=Instant(-1.0)), "bad_times"),
        (replace(DAY, ends=Instant(100.0 + 13 * 3600)), "bad_times"),
        (replace(DAY, helper_id=S1), "bad_seats"),
        (replace(DAY, seat_id=SeatId("9999")), "unknown_seat"),
        (replace(DAY, helper_id=SeatId("9999")), "unknown_seat"),
        (replace(DAY, seat_id=S3, helper_id=None), "wrong_duty"),
    ],
)
def test_what_cannot_be_is_refused(house: House, opened: GuestDayOpened, code: str) -> None:
    """Bad times, one seat for two, unknown seats, a seat that surveys."""
    house.hear(DutyAssigned(S3, Duty.SURVEYS, "lead"), at=0.0)
    with pytest.raises(UsageError) as refused:
        house.hear(opened, at=0.0)
    assert refused.value.code == code
    assert house.days.next_deadline() is None


def test_two_days_do_not_share_a_seat_at_a_time(house: House) -> None:
    """One after the other they may."""
    house.hear(DAY, at=0.0)
    for seat_id, helper_id in ((S1, None), (S3, S2), (S2, None)):
        with pytest.raises(UsageError, match="in call day 1") as refused:
            house.hear(
                replace(DAY, day_id=2, seat_id=seat_id, helper_id=helper_id, begins=Instant(3999.0)), at=1.0
            )
        assert refused.value.code == "wrong_guest_day"
    house.hear(replace(DAY, day_id=2, begins=Instant(4000.0), ends=Instant(5000.0)), at=1.0)


def test_what_is_not_open_cannot_be_closed(house: House) -> None:
    """Told clearly; one that has not begun yet can."""
    with pytest.raises(UsageError, match="call day 1 is not open"):
        house.hear(GuestDayClosed(1, "lead"), at=0.0)
    house.hear(DAY, GuestDayClosed(1, "lead"), at=0.0)
    assert house.told == [GuestDayOver(1)]
