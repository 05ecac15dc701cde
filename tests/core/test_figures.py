"""The indicators by their formulas: a caller's day in, numerators and denominators out."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.core.errors import UsageError
from callcenter.reports.core.citizens import Scope
from callcenter.reports.core.counting import violations
from callcenter.reports.core.formulas import FORMULAS, Figure, percent
from callcenter.reports.core.report import Counting, Report, by_hour, cut
from callcenter.reports.core.rolling import Quarters
from callcenter.reports.core.rows import (
    EXITS_AFTER,
    EXITS_BEFORE,
    Announcement,
    ContactRow,
    DayRows,
    Gap,
    LevelChange,
    Promise,
    SeatChange,
)
from callcenter.reports.core.seat_time import seat_seconds
from callcenter.reports.core.windows import Window, day_window, days_of, parse

pytestmark = pytest.mark.core

ZONE = ZoneInfo("Asia/Shanghai")
TODAY = day_window(date(2026, 11, 21), ZONE)
TOMORROW = day_window(date(2026, 11, 22), ZONE)
MIDNIGHT = TODAY.from_at
LI, WANG, ZHAO = "13800000001", "13800000002", "13800000003"


def at(clock: str) -> datetime:
    """A time of the day, ``09:00:15``; ``33:00`` is nine o'clock of the next day, ``-2:00`` ten in the evening before."""
    hours, minutes, *seconds = (int(part) for part in clock.split(":"))
    return MIDNIGHT + timedelta(hours=hours, minutes=minutes, seconds=sum(seconds))


def call(
    clock: str,
    outcome: str | None,
    wait_s: float | None = None,
    talk_s: float | None = None,
    caller: str = LI,
    **more: Any,
) -> ContactRow:
    """An attempt. ``wait_s`` ``None``: he never joined the line; without ``outcome`` it is still open."""
    begun = at(clock)
    queued = begun + timedelta(seconds=5) if wait_s is not None else None
    left = (queued or begun) + timedelta(seconds=wait_s or 0)
    answered = left if talk_s is not None else None
    ended = left + timedelta(seconds=talk_s or 0) if outcome else None
    row = ContactRow(
        f"c-{clock}-{caller}", caller, "controller", outcome, begun, queued, answered, ended, ended, talk_s
    )
    return row._replace(**more)


def our_call(clock: str, talk_s: float | None, caller: str = LI) -> ContactRow:
    """A call-back; without ``talk_s`` nobody was reached."""
    return call(clock, "unreached" if talk_s is None else "answered", None, talk_s, caller, source="callback")


def owed(
    clock: str, closed: str = "", why: str = "", talk: str = "", talk_s: float = 60.0, **more: Any
) -> Promise:
    """A call-back that was promised, and how it went on."""
    closed_at, talk_at = (at(text) if text else None for text in (closed, talk))
    promise = Promise(
        LI, f"c-{clock}-{LI}", "missed", True, at(clock), closed_at, why, talk_at, talk_s if talk else None
    )
    return promise._replace(**more)


def report(
    contacts: Sequence[ContactRow] = (),
    *,
    after: Sequence[ContactRow] = (),
    promises: Sequence[Promise] = (),
    announcements: Sequence[Announcement] = (),
    levels: Sequence[LevelChange] = (),
    window: Window = TODAY,
    as_of: datetime = TOMORROW.until_at,
) -> Report:
    """The report of a window of the day."""
    counting = Counting(window, as_of, levels)
    ordered = sorted(contacts, key=lambda row: row.arrived_at)
    counting.add_day(DayRows(TODAY, ordered, promises, announcements), after)
    return counting.report([])


def figure(of: Report, name: str, scope: Scope | None = None) -> Figure:
    """The figure with this formula name."""
    found = [f for f in of.figures if FORMULAS[f.formula].name == name and scope in (None, f.scope)]
    return found[0]


def parts(of: Report, name: str, scope: Scope | None = None) -> tuple[float, float]:
    """Numerator and denominator."""
    found = figure(of, name, scope)
    return found.numerator, found.denominator


MORNING = [
    call("09:00", "answered", 10, 120),
    call("09:01", "answered", 40, 90, WANG),
    call("09:02", "abandoned", 3, caller=ZHAO),
    call("09:03", "abandoned", 12, caller=ZHAO),
    call("09:04", "abandoned", 200, caller=ZHAO),
    call("09:05", "callback", caller=ZHAO),
    call("09:06", "message", 70, caller=""),
    call("09:07", "blocked", caller=""),
    call("09:08", "left_early", caller="13800000004"),
    call("09:09", "self_resolved", caller="13800000005"),
]
"""Ten attempts of seven citizens, two of whom showed no number."""


@pytest.mark.parametrize(
    ("name", "numerator", "denominator"),
    [
        ("connect_rate_agent", 2, 7),
        ("connect_rate_call", 2, 10),
        ("sl15_a", 3, 5),
        ("sl15_b", 1, 2),
        ("sl15_c", 1, 5),
        ("sl15_d", 1, 3),
        ("blocked_rate", 1, 10),
        ("abandon_rate", 3, 7),
        ("abandon_short_rate", 1, 7),
        ("wait_mean_all", 335, 6),
        ("asa", 50, 2),
        ("attempts_per_citizen", 10, 7),
        ("captured_rate", 5, 7),
        ("human_same_day_rate", 2, 7),
        ("served_same_day_rate", 3, 7),
        ("reach_rate_24h", 2, 7),
    ],
)
def test_each_formula_divides_what_its_definition_says(
    name: str, numerator: float, denominator: float
) -> None:
    """Numerator and denominator of every rate over one morning, and the value is their quotient."""
    found = figure(report(MORNING), name)
    assert (found.numerator, found.denominator) == (numerator, denominator)
    assert found.value == pytest.approx(numerator / denominator)
    assert found.formula == f"{name}@1"


def test_counters_of_a_morning() -> None:
    """The base counters, and no identity is broken."""
    found = report(MORNING)
    shown = {name: count for name, count in found.counters.items() if count}
    assert shown == {
        "attempts": 10,
        "blocked": 1,
        "left_early": 1,
        "self_resolved": 1,
        "person_requests": 7,
        "answered": 2,
        "abandoned": 3,
        "callback": 1,
        "message": 1,
        "abandoned_short": 1,
        "citizens": 7,
        "citizens_unknown": 2,
    }
    assert found.violations == ()


def test_who_is_diverted_before_the_line_has_no_wait_rather_than_a_wait_of_zero() -> None:
    """A call-back accepted in the greeting does not shorten the mean wait."""
    waited = [call("09:00", "answered", 100, 60), call("09:01", "abandoned", 50)]
    diverted = [call("09:02", "callback", caller=WANG), call("09:03", "message", caller=ZHAO)]
    assert (
        parts(report(waited + diverted), "wait_mean_all")
        == parts(report(waited), "wait_mean_all")
        == (150, 2)
    )


def test_waits_count_abandoners_and_survivors_are_marked() -> None:
    """The median over all differs from the survivors' one, which says whom it leaves out."""
    rows = [call(f"09:0{n}", "answered", 1, 60) for n in range(3)]
    rows += [call(f"10:0{n}", "abandoned", 300) for n in range(7)]
    found = report(rows)
    assert (figure(found, "wait_p50_all").value, figure(found, "wait_p95_all").value) == (300, 300)
    survivors = [f for f in found.figures if f.scope is Scope.SURVIVORS]
    assert [FORMULAS[f.formula].name for f in survivors] == ["asa", "wait_p50_answered", "wait_p95_answered"]
    assert all(f.value == 1 for f in survivors)


def test_a_quantile_tells_how_many_took_at_most_that_long() -> None:
    """Its numerator and denominator prove it."""
    rows = [call(f"09:{n:02}", "abandoned", float(n)) for n in range(20)]
    found = figure(report(rows), "wait_p95_all")
    assert (found.value, found.numerator, found.denominator) == (19, 20, 20)
    found = figure(report(rows), "wait_p50_all")
    assert (found.value, found.numerator, found.denominator) == (10, 11, 20)


def test_who_talks_now_is_answered_and_who_waits_is_still_open() -> None:
    """A live window counts running talks as answered, censors running waits, and its identities hold."""
    rows = [
        call("09:00", None, 10, 0.0)._replace(talk_ended_at=None),
        call("09:01", None, 0, caller=WANG),
        call("09:02", None, caller=ZHAO),
    ]
    found = report(rows, as_of=at("09:05:06"))
    assert {name: n for name, n in found.counters.items() if n} == {
        "attempts": 3,
        "in_intake": 1,
        "person_requests": 2,
        "answered": 1,
        "still_open": 1,
        "citizens": 3,
    }
    assert found.violations == ()
    assert parts(found, "wait_mean_all") == (10 + 241, 2)
    assert parts(found, "human_same_day_rate") == (1, 3)


@pytest.mark.parametrize(
    ("row", "broken"),
    [
        (call("09:00", "unreached"), ["attempts"]),
        (call("09:00", "left_early", 30), ["attempts", "person_requests"]),
        (call("09:00", "blocked", 30, 60), ["attempts", "person_requests"]),
    ],
)
def test_a_contradiction_of_the_ledger_is_told(row: ContactRow, broken: list[str]) -> None:
    """An outcome that no attempt has, or waiting without having asked: the identity says by how much."""
    found = report([*MORNING, row]).violations
    assert [violation.identity.split(" = ")[0] for violation in found] == broken
    assert all(abs(violation.whole - violation.parts) == 1 for violation in found)


@pytest.mark.parametrize("zone", [ZONE, ZoneInfo("Europe/Berlin")])
def test_our_own_calls_are_no_attempts(zone: ZoneInfo) -> None:
    """Call-backs change no counter of attempts and no citizen's number of attempts."""
    rows = [call("09:00", "abandoned", 60), our_call("10:00", 60.0), our_call("11:00", None, WANG)]
    found = report(rows)
    assert (found.counters["attempts"], found.counters["citizens"]) == (1, 1)
    assert parts(found, "connect_rate_call") == (0, 1)
    assert parts(found, "human_same_day_rate") == (1, 1)


@pytest.mark.parametrize(
    ("rows", "captured", "spoken", "served", "reached"),
    [
        ([call("09:00", "answered", 5, 60)], 1, 1, 1, 1),
        ([call("09:00", "answered", 5, 19)], 1, 0, 0, 1),  # a talk of less than 20 s is none
        ([call("09:00", "abandoned", 60)], 0, 0, 0, 0),
        ([call("09:00", "abandoned", 60), call("09:05", "answered", 5, 60)], 1, 1, 1, 1),
        ([call("09:00", "abandoned", 60), our_call("12:00", 30)], 0, 1, 1, 1),
        ([call("09:00", "abandoned", 60), our_call("12:00", 10)], 0, 0, 0, 0),
        ([call("09:00", "abandoned", 60), our_call("12:00", None)], 0, 0, 0, 0),
        ([call("09:00", "self_resolved")], 1, 0, 1, 0),
        ([call("09:00", "self_resolved"), call("17:00", "abandoned", 60)], 1, 0, 0, 0),
        ([call("09:00", "message", 60)], 1, 0, 0, 0),  # left, not yet reviewed
    ],
)
def test_what_a_citizen_got(
    rows: list[ContactRow], captured: int, spoken: int, served: int, reached: int
) -> None:
    """One citizen's day: a record, a talk, service, contact within a day."""
    found = report(rows)
    assert parts(found, "captured_rate") == (captured, 1)
    assert parts(found, "human_same_day_rate") == (spoken, 1)
    assert parts(found, "served_same_day_rate") == (served, 1)
    assert parts(found, "reach_rate_24h") == (reached, 1)


def test_the_next_day_counts_for_reach_but_not_for_the_same_day() -> None:
    """A call-back in the morning after reaches within 24 hours; after 24 hours nothing does."""
    missed = [call("22:00", "abandoned", 60)]
    for after, reached in (([our_call("33:00", 60)], 1), ([our_call("46:30", 60)], 0)):
        found = report(missed, after=after)
        assert parts(found, "human_same_day_rate") == (0, 1)
        assert parts(found, "reach_rate_24h") == (reached, 1)
    assert parts(report(missed, after=[call("33:00", "answered", 5, 5)]), "reach_rate_24h") == (1, 1)


def test_self_service_that_is_followed_by_another_call_within_a_day_served_nobody() -> None:
    """Also when the next attempt falls on the next day; a day later it was enough."""
    helped = [call("20:00", "self_resolved")]
    assert parts(report(helped, after=[call("32:00", "left_early")]), "served_same_day_rate") == (0, 1)
    assert parts(report(helped, after=[call("44:00:01", "left_early")]), "served_same_day_rate") == (1, 1)


@pytest.mark.parametrize(
    ("reviewed", "served", "reached"), [("18:00", 1, 1), ("25:00", 0, 1), ("40:00", 0, 0)]
)
def test_a_message_serves_when_a_person_reviewed_it(reviewed: str, served: int, reached: int) -> None:
    """On the same day it serves, within 24 hours it reaches; left alone it does neither."""
    rows = [call("09:00", "message", 60)]
    found = report(rows, promises=[owed("09:00", ground="message", reviewed_at=at(reviewed))])
    assert parts(found, "served_same_day_rate") == (served, 1)
    assert parts(found, "reach_rate_24h") == (reached, 1)
    assert found.counters["messages_reviewed"] == 1


def test_a_message_without_a_number_belongs_to_its_contact() -> None:
    """Its review serves the citizen of that attempt and no other."""
    rows = [call("09:00", "message", 60, caller=""), call("09:01", "message", 60, caller="")]
    promise = owed("09:00", ground="message", can_be_called=False, reviewed_at=at("10:00"))
    found = report(rows, promises=[promise._replace(caller="", origin=rows[0].contact_id)])
    assert parts(found, "served_same_day_rate") == (1, 2)


def test_a_call_back_record_captures_only_who_can_be_called() -> None:
    """A missed call on the list captures its citizen while it is open; one closed the day before does not."""
    missed = [call("09:00", "abandoned", 60)]
    assert parts(report(missed, promises=[owed("09:01")]), "captured_rate") == (1, 1)
    assert parts(report(missed, promises=[owed("-2:00")]), "captured_rate") == (1, 1)
    assert parts(report(missed, promises=[owed("-5:00", "-1:00", "kept")]), "captured_rate") == (0, 1)
    assert parts(report(missed, promises=[owed("09:01", can_be_called=False)]), "captured_rate") == (0, 1)


PROMISES = [
    owed("09:00", "10:00", "kept", "09:58"),
    owed("09:10", "10:00", "kept"),  # no talk: not kept, whatever the row says
    owed("09:20", "10:00", "kept", "09:58", talk_s=8.0),
    owed("09:30", "10:00", "unreached"),
    owed("09:40", "10:00", "expired"),
    owed("09:50", "10:00", "answered"),
    owed("09:51", "10:00", "self_resolved"),
    owed("09:52"),
    owed("09:53", ground="message"),
    owed("09:54", can_be_called=False),
    owed("-1:00", "10:00", "kept", "09:58"),  # yesterday's promise
]


def test_call_backs_are_kept_only_by_a_talk() -> None:
    """Promised, kept, unreached, open; who got through before is not due; messages are judged by their review."""
    found = report([call("08:58", "abandoned", 60)], promises=PROMISES)
    shown = {name: n for name, n in found.counters.items() if name.startswith("callbacks_")}
    assert shown == {
        "callbacks_promised": 8,
        "callbacks_kept": 1,
        "callbacks_unreached": 4,
        "callbacks_open": 1,
        "callbacks_superseded": 2,
    }
    assert parts(found, "callback_bridge_rate") == (1, 6)


def test_call_back_delays_run_from_the_promise_and_from_the_first_attempt() -> None:
    """Fifty-eight minutes since the promise, an hour since the citizen first dialed that day."""
    found = report([call("08:58", "abandoned", 60), call("08:59:30", "callback", 20)], promises=PROMISES)
    assert figure(found, "callback_promise_p50").value == 58 * 60
    assert figure(found, "callback_delay_p95").value == 60 * 60


@pytest.mark.parametrize(
    ("low", "high", "answered", "ended", "hits", "judged"),
    [
        (30, 60, "09:00:45", "09:05", 1, 1),
        (30, 60, "09:00:20", "09:05", 0, 1),  # sooner than said is no hit
        (30, 60, "09:01:10", "09:05", 0, 1),
        (30, 60, "", "09:00:50", 0, 0),  # gone before the range ended: proves nothing
        (30, 60, "", "09:01:30", 0, 1),  # waited past it
        (30, 3600, "", "", 0, 0),  # still waits within it
        (30, 60, "", "", 0, 1),
    ],
)
def test_announced_waits_are_judged(
    low: float, high: float, answered: str, ended: str, hits: int, judged: int
) -> None:
    """A hit is an answer inside the announced range; who waited past it is a miss even if he gave up."""
    told = Announcement(at("09:00"), low, high, *(at(text) if text else None for text in (answered, ended)))
    found = report(announcements=[told], as_of=at("09:10"))
    assert parts(found, "ewt_hit_rate") == (hits, judged)
    assert found.counters["announced"] == 1


def test_surge_citizens_stand_apart() -> None:
    """Whose first attempt of the day fell into level 2 or 3; proposals and the watch level are no surge."""
    levels = [
        LevelChange(at("08:00"), 0, 1),
        LevelChange(at("09:00"), 1, 2),
        LevelChange(at("09:30"), 2, 3),
        LevelChange(at("10:00"), 3, 0),
    ]
    rows = [
        call("08:30", "answered", 5, 60, LI),
        call("09:05", "answered", 5, 60, LI),  # not his first
        call("09:10", "abandoned", 60, caller=WANG),
        call("09:40", "answered", 5, 60, ZHAO),
        call("10:00", "answered", 5, 60, ""),
    ]
    found = report(rows, levels=levels)
    assert parts(found, "served_same_day_rate", Scope.SURGE) == (1, 2)
    assert parts(found, "human_same_day_rate", Scope.ALL) == (3, 4)
    already = report(rows, levels=[LevelChange(at("09:30"), 3, 0)])
    assert parts(already, "captured_rate", Scope.SURGE) == (1, 2)


def test_what_came_of_a_citizen_is_looked_up_outside_a_short_window_too() -> None:
    """A quarter hour's citizens are those who called in it; a talk later that day still counts for them."""
    quarter = Window(at("09:00"), at("09:15"))
    rows = [
        call("08:50", "abandoned", 60, caller=WANG),
        call("09:05", "abandoned", 60),
        call("09:06", "abandoned", 60, caller=WANG),
        call("11:00", "answered", 5, 60),
        call("11:30", "answered", 5, 60, ZHAO),
    ]
    found = report(rows, window=quarter)
    assert parts(found, "attempts_per_citizen") == (2, 2)
    assert parts(found, "human_same_day_rate") == (1, 2)
    assert parts(found, "connect_rate_agent") == (0, 2)


def test_an_empty_window_knows_nothing() -> None:
    """Every value is null, none is 0 or 100 %."""
    found = report()
    assert {f.value for f in found.figures} == {None}
    assert {(f.numerator, f.denominator) for f in found.figures} == {(0, 0)}
    assert [(worst.figure.value, worst.window) for worst in found.worst] == [(None, None)] * 2
    assert set(found.counters.values()) == {0}


def test_every_formula_is_told_once_and_the_headline_first() -> None:
    """Each formula of the catalogue appears with its unit; the citizen rates a second time for the surge."""
    found = report(MORNING)
    told = [f.formula for f in found.figures if f.scope is not Scope.SURGE]
    assert sorted(told) == sorted(FORMULAS)
    assert found.figures[0].formula == "served_same_day_rate@1"
    assert all(FORMULAS[f.formula].unit == f.unit for f in found.figures)
    assert [f.formula for f in found.figures if f.scope is Scope.SURGE] == told[:4]


def _ledger_rows() -> st.SearchStrategy[list[ContactRow]]:
    """Contacts as the ledger may hold them: waits only of who asked, talks only of who was answered."""
    callers = st.sampled_from([LI, WANG, ZHAO, ""])
    moments = st.integers(0, 86_399).map(lambda s: f"{s // 3600}:{s // 60 % 60}:{s % 60}")
    seconds = st.integers(0, 4000).map(float)
    before = st.builds(call, moments, st.sampled_from([*EXITS_BEFORE, None]), caller=callers)
    waited = st.sampled_from([*(name for name in EXITS_AFTER if name != "answered"), None])
    after = st.builds(call, moments, waited, seconds, caller=callers)
    talked = st.builds(call, moments, st.sampled_from(["answered", None]), seconds, seconds, caller=callers)
    ours = st.builds(our_call, moments, st.none() | seconds, caller=callers)
    return st.lists(before | after | talked | ours, max_size=30)


def _any_rows() -> st.SearchStrategy[list[ContactRow]]:
    """Contacts that contradict themselves."""
    times = st.none() | st.integers(-5, 86_405).map(lambda s: MIDNIGHT + timedelta(seconds=s))
    outcomes = st.sampled_from([*EXITS_BEFORE, *EXITS_AFTER, "unreached", "?", None])
    return st.lists(
        st.builds(
            ContactRow,
            st.uuids().map(str),
            st.sampled_from([LI, WANG, ""]),
            st.sampled_from(["controller", "books", "callback"]),
            outcomes,
            st.integers(0, 86_399).map(lambda s: MIDNIGHT + timedelta(seconds=s)),
            times,
            times,
            times,
            times,
            st.none() | st.floats(0, 5000),
        ),
        max_size=30,
    )


def _any_promises() -> st.SearchStrategy[list[Promise]]:
    whys = st.sampled_from(["kept", "answered", "self_resolved", "unreached", "expired"])
    clocks = st.integers(-40, 30).map(lambda h: f"{h}:00")
    closed = st.builds(owed, clocks, st.just("31:00"), whys, st.sampled_from(["", "30:00"]))
    return st.lists(st.builds(owed, clocks) | closed, max_size=10)


@given(_ledger_rows())
def test_the_identities_hold_for_every_ledger(rows: list[ContactRow]) -> None:
    """Whatever citizens do, attempts and person requests split into their exits without rest."""
    assert report(rows, as_of=at("12:00")).violations == ()


@given(_any_rows() | _ledger_rows(), _any_promises())
def test_rates_stay_rates(rows: list[ContactRow], promises: list[Promise]) -> None:
    """For any rows: rates lie in 0 to 1, null exactly without a denominator, nobody dials less than once."""
    found = report(rows, promises=promises, levels=[LevelChange(at("06:00"), 0, 3)], as_of=at("18:00"))
    for each in (*found.figures, *(worst.figure for worst in found.worst)):
        assert (each.value is None) == (each.denominator == 0)
        if each.unit == "ratio" and each.value is not None:
            assert 0 <= each.value <= 1, each
            assert each.value == each.numerator / each.denominator
    per_citizen = figure(found, "attempts_per_citizen").value
    assert per_citizen is None or per_citizen >= 1
    surge = figure(found, "served_same_day_rate", Scope.SURGE)
    assert surge.denominator <= found.counters["citizens"]


@given(_ledger_rows(), _ledger_rows())
def test_days_add_up(one: list[ContactRow], other: list[ContactRow]) -> None:
    """A window of two days counts what its days count: citizens once a day, not once a window."""
    day = timedelta(days=1)
    moved = [
        row._replace(
            contact_id=f"{row.contact_id}-later",
            **{name: moment + day for name in row._fields[4:9] if (moment := getattr(row, name)) is not None},
        )
        for row in other
    ]
    both = Counting(Window(TODAY.from_at, TOMORROW.until_at), TOMORROW.until_at)
    both.add_day(DayRows(TODAY, sorted(one, key=lambda row: row.arrived_at)), moved)
    both.add_day(DayRows(TOMORROW, sorted(moved, key=lambda row: row.arrived_at)))
    single = [report(rows, as_of=TOMORROW.until_at - gap) for rows, gap in ((one, timedelta()), (other, day))]
    expected = {name: sum(each.counters[name] for each in single) for name in single[0].counters}
    assert both.report([]).counters == expected


def seats(*changes: str) -> list[SeatChange]:
    """Changes as ``09:00 8001 off ready``."""
    return [SeatChange(at(clock), seat, old, new) for clock, seat, old, new in map(str.split, changes)]


def test_occupancy_from_the_changes_of_seats() -> None:
    """Talk and wrap-up of ready, talk and wrap-up; ringing, breaks and being off are neither."""
    changes = seats(
        "08:00 8001 off ready",
        "09:10 8001 ready ringing",
        "09:20 8001 ringing talking",
        "09:40 8001 talking wrap_up",
        "09:50 8001 wrap_up on_break",
        "08:30 8002 off ready",
    )
    found = seat_seconds(changes, Window(at("09:00"), at("10:00")))
    assert found == {"ready": 70 * 60, "talking": 20 * 60, "wrap_up": 10 * 60}
    counting = Counting(Window(at("09:00"), at("10:00")), at("10:00"))
    counting.add_seats(changes)
    occupancy = figure(counting.report([]), "occupancy")
    assert (occupancy.numerator, occupancy.denominator, occupancy.value) == (1800, 6000, 0.3)


def test_time_that_nobody_watched_is_no_seat_time() -> None:
    """When the next change begins elsewhere than the last one ended, the time between is unknown."""
    changes = seats(
        "09:05 8001 ready talking",  # his first: ready since the window began
        "09:10 8001 off ready",  # the controller had been away
        "09:30 8001 ready off",
    )
    assert seat_seconds(changes, Window(at("09:00"), at("10:00"))) == {"ready": 25 * 60}


def test_the_worst_day_is_found_across_midnight() -> None:
    """Twenty-four hours from noon to noon are worse than either calendar day."""
    quarters = Quarters()
    evening = [call(f"{hour}:00", "abandoned", 60) for hour in range(13, 24)]
    quarters.add([call("01:00", "answered", 5, 60), call("02:00", "answered", 5, 60), *evening])
    quarters.add(
        [call("25:00", "abandoned", 60), call("36:00", "answered", 5, 60), call("37:00", "answered", 5, 60)]
    )
    worst = quarters.worst(TOMORROW, "answered", "person_requests")
    assert worst is not None
    assert (worst.numerator, worst.denominator) == (0, 12)
    assert worst.window == Window(at("02:15"), at("26:15"))


@given(
    st.lists(st.tuples(st.integers(0, 191), st.booleans()), max_size=40),
    st.integers(0, 191),
    st.integers(1, 96),
)
def test_the_worst_window_is_the_worst_of_all(calls: list[tuple[int, bool]], first: int, length: int) -> None:
    """Compared with counting every window by itself."""
    quarter = timedelta(minutes=15)
    rows = [
        ContactRow(str(n), LI, "books", "answered" if ok else "abandoned", MIDNIGHT + q * quarter)
        for n, (q, ok) in enumerate(calls)
    ]
    window = Window(MIDNIGHT + first * quarter, MIDNIGHT + (first + length) * quarter)
    quarters = Quarters()
    quarters.add(rows)
    rated = []
    for end in range(first + 1, first + length + 1):
        day = Window(MIDNIGHT + (end - 96) * quarter, MIDNIGHT + end * quarter)
        held = [row for row in rows if row.arrived_at in day]
        if held:
            rated.append(sum(row.outcome == "answered" for row in held) / len(held))
    worst = quarters.worst(window, "answered", "attempts")
    assert (worst.numerator / worst.denominator if worst else None) == min(rated, default=None)


def test_the_report_tells_the_worst_day_with_its_own_window_and_gaps() -> None:
    """The norm's 24 hours reach back before the report's window, and so do their gaps."""
    counting = Counting(TODAY, TODAY.until_at)
    counting.add_before([call("-12:00", "abandoned", 60)])
    counting.add_day(DayRows(TODAY, [call("11:00", "answered", 5, 60), call("13:00", "answered", 5, 60)]))
    found = counting.report(
        [Gap(at("-11:00"), at("-10:00"), "link lost"), Gap(at("23:00"), None, "disk full")]
    )
    worst = found.worst[0]
    assert (worst.figure.formula, worst.figure.numerator, worst.figure.denominator) == (
        "connect_rate_agent@1",
        0,
        1,
    )
    assert worst.window == Window(at("-24:15"), at("0:15"))
    assert worst.gaps == (Gap(at("-11:00"), at("-10:00"), "link lost"),)
    assert found.gaps == (Gap(at("23:00"), at("24:00"), "disk full"),)


def test_gaps_are_cut_to_the_window() -> None:
    """What lies outside is left out; an open gap lasts until the report was made."""
    window = Window(at("09:00"), at("10:00"))
    gaps = [
        Gap(at("08:00"), at("09:00"), "before"),
        Gap(at("08:30"), at("09:05"), "into"),
        Gap(at("09:50"), None, "open"),
    ]
    assert cut(gaps, window, at("09:55")) == (
        Gap(at("09:00"), at("09:05"), "into"),
        Gap(at("09:50"), at("09:55"), "open"),
    )


def test_a_day_hour_by_hour() -> None:
    """Each hour counts its arrivals, tells its gap, and is unknown while it has not begun."""
    rows = [call("09:00", "answered", 5, 60), call("09:59:59", "blocked"), call("10:00", "abandoned", 60)]
    found = by_hour(TODAY, rows, [Gap(at("09:30"), at("10:10"), "link lost")], at("10:30"))
    assert len(found.hours) == 24
    nine, ten, eleven = found.hours[9:12]
    assert nine.counts == {
        "attempts": 2,
        "person_requests": 1,
        "answered": 1,
        "abandoned": 0,
        "callback": 0,
        "message": 0,
    }
    assert (nine.gap_s, ten.gap_s) == (1800, 600)
    assert ten.counts is not None
    assert ten.counts["abandoned"] == 1
    assert (found.hours[0].counts or {})["attempts"] == 0
    assert eleven.counts is None


def test_a_day_has_as_many_hours_as_its_clocks() -> None:
    """Twenty-three and twenty-five where clocks are changed."""
    berlin = ZoneInfo("Europe/Berlin")
    lengths = [
        len(by_hour(day_window(date(2026, month, day), berlin), [], [], TODAY.until_at).hours)
        for month, day in ((3, 29), (10, 25), (11, 21))
    ]
    assert lengths == [23, 25, 24]


NOW = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)  # ten o'clock in the city


@pytest.mark.parametrize(
    ("text", "begin", "end"),
    [
        ("15min", "09:45", "10:00"),
        ("today", "00:00", "10:00"),
        ("1d", "00:00", "10:00"),
        ("7d", "-144:00", "10:00"),
        ("2026-11-20", "-24:00", "00:00"),
        ("2026-11-21", "00:00", "10:00"),
        (" 2026-11-19..2026-11-21 ", "-48:00", "00:00"),
        ("2026-11-21T08:00..2026-11-21T09:30", "08:00", "09:30"),
        ("2026-11-20..", "-24:00", "10:00"),
        ("2026-11-21T00:00:00Z..2026-11-30", "08:00", "10:00"),
        ("2026-11-21T09:00:00+09:00..2026-11-21T09:00", "08:00", "09:00"),
    ],
)
def test_windows_as_people_write_them(text: str, begin: str, end: str) -> None:
    """In the city's time unless an offset is given; the future is cut off."""
    assert parse(text, NOW, ZONE) == Window(at(begin), at(end))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yesterday",
        "0d",
        "401d",
        "15 min",
        "2026-13-01",
        "2026-11-22",
        "2026-11-21..2026-11-21",
        "2026-11-21..2026-11-20",
        "2025-10-01..2026-11-21",
        "..",
        "0001-01-01..0001-01-02",
        "0001-01-02",
        "9999-12-31",
        "9999-12-31T23:59-14:00..9999-12-31",
    ],
)
def test_other_windows_are_refused_in_one_line(text: str) -> None:
    """What is no window, empty, not begun or too long."""
    with pytest.raises(UsageError) as refusal:
        parse(text, NOW, ZONE)
    assert refusal.value.code == "bad_window"
    assert "\n" not in str(refusal.value)


def test_the_days_of_a_window() -> None:
    """Whole calendar days, the first and the last too."""
    assert list(days_of(Window(at("23:59"), at("24:01")), ZONE)) == [TODAY, TOMORROW]
    assert list(days_of(TODAY, ZONE)) == [TODAY]


@pytest.mark.parametrize(
    ("numerator", "denominator", "printed"),
    [
        (600, 1400, "42.9"),  # section 2
        (165_600, 166_100, "99.7"),  # G05
        (464_900, 1_625_900, "28.59"),
        (121_386, 126_544, "95.92"),  # G06
        (94_165, 121_386, "77.57"),
        (27_221, 121_386, "22.43"),
        (27_195, 27_221, "99.90"),
        (20_874, 22_361, "93.35"),
        (15_081, 20_874, "72.25"),
        (5_793, 20_874, "27.75"),
        (4_284, 5_793, "73.95"),  # G07
        (24, 5_793, "0.41"),
        (307, 5_793, "5.30"),
        (18, 5_793, "0.31"),
        (775, 5_793, "13.38"),
        (385, 5_793, "6.65"),
        (116_072, 299_131, "38.80"),  # G10
        (10, 77, "12.99"),
        (66, 77, "85.71"),
        (1, 8, "12.5"),
        (1, 16, "6.3"),  # half up, where Python's own rounding would say 6.2
    ],
)
def test_rates_are_printed_as_the_trade_prints_them(numerator: int, denominator: int, printed: str) -> None:
    """The golden tables of FIELD.md 6: half up at the printed digit."""
    assert percent(numerator, denominator, len(printed.partition(".")[2])) == printed


def test_nothing_is_printed_as_a_percentage_of_nothing() -> None:
    """Without a denominator there is no per cent."""
    assert percent(0, 0) is None


def test_identities_need_no_counter_that_nobody_counted() -> None:
    """Checked over zeros they hold."""
    assert violations(dict(report().counters)) == ()
