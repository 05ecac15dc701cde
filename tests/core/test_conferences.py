"""Conferences of three: a wish is checked, nobody is moved before the third is there, everybody who came leaves."""

import pytest
from stories import (
    C1,
    C2,
    S1,
    S2,
    answered,
    arrived,
    ended,
    joined,
    offered,
    paused,
    queued,
    snapshot,
    talked,
)

from callcenter.core.clock import Instant
from callcenter.core.contacts import Contacts
from callcenter.core.errors import UsageError
from callcenter.core.ids import ChannelName, ContactId, SeatId
from callcenter.core.messages import calls, conference, link, seats
from callcenter.core.messages.base import Effect, Message
from callcenter.core.messages.conference import CITIZEN, DEPARTMENT
from callcenter.core.messages.seats import Publish, SeatState
from queues.core.conferences import GATHER_S, RING_SLACK_S, Conferences
from queues.core.seats import SeatRules, Seats

pytestmark = pytest.mark.core

WATER, RING_S = "051788001234", 20.0
CHANNEL = ChannelName("PJSIP/trunk-00000001")
OURS = (conference.RingThird, conference.Gather, conference.DropThird, link.Resync)


class House:
    """Ledger, seats and conferences, shown each other as in the product; seat 8001 talks with C1."""

    def __init__(self) -> None:
        self.contacts = Contacts()
        self.seats = Seats([S1, S2], SeatRules(wrap_up_s=30.0, ring_outs_before_break=2))
        departments = {"水务局": WATER}
        self.conferences = Conferences(self.contacts.get, self.seats.get, departments, RING_S)
        found = (seats.SeatReachable(seat_id, reachable=True) for seat_id in (S1, S2))
        self.hear(*found, joined(S1), joined(S2), arrived(), queued(), offered(), answered())

    def hear(self, *messages: Message, at: float = 0.0) -> list[Effect]:
        """Tell all; the effects that concern conferences, and what was published of them."""
        return [effect for message in messages for effect in self._hear(message, Instant(at))]

    def wake(self, at: float) -> list[Effect]:
        """The deadline has come."""
        self.conferences.on_deadline(Instant(at))
        return self._carry_out(self.conferences.take_effects(), Instant(at))

    def _hear(self, message: Message, now: Instant) -> list[Effect]:
        told: list[Effect] = []
        for engine in (self.contacts, self.seats, self.conferences):
            engine.receive(message, now)
            told += self._carry_out(engine.take_effects(), now)
        return told

    def _carry_out(self, effects: list[Effect], now: Instant) -> list[Effect]:
        told: list[Effect] = []
        for effect in effects:
            is_ours = isinstance(effect, OURS)
            if isinstance(effect, Publish):
                is_ours = effect.message.type.startswith("conference.")
                told += [effect] * is_ours + self._hear(effect.message, now)
            elif is_ours:
                told.append(effect)
        return told

    def state(self, seat_id: SeatId) -> SeatState:
        """Of a seat."""
        return self.seats.get(seat_id).state


@pytest.fixture
def house() -> House:
    """A talk."""
    return House()


def ask(third: str = S2, seat_id: SeatId = S1) -> conference.ConferenceAsked:
    """Seat 8001 wants somebody in."""
    return conference.ConferenceAsked(seat_id, third, "zhang")


def comes(who: str, contact_id: ContactId = C1) -> conference.ConferenceJoined:
    """Somebody is in."""
    return conference.ConferenceJoined(contact_id, who)


def goes(who: str) -> conference.ConferenceLeft:
    """Somebody is out."""
    return conference.ConferenceLeft(C1, who)


BEGUN = Publish(conference.ConferenceBegun(C1, S1, S2))
GATHER, DROP = conference.Gather(C1, S1, CHANNEL), conference.DropThird(C1)
OVER = Publish(conference.ConferenceEnded(C1, came_about=True))


def test_the_two_are_moved_when_the_third_is_there(house: House) -> None:
    """Not before; the colleague talks from then on, and the asking seat never stops."""
    assert house.hear(ask()) == [conference.RingThird(C1, S2, "")]
    assert house.state(S2) is SeatState.READY
    assert house.hear(comes(S2), at=5.0) == [BEGUN, GATHER]
    assert house.hear(comes(S1), comes(CITIZEN), at=5.2) == []
    assert house.conferences.inside(C1) == {S1, S2, CITIZEN}
    assert house.conferences.next_deadline() is None
    assert (house.state(S1), house.state(S2)) == (SeatState.TALKING, SeatState.TALKING)


def test_who_asked_may_leave_first(house: House) -> None:
    """The others talk on, the talk counts to the citizen's end, and there is one outcome."""
    house.hear(ask(), comes(S2), comes(S1), comes(CITIZEN))
    assert house.hear(goes(S1), talked(), at=60.0) == []
    assert (house.state(S1), house.state(S2)) == (SeatState.WRAP_UP, SeatState.TALKING)
    assert house.hear(goes(S2), at=90.0) == [OVER]
    assert house.state(S2) is SeatState.WRAP_UP
    contact = house.contacts.get(C1)
    assert contact is not None
    assert contact.transferred
    house.hear(goes(CITIZEN), ended(), at=95.0)
    assert not list(house.contacts.live())


def test_when_the_citizen_leaves_it_is_over(house: House) -> None:
    """Whatever Asterisk tells first: everybody's seat is free afterwards."""
    house.hear(ask(), comes(S2), comes(S1), comes(CITIZEN))
    assert house.hear(talked(), goes(CITIZEN)) == [OVER]
    assert house.hear(ended(), goes(S1), goes(S2)) == []
    assert (house.state(S1), house.state(S2)) == (SeatState.WRAP_UP, SeatState.WRAP_UP)


@pytest.mark.parametrize("asked", ["水务局", WATER])
def test_a_department_of_the_directory_is_dialed(house: House, asked: str) -> None:
    """By name or number; it is no seat."""
    assert house.hear(ask(asked)) == [conference.RingThird(C1, DEPARTMENT, WATER)]
    assert house.hear(comes(DEPARTMENT))[-1] == GATHER


@pytest.mark.parametrize(
    ("third", "code"),
    [("13800138000", "unknown_third"), ("", "unknown_third"), (S1, "wrong_seat_state")],
    ids=["a stranger's number", "nobody", "himself"],
)
def test_nobody_else_can_be_asked(house: House, third: str, code: str) -> None:
    """Only seats of the house and the directory."""
    with pytest.raises(UsageError) as caught:
        house.hear(ask(third))
    assert caught.value.code == code


def test_a_seat_that_talks_already_is_not_asked(house: House) -> None:
    """Nor can one that talks with nobody ask, nor ask twice."""
    house.hear(arrived(C2), queued(C2), offered(C2, S2))
    with pytest.raises(UsageError, match="8002"):
        house.hear(ask())
    with pytest.raises(UsageError, match="talks with nobody"):
        house.hear(ask(S1, seat_id=S2))
    house.hear(ask("水务局"))
    with pytest.raises(UsageError, match="already"):
        house.hear(ask("水务局"))


@pytest.mark.parametrize("tried_again", [False, True])
def test_a_third_who_does_not_come_changes_nothing(house: House, tried_again: bool) -> None:
    """The two talk on in their own bridge; somebody else can be asked."""
    house.hear(ask())
    assert house.hear(conference.ThirdUnreached(C1)) == []
    assert house.state(S1) is SeatState.TALKING
    if tried_again:
        assert house.hear(ask("水务局")) == [conference.RingThird(C1, DEPARTMENT, WATER)]


@pytest.mark.parametrize("over", [ended(), talked(), calls.CallTransferred(C1, S1, S2, joined=True)])
def test_a_third_who_is_not_needed_any_more_is_dropped(house: House, over: Message) -> None:
    """The talk ended, or went on elsewhere, while his phone rang; so is one who comes all the same."""
    house.hear(ask("水务局"))
    assert house.hear(over) == [DROP]
    assert house.hear(comes(DEPARTMENT)) == [DROP]


def test_a_third_of_whom_nothing_is_heard_is_given_up(house: House) -> None:
    """No conference stays open for ever."""
    house.hear(ask())
    assert house.conferences.next_deadline() == Instant(RING_S + RING_SLACK_S)
    assert house.wake(RING_S + RING_SLACK_S) == [Publish(goes(S2)), DROP]
    assert house.conferences.next_deadline() is None


def test_who_could_not_be_moved_is_asked_of_asterisk(house: House) -> None:
    """Nothing is guessed: the truth says whether the two still talk."""
    house.hear(ask(), comes(S2))
    told = house.hear(conference.ThirdUnreached(C1))
    failed = Publish(conference.ConferenceEnded(C1, came_about=False))
    assert told == [DROP, failed, link.Resync("a conference did not come about")]


def test_who_does_not_arrive_has_left(house: House) -> None:
    """His phone was hung up on the way; the other two talk."""
    house.hear(ask(), comes(S2), comes(CITIZEN))
    assert house.wake(GATHER_S) == [Publish(goes(S1))]
    assert house.state(S1) is SeatState.WRAP_UP
    assert house.hear(goes(S2)) == [OVER]


def test_a_new_controller_finds_the_conference() -> None:
    """Both seats talk, and its end is seen; who was asked before the gap is let go."""
    house = House()
    members = tuple(link.QueueMember(seat, queued().queue, False, "", False) for seat in (S1, S2))
    live = link.LiveCall(C1, CHANNEL, "12345", 60.0, S2, (S1, S2, CITIZEN))
    house.hear(snapshot(live=(live,), members=members))
    assert (house.state(S1), house.state(S2)) == (SeatState.TALKING, SeatState.TALKING)
    assert house.hear(goes(S1)) == []
    assert house.hear(goes(S2)) == [OVER]
    house = House()
    house.hear(ask())
    assert DROP in house.hear(
        snapshot(live=(link.LiveCall(C1, CHANNEL, "12345", 60.0, S1),), members=members)
    )


def test_who_helped_out_of_a_break_goes_back_to_it(house: House) -> None:
    """The pause is asked for once more, with its reason."""
    house.hear(paused(S2, "午餐"), ask(), comes(S2), comes(S1), comes(CITIZEN))
    assert house.state(S2) is SeatState.TALKING
    house.seats.receive(goes(S2), Instant(60.0))
    assert seats.PauseSeat(S2, "午餐") in house.seats.take_effects()


def test_a_seat_that_is_handed_a_citizen_talks(house: House) -> None:
    """After an attended transfer too; its talk ends when its own telephone hangs up."""
    house.hear(calls.CallTransferred(C1, S1, S2, joined=True), talked())
    assert (house.state(S1), house.state(S2)) == (SeatState.WRAP_UP, SeatState.TALKING)
    house.hear(calls.LegEnded(C2, S2))
    assert house.state(S2) is SeatState.TALKING
    house.hear(calls.LegEnded(C1, S2))
    assert house.state(S2) is SeatState.WRAP_UP
