"""The intake: a greeting, then the line, whatever happens."""

import pytest
from stories import C1, C2, GENERAL, arrived, ended, tell

from callcenter.core.clock import Instant
from callcenter.core.messages import calls
from ivr.core.intake import GREETING, Intake

pytestmark = pytest.mark.core


def test_silence_goes_straight_to_the_line() -> None:
    """One greeting, then the queue; no key is needed."""
    intake = Intake(GENERAL, limit_s=60.0)
    assert tell(intake, arrived()) == [calls.Play(C1, GREETING, "0")]
    assert tell(intake, calls.PromptEnded(C1, "")) == [calls.Enqueue(C1, GENERAL, 0)]


def test_a_session_ends_by_its_time_limit() -> None:
    """A session that says nothing more is sent to the line at its limit."""
    intake = Intake(GENERAL, limit_s=60.0)
    tell(intake, arrived(), at=10.0)
    assert intake.next_deadline() == Instant(70.0)
    intake.on_deadline(Instant(70.0))
    assert intake.take_effects() == [calls.Enqueue(C1, GENERAL, 0)]
    assert intake.next_deadline() is None


@pytest.mark.parametrize("message", [calls.SessionLost(C1, "gone"), ended()])
def test_a_lost_session_is_forgotten(message: calls.SessionLost | calls.CallEnded) -> None:
    """The dialplan has the caller; late answers of the session do nothing."""
    intake = Intake(GENERAL, limit_s=60.0)
    tell(intake, arrived(), arrived(C2), message)
    assert tell(intake, calls.PromptEnded(C1, "")) == []
    assert tell(intake, calls.PromptEnded(C2, "0")) == [calls.Enqueue(C2, GENERAL, 0)]
