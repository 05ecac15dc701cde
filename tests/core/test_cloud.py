"""Cloud seats: invited in rounds, counted only while proven, withdrawn at once when the proof is gone."""

from dataclasses import replace
from itertools import product

import pytest
from cloud_world import TEN, CloudWorld, bad, day, good

from callcenter.core.errors import IllegalTransition, UsageError
from callcenter.core.ids import ContactId, SeatId
from callcenter.core.messages import calls, cloud, seats, surge
from callcenter.core.messages.cloud import CloudRequest, CloudState, Reply
from callcenter.core.messages.seats import SeatState
from queues.core.cloud import CLOUD_SEAT, CloudEvent, CloudRules
from queues.core.cloud_seat import GONE, HELP_OVER, LOCKED_BY_GUARD, LOGGED_OUT, NO_PHONE, PhoneLimits, judged

pytestmark = pytest.mark.core

A, B, C, D = (SeatId(str(8101 + n)) for n in range(4))
AUTOMATIC = CloudRules(automatic=True)


def asked(seats_wanted: int) -> cloud.CloudAsked:
    """The shift manager calls for help."""
    return cloud.CloudAsked(seats_wanted, "lin", "暴雨")


def wish(request: CloudRequest, seat_id: SeatId = A) -> cloud.CloudSeatAsked:
    """The shift manager asks something of a seat."""
    return cloud.CloudSeatAsked(seat_id, request, "lin", "")


def busy(world: CloudWorld, seat_id: SeatId) -> ContactId:
    """The seat talks with a citizen."""
    contact = ContactId("cc1-1.1")
    world.tell(calls.CallOffered(contact, world.seats._queues[0], seat_id))
    world.tell(calls.CallAnswered(contact, world.seats._queues[0], seat_id, 3.0))
    return contact


@pytest.mark.parametrize(("state", "event"), list(product(CloudState, CloudEvent)))
def test_pairs_outside_the_table_raise(state: CloudState, event: CloudEvent) -> None:
    """A pair of the table moves the seat; every other pair raises."""
    if CLOUD_SEAT.allows(state, event):
        assert CLOUD_SEAT.next(state, event) in CloudState
    else:
        with pytest.raises(IllegalTransition):
            CLOUD_SEAT.next(state, event)


def test_proven_is_reached_by_a_check_only() -> None:
    """Only a passed check makes a seat capacity, and a locked seat is left by unlocking alone."""
    assert [pair for pair, new in CLOUD_SEAT.table.items() if new is CloudState.PROVEN] == [
        (CloudState.CHECKING, CloudEvent.PASSED)
    ]
    assert [event for state, event in CLOUD_SEAT.table if state is CloudState.LOCKED] == [CloudEvent.UNLOCKED]
    assert {CLOUD_SEAT.initial, *CLOUD_SEAT.table.values()} == set(CloudState)


def test_a_call_for_help_is_taken_back() -> None:
    """Nobody more is invited, who is on his way need not come, who is proven stays; without a call there is nothing to take."""
    world = CloudWorld()
    with pytest.raises(UsageError, match="nobody is being invited"):
        world.tell(cloud.CallOffAsked("lin", "下错了"))
    world.tell(asked(3))
    world.reply(A, Reply.ACCEPTED)
    world.register(A)
    world.tell(good(A))
    world.reply(B, Reply.ACCEPTED)
    world.tell(cloud.CallOffAsked("lin", "下错了"))
    assert (world.state(A), world.state(B), world.state(C)) == (
        CloudState.PROVEN,
        CloudState.WITHDRAWN,
        CloudState.WITHDRAWN,
    )
    assert world.roll.rounds.call is None
    assert "lin" in world.roll.get(B).reason


def test_from_the_invitation_to_the_line() -> None:
    """Rung, pressed 1, registered, measured, added: capacity from then on and not before."""
    world = CloudWorld()
    world.tell(surge.CloudSeatsWanted(1))
    assert [effect.staff_no for effect in world.rung] == ["c8101", "c8102"], "two, as 70 % come"
    world.reply(A, Reply.ACCEPTED)
    assert world.state(A) is CloudState.ACCEPTED
    world.register(A)
    assert world.checks == [A]
    assert not world.roll.counts(A)
    assert world.members == set()
    world.tell(good(A))
    assert world.state(A) is CloudState.PROVEN
    assert world.roll.counts(A)
    assert world.members == {A}
    assert world.seats.get(A).state is SeatState.READY


def test_a_seat_of_the_house_always_counts() -> None:
    """On-site seats are not on the roll."""
    assert CloudWorld().roll.counts(SeatId("8001"))


def test_a_proposal_waits_for_one_action() -> None:
    """Proposed help rings nobody until a manager applies it; declined, it rings nobody at all."""
    world = CloudWorld(rules=CloudRules(automatic=False))
    world.tell(surge.CloudSeatsWanted(2))
    assert world.rung == []
    assert world.news == [cloud.CloudProposed(2)]
    world.tell(cloud.ProposalAnswered(False, "lin", "够了"))
    assert (world.rung, world.roll.rounds.proposal) == ([], None)
    with pytest.raises(UsageError):
        world.tell(cloud.ProposalAnswered(True, "lin", ""))
    world.tell(surge.CloudSeatsWanted(2))
    world.tell(cloud.ProposalAnswered(True, "lin", "批准"))
    assert len(world.rung) == 3


def test_never_more_phones_at_once() -> None:
    """Of 36 invited at most eight ring; who replies makes room for the next."""
    world = CloudWorld(count=36)
    world.tell(asked(36))
    assert len(world.rung) == 8
    world.reply(A, Reply.DECLINED)
    world.reply(B, Reply.ACCEPTED)
    assert len(world.rung) == 10
    assert world.roll.rounds.ringing == 8


def test_a_second_round_when_too_few_came() -> None:
    """Those who said no are not asked again; others are, after the round's time; then nobody is left."""
    world = CloudWorld(count=4)
    world.tell(asked(1))
    assert len(world.rung) == 2
    world.reply(A, Reply.DECLINED)
    world.reply(B, Reply.UNANSWERED)
    world.advance(AUTOMATIC.round_s)
    assert [effect.seat_id for effect in world.rung] == [A, B, C, D]
    world.reply(C, Reply.DECLINED)
    world.reply(D, Reply.DECLINED)
    world.advance(AUTOMATIC.round_s)
    assert cloud.CallForHelpEnded(1, 1, "nobody_left") in world.news
    with pytest.raises(UsageError, match="nobody can be invited"):
        world.tell(asked(1))
    world.advance(AUTOMATIC.again_after_s)
    world.tell(day(0.0))
    world.tell(asked(1))
    assert len(world.rung) > 4


def test_more_are_invited_where_few_are_willing() -> None:
    """The share that came before decides how many are invited."""
    world = CloudWorld(count=30)
    assert world.roll.willing_ratio == pytest.approx(0.7)
    world.tell(asked(6))
    assert world.roll.rounds.call is not None
    for seat_id in world.seat_ids[:9]:
        world.reply(seat_id, Reply.DECLINED)
    assert world.roll.willing_ratio == pytest.approx(7 / 19)
    world.advance(AUTOMATIC.round_s)
    assert world.roll.rounds.ringing + len(world.roll.rounds.call.queue) == 17


def test_an_invitation_ends_even_if_nothing_is_heard() -> None:
    """Without any event the deadline counts as no answer."""
    world = CloudWorld(count=1)
    world.tell(asked(1))
    world.advance(AUTOMATIC.invitation_s)
    assert world.state(A) is CloudState.IDLE
    assert [kept.reply for kept in world.invitations.values()] == [Reply.UNANSWERED]
    world.tell(cloud.InvitationReplied(world.rung[0].invitation, Reply.ACCEPTED))
    assert world.state(A) is CloudState.IDLE, "too late"


def test_nobody_is_rung_at_night() -> None:
    """Outside polite hours no phone rings; with links they are written to."""
    night = CloudWorld(now=23 * 3600.0)
    with pytest.raises(UsageError):
        night.tell(asked(1))
    written = CloudWorld(now=23 * 3600.0, rules=replace(AUTOMATIC, by_link=True))
    written.tell(asked(1))
    assert (written.rung, len(written.linked)) == ([], 2)
    assert written.state(A) is CloudState.INVITED
    assert written.roll.rounds.ringing == 0
    written.tell(cloud.LinkAccepted("c8101", A))
    assert written.state(A) is CloudState.ACCEPTED


def test_ringing_stops_where_the_hours_end() -> None:
    """A queue of people to be rung does not outlast the polite hours."""
    world = CloudWorld(count=20, now=21 * 3600.0 - 10)
    world.tell(asked(20))
    world.advance(30.0)
    for seat_id in world.seat_ids[:8]:
        world.reply(seat_id, Reply.DECLINED)
    assert len(world.rung) == 8


def test_by_key_11_alone() -> None:
    """Who logs in unproven is taken out, then checked when he is on the hook; the queue never had him for long."""
    world = CloudWorld()
    world.register(A)
    world.press_11(A)
    assert (world.state(A), world.members) == (CloudState.ACCEPTED, set())
    assert world.checks == [], "he is still on the phone"
    world.advance(AUTOMATIC.settle_s)
    assert world.checks == [A]
    world.tell(good(A))
    assert world.members == {A}


def test_a_lossy_line_is_refused_with_its_measure() -> None:
    """The reason names what was measured and the limit, in Chinese and English; a new try is possible at once."""
    world = CloudWorld()
    world.register(A)
    world.press_11(A)
    world.advance(AUTOMATIC.settle_s)
    world.tell(bad(A))
    assert world.state(A) is CloudState.REFUSED
    assert world.roll.get(A).reason == "丢包 31 %，上限 3 % / loss 31 %, limit 3 %"
    assert world.members == set()
    world.tell(wish(CloudRequest.CHECK))
    assert world.checks == [A, A]
    world.tell(good(A))
    assert world.state(A) is CloudState.PROVEN


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({}, ""),
        ({"loss_out": 0.05}, "丢包 5 %，上限 3 % / loss 5 %, limit 3 %"),
        ({"jitter_ms": 80.0}, "抖动 80 ms，上限 50 ms / jitter 80 ms, limit 50 ms"),
        ({"rtt_ms": 650.0}, "往返时延 650 ms，上限 400 ms / round trip 650 ms, limit 400 ms"),
        ({"heard": False}, "听不到声音 / no voice was heard"),
        ({"failed": "no_answer"}, "检测来电无人接听 / nobody answered the check's call"),
        ({"failed": "novel"}, "检测没有结果 / the check gave no result"),
    ],
)
def test_how_a_line_is_judged(changes: dict[str, object], reason: str) -> None:
    """By the first limit that it breaks."""
    checked = replace(good(A), **changes)  # type: ignore[arg-type]  # names and values stand above
    assert judged(checked, PhoneLimits()) == reason


def test_a_check_without_an_end_is_ended() -> None:
    """No result in time: refused, and what comes later is no proof."""
    world = CloudWorld()
    world.register(A)
    world.press_11(A)
    world.advance(AUTOMATIC.settle_s + AUTOMATIC.check_s)
    assert world.state(A) is CloudState.REFUSED
    world.tell(good(A))
    assert world.state(A) is CloudState.REFUSED


def test_a_dead_phone_ends_the_proof_at_once() -> None:
    """Out of the queues; when it is back it is checked anew, and its help ends when it would have ended."""
    world = CloudWorld()
    world.prove(A)
    ends = world.roll.get(A).helps_until
    world.lose(A)
    assert (world.state(A), world.roll.get(A).reason, world.members) == (CloudState.ACCEPTED, GONE, set())
    world.advance(60.0)
    world.register(A)
    assert world.checks == [A, A]
    world.tell(good(A))
    assert (world.state(A), world.roll.get(A).helps_until) == (CloudState.PROVEN, ends)


def test_another_phone_is_checked_anew() -> None:
    """Registered twice: the proof belonged to the first one. Who talks is checked after the talk."""
    world = CloudWorld()
    world.prove(A)
    world.tell(cloud.PhoneChanged(A))
    assert (world.state(A), world.checks) == (CloudState.CHECKING, [A, A])
    world.prove(B)
    contact = busy(world, B)
    world.tell(cloud.PhoneChanged(B))
    assert world.state(B) is CloudState.ACCEPTED
    assert world.checks.count(B) == 1
    world.tell(calls.TalkEnded(contact, world.seats._queues[0], B, 60.0))
    assert world.checks.count(B) == 2


def test_the_result_of_a_phone_that_is_gone_says_nothing() -> None:
    """A check that began with the old phone proves nothing of the new one."""
    world = CloudWorld()
    world.register(A)
    world.press_11(A)
    world.advance(AUTOMATIC.settle_s)
    world.lose(A)
    world.register(A)
    assert world.checks == [A], "the first one must end before the next begins"
    world.tell(good(A))
    assert (world.state(A), world.checks) == (CloudState.CHECKING, [A, A])
    world.tell(good(A))
    assert world.state(A) is CloudState.PROVEN


def test_a_phone_that_never_registers_is_let_go() -> None:
    """Accepted, and then nothing."""
    world = CloudWorld(count=1)
    world.tell(asked(1))
    world.reply(A, Reply.ACCEPTED)
    world.advance(AUTOMATIC.accepted_s)
    assert (world.state(A), world.roll.get(A).reason) == (CloudState.WITHDRAWN, NO_PHONE)


def test_withdrawn_after_the_running_call() -> None:
    """Who talks finishes; nobody else reaches him."""
    world = CloudWorld()
    world.prove(A)
    contact = busy(world, A)
    world.tell(wish(CloudRequest.WITHDRAW))
    assert (world.state(A), world.roll.get(A).leaving != "") == (CloudState.PROVEN, True)
    world.tell(calls.TalkEnded(contact, world.seats._queues[0], A, 60.0))
    assert (world.state(A), world.members) == (CloudState.WITHDRAWN, set())
    assert world.roll.get(A).reason == "lin 撤回 / withdrawn by lin"
    with pytest.raises(UsageError):
        world.tell(wish(CloudRequest.WITHDRAW))


def test_the_help_ends_and_that_is_told_before() -> None:
    """Ten minutes before, once."""
    world = CloudWorld()
    world.prove(A)
    world.advance(AUTOMATIC.stay_s - AUTOMATIC.warn_s + 1)
    assert [news for news in world.news if isinstance(news, cloud.HelpEnding)] == [
        cloud.HelpEnding(A, "c8101", AUTOMATIC.warn_s)
    ]
    world.advance(AUTOMATIC.warn_s)
    assert (world.state(A), world.roll.get(A).reason) == (CloudState.WITHDRAWN, HELP_OVER)


def test_who_logs_out_has_left() -> None:
    """By *14; he may come again, and is checked again."""
    world = CloudWorld()
    world.prove(A)
    world.press_14(A)
    assert (world.state(A), world.roll.get(A).reason) == (CloudState.WITHDRAWN, LOGGED_OUT)
    world.prove(A)
    assert world.state(A) is CloudState.PROVEN


def test_guessed_passwords_lock_the_seat() -> None:
    """Ten wrong ones in five minutes: removed, never checked, until it is unlocked."""
    world = CloudWorld()
    world.prove(A)
    for _ in range(AUTOMATIC.lock_after):
        world.advance(1.0)
        world.tell(cloud.PhoneRefused(A, "203.0.113.9"))
    assert (world.state(A), world.roll.get(A).reason) == (CloudState.LOCKED, LOCKED_BY_GUARD)
    assert world.members == set()
    world.press_11(A)
    world.advance(60.0)
    assert (world.members, world.checks) == (set(), [A])
    world.tell(wish(CloudRequest.UNLOCK))
    assert world.state(A) is CloudState.IDLE
    world.prove(A)
    assert world.state(A) is CloudState.PROVEN


def test_an_unlocked_seat_waits_for_its_new_phone() -> None:
    """Who registered with the old password is not checked; who registers with the new one is. Across a restart too."""
    world = CloudWorld()
    world.register(A)
    world.tell(wish(CloudRequest.LOCK))
    world.tell(wish(CloudRequest.UNLOCK))
    world.restart()
    world.tell(cloud.LinkAccepted("c8101", A))
    assert (world.state(A), world.checks) == (CloudState.ACCEPTED, [])
    world.tell(cloud.PhoneChanged(A))
    assert world.checks == [A]


def test_a_few_wrong_passwords_lock_nothing() -> None:
    """Spread over hours they are somebody's typing errors."""
    world = CloudWorld()
    for _ in range(3 * AUTOMATIC.lock_after):
        world.advance(AUTOMATIC.lock_window_s / (AUTOMATIC.lock_after - 2))
        world.tell(cloud.PhoneRefused(A, "203.0.113.9"))
    assert world.state(A) is CloudState.IDLE


def test_a_restart_keeps_what_is_proven() -> None:
    """Still a member and registered: proven. Logged out meanwhile: left. Came meanwhile by *11: checked now."""
    world = CloudWorld()
    for seat_id in (A, B, C):
        world.prove(seat_id)
    world.members.discard(B)
    world.registered.discard(C)
    world.registered.add(D)
    world.members.add(D)
    world.restart()
    assert world.state(A) is CloudState.PROVEN
    assert world.state(B) is CloudState.WITHDRAWN
    assert world.state(C) is CloudState.ACCEPTED
    assert world.members == {A}
    world.advance(AUTOMATIC.settle_s)
    assert world.checks[-1] == D


def test_a_restart_rings_nobody_twice() -> None:
    """Who was invited before it, is not again; an invitation under way ends."""
    world = CloudWorld(count=2)
    world.tell(asked(1))
    world.restart()
    assert world.state(A) is CloudState.INVITED
    world.advance(AUTOMATIC.invitation_s)
    with pytest.raises(UsageError):
        world.tell(asked(1))
    assert len(world.rung) == 2
    assert world.state(A) is CloudState.IDLE


def test_a_lock_outlives_a_restart() -> None:
    """Locked is locked."""
    world = CloudWorld()
    world.tell(wish(CloudRequest.LOCK))
    world.restart()
    assert world.state(A) is CloudState.LOCKED


def test_a_queue_that_did_not_take_it_is_asked_again() -> None:
    """Asterisk refused once: it is asked again until the seat is in."""
    world = CloudWorld()
    world.register(A)
    world.press_11(A)
    world.advance(AUTOMATIC.settle_s)
    world.roll.receive(good(A), world.roll.get(A).since)
    lost = world.roll.take_effects()
    assert seats.AddSeat(A) in lost
    world.advance(10.0)
    assert world.members == {A}


def test_a_call_ends_when_enough_are_proven() -> None:
    """It tells so, and rings nobody more."""
    world = CloudWorld()
    world.tell(asked(1))
    world.register(A)
    world.reply(A, Reply.ACCEPTED)
    world.tell(good(A))
    assert cloud.CallForHelpEnded(1, 0, "enough") in world.news
    world.reply(B, Reply.DECLINED)
    world.advance(AUTOMATIC.round_s * 2)
    assert len(world.rung) == 2


def test_anybody_without_a_seat_of_his_own_gets_a_free_one() -> None:
    """Seats that belong to nobody are given to whoever is willing."""
    world = CloudWorld(count=2)
    people = (cloud.CloudPerson("g1", None, True), cloud.CloudPerson("c8101", A, True))
    world.tell(cloud.PeopleKnown(people))
    world.tell(asked(2))
    assert {(effect.staff_no, effect.seat_id) for effect in world.rung} == {("g1", B), ("c8101", A)}


def test_ten_is_a_polite_hour() -> None:
    """The world of these tests begins at ten."""
    assert AUTOMATIC.from_s <= TEN < AUTOMATIC.to_s
