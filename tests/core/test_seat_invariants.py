"""What holds for every seat, whatever is observed and asked in whatever order."""

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stories import (
    C1,
    C2,
    GENERAL,
    NINE,
    S1,
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
)

from callcenter.core.clock import Instant
from callcenter.core.errors import IllegalTransition, UsageError
from callcenter.core.ids import ChannelName, ContactId, SeatId
from callcenter.core.messages import callbacks, link, seats, surge
from callcenter.core.messages.base import Effect, Message
from callcenter.core.messages.seats import SeatRequest, SeatState
from queues.core.seats import CALLBACK, RANG_OUT, REST, WRAP_UP, Seat, SeatRules, Seats

pytestmark = pytest.mark.core

B1, B2 = callbacks.callback_id(C1, 1), callbacks.callback_id(C2, 1)
RULES = SeatRules(30.0, 2, rest_window_s=120.0, occupancy_limit=0.6, rest_s=50.0, abuse_rest_s=90.0)
IN_CALL = (SeatState.RINGING, SeatState.DIALING, SeatState.TALKING)


def begun(contact_id: ContactId) -> callbacks.CallbackBegun:
    """A call-back's phone is about to ring."""
    return callbacks.CallbackBegun(contact_id, "13800000001", S1, C1, NINE)


def live(contact_id: ContactId, seat_id: SeatId | None) -> link.LiveCall:
    """A contact that Asterisk holds."""
    return link.LiveCall(contact_id, ChannelName("PJSIP/trunk-1"), "", 9.0, seat_id)


FACTS = st.sampled_from(
    [
        joined(),
        joined(paused=True),
        seats.SeatLeft(S1, GENERAL),
        *(paused(reason=reason) for reason in (WRAP_UP, REST, CALLBACK, RANG_OUT, "lunch")),
        resumed(),
        seats.SeatReachable(S1, reachable=True),
        seats.SeatReachable(S1, reachable=False),
        *(tell(contact) for tell in (offered, rang_out, answered, talked) for contact in (C1, C2)),
        *(tell(contact) for tell in (abandoned, ended) for contact in (C1, C2)),
        *(tell(contact) for tell in (begun, offered, ended) for contact in (B1, B2)),
        *(callbacks.CallbackDialing(contact) for contact in (B1, B2)),
        *(callbacks.CallbackAnswered(contact) for contact in (B1, B2)),
        *(callbacks.CallbackTalkEnded(contact) for contact in (B1, B2)),
        seats.AbuseReported(S1, "8001"),
        *(seats.SeatAsked(S1, request, "tea", "8001") for request in SeatRequest),
        *(surge.LevelSwitched(0, 2, True, "figures", "", 1.0, 0.0, 0, cap_s) for cap_s in (0.0, 5.0)),
    ]
)


@st.composite
def gaps(draw: st.DrawFn) -> link.LinkRestored:
    """Any truth about one seat after a gap."""
    reason = draw(st.sampled_from(["", WRAP_UP, REST, CALLBACK, "lunch"]))
    member = link.QueueMember(S1, GENERAL, bool(reason), reason, draw(st.booleans()))
    held = draw(st.lists(st.sampled_from([C1, C2, B1, B2]), unique=True, max_size=2))
    talks = draw(st.booleans())
    return snapshot(
        live=tuple(live(contact, S1 if talks and contact == held[0] else None) for contact in held),
        members=draw(st.sampled_from([(), (member,)])),
        reachable=draw(st.sampled_from([frozenset(), frozenset({S1})])),
    )


@dataclass(frozen=True)
class Later:
    """Time passes; deadlines are met."""

    seconds: float


@dataclass(frozen=True)
class Obey:
    """Asterisk carries out what it was asked first."""


LATER = st.floats(0.1, 200.0).map(Later)
STEPS = st.lists(st.one_of(FACTS, FACTS, FACTS, gaps(), LATER, st.just(Obey())), max_size=60)


@dataclass
class World:
    """One seat on a clock, an Asterisk that obeys when it is its turn, and somebody who sometimes claims seats."""

    takes: bool = False
    now: float = 0.0
    asked: list[Effect] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.line = Seats([S1], RULES, [GENERAL], self._claim)

    @property
    def seat(self) -> Seat:
        """The seat."""
        return self.line.get(S1)

    def step(self, step: Message | Later | Obey) -> None:
        """One thing happens."""
        match step:
            case Later(seconds):
                self._wait(seconds)
            case Obey():
                self.obey()
            case _:
                self.tell(step)

    def tell(self, message: Message) -> None:
        """The engine hears it; what it refuses changes nothing."""
        before, deadline = self.seat, self.line.next_deadline()
        try:
            self.line.receive(message, Instant(self.now))
        except (IllegalTransition, UsageError):
            assert (self.seat, self.line.next_deadline()) == (before, deadline)
            assert self.line.take_effects() == []
        if not isinstance(message, link.LinkRestored):
            check_contact(before, self.seat)
        self._collect()

    def obey(self) -> None:
        """The oldest order is carried out and reported."""
        if not self.asked:
            return
        order = self.asked.pop(0)
        match order:
            case seats.AddSeat():
                self.tell(joined())
            case seats.RemoveSeat():
                self.tell(seats.SeatLeft(S1, GENERAL))
            case seats.PauseSeat(_, reason):
                self.tell(paused(reason=reason))
            case seats.ResumeSeat():
                self.tell(resumed())
            case _:
                pass  # a preference is observed nowhere

    def _wait(self, seconds: float) -> None:
        until = self.now + seconds
        while (due := self.line.next_deadline()) is not None and due <= until:
            self.now = max(self.now, due)
            self.line.on_deadline(Instant(self.now))
            self._collect()
            following = self.line.next_deadline()
            assert following is None or following > self.now, "a deadline does not move"
        self.now = until

    def _claim(self, seat_id: SeatId, now: Instant) -> bool:
        if self.takes:
            self.asked.append(seats.PauseSeat(seat_id, CALLBACK))
        return self.takes

    def _collect(self) -> None:
        self.asked += [e for e in self.line.take_effects() if not isinstance(e, seats.Publish)]
        check_seat(self.seat)
        self._check_occupancy()

    def _check_occupancy(self) -> None:
        share = self.line.occupancy(S1, Instant(self.now))
        assert (share is None) == (self.seat.state is SeatState.OFF)
        assert share is None or 0.0 <= share <= 1.0 + 1e-9


def check_contact(before: Seat, after: Seat) -> None:
    """Who has a citizen, or calls one back, has no other."""
    if before.state is SeatState.TALKING or before.calls_back:
        assert after.contact_id in (None, before.contact_id)


def check_seat(seat: Seat) -> None:
    """What is true of a seat at any moment."""
    state = seat.state
    assert seat.contact_id is None or state in IN_CALL
    assert seat.contact_id is not None or state is not SeatState.RINGING
    assert (state is SeatState.READY) <= (seat.reachable and seat.is_member and not seat.paused)
    must_end = state is SeatState.WRAP_UP or (
        state in (SeatState.ON_BREAK, SeatState.DIALING)
        and seat.reason in (REST, CALLBACK)
        and seat.contact_id is None
    )
    if must_end:
        assert seat.until is not None, "it would never end"
    if seat.contact_id is not None or state in (SeatState.OFF, SeatState.TALKING):
        assert seat.until is None
    if state is SeatState.OFF:
        assert (seat.wish, seat.rest_s, seat.reason, seat.paused) == (None, 0.0, "", False)


@given(STEPS, st.booleans())
def test_whatever_happens_a_seat_makes_sense(steps: list[Message | Later | Obey], takes: bool) -> None:
    """One contact at most; after-call work, rests and waits for a call-back have an end; ends lie ahead."""
    world = World(takes)
    for step in steps:
        world.step(step)


@given(STEPS, st.booleans())
def test_every_seat_comes_back(steps: list[Message | Later | Obey], takes: bool) -> None:
    """When the calls are over and nobody claims it, a seat is off, ready, without a phone, or on a real break."""
    world = World(takes)
    for step in steps:
        world.step(step)
    world.takes = False
    over: list[Callable[..., Message]] = [talked, abandoned, ended]
    for contact in (C1, C2, B1, B2):
        for end in over:
            world.tell(end(contact))
    for _ in range(20):
        while world.asked:
            world.obey()
        world.step(Later(200.0))
    seat = world.seat
    assert seat.state not in (*IN_CALL, SeatState.WRAP_UP)
    assert seat.until is None
    assert seat.wish is None
    assert seat.reason not in (WRAP_UP, REST, CALLBACK)
