"""Figures on the real ledger, SQLite and PostgreSQL: what was written is what is counted, and boards cost little."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from rows import StillClock
from sqlalchemy import event, insert

from callcenter.core.clock import Instant
from callcenter.core.errors import UsageError
from callcenter.core.ids import ContactId, SeatId
from callcenter.core.messages.base import Message
from callcenter.core.messages.callbacks import CloseOwed, KeepOwed, MessageReviewed, NoteMissed, OwedCall
from callcenter.core.messages.offers import KeepEstimate
from callcenter.core.messages.seats import SeatState, SeatStateChanged
from callcenter.core.messages.surge import LevelSwitched
from callcenter.reports.core.citizens import Scope
from callcenter.reports.core.report import Report
from callcenter.reports.core.windows import Window
from callcenter.reports.figures import KEPT_MAX, REST_RATIO, Lane, SqlFigures
from callcenter.reports.store import PAGE
from callcenter.store import gaps, journal, schema
from callcenter.store.database import Database
from callcenter.store.unit import Unit
from queues import store as promises

pytestmark = pytest.mark.contract

ZONE = ZoneInfo("Asia/Shanghai")
MIDNIGHT = datetime(2026, 11, 21, tzinfo=ZONE).astimezone(UTC)
LI, WANG = "13800000001", "13800000002"
ACCEPTED, MESSAGE = "accepted", "message"


def at(hour: float) -> datetime:
    """A time of the day, in hours since its midnight."""
    return MIDNIGHT + timedelta(hours=hour)


def contact(name: str, hour: float, outcome: str | None, caller: str = LI, **more: Any) -> dict[str, Any]:
    """A row of the ledger; ``wait_s`` and ``talk_s`` make the times."""
    begun, wait_s, talk_s = at(hour), more.pop("wait_s", None), more.pop("talk_s", None)
    left = begun + timedelta(seconds=wait_s or 0)
    return {
        "contact_id": name,
        "caller": caller,
        "called": "12345",
        "channel": "",
        "source": "controller",
        "state": "ended" if outcome else "waiting",
        "outcome": outcome,
        "queue": "main",
        "seat_id": None,
        "arrived_at": begun,
        "queued_at": begun if wait_s is not None else None,
        "answered_at": left if talk_s is not None else None,
        "talk_ended_at": None,
        "ended_at": left + timedelta(seconds=talk_s or 0) if outcome else None,
        "wait_s": wait_s,
        "talk_s": talk_s,
        "transferred": False,
        "answers_contact_id": None,
        **more,
    }


async def add(unit: Unit, *rows: dict[str, Any]) -> None:
    """Write contacts."""
    await unit.connection.execute(insert(schema.contacts), list(rows))


def tell(unit: Unit, hour: float, *messages: Message) -> None:
    """Journal messages at this hour."""
    for message in messages:
        unit.record(journal.draft(message, at(hour), Instant(0.0)))


def switched(old: int, new: int, *, applied: bool = True) -> LevelSwitched:
    """A switch of the surge level."""
    return LevelSwitched(old, new, applied, "figures", "", 1.0, 0.0, 0, 0.0)


def moved(seat: str, old: str, new: str) -> SeatStateChanged:
    """A seat's state moved."""
    return SeatStateChanged(SeatId(seat), SeatState(old), SeatState(new), "")


def figures(database: Database, hour: float = 12.0) -> tuple[SqlFigures, StillClock]:
    """The figures as seen at this hour."""
    clock = StillClock(at(hour))
    return SqlFigures(database, clock, ZONE), clock


def parts(report: Report, name: str, scope: Scope = Scope.ALL) -> tuple[float, float]:
    """Numerator and denominator of one figure."""
    found = next(f for f in report.figures if f.formula == f"{name}@1" and f.scope is scope)
    return found.numerator, found.denominator


async def test_a_day_of_the_ledger(database: Database) -> None:
    """Attempts, call-backs, announced waits and gaps of a day are what was written about it."""
    async with database.unit() as unit:
        await add(
            unit,
            contact("c-1", 9, "abandoned", wait_s=60.0),
            contact("c-2", 9.5, "answered", WANG, wait_s=10.0, talk_s=100.0),
            contact("c-3", 11.99, None, "", wait_s=0.0),
            contact("c-0", -0.5, "abandoned", WANG, wait_s=60.0),
        )
        begun = {"source": "callback", "answers_contact_id": "c-1"}
        await add(unit, contact("callback-c-1-1", 10, "answered", talk_s=60.0, **begun))
        await promises.note_missed(unit, NoteMissed(ContactId("c-1"), LI), at(9.25), can_be_called=True)
        await promises.close(unit, CloseOwed(LI, "kept", ContactId("callback-c-1-1")), at(10.1))
        for name, low, high in (("c-1", 30, 50), ("c-2", 5, 20), ("c-3", 0, 0)):
            estimate = KeepEstimate(ContactId(name), low, high, 15.0)
            await promises.keep_estimate(unit, estimate, at(9.5 if name == "c-2" else 9))
        await gaps.open_gap(unit, at(-1), "link lost")
        await gaps.close_gap(unit, at(0.5))
    report = await figures(database)[0].report("today")
    assert report.window == Window(MIDNIGHT, at(12))
    assert {name: n for name, n in report.counters.items() if n} == {
        "attempts": 3,
        "person_requests": 3,
        "answered": 1,
        "abandoned": 1,
        "still_open": 1,
        "citizens": 3,
        "citizens_unknown": 1,
        "callbacks_promised": 1,
        "callbacks_kept": 1,
        "announced": 2,
    }
    assert report.violations == ()
    assert parts(report, "human_same_day_rate") == (2, 3)
    assert parts(report, "ewt_hit_rate") == (1, 2)
    assert parts(report, "callback_promise_p50") == (1, 1)
    delay = {f.formula: f.value for f in report.figures if f.formula.startswith("callback_")}
    assert (delay["callback_promise_p50@1"], delay["callback_delay_p50@1"]) == (2700.0, 3600.0)
    assert [(gap.from_at, gap.until_at, gap.reason) for gap in report.gaps] == [
        (MIDNIGHT, at(0.5), "link lost")
    ]


async def test_a_message_is_served_by_its_review(database: Database) -> None:
    """The review is found by the contact that the promise began with; the next morning's serves no more."""
    async with database.unit() as unit:
        for name, hour, caller, reviewed in (("c-1", 9, LI, 11), ("c-2", 10, WANG, 25)):
            await add(unit, contact(name, hour, "message", caller, wait_s=5.0))
            owed = OwedCall(caller, MESSAGE, ContactId(name), Instant(0.0), None, 0, False)
            await promises.keep(unit, KeepOwed(owed, ContactId(name)), at(hour), None)
            tell(unit, reviewed, MessageReviewed(ContactId(name), False, "8001"))
    report = await figures(database, 30)[0].report("2026-11-21")
    assert parts(report, "served_same_day_rate") == (1, 2)
    assert parts(report, "reach_rate_24h") == (2, 2)
    assert report.counters["messages_reviewed"] == 2
    assert report.counters["callbacks_promised"] == 0


async def test_seats_and_levels_come_from_the_journal(database: Database) -> None:
    """Occupancy of a quarter hour, and the level that a switch long before it left in force."""
    async with database.unit() as unit:
        await add(unit, contact("c-1", 11.9, "abandoned", wait_s=5.0))
        tell(unit, -90, switched(0, 2))
        tell(unit, 1, switched(2, 0, applied=False))
        tell(unit, 6, moved("8001", "off", "ready"), moved("8002", "off", "ready"))
        tell(unit, 11, moved("8002", "ready", "on_break"))
        tell(unit, 11.85, moved("8001", "ready", "talking"))
        tell(unit, 11.95, moved("8001", "talking", "wrap_up"))
    source, clock = figures(database)
    report = await source.report("15min")
    assert parts(report, "captured_rate", Scope.SURGE) == (0, 1)
    assert list(parts(report, "occupancy")) == pytest.approx([540, 900])
    async with database.unit() as unit:
        tell(unit, 12, switched(2, 0))
        await add(unit, contact("c-2", 12.1, "abandoned", WANG, wait_s=5.0))
    clock.advance(1200)
    assert parts(await source.report("15min"), "captured_rate", Scope.SURGE) == (0, 0)
    assert parts(await source.report("2026-11-21"), "captured_rate", Scope.SURGE) == (0, 1)


async def test_a_long_window_leaves_the_journal_unread(database: Database) -> None:
    """Occupancy and surge citizens of a year are unknown; everything else is counted."""
    async with database.unit() as unit:
        await add(unit, contact("c-1", 9, "answered", wait_s=5.0, talk_s=60.0))
        tell(unit, 6, moved("8001", "off", "ready"), switched(0, 3))
    report = await figures(database)[0].report("400d")
    assert parts(report, "connect_rate_call") == (1, 1)
    assert parts(report, "occupancy") == (0, 0)
    assert parts(report, "captured_rate", Scope.SURGE) == (0, 0)
    with pytest.raises(UsageError):
        await figures(database)[0].report("401d")


async def test_many_rows_are_read_in_pages(database: Database) -> None:
    """More callers than a page holds are all counted, once, over two days and their hours."""
    async with database.unit() as unit:
        many = [contact(f"c-{n}", -24 + 30 * n / (2 * PAGE), "blocked", f"1{n:010}") for n in range(2 * PAGE)]
        await add(unit, *many)
    source, _ = figures(database)
    report = await source.report("2026-11-20..")
    assert (report.counters["blocked"], report.counters["citizens"]) == (2 * PAGE, 2 * PAGE)
    assert report.worst[1].figure.denominator > PAGE
    days = [await source.by_hour(day) for day in (None, date(2026, 11, 20))]
    counted = [sum(hour.counts["attempts"] for hour in day.hours if hour.counts) for day in days]
    assert sum(counted) == 2 * PAGE
    with pytest.raises(UsageError):
        await source.by_hour(date(2026, 11, 22))


async def test_an_empty_ledger_knows_nothing(database: Database) -> None:
    """No rows, no journal: every value is null."""
    source, _ = figures(database)
    for window in ("15min", "today", "7d"):
        report = await source.report(window)
        assert {f.value for f in report.figures} == {None}
    assert {tuple((hour.counts or {}).values()) for hour in (await source.by_hour()).hours} == {(0,) * 6, ()}


async def test_boards_that_ask_the_same_are_answered_once(database: Database) -> None:
    """Ten boards at once cost one look at the ledger; a moment later it is looked at anew."""
    seen = Statements(database)
    source, clock = figures(database)
    first = await source.report("today")
    looks = len(seen.texts)
    reports = await asyncio.gather(*(source.report("today") for _ in range(10)))
    assert (len(seen.texts), looks > 0) == (looks, True)
    assert all(report is first for report in reports)
    clock.advance(3)
    assert (await source.report("today")).as_of == first.as_of + timedelta(seconds=3)


async def test_reading_figures_writes_nothing(database: Database) -> None:
    """Every statement is a SELECT."""
    seen = Statements(database)
    source, _ = figures(database)
    await source.report("7d")
    await source.by_hour()
    assert {text.split()[0] for text in seen.texts} <= {"SELECT", "BEGIN", "PRAGMA"}


class Statements:
    """What is sent to a database from now on."""

    def __init__(self, database: Database) -> None:
        self.texts: list[str] = []
        event.listen(database._engine.sync_engine, "before_cursor_execute", self._note)

    def _note(self, _connection: Any, _cursor: Any, statement: str, *_: object) -> None:
        self.texts.append(statement)


async def _count(lane: Lane, clock: StillClock, times: Sequence[float], cost_s: float) -> list[int]:
    """The answers to a question asked at these seconds, where each computing takes ``cost_s``."""
    made = 0

    async def make() -> int:
        nonlocal made
        made += 1
        clock.advance(cost_s)
        return made

    answers = []
    for moment in times:
        clock.elapsed_s = max(clock.elapsed_s, moment)
        answers.append(await lane.answer("today", make))
    return answers


async def test_what_is_dear_rests_longer() -> None:
    """An answer that took a second serves ten seconds: boards get a tenth of one core at most."""
    clock = StillClock()
    assert await _count(Lane(clock), clock, [0, 1, 1 + REST_RATIO - 0.5, 1 + REST_RATIO + 0.5], 1.0) == [
        1,
        1,
        1,
        2,
    ]
    clock = StillClock()
    assert await _count(Lane(clock), clock, [0, 1, 2.5], 0.01) == [1, 1, 2]


async def test_only_so_many_answers_are_kept() -> None:
    """Who asks a thousand different questions fills no memory."""
    clock = StillClock()
    lane = Lane(clock)

    async def make() -> int:
        return 1

    for number in range(3 * KEPT_MAX):
        await lane.answer(str(number), make)
    assert len(lane._kept) == KEPT_MAX
