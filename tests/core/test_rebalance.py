"""Rebalancing: all or none, nobody overruns another's move, and undone is as it was."""

import pytest
from stories import S1, S2, answered, joined, offered, talked, tell

from callcenter.core import codec
from callcenter.core.clock import Instant
from callcenter.core.errors import UsageError
from callcenter.core.ids import QueueName, SeatId
from callcenter.core.messages import seats
from callcenter.core.messages.base import Effect
from callcenter.core.messages.duty import (
    Duty,
    DutyAssigned,
    RebalanceAsked,
    SeatMove,
    SeatsRebalanced,
    SeatsWantedBack,
    SeatVersion,
    VersionsRestored,
)
from callcenter.core.messages.surge import LevelSwitched
from queues.core.rebalance import MOVES_MAX, Assignment, Rebalancing, parse_move, undoing
from queues.core.seats import SeatRules, Seats

pytestmark = pytest.mark.core

GENERAL, FIRMS = QueueName("general"), QueueName("enterprise")
WANG, LI = "王某", "李某"


class House:
    """Seats and their rebalancing as the controller runs them: what one publishes, both hear."""

    def __init__(self) -> None:
        self.asks_survey = True
        self.seats = Seats([S1, S2], SeatRules(30.0, 3), [GENERAL, FIRMS])
        self.moves = Rebalancing(self.seats, [GENERAL, FIRMS], lambda: self.asks_survey)
        self.orders: list[Effect] = []
        self.number = 0
        tell(self.seats, seats.SeatReachable(S1, reachable=True), joined())

    def ask(self, *moves: SeatMove, by: str = WANG, undoes: str = "") -> SeatsRebalanced:
        """A manager moves seats; what came of it."""
        self.number += 1
        asked = RebalanceAsked(str(self.number), moves, by, "高峰", 1.0, "", undoes)
        self.moves.receive(asked, Instant(0.0))
        self.settle()
        return self.moves.done(str(self.number))

    def settle(self) -> None:
        """Every engine hears what was published."""
        while effects := [*self.moves.take_effects(), *self.seats.take_effects()]:
            for effect in effects:
                if isinstance(effect, seats.Publish):
                    self.seats.receive(effect.message, Instant(0.0))
                    self.moves.receive(effect.message, Instant(0.0))
                else:
                    self.orders.append(effect)

    def undo(self, done: SeatsRebalanced, by: str = LI) -> SeatsRebalanced:
        """What was done is undone."""
        return self.ask(*undoing(done.moved), by=by, undoes=done.rebalance_id)


@pytest.fixture
def house() -> House:
    """Two seats, the first one logged in."""
    return House()


def to_firms(seat_id: SeatId = S1, version: int = 0) -> SeatMove:
    """To the enterprise desk."""
    return SeatMove(seat_id, (FIRMS,), Duty.INBOUND, version)


def to_surveys(seat_id: SeatId = S1, version: int = 0) -> SeatMove:
    """To the surveys."""
    return SeatMove(seat_id, None, Duty.SURVEYS, version)


def test_one_action_moves_several_seats(house: House) -> None:
    """The queue is told, the seat is kept from the line, and the record says before and after."""
    done = house.ask(to_surveys(S1), to_firms(S2))
    assert house.orders == [seats.PauseSeat(S1, "surveys")]
    assert house.moves.of(S1) == Assignment((), Duty.SURVEYS, 1, WANG)
    assert house.moves.of(S2) == Assignment((FIRMS,), Duty.INBOUND, 1, WANG)
    assert [(each.seat_id, each.duty_before, each.duty, each.version) for each in done.moved] == [
        (S1, Duty.INBOUND, Duty.SURVEYS, 1),
        (S2, Duty.INBOUND, Duty.INBOUND, 1),
    ]
    assert codec.decode(done.type, codec.encode(done)) == done


def test_the_second_manager_is_told_who_was_faster(house: House) -> None:
    """Both looked at the same state; the second one's move changes nothing, at no seat."""
    house.ask(to_firms())
    with pytest.raises(
        UsageError, match=r"坐席8001刚由王某改为enterprise.*just moved by 王某: look again"
    ) as refused:
        house.ask(to_firms(S2), to_surveys(S1), by=LI)
    assert refused.value.code == "wrong_seat_version"
    assert house.moves.of(S2).version == 0
    house.ask(to_surveys(S1, version=1), by=LI)
    assert house.moves.of(S1) == Assignment((FIRMS,), Duty.SURVEYS, 2, LI)


def test_skills_assigned_otherwise_are_a_move_too(house: House) -> None:
    """By the seat's own command, for instance; but what is restored at start is none."""
    message = seats.SkillsAssigned(S1, (FIRMS,), "张某")
    for engine in (house.seats, house.moves):
        engine.receive(message, Instant(0.0))
    with pytest.raises(UsageError, match="张某"):
        house.ask(to_surveys())
    house.moves.receive(VersionsRestored((SeatVersion(S2, 7, WANG),)), Instant(0.0))
    house.moves.receive(DutyAssigned(S2, Duty.SURVEYS, ""), Instant(0.0))
    assert house.moves.of(S2).version == 7


def test_undone_is_as_it_was(house: House) -> None:
    """Skills and duty; the undoing can be undone."""
    first = house.ask(to_firms(S1), to_surveys(S2))
    undone = house.undo(first)
    assert [str(house.moves.of(seat)) for seat in (S1, S2)] == ["不分组 / every queue alike"] * 2
    assert (undone.refused, undone.undoes) == ((), first.rebalance_id)
    house.undo(undone)
    assert house.moves.of(S2).duty is Duty.SURVEYS


def test_what_somebody_moved_since_stays(house: House) -> None:
    """The others are undone, and it is said what was not; undone twice is undone once."""
    first = house.ask(to_firms(S1), to_surveys(S2))
    house.ask(to_surveys(S1, version=1), by="张某")
    undone = house.undo(first)
    assert [each.seat_id for each in undone.moved] == [S2]
    (late,) = undone.refused
    assert late.seat_id == S1
    assert "张某" in late.why
    with pytest.raises(UsageError, match="look again"):
        house.undo(first)


def test_undo_after_the_seat_has_taken_a_call(house: House) -> None:
    """The call goes on; the effect is from the next one."""
    first = house.ask(to_firms())
    for message in (offered(), answered()):
        house.seats.receive(message, Instant(1.0))
    house.settle()
    house.orders.clear()
    house.undo(first)
    assert house.orders == [seats.PreferSeat(S1, ())]
    assert house.seats.get(S1).state is seats.SeatState.TALKING
    tell(house.seats, talked(), at=2.0)


def test_what_is_so_already_is_no_move(house: House) -> None:
    """It is refused alone, and left out beside others."""
    with pytest.raises(UsageError, match="so already"):
        house.ask(SeatMove(S1, (), Duty.INBOUND, 0))
    done = house.ask(SeatMove(S1, None, None, 0), to_firms(S2))
    assert [each.seat_id for each in done.moved] == [S2]


@pytest.mark.parametrize(
    ("moves", "words"),
    [
        ((), f"1 to {MOVES_MAX} moves"),
        ((to_firms(), to_surveys()), "named twice"),
        ((to_firms(SeatId("9999")),), "no seat 9999"),
        ((SeatMove(S1, (QueueName("tax"),), None, 0),), "no queue 'tax'; known: general, enterprise"),
        ((SeatMove(S1, None, Duty.HELPING, 0),), "between inbound and surveys"),
    ],
)
def test_nonsense_is_refused(house: House, moves: tuple[SeatMove, ...], words: str) -> None:
    """Clearly, and nothing has changed."""
    with pytest.raises(UsageError, match=words):
        house.ask(*moves)
    assert house.moves.of(S1).version == 0


def test_a_seat_of_a_call_day_is_not_moved(house: House) -> None:
    """Its duty ends with the day."""
    for engine in (house.seats, house.moves):
        engine.receive(DutyAssigned(S1, Duty.GUEST, "lead"), Instant(0.0))
    with pytest.raises(UsageError, match="call day") as refused:
        house.ask(to_surveys(version=1))
    assert refused.value.code == "wrong_duty"


def test_a_surge_wants_its_surveyors_back(house: House) -> None:
    """They are proposed, not moved; without any, or while there is time for surveys, nothing is said."""
    house.ask(to_surveys())
    switched = LevelSwitched(0, 2, True, "figures", "", 1.2, 300.0, 9, 0.0, False, "")
    house.moves.receive(switched, Instant(0.0))
    assert house.moves.take_effects() == []
    house.asks_survey = False
    house.moves.receive(switched, Instant(0.0))
    assert house.moves.take_effects() == [seats.Publish(SeatsWantedBack((S1,), 2))]
    assert house.moves.of(S1).duty is Duty.SURVEYS


def test_moves_as_people_write_them() -> None:
    """A skill group means the line."""
    assert parse_move("8003:general+enterprise") == ("8003", (GENERAL, FIRMS), Duty.INBOUND)
    assert parse_move("8003:all") == ("8003", (), Duty.INBOUND)
    assert parse_move("8004:surveys") == ("8004", None, Duty.SURVEYS)
    assert parse_move("8004:inbound") == ("8004", None, Duty.INBOUND)
    for text in ("8003", "8003:", ":surveys", "eight:surveys"):
        with pytest.raises(UsageError, match="is no move"):
            parse_move(text)
