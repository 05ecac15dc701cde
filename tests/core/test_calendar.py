"""Kinds of day: the real calendars of 2025 and 2026, and what an operator adds for a year that is not known yet."""

from datetime import date, timedelta

import pytest

from callcenter.calendars import city_calendar
from callcenter.sections import CalendarDays, parse_days
from queues.core.calendar import Calendar, Kind

pytestmark = pytest.mark.core

CHINA = city_calendar(CalendarDays())


@pytest.mark.parametrize(
    ("day", "kind", "name"),
    [
        ("2025-01-26", Kind.SHIFTED, "调休上班"),  # a Sunday, worked for Spring Festival
        ("2025-01-29", Kind.HOLIDAY, "春节"),
        ("2025-09-28", Kind.SHIFTED, "调休上班"),
        ("2025-10-08", Kind.HOLIDAY, "调休放假"),
        ("2025-10-11", Kind.SHIFTED, "调休上班"),  # a Saturday, worked for National Day
        ("2025-10-12", Kind.WEEKEND, "周末"),
        ("2026-02-14", Kind.SHIFTED, "调休上班"),
        ("2026-02-17", Kind.HOLIDAY, "春节"),
        ("2026-02-21", Kind.HOLIDAY, "调休放假"),  # a Saturday between two days off
        ("2026-02-28", Kind.SHIFTED, "调休上班"),
        ("2026-10-04", Kind.HOLIDAY, "国庆节"),  # the Sunday in the middle of the holiday
        ("2026-10-10", Kind.SHIFTED, "调休上班"),
        ("2027-02-06", Kind.HOLIDAY, "春节"),  # a Saturday with a name of its own
        ("2026-11-22", Kind.WEEKEND, "周末"),
        ("2026-11-23", Kind.WORKDAY, "工作日"),
    ],
)
def test_days_are_of_their_kind(day: str, kind: Kind, name: str) -> None:
    """Worked weekend days, days off that were shifted, and weekends inside a holiday, as the State Council published them."""
    found = CHINA.of(date.fromisoformat(day))
    assert (found.kind, found.name) == (kind, name)


def test_a_year_without_its_notice_says_so() -> None:
    """Statutory holidays are known for ever, shifted days only from the year's notice, or by hand."""
    spring = date(2027, 2, 6)
    assert CHINA.of(spring).kind is Kind.HOLIDAY
    assert CHINA.is_covered(date(2026, 5, 5))
    assert not CHINA.is_covered(spring)
    by_hand = city_calendar(
        CalendarDays(workdays=("2027-02-20 春节调休",), holidays=("2027-02-05..2027-02-12",))
    )
    assert by_hand.is_covered(spring)
    assert by_hand.of(date(2027, 2, 20)).name == "春节调休"
    assert by_hand.of(date(2027, 2, 12)).kind is Kind.HOLIDAY


def test_what_is_named_by_hand_wins() -> None:
    """A city works on a day that the country has off, and has another one off."""
    city = city_calendar(CalendarDays(workdays=("2026-10-04",), holidays=("2026-10-10 市运会",)))
    assert city.of(date(2026, 10, 4)).kind is Kind.SHIFTED
    assert (city.of(date(2026, 10, 10)).kind, city.of(date(2026, 10, 10)).name) == (Kind.HOLIDAY, "市运会")


@pytest.mark.parametrize(
    "line",
    [
        "",
        "tomorrow",
        "2027-2-5",
        "2027-02-30",
        "2027-02-05..",
        "2027-03-05..2027-02-05",
        "2027-01-01..2027-12-31",
    ],
)
def test_a_line_that_is_no_day_is_refused(line: str) -> None:
    """One line that says how to write it; a whole year is a mistake."""
    with pytest.raises(ValueError, match="is no day"):
        parse_days(line)


def test_days_are_compared_with_their_kin() -> None:
    """A Saturday that is worked with workdays, a plain one with Saturdays that were not, a holiday with earlier ones."""
    [worked] = CHINA.kin(date(2026, 2, 14), date(2026, 2, 14))
    assert len(worked) == 15
    assert {day.weekday() for day in worked} == {0, 1, 2, 3, 4}
    [saturdays] = CHINA.kin(date(2026, 3, 7), date(2026, 3, 7))
    assert {day.weekday() for day in saturdays} == {5}
    assert not {date(2026, 2, 14), date(2026, 2, 21), date(2026, 2, 28)} & set(saturdays)
    holidays, weekends = CHINA.kin(date(2026, 10, 1), date(2026, 9, 20))
    assert holidays[0] == date(2026, 6, 19)
    assert all(CHINA.of(day).kind is Kind.WEEKEND for day in weekends)


@pytest.mark.parametrize("ahead", [0, 1, 30])
def test_kin_lie_before_today(ahead: int) -> None:
    """Whatever day is asked about, only days that are over are named, newest first."""
    today = date(2026, 11, 22)
    for kin in Calendar().kin(today + timedelta(days=ahead), today):
        assert list(kin) == sorted(kin, reverse=True)
        assert kin[0] < today
