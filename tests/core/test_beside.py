"""Beside a talk: one at a time, his telephone first, seconds by mode, and the talk needs nothing of him."""

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
    resumed,
    snapshot,
    talked,
)

from callcenter.core.clock import Instant
from callcenter.core.contacts import Contacts
from callcenter.core.errors import UsageError
from callcenter.core.messages import beside, conference, seats
from callcenter.core.messages.base import Effect, Message
from callcenter.core.messages.beside import TELEPHONE, BesideAsked, Mode
from callcenter.core.messages.conference import CITIZEN
from callcenter.core.messages.seats import Publish
from queues.core.beside import LEAVE_S, RING_SLACK_S, Listening
from queues.core.conferences import Conferences
from queues.core.seats import SeatRules, Seats

pytestmark = pytest.mark.core

RING_S = 20.0
MOBILE = "13900001111"
LEADER, MANAGER = "组长", "值班长"
OURS = (beside.RingListener, beside.MoveListener, beside.DropListener, conference.Gather)


class House:
    """Seat 8001 talks with C1; 8002, on a break, is the team leader's."""

    def __init__(self) -> None:
        self.contacts = Contacts()
        self.seats = Seats([S1, S2], SeatRules(wrap_up_s=30.0, ring_outs_before_break=2))
        self.conferences = Conferences(self.contacts.get, self.seats.get, {}, RING_S)
        self.listening = Listening(self.seats, self.conferences.is_full, {MANAGER: MOBILE}, RING_S)
        found = (seats.SeatReachable(seat_id, reachable=True) for seat_id in (S1, S2))
        self.hear(
            *found, joined(S1), joined(S2), paused(S2, "break"), arrived(), queued(), offered(), answered()
        )

    def hear(self, *messages: Message, at: float = 0.0) -> list[Effect | Message]:
        """Tell all; what the edge is asked for, and what was published of listeners."""
        return [effect for message in messages for effect in self._hear(message, Instant(at))]

    def wake(self, at: float) -> list[Effect | Message]:
        """The deadline has come."""
        self.listening.on_deadline(Instant(at))
        return self._carry_out(self.listening.take_effects(), Instant(at))

    def ask(self, mode: Mode, phone: str = S2, by: str = LEADER, at: float = 0.0) -> list[Effect | Message]:
        """Somebody wants to be beside the talk with C1."""
        return self.hear(BesideAsked(C1, mode, phone, by), at=at)

    def listens(self, mode: Mode = Mode.LISTEN, at: float = 0.0) -> None:
        """The leader is beside the talk."""
        self.ask(mode, at=at)
        self.hear(beside.ListenerThere(C1), at=at)

    def _hear(self, message: Message, now: Instant) -> list[Effect | Message]:
        told: list[Effect | Message] = []
        for engine in (self.contacts, self.seats, self.conferences, self.listening):
            engine.receive(message, now)
            told += self._carry_out(engine.take_effects(), now)
        return told

    def _carry_out(self, effects: list[Effect], now: Instant) -> list[Effect | Message]:
        told: list[Effect | Message] = []
        for effect in effects:
            if isinstance(effect, Publish):
                told += [effect.message] * effect.message.type.startswith("beside.")
                told += self._hear(effect.message, now)
            elif isinstance(effect, OURS):
                told.append(effect)
        return told


@pytest.fixture
def house() -> House:
    """A talk and a leader."""
    return House()


def changed(mode: Mode, *, is_there: bool) -> beside.BesideChanged:
    """What the board is told of the leader."""
    return beside.BesideChanged(C1, S1, LEADER, S2, mode, is_there)


def over(listened: float = 0.0, whispered: float = 0.0, joined_s: float = 0.0) -> beside.BesideEnded:
    """The leader is gone."""
    return beside.BesideEnded(C1, S1, LEADER, S2, listened, whispered, joined_s)


def test_his_telephone_rings_first_then_he_hears(house: House) -> None:
    """The board knows both moments; the end tells how long each mode was."""
    assert house.ask(Mode.LISTEN) == [
        changed(Mode.LISTEN, is_there=False),
        beside.RingListener(C1, S1, S2, "", Mode.LISTEN),
    ]
    assert house.hear(beside.ListenerThere(C1), at=3.0) == [changed(Mode.LISTEN, is_there=True)]
    assert house.ask(Mode.WHISPER, at=13.0) == [
        changed(Mode.WHISPER, is_there=True),
        beside.MoveListener(C1, Mode.WHISPER),
    ]
    assert house.hear(beside.ListenerGone(C1), at=18.5) == [over(10.0, 5.5)]
    assert house.listening.of(C1) is None


def test_who_joins_hears_first_and_is_the_third_of_a_conference(house: House) -> None:
    """He is moved when he has picked up; then citizen and seat come to him. He may fall back to listening."""
    assert house.ask(Mode.JOIN)[-1] == beside.RingListener(C1, S1, S2, "", Mode.LISTEN)
    assert house.hear(beside.ListenerThere(C1))[-1] == beside.MoveListener(C1, Mode.JOIN)
    [gather] = house.hear(conference.ConferenceJoined(C1, S2), at=1.0)
    assert isinstance(gather, conference.Gather)
    house.hear(conference.ConferenceJoined(C1, CITIZEN), conference.ConferenceJoined(C1, S1), at=1.0)
    assert house.ask(Mode.LISTEN, at=6.0)[-1] == beside.MoveListener(C1, Mode.LISTEN)
    house.hear(conference.ConferenceLeft(C1, S2), at=6.0)
    assert house.conferences.inside(C1) == {CITIZEN, S1}
    house.ask(Mode.JOIN, at=7.0)
    assert house.hear(conference.ConferenceJoined(C1, S2), at=7.0) == []
    assert house.conferences.inside(C1) == {CITIZEN, S1, S2}
    assert house.hear(conference.ConferenceLeft(C1, CITIZEN), at=9.0) == [beside.DropListener(C1)]
    assert house.hear(beside.ListenerGone(C1), at=9.0) == [over(1.0, 0.0, 8.0)]


def test_a_manager_listens_on_his_registered_telephone(house: House) -> None:
    """Its number comes from the settings, never from who asks; who has none there is told what to do."""
    assert house.ask(Mode.WHISPER, TELEPHONE, MANAGER)[-1] == beside.RingListener(
        C1, S1, TELEPHONE, MOBILE, Mode.WHISPER
    )
    with pytest.raises(UsageError, match="telephones") as refused:
        House().ask(Mode.LISTEN, TELEPHONE, LEADER)
    assert refused.value.code == "unknown_telephone"


def test_one_at_a_time(house: House) -> None:
    """Nobody beside two talks, nobody beside a talk where somebody is."""
    house.listens()
    for asked in (BesideAsked(C1, Mode.LISTEN, TELEPHONE, MANAGER), BesideAsked(C2, Mode.LISTEN, S2, LEADER)):
        with pytest.raises(UsageError) as refused:
            house.hear(asked)
        assert refused.value.code == "wrong_listener"
    assert house.ask(Mode.LISTEN, at=1.0) == []


def test_what_cannot_be_is_refused(house: House) -> None:
    """No talk; the own seat takes calls; a talk that is full."""
    with pytest.raises(UsageError) as refused:
        house.hear(BesideAsked(C2, Mode.LISTEN, S2, LEADER))
    assert refused.value.code == "wrong_call_state"
    house.hear(resumed(S2))
    with pytest.raises(UsageError) as refused:
        house.ask(Mode.LISTEN)
    assert refused.value.code == "wrong_seat_state"
    house.hear(conference.ConferenceAsked(S1, S2, "agent"))
    with pytest.raises(UsageError) as refused:
        house.ask(Mode.JOIN, TELEPHONE, MANAGER)
    assert refused.value.code == "wrong_conference_state"
    with pytest.raises(UsageError):
        house.hear(beside.BesideEndAsked(C1, LEADER))


def test_who_does_not_pick_up_is_given_up(house: House) -> None:
    """By what Asterisk tells, or by the clock."""
    house.ask(Mode.LISTEN)
    assert house.hear(beside.ListenerGone(C1), at=20.0) == [over()]
    house.ask(Mode.LISTEN, at=30.0)
    assert house.listening.next_deadline() == 30.0 + RING_S + RING_SLACK_S
    assert house.wake(60.0) == [beside.DropListener(C1), over()]
    assert house.hear(beside.ListenerThere(C1), at=61.0) == [beside.DropListener(C1)]


def test_with_the_talk_he_falls_silent(house: House) -> None:
    """A telephone that still rings is hung up with the talk; who hears is, at the latest, with the call."""
    house.ask(Mode.LISTEN)
    assert house.hear(talked()) == [beside.DropListener(C1)]
    house = House()
    house.listens()
    assert house.hear(talked()) == []
    assert house.hear(ended(), at=5.0) == [beside.DropListener(C1)]
    assert house.wake(5.0 + LEAVE_S)[-1] == over(5.0 + LEAVE_S)


def test_he_is_let_go_by_a_wish(house: House) -> None:
    """The talk goes on; that he is gone is believed when Asterisk tells."""
    house.listens()
    assert house.hear(beside.BesideEndAsked(C1, MANAGER), at=2.0) == [beside.DropListener(C1)]
    assert house.hear(beside.ListenerGone(C1), at=2.5) == [over(2.5)]
    assert house.hear(beside.ListenerGone(C1), at=2.5) == []


def test_after_a_gap_nobody_listens_unnamed(house: House) -> None:
    """Who is found and cannot be named is hung up; who is not found any more has left."""
    house.listens()
    told = house.hear(snapshot(listeners=(C1, C2)), at=4.0)
    assert told == [beside.DropListener(C2)]
    told = house.hear(snapshot(), at=9.0)
    assert told == [over(9.0)]
