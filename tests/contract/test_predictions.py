"""Predictions are kept, and what happened is counted from the ledger by the same definitions."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from rows import answered

from callcenter.core.clock import Instant
from callcenter.core.contact import Contact
from callcenter.core.ids import ContactId, SeatId
from callcenter.core.messages.calls import Outcome
from callcenter.core.messages.seats import SeatState, SeatStateChanged
from callcenter.store import contacts, predictions
from callcenter.store.database import Database
from callcenter.store.journal import draft
from callcenter.what_if_truth import what_happened
from queues.core.what_if import Change, Figures, Prediction

pytestmark = pytest.mark.contract

BEGAN = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
UNTIL = BEGAN + timedelta(hours=1)
NOTHING = Figures(0, 0, None, None, None, None, None, None, 0, None, 0, 0)

_numbers = count(1)


def predicted(id_: str, asked_at: datetime = BEGAN, with_seats: float = 23.0) -> Prediction:
    """Six more seats beside seventeen."""
    without = replace(NOTHING, attempts=100.5, answered=80, answered_share=0.8, seats=17.0)
    with_ = replace(without, answered=95, answered_share=0.95, seats=with_seats)
    change = Change(cloud_seats=6)
    return Prediction(
        id_, asked_at, change, without, with_, 4, 0.5, 3600.0, {"answered": 1.5, "p95_wait_s": None}
    )


async def keep(database: Database, *told: Prediction) -> None:
    """Keep them, as the controller's writer does."""
    async with database.unit() as unit:
        for prediction in told:
            await predictions.keep(unit, prediction, "lead")


async def newest(database: Database) -> list[predictions.Kept]:
    """All of them."""
    async with database.reading() as connection:
        return await predictions.newest(connection, 10)


async def test_a_prediction_is_read_as_it_was_kept(database: Database) -> None:
    """Every figure, unknown ones too, whoever asked, how far it reaches; kept twice it is there once; newest first."""
    first, second = predicted("a"), predicted("b", UNTIL)
    await keep(database, first, second, first)
    found = await newest(database)
    assert [kept.prediction for kept in found] == [second, first]
    assert (found[1].by, found[1].until_at, found[1].real) == ("lead", UNTIL, None)


async def test_what_happened_is_written_once(database: Database) -> None:
    """It is due when its span is over; who was there says which variant came true; a second truth changes nothing."""
    await keep(database, predicted("a"), predicted("b", UNTIL))
    async with database.reading() as connection:
        due = await predictions.due(connection, UNTIL + timedelta(seconds=1))
    assert [kept.id for kept in due] == ["a"]
    for real in (replace(NOTHING, answered=90, seats=22.0), NOTHING):
        async with database.unit() as unit:
            await predictions.close(unit, "a", real, UNTIL)
    async with database.reading() as connection:
        assert await predictions.due(connection, UNTIL + timedelta(seconds=1)) == []
    _, kept = await newest(database)
    assert kept.real is not None
    assert (kept.real.answered, kept.real.answered_share, kept.came_true) == (90, None, "with")


@pytest.mark.parametrize(("seats", "expected"), [(17.2, "without"), (21.0, "with")])
def test_the_variant_that_came_true_is_told_by_seats(seats: float, expected: str) -> None:
    """Nobody has to say whether the change was made."""
    kept = predictions.Kept(predicted("a"), "lead", UNTIL, replace(NOTHING, seats=seats))
    assert kept.came_true == expected


def test_without_a_difference_no_variant_came_true() -> None:
    """A what-if that changes no seat is only a forecast."""
    kept = predictions.Kept(predicted("a", with_seats=17.0), "lead", UNTIL, NOTHING)
    assert kept.came_true == ""


async def test_what_happened_counts_as_the_simulation_does(database: Database) -> None:
    """Who waited before counts; before and after do not; waits end with the span; a seat's hour is its work."""
    before = _call(-10, waits=900.0, talks=60.0)  # in line at the begin, answered within
    long_ago = _call(-60, waits=5.0, talks=60.0)  # answered before
    quick, slow = _call(5, waits=10.0, talks=60.0), _call(6, waits=100.0, talks=60.0)
    gave_up = _lost(10, Outcome.ABANDONED, 40.0)
    rung_back = _lost(11, Outcome.CALLBACK, 30.0)
    left_early = replace(_lost(12, Outcome.LEFT_EARLY, 5.0), queued_at=None)
    at_the_end = _call(59, waits=600.0, talks=60.0)  # still waits when the span ends
    after = _call(61, waits=5.0, talks=60.0)
    await _write(
        database,
        [
            before,
            long_ago,
            quick,
            slow,
            gave_up,
            rung_back,
            left_early,
            at_the_end,
            after,
            _ours(20, rung_back),
        ],
    )
    await _seat(
        database,
        [(-5, "off", "ready"), (15, "ready", "talking"), (30, "talking", "wrap_up"), (45, "wrap_up", "off")],
    )
    real = await what_happened(database, BEGAN, UNTIL)
    assert (real.attempts, real.answered, real.waiting_end) == (7, 3, 1)
    assert real.answered_share == pytest.approx(3 / 6)
    assert real.abandoned_share == pytest.approx(1 / 6)
    assert real.served_within_share == pytest.approx(1 / 4)
    assert real.mean_wait_s == pytest.approx((900 + 10 + 100 + 40 + 30 + 60) / 6)
    assert real.p95_wait_s == pytest.approx(900)
    assert real.human_share == pytest.approx(4 / 7)  # three answered, one called back
    assert real.occupancy == pytest.approx(30 / 45)
    assert real.seats == pytest.approx(0.75)


async def test_a_span_without_anybody_has_unknown_figures(database: Database) -> None:
    """Counts are zero, shares are unknown."""
    assert await what_happened(database, BEGAN, UNTIL) == NOTHING


def _call(minute: float, waits: float, talks: float) -> Contact:
    """Somebody new who was answered."""
    number = next(_numbers)
    at = BEGAN + timedelta(minutes=minute)
    answered_at = at + timedelta(seconds=waits)
    ended_at = answered_at + timedelta(seconds=talks)
    return replace(
        answered(ContactId(f"cc-{number}"), at),
        caller=f"138{number:08d}",
        queued_at=at,
        answered_at=answered_at,
        talk_ended_at=ended_at,
        ended_at=ended_at,
    )


def _lost(minute: float, outcome: Outcome, waits: float) -> Contact:
    """Somebody new whom nobody answered."""
    call = _call(minute, waits, 0.0)
    ended_at = call.arrived_at + timedelta(seconds=waits)
    return replace(call, answered_at=None, talk_ended_at=None, ended_at=ended_at, outcome=outcome)


def _ours(minute: float, to: Contact) -> Contact:
    """The call-back to somebody."""
    return replace(_call(minute, 0.0, 60.0), caller=to.caller, source="callback", queued_at=None)


async def _write(database: Database, calls: Iterable[Contact]) -> None:
    async with database.unit() as unit:
        for call in calls:
            await contacts.save(unit, call)


async def _seat(database: Database, changes: Iterable[tuple[float, str, str]]) -> None:
    async with database.unit() as unit:
        for minute, old, new in changes:
            change = SeatStateChanged(SeatId("8001"), SeatState(old), SeatState(new), "")
            unit.record(draft(change, BEGAN + timedelta(minutes=minute), Instant(60.0 * minute)))
