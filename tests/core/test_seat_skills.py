"""Skill groups: a preference over one pool, that travels with the seat."""

import pytest
from stories import S1, S2, answered, offered, tell

from callcenter.core.clock import Instant
from callcenter.core.errors import UsageError
from callcenter.core.ids import QueueName, SeatId
from callcenter.core.messages import seats
from callcenter.core.messages.base import Effect
from callcenter.core.messages.seats import SeatRequest
from queues.core.seats import SeatRules, Seats

pytestmark = pytest.mark.core

MAIN, FIRMS, DIALECT = QueueName("main"), QueueName("enterprise"), QueueName("dialect")


def house() -> Seats:
    """Three queues, one seat with a phone."""
    line = Seats([S1, S2], SeatRules(30.0, 3), [MAIN, FIRMS, DIALECT])
    tell(line, seats.SeatReachable(S1, reachable=True))
    return line


def skilled(*skills: QueueName, seat_id: SeatId = S1) -> seats.SkillsAssigned:
    """A manager assigns skills."""
    return seats.SkillsAssigned(seat_id, skills, "lead")


def joins(queue: QueueName) -> seats.SeatJoined:
    """Seat 1 becomes a member of one queue."""
    return seats.SeatJoined(S1, queue, paused=False, reason="")


def orders(effects: list[Effect]) -> list[Effect]:
    """Only what Asterisk is asked to do."""
    return [effect for effect in effects if not isinstance(effect, seats.Publish)]


def test_a_seat_logs_in_with_its_skills() -> None:
    """They were assigned while it was off."""
    line = house()
    assert tell(line, skilled(FIRMS)) == []
    assert line.get(S1).skills == (FIRMS,)
    asked = seats.SeatAsked(S1, SeatRequest.LOGIN, "", "8001")
    assert tell(line, asked) == [seats.AddSeat(S1, (FIRMS,))]


def test_who_logs_in_by_feature_code_is_preferred_too() -> None:
    """Once it has joined its last queue, its queues are told; without skills there is nothing to tell."""
    line = house()
    tell(line, skilled(FIRMS))
    assert orders(tell(line, joins(MAIN), joins(FIRMS))) == []
    assert orders(tell(line, joins(DIALECT))) == [seats.PreferSeat(S1, (FIRMS,))]
    assert orders(tell(house(), joins(MAIN), joins(FIRMS), joins(DIALECT))) == []


@pytest.mark.parametrize("in_talk", [True, False])
def test_skills_change_while_the_seat_works(in_talk: bool) -> None:
    """From the next call on; none at all is a choice too."""
    line = house()
    tell(line, joins(MAIN), *([offered(), answered()] if in_talk else []))
    assert tell(line, skilled(FIRMS, DIALECT)) == [seats.PreferSeat(S1, (FIRMS, DIALECT))]
    assert tell(line, skilled()) == [seats.PreferSeat(S1, ())]
    assert line.get(S1).skills == ()


def test_skills_outlive_logging_off() -> None:
    """They belong to the seat, not to its shift."""
    line = house()
    tell(line, skilled(FIRMS), joins(MAIN), seats.SeatLeft(S1, MAIN))
    assert line.get(S1).skills == (FIRMS,)


@pytest.mark.parametrize(
    ("message", "words"),
    [
        (skilled(MAIN, QueueName("tax")), "no queue 'tax'; known: main, enterprise, dialect"),
        (skilled(MAIN, seat_id=SeatId("9999")), "no seat 9999"),
    ],
)
def test_an_unknown_skill_or_seat_is_refused(message: seats.SkillsAssigned, words: str) -> None:
    """The known ones are named, and nothing has changed."""
    line = house()
    with pytest.raises(UsageError, match=words):
        line.receive(message, Instant(0.0))
    assert line.get(S1).skills == ()
