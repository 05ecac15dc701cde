"""Quarter hours: each call counts where it arrived, and waits wherever it was in line at the end."""

from datetime import UTC, datetime, timedelta

import pytest

from callcenter.reports.core.quarters import by_quarter, quarters_until
from callcenter.reports.core.rows import ContactRow

pytestmark = pytest.mark.core

NOW = datetime(2026, 11, 22, 9, 20, tzinfo=UTC)


def call(name: str, at: datetime, outcome: str | None, waited_min: float) -> ContactRow:
    """A call that joins the line at once."""
    left = at + timedelta(minutes=waited_min)
    is_answered = outcome == "answered"
    return ContactRow(
        name,
        name,
        "controller",
        outcome,
        at,
        at,
        left if is_answered else None,
        None,
        left if outcome else None,
    )


def test_the_last_quarter_runs() -> None:
    """An hour has four of them, on the quarter."""
    window = quarters_until(NOW, 1)
    assert (window.from_at.minute, window.until_at.minute) == (30, 30)


def test_who_came_how_it_ended_and_who_waits() -> None:
    """Our own call-backs are no arrivals; who called before the first quarter may wait in it."""
    at = datetime(2026, 11, 22, 8, 35, tzinfo=UTC)
    rows = [
        call("early", at - timedelta(minutes=20), "abandoned", 40),
        call("a", at, "answered", 1),
        call("b", at, "callback", 2),
        call("c", at + timedelta(minutes=30), None, 0),
        call("ours", at, "answered", 1)._replace(source="callback"),
    ]
    found = by_quarter(quarters_until(NOW, 1), rows, NOW)
    assert [(it.attempts, it.answered, it.abandoned, it.diverted) for it in found] == [
        (2, 1, 0, 1),
        (0, 0, 0, 0),
        (1, 0, 0, 0),
        (0, 0, 0, 0),
    ]
    assert [it.waiting for it in found] == [1, 0, 1, 1]
