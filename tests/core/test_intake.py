"""The intake: a greeting as the hour asks for it, and the line at the latest when a session's time is over."""

import pytest
from stories import C1, C2, GENERAL, arrived, ended, queued, tell

from callcenter.core.clock import Instant
from callcenter.core.messages import calls, offers, surge
from callcenter.core.messages.base import Message
from ivr.core.intake import GREETING, Intake

pytestmark = pytest.mark.core


GREETING_SURGE = "greeting_surge"


def switched(new: int, *, applied: bool = True) -> surge.LevelSwitched:
    """The surge level changed, or is proposed to; its profile has a greeting of its own from level 2 on."""
    greeting = GREETING_SURGE if new >= 2 else GREETING
    figures = (2.0, 300.0, 20, 120.0)
    return surge.LevelSwitched(0, new, applied, "figures", "load", *figures, greeting=greeting)


@pytest.fixture
def intake() -> Intake:
    """Sessions of a minute."""
    return Intake(GENERAL, limit_s=60.0)


def test_one_greeting_and_nothing_more(intake: Intake) -> None:
    """0 and 9 cut it short; what follows it is somebody else's decision."""
    assert tell(intake, arrived()) == [calls.Play(C1, (GREETING,), "09")]
    assert tell(intake, calls.PromptEnded(C1, "")) == []


@pytest.mark.parametrize(
    ("switches", "greeting"),
    [
        ([switched(1)], GREETING),
        ([switched(2)], GREETING_SURGE),
        ([switched(3)], GREETING_SURGE),
        ([switched(2, applied=False)], GREETING),
        ([switched(3), switched(1)], GREETING),
        ([switched(3), switched(1, applied=False)], GREETING_SURGE),
    ],
)
def test_a_surge_is_greeted_as_one(intake: Intake, switches: list[Message], greeting: str) -> None:
    """The level's profile names it; a switch that is only proposed changes nothing."""
    assert tell(intake, *switches, arrived()) == [calls.Play(C1, (greeting,), "09")]


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
