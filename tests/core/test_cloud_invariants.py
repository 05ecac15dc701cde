"""What holds for cloud seats, whatever people, phones, passwords and managers do in whatever order."""

import contextlib
from dataclasses import dataclass
from itertools import pairwise

import pytest
from cloud_world import CloudWorld, bad, good
from hypothesis import given, settings
from hypothesis import strategies as st

from callcenter.core.errors import UsageError
from callcenter.core.ids import ContactId, SeatId
from callcenter.core.messages import calls, cloud, surge
from callcenter.core.messages.base import Message
from callcenter.core.messages.cloud import CloudRequest, CloudState, Reply
from queues.core.cloud import CloudRules

pytestmark = pytest.mark.core

SEATS = [SeatId(str(8101 + n)) for n in range(5)]
RULES = CloudRules(automatic=True, at_once=2, round_s=60.0, again_after_s=900.0, lock_after=3, stay_s=1500.0)
C1 = ContactId("cc1-1.1")


@dataclass(frozen=True)
class Do:
    """Somebody does something; ``what`` names a method of the world."""

    what: str
    seat_id: SeatId


@dataclass(frozen=True)
class Answer:
    """An invited person replies."""

    seat_id: SeatId
    reply: Reply


@dataclass(frozen=True)
class Later:
    """Time passes."""

    seconds: float


SEAT = st.sampled_from(SEATS)
FACTS: st.SearchStrategy[Message] = st.one_of(
    st.builds(surge.CloudSeatsWanted, st.integers(1, 6)),
    st.builds(cloud.CloudAsked, st.integers(1, 6), st.just("lin"), st.just("")),
    st.just(cloud.CallOffAsked("lin", "")),
    st.builds(good, SEAT),
    st.builds(bad, SEAT),
    st.builds(cloud.PhoneChanged, SEAT),
    st.builds(cloud.PhoneRefused, SEAT, st.just("203.0.113.9")),
    st.builds(cloud.CloudSeatAsked, SEAT, st.sampled_from(list(CloudRequest)), st.just("lin"), st.just("")),
    st.builds(cloud.LinkAccepted, st.sampled_from(["c8101", "c8103"]), SEAT),
    st.builds(calls.CallOffered, st.just(C1), st.just("main"), SEAT),
    st.builds(calls.CallAnswered, st.just(C1), st.just("main"), SEAT, st.just(2.0)),
    st.builds(calls.TalkEnded, st.just(C1), st.just("main"), SEAT, st.just(20.0)),
)
DEEDS = st.builds(Do, st.sampled_from(["register", "lose", "press_11", "press_14", "restart", "truth"]), SEAT)
STEPS = st.lists(
    st.one_of(
        FACTS,
        DEEDS,
        st.builds(Answer, SEAT, st.sampled_from(list(Reply))),
        st.builds(Later, st.floats(0.5, 600.0)),
    ),
    max_size=60,
)


def do(world: CloudWorld, step: object) -> None:
    """One step; what a manager asks in vain is refused, and what Asterisk cannot do is not told."""
    match step:
        case Later(seconds):
            world.advance(seconds)
        case Answer(seat_id, reply):
            world.reply(seat_id, reply)
        case Do("restart"):
            world.restart()
        case Do("truth"):
            world.tell(world.truth())
        case Do(what, seat_id):
            getattr(world, what)(seat_id)
        case calls.CallOffered() | calls.CallAnswered() | calls.TalkEnded():
            if is_possible(world, step):
                world.tell(step)
        case Message():
            with contextlib.suppress(UsageError):
                world.tell(step)
        case _:
            raise AssertionError(step)


def is_possible(world: CloudWorld, message: calls.CallOffered | calls.CallAnswered | calls.TalkEnded) -> bool:
    """Whether Asterisk could tell it."""
    seat = world.seats.get(message.seat_id)
    match message:
        case calls.CallOffered():
            others = [other for other in world.seats.all() if other.contact_id == C1]
            return seat.state == "ready" and not others
        case calls.CallAnswered():
            return seat.state == "ringing"
        case _:
            return seat.state == "talking"


@settings(max_examples=150)
@given(STEPS)
def test_what_always_holds(steps: list[object]) -> None:
    """Only a measured line counts; never too many phones ring; nobody is rung too soon; every step has an end."""
    world = CloudWorld(count=len(SEATS), rules=RULES)
    passed: set[SeatId] = set()
    for step in steps:
        if isinstance(step, cloud.PhoneChecked) and step == good(step.seat_id):
            passed |= {step.seat_id} if world.state(step.seat_id) is CloudState.CHECKING else set()
        do(world, step)
        for seat in world.roll.all():
            is_proven = seat.state is CloudState.PROVEN
            assert world.roll.counts(seat.seat_id) is is_proven
            assert not is_proven or seat.seat_id in passed, "never measured"
            passed -= set() if is_proven else {seat.seat_id}
            assert not is_proven or seat.seat_id in world.registered
            if seat.state in (CloudState.INVITED, CloudState.ACCEPTED, CloudState.CHECKING):
                assert seat.until is not None, "no end"
            if seat.state is CloudState.LOCKED:
                assert seat.seat_id not in world.members
        assert world.roll.rounds.ringing <= RULES.at_once
        due = world.roll.next_deadline()
        assert due is None or due > world.now - 1e-6, "a deadline in the past"
    for times in world.rung_at.values():
        gaps = [later - earlier for earlier, later in pairwise(times)]
        assert all(gap >= RULES.again_after_s for gap in gaps)


@settings(max_examples=60)
@given(STEPS)
def test_everything_ends(steps: list[object]) -> None:
    """Left alone for a day, nobody is invited, awaited or being checked, and no help goes on."""
    world = CloudWorld(count=len(SEATS), rules=RULES)
    for step in steps:
        do(world, step)
    world.advance(86_400.0)
    resting = {CloudState.IDLE, CloudState.REFUSED, CloudState.WITHDRAWN, CloudState.LOCKED}
    talking = {seat.seat_id for seat in world.seats.all() if seat.state in ("talking", "ringing")}
    assert {seat.state for seat in world.roll.all() if seat.seat_id not in talking} <= resting
    assert world.roll.rounds.call is None
