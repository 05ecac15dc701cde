"""One seat's own day beside the middle of the house: what is counted, and that nobody is given away."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from callcenter.reports.core.rows import ContactRow
from callcenter.reports.core.seat_day import MIDDLE_MIN, DayOfSeats, OwnFigure, SeatMove, own_day
from callcenter.reports.core.windows import Window

pytestmark = pytest.mark.core

MIDNIGHT = datetime(2026, 11, 22, tzinfo=UTC)
OURS = frozenset({"rest", "wrap_up"})


def at(hour: float) -> datetime:
    """An hour of the day."""
    return MIDNIGHT + timedelta(hours=hour)


def talk(seat_id: str, hour: float, talk_s: float | None) -> ContactRow:
    """A talk of a seat; ``None``: it goes on."""
    name = f"{seat_id}-{hour}"
    outcome = None if talk_s is None else "answered"
    return ContactRow(
        name, "", "controller", outcome, at(hour), at(hour), at(hour), None, None, talk_s, seat_id
    )


def day(contacts: list[ContactRow], *moves: SeatMove) -> DayOfSeats:
    """Until ten o'clock."""
    window = Window(MIDNIGHT, MIDNIGHT + timedelta(days=1))
    return DayOfSeats(window, at(10), contacts, moves, {"8001": 2}, {"8001": 1})


def told(figures: Sequence[OwnFigure]) -> dict[str, float | None]:
    """Own values by name."""
    return {figure.formula.name: figure.own for figure in figures}


def test_a_day_is_counted() -> None:
    """Talks, the running one among them, after-call work, breaks of one's own; a rest that was ordered is none."""
    moves = [
        SeatMove(at(9), "8001", "talking", "wrap_up", "wrap_up"),
        SeatMove(at(9) + timedelta(seconds=60), "8001", "wrap_up", "on_break", "rest"),
        SeatMove(at(9.1), "8001", "on_break", "on_break", "用餐"),
        SeatMove(at(9.6), "8001", "on_break", "ready", ""),
        SeatMove(at(9), "8002", "ready", "on_break", "用餐"),
    ]
    contacts = [talk("8001", 8, 100.0), talk("8001", 10 - 100 / 3600, None), talk("8002", 8, 500.0)]
    found = told(own_day(day(contacts, *moves), "8001", OURS))
    assert found == pytest.approx(
        {
            "answered_by_seat": 2,
            "talk_mean": 100.0,
            "wrap_mean": 30.0,
            "aht": 130.0,
            "callbacks_kept_by_seat": 2,
            "direct_answers_by_seat": 1,
            "breaks_by_seat": 1,
            "break_by_seat": 1800.0,
        }
    )


def test_a_middle_gives_nobody_away() -> None:
    """With fewer seats at work than five it is not told; then it is the median."""
    few = [talk(f"80{n:02}", 8, 100.0 * n) for n in range(1, MIDDLE_MIN)]
    assert {figure.middle for figure in own_day(day(few), "8001", OURS)} == {None}
    enough = [*few, talk("8009", 8, 900.0)]
    middles = {figure.formula.name: figure.middle for figure in own_day(day(enough), "8001", OURS)}
    assert middles["talk_mean"] == 300.0


def test_who_has_not_answered_yet_has_no_mean() -> None:
    """Nothing to divide by is null; what is counted is zero."""
    found = told(own_day(day([]), "8003", OURS))
    assert (found["answered_by_seat"], found["aht"], found["breaks_by_seat"]) == (0, None, 0)
