"""The intake: a greeting as the hour asks for it, and the line at the latest when a session's time is over."""

from datetime import date, datetime, time

import pytest
from stories import C1, C2, GENERAL, arrived, ended, queued, tell

from callcenter.core.clock import Instant
from callcenter.core.messages import calls, offers, surge
from callcenter.core.messages.base import Message
from ivr.core.flow import Occasion
from ivr.core.intake import GREETING, ArrivalFlows, Intake

pytestmark = pytest.mark.core


GREETING_SURGE = "greeting_surge"


def switched(new: int, *, applied: bool = True) -> surge.LevelSwitched:
    """The surge level changed, or is proposed to; its profile has a greeting of its own from level 2 on."""
    greeting = GREETING_SURGE if new >= 2 else GREETING
    figures = (2.0, 300.0, 20, 120.0)
    return surge.LevelSwitched(0, new, applied, "figures", "load", *figures, greeting=greeting)


FLOWS = ("intake", "surge_watch", "surge_high", "surge_overload")
OCCASIONS = ("normal", "watch", "high", "overload")


def welcomed(flow: str, greeting: str, level: int = 0) -> calls.Play:
    """Led through this flow, which is told what it needs to know."""
    arrival = arrived()
    facts = {
        "origin": arrival.called,
        "level": str(level),
        "occasion": OCCASIONS[level],
        "greeting": greeting,
        "today": arrival.at.date().isoformat(),
    }
    return calls.Play(C1, flow, tuple(facts.items()))


@pytest.fixture
def intake() -> Intake:
    """Sessions of a minute."""
    return Intake(GENERAL, limit_s=60.0)


def test_one_greeting_and_nothing_more(intake: Intake) -> None:
    """The flow of normal hours; what follows it is somebody else's decision."""
    assert tell(intake, arrived()) == [welcomed("intake", GREETING)]
    assert tell(intake, calls.PromptEnded(C1, "")) == []


@pytest.mark.parametrize(
    ("switches", "level"),
    [
        ([switched(1)], 1),
        ([switched(2)], 2),
        ([switched(3)], 3),
        ([switched(2, applied=False)], 0),
        ([switched(3), switched(1)], 1),
        ([switched(3), switched(1, applied=False)], 3),
    ],
)
def test_a_surge_is_greeted_as_one(intake: Intake, switches: list[Message], level: int) -> None:
    """Each level has its flow, its profile names the greeting; a switch that is only proposed changes nothing."""
    greeting = GREETING_SURGE if level >= 2 else GREETING
    assert tell(intake, *switches, arrived()) == [welcomed(FLOWS[level], greeting, level)]


@pytest.mark.parametrize("first", [arrived(), offers.SessionResumed(C1)])
def test_a_session_ends_by_its_time_limit(intake: Intake, first: Message) -> None:
    """Whatever was asked and never answered: the line, once."""
    tell(intake, first, at=10.0)
    tell(
        intake,
        calls.PromptEnded(C1, ""),
        offers.Replied(C1, offers.Question.CALLBACK, accepted=False),
        at=40.0,
    )
    assert intake.next_deadline() == Instant(70.0)
    intake.on_deadline(Instant(70.0))
    assert intake.take_effects() == [calls.Enqueue(C1, GENERAL, 0)]
    assert intake.next_deadline() is None


def test_who_comes_back_from_the_line_is_not_greeted_again(intake: Intake) -> None:
    """A withdrawn caller hears the question only."""
    assert tell(intake, offers.SessionResumed(C1)) == []


@pytest.mark.parametrize("message", [queued(), calls.SessionLost(C1, "gone"), ended()])
def test_a_session_that_is_over_needs_no_guard(intake: Intake, message: Message) -> None:
    """In line, with the dialplan, or gone; the others stay guarded."""
    tell(intake, arrived(), at=0.0)
    tell(intake, arrived(C2), at=5.0)
    tell(intake, message, at=6.0)
    assert intake.next_deadline() == Instant(65.0)
    intake.on_deadline(Instant(65.0))
    assert intake.take_effects() == [calls.Enqueue(C2, GENERAL, 0)]


ENTERPRISE, OTHER = "12346", "12345"
CALENDAR = ArrivalFlows(
    origins={ENTERPRISE: "enterprise"},
    night_from=time(22),
    night_to=time(7),
    holidays=frozenset({date(2026, 10, 1)}),
)
WORKDAY, HOLIDAY = date(2026, 11, 23), date(2026, 10, 1)


@pytest.mark.parametrize(
    ("called", "level", "day", "hour", "flow"),
    [
        (OTHER, 0, WORKDAY, 10, "intake"),
        (OTHER, 1, WORKDAY, 10, "surge_watch"),
        (OTHER, 0, WORKDAY, 22, "night"),
        (OTHER, 0, WORKDAY, 3, "night"),
        (OTHER, 0, WORKDAY, 7, "intake"),
        (OTHER, 0, HOLIDAY, 10, "holiday"),
        (OTHER, 1, HOLIDAY, 3, "holiday"),
        (OTHER, 2, HOLIDAY, 3, "surge_high"),
        (OTHER, 3, WORKDAY, 23, "surge_overload"),
        (ENTERPRISE, 0, WORKDAY, 10, "enterprise"),
        (ENTERPRISE, 3, HOLIDAY, 3, "enterprise"),
    ],
)
def test_number_level_holiday_and_night_choose_the_flow(
    called: str, level: int, day: date, hour: int, flow: str
) -> None:
    """A number's own flow first, then a surge, then holidays, then nights."""
    occasion = CALENDAR.occasion(level, datetime.combine(day, time(hour)))
    assert CALENDAR.flow(called, occasion) == flow


def test_a_house_without_a_calendar_has_neither_night_nor_holiday() -> None:
    """Equal ends: no night at all."""
    assert {ArrivalFlows().occasion(0, datetime.combine(HOLIDAY, time(hour))) for hour in range(24)} == {
        Occasion.NORMAL
    }
