"""Survey calls: one at a time from a seat whose duty it is; they go the way of call-backs and keep no promise."""

import pytest
from stories import C1, GENERAL, NINE, S1, S2, arrived, joined, paused, snapshot, tell

from callcenter.core.clock import Instant
from callcenter.core.contacts import Contacts
from callcenter.core.errors import UsageError
from callcenter.core.ids import ContactId, SeatId
from callcenter.core.messages import calls, seats, work
from callcenter.core.messages.callbacks import (
    CallbackAnswered,
    CallbackBegun,
    CallbackDialing,
    CallbackTalkEnded,
    callback_id,
    is_callback,
    is_survey,
    survey_id,
)
from callcenter.core.messages.duty import Duty, DutyAssigned
from callcenter.core.messages.surveys import DialSurvey, SurveyAsked
from queues.core.seats import SeatRules, Seats
from queues.core.surveying import Surveying

pytestmark = pytest.mark.core

ANNA = "13812345678"
TALK = ContactId("cc-7.7")
CALL = survey_id(TALK)


class House:
    """One seat on survey duty, one that is not."""

    def __init__(self) -> None:
        self.has_time = True
        self.seats, self.contacts = Seats([S1, S2], SeatRules(30.0, 3)), Contacts()
        self.engine = Surveying(self.seats, self.contacts, lambda: self.has_time)
        tell(self.seats, seats.SeatReachable(S1, reachable=True), joined())
        tell(self.seats, DutyAssigned(S1, Duty.SURVEYS, "lead"), paused(reason="surveys"))

    def ask(self, seat_id: SeatId = S1, caller: str = ANNA) -> list[object]:
        """The next citizen is asked for."""
        self.engine.receive(SurveyAsked(TALK, caller, seat_id, "lead"), Instant(0.0))
        return list(self.engine.take_effects())


@pytest.fixture
def house() -> House:
    """The house."""
    return House()


def test_a_seat_dials_one_citizen_at_a_time(house: House) -> None:
    """The next when the call is over, whatever came of it."""
    assert house.ask() == [DialSurvey(CALL, ANNA, S1, TALK)]
    with pytest.raises(UsageError, match="not free"):
        house.ask()
    house.engine.receive(calls.CallEnded(CALL, 17, NINE), Instant(1.0))
    assert house.ask() != []


def test_a_call_that_nobody_saw_end_is_forgotten(house: House) -> None:
    """When Asterisk does not hold it any more."""
    house.ask()
    house.engine.receive(snapshot(), Instant(1.0))
    assert house.ask() != []


def test_who_cannot_survey_is_told_why(house: House) -> None:
    """Another duty, no time in a surge, a break, an unknown seat, a citizen on the line."""
    with pytest.raises(UsageError, match="8002:surveys") as refused:
        house.ask(S2)
    assert refused.value.code == "wrong_duty"
    with pytest.raises(UsageError, match="no seat 9999"):
        house.ask(SeatId("9999"))
    tell(house.contacts, arrived(C1, ANNA))
    with pytest.raises(UsageError, match="on the line"):
        house.ask()
    tell(house.seats, paused(reason="lunch"))
    with pytest.raises(UsageError, match="on_break lunch"):
        house.ask(caller="13812345679")
    house.has_time = False
    with pytest.raises(UsageError, match="the surge lasts") as refused:
        house.ask()
    assert refused.value.code == "wrong_surge_level"


def test_a_survey_is_a_call_of_ours_without_a_ticket(house: House) -> None:
    """A call-back in the books, told apart by its id; nobody writes a ticket about it."""
    assert (is_callback(CALL), is_survey(CALL), is_survey(callback_id(TALK, 1))) == (True, True, False)
    effects = tell(
        house.contacts,
        CallbackBegun(CALL, ANNA, S1, TALK, NINE),
        calls.CallOffered(CALL, GENERAL, S1),
        CallbackDialing(CALL),
        CallbackAnswered(CALL),
        CallbackTalkEnded(CALL),
        calls.CallEnded(CALL, 16, NINE),
        at=30.0,
    )
    assert not any(isinstance(effect, work.DraftTicket) for effect in effects)
    assert any(isinstance(effect, work.SealRecording) for effect in effects)
