"""Mutual aid, decided: who is taken, what a token is worth, and how a partner that fails is left alone."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.core.clock import Instant
from callcenter.core.ids import ContactId
from callcenter.core.messages.partner import TOKEN_S, OfferMade
from queues.core.mutual_aid import REST_MAX_S, Aid, AidRules, Reason, Situation, Trust
from queues.core.surge import SurgeLevel

pytestmark = pytest.mark.core

RULES = AidRules(reserve_seats=2, help_max=3)
QUIET = Situation(free=5, waiting=0, level=SurgeLevel.NORMAL)
NOW = Instant(100.0)
FIRST = "1"
COMES, TALKS = ContactId("c-1"), ContactId("c-2")


def offer(token: str = FIRST, hops: int = 0) -> OfferMade:
    """A caller is offered."""
    return OfferMade(token, "r-1", "铜川", "13800000001", False, 40.0, hops)


@pytest.mark.parametrize(
    ("house", "hops", "reason"),
    [
        (QUIET, 0, None),
        (replace(QUIET, free=3), 0, None),
        (replace(QUIET, free=2), 0, Reason.RESERVE),
        (replace(QUIET, free=0), 0, Reason.RESERVE),
        (replace(QUIET, waiting=1), 0, Reason.LINE),
        (replace(QUIET, level=SurgeLevel.WATCH), 0, None),
        (replace(QUIET, level=SurgeLevel.SURGE), 0, Reason.SURGE),
        (replace(QUIET, level=SurgeLevel.OVERLOAD), 0, Reason.SURGE),
        (replace(QUIET, is_paused=True), 0, Reason.PAUSED),
        (QUIET, 1, Reason.LOOP),
        (replace(QUIET, is_ours=True), 0, Reason.LOOP),
        (replace(QUIET, free=0, waiting=4), 1, Reason.LOOP),
    ],
)
def test_who_is_taken(house: Situation, hops: int, reason: Reason | None) -> None:
    """Only with seats beyond the reserve, an empty line, no surge of our own, and nobody who was handed on before."""
    assert Aid(RULES).decide(offer(hops=hops), house, NOW) is reason


def test_a_promised_seat_is_a_taken_one() -> None:
    """Tokens that live and callers on their way to a seat count; a dead token frees its seat."""
    aid = Aid(RULES)
    house = replace(QUIET, free=4)
    assert [aid.decide(offer(token), house, NOW) for token in ("1", "2", "3")] == [None, None, Reason.RESERVE]
    assert aid.redeem("1", COMES, NOW)
    assert aid.decide(offer("3"), house, NOW) is Reason.RESERVE
    later = Instant(NOW + TOKEN_S)
    assert aid.decide(offer("3"), house, later) is None
    assert aid.capacity(house, later) == 0


def test_no_more_are_helped_than_agreed() -> None:
    """Those who talk count as well, until they leave."""
    aid = Aid(RULES)
    house = replace(QUIET, free=9)
    for token in ("1", "2", "3"):
        assert aid.decide(offer(token), house, NOW) is None
        assert aid.redeem(token, ContactId(token), NOW)
    assert aid.decide(offer("4"), house, NOW) is Reason.FULL
    aid.leave(ContactId("2"))
    assert aid.decide(offer("4"), house, NOW) is None


def test_a_token_is_good_once_and_for_ten_seconds() -> None:
    """A second call with it, a late one, and one that was never given out are refused."""
    aid = Aid(RULES)
    aid.decide(offer("1"), QUIET, NOW)
    aid.decide(offer("2"), QUIET, NOW)
    assert aid.redeem("1", COMES, Instant(NOW + TOKEN_S - 0.1))
    assert not aid.redeem("1", TALKS, Instant(NOW + TOKEN_S - 0.1))
    assert not aid.redeem("2", TALKS, Instant(NOW + TOKEN_S))
    assert not aid.redeem("9", TALKS, NOW)
    ward = aid.ward(COMES)
    assert ward is not None
    assert ward.offer == offer("1")


def test_who_waits_too_long_is_given_back_once() -> None:
    """A caller without a seat after ``give_back_s``; one who rings or talks stays."""
    aid = Aid(AidRules(reserve_seats=0, help_max=5, give_back_s=8.0))
    for token, contact in (("1", COMES), ("2", TALKS)):
        aid.decide(offer(token), QUIET, NOW)
        aid.redeem(token, contact, NOW)
    ward = aid.ward(TALKS)
    assert ward is not None
    ward.has_seat = True
    assert aid.next_due() == NOW + 8.0
    assert aid.overdue(Instant(NOW + 7.9)) == []
    assert aid.overdue(Instant(NOW + 8.0)) == [COMES]
    assert aid.overdue(Instant(NOW + 9.0)) == []
    assert aid.next_due() is None


def test_a_partner_that_fails_is_asked_less_and_less() -> None:
    """The pause doubles up to its bound; answering politely ends the trouble, but not that it took nobody."""
    trust = Trust(rest_s=10.0)
    assert trust.may_ask(NOW)
    trust.fail("silent", NOW)
    assert not trust.may_ask(Instant(NOW + 9.9))
    assert trust.may_ask(Instant(NOW + 10.0))
    trust.fail("silent", NOW)
    assert not trust.may_ask(Instant(NOW + 19.9))
    trust.speak()
    assert (trust.trouble, trust.failures) == ("", 0)
    for _ in range(20):
        trust.fail("no_answer", NOW)
    assert not trust.may_ask(Instant(NOW + REST_MAX_S - 0.1))
    assert trust.may_ask(Instant(NOW + REST_MAX_S))
    trust.speak()
    assert trust.trouble == "no_answer"
    trust.work()
    assert trust.trouble == ""


def test_a_partner_that_gives_back_is_left_alone_without_blame() -> None:
    """It needs its seats: no failure, only a pause."""
    trust = Trust(rest_s=10.0)
    trust.yield_to(NOW)
    assert not trust.may_ask(Instant(NOW + 29.9))
    assert trust.may_ask(Instant(NOW + 30.0))
    assert (trust.trouble, trust.failures) == ("", 0)


STEP = st.tuples(st.sampled_from(("offer", "redeem", "seat", "leave", "wait")), st.integers(0, 9))


@given(
    st.builds(
        AidRules,
        reserve_seats=st.integers(0, 4),
        help_max=st.integers(0, 6),
        give_back_s=st.floats(1, 30),
    ),
    st.integers(0, 12),
    st.lists(STEP, max_size=60),
)
def test_the_reserve_is_kept_whatever_happens(
    rules: AidRules, free: int, steps: list[tuple[str, int]]
) -> None:
    """However offers, calls and ends follow one another: never more than agreed, never into the reserve, no token twice."""
    aid, now, used = Aid(rules), NOW, set[str]()
    seated: set[ContactId] = set()
    for number, (step, who) in enumerate(steps):
        contact = ContactId(str(who))
        left = free - len(seated)
        if step == "offer":
            house = replace(QUIET, free=left)
            room = aid.capacity(house, now)
            taken = aid.decide(offer(f"{who}"), house, now) is None
            assert taken == (room > 0)
            used.discard(f"{who}")
        elif step == "redeem" and aid.ward(contact) is None:
            if aid.redeem(f"{who}", contact, now):
                assert f"{who}" not in used
                used.add(f"{who}")
        elif step == "seat" and (ward := aid.ward(contact)) and not ward.has_seat:
            ward.has_seat = True
            seated.add(contact)
        elif step == "leave":
            aid.leave(contact)
            seated.discard(contact)
        else:
            now = Instant(now + who)
        assert aid.here <= rules.help_max
        assert len(seated) <= max(0, free - rules.reserve_seats), number
