"""What the house has learned of its days."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from zoneinfo import ZoneInfo

import pytest
from rows import answered

from callcenter.calendars import city_calendar
from callcenter.core.contact import Contact
from callcenter.core.ids import ContactId
from callcenter.core.messages.calls import Outcome
from callcenter.sections import CalendarDays
from callcenter.store import contacts, gaps
from callcenter.store.database import Database
from callcenter.store.history import UsualDay, usual_day
from queues.core.calendar import Calendar

pytestmark = pytest.mark.contract

ZONE = ZoneInfo("Asia/Shanghai")
TODAY = date(2026, 11, 22)
SUNDAY = 6
PLAIN = Calendar()
"""Only weekdays and weekends."""
SUNDAYS = [TODAY - timedelta(weeks=back) for back in range(1, 10)]

_numbers = count(1)


async def test_two_days_are_no_habit(database: Database) -> None:
    """Without three days of the weekday there is no usual day; today's calls and other days do not count."""
    await _write(database, (_call(day) for day in (*SUNDAYS[:2], TODAY, TODAY - timedelta(days=1))))
    assert await _learned(database) is None
    await _write(database, [_call(SUNDAYS[2])])
    usual = await _learned(database)
    assert usual is not None
    assert (usual.days, usual.citizens) == (3, 1.0)


async def test_a_citizen_counts_once_a_day(database: Database) -> None:
    """Redials are one citizen, in the hour of his first attempt; unknown callers are each their own."""
    for day in SUNDAYS[:3]:
        attempts = [_call(day, hour, caller) for hour, caller in ((9, "138"), (8, "138"), (10, ""), (10, ""))]
        await _write(database, attempts)
    usual = await _learned(database)
    assert usual is not None
    assert usual.citizens == 3.0
    assert _hours(usual) == {8: pytest.approx(1 / 3), 10: pytest.approx(2 / 3)}


async def test_hours_and_days_are_the_citys(database: Database) -> None:
    """The first and the last minute of a day in Shanghai belong to it, whatever day it is in Greenwich."""
    for day in SUNDAYS[:3]:
        first, last = _call(day, 0), _call(day, 23, minute=59)
        assert first.arrived_at.astimezone(UTC).date() == day - timedelta(days=1)
        await _write(database, [first, last, _call(day + timedelta(days=1), 0)])
    usual = await _learned(database)
    assert usual is not None
    assert (usual.citizens, _hours(usual)) == (2.0, {0: 0.5, 23: 0.5})


async def test_a_day_with_a_changed_clock_is_whole(database: Database) -> None:
    """Where summer time ends, the day has twenty-five hours, and all of them are counted."""
    berlin = ZoneInfo("Europe/Berlin")
    last_days = [date(2026, 10, 25), date(2026, 11, 1), date(2026, 11, 8)]
    for day in last_days:
        await _write(database, [_call(day, hour, zone=berlin) for hour in (1, 12, 23)])
    async with database.reading() as connection:
        ninth = date(2026, 11, 9)
        usual = await usual_day(connection, PLAIN.kin(ninth + timedelta(days=6), ninth), berlin)
    assert usual is not None
    assert (usual.days, usual.citizens, set(_hours(usual))) == (3, 3.0, {1, 12, 23})


async def test_one_surge_day_moves_nothing(database: Database) -> None:
    """A day with twenty-one times the calls, all in one hour, leaves the usual day as it was."""
    for day in SUNDAYS[1:5]:
        await _write(database, (_call(day, hour) for hour in (8, 9, 9, 15)))
    before = await _learned(database)
    await _write(database, (_call(SUNDAYS[0], 11, talk_s=300.0) for _ in range(84)))
    after = await _learned(database)
    assert before is not None
    assert after == replace(before, days=5)


async def test_only_the_last_weeks_are_asked(database: Database) -> None:
    """What is older than the window has been forgotten."""
    await _write(database, (_call(day) for day in SUNDAYS))
    usual, short = await _learned(database), await _learned(database, weeks=4)
    assert usual is not None
    assert short is not None
    assert (usual.days, short.days) == (8, 4)


async def test_our_own_calls_are_no_demand(database: Database) -> None:
    """Call-backs are not forecast as callers."""
    for day in SUNDAYS[:3]:
        await _write(database, [_call(day), replace(_call(day), source="callback")])
    usual = await _learned(database)
    assert usual is not None
    assert usual.citizens == 1.0


async def test_a_day_with_a_long_gap_teaches_nothing(database: Database) -> None:
    """An hour and a minute unwatched, in one piece or in two, leave a day out; half an hour does not."""
    await _write(database, (_call(day) for day in SUNDAYS[:6]))
    await _unwatched(database, SUNDAYS[0], 9, 61)
    await _unwatched(database, SUNDAYS[1], 9, 30)
    await _unwatched(database, SUNDAYS[2], 9, 40)
    await _unwatched(database, SUNDAYS[2], 23, 24 * 60)  # until the next evening: an hour of it is this day's
    usual = await _learned(database)
    assert usual is not None
    assert usual.days == 4


async def test_an_open_gap_lasts_until_now(database: Database) -> None:
    """While nobody watches, the days since then teach nothing."""
    await _write(database, (_call(day) for day in SUNDAYS[:4]))
    async with database.unit() as unit:
        await gaps.open_gap(unit, datetime.combine(SUNDAYS[1], time(12), ZONE), "link lost")
    assert await _learned(database) is None


async def test_talk_is_the_mean_of_answered_calls(database: Database) -> None:
    """Each day has its mean talk, and the days' middle is the usual one; no talk, no figure."""
    await _write(database, (_lost(day) for day in SUNDAYS[:3]))
    usual = await _learned(database)
    assert usual is not None
    assert usual.talk_s is None
    for day, talk_s in zip(SUNDAYS, (100.0, 200.0, 900.0), strict=False):
        await _write(database, [_call(day, talk_s=talk_s - 50), _call(day, talk_s=talk_s + 50)])
    usual = await _learned(database)
    assert usual is not None
    assert usual.talk_s == pytest.approx(200.0)


async def test_patience_counts_all_who_waited(database: Database) -> None:
    """Ten gave up after a minute, ten were answered after two: three minutes were waited for each who gave up."""
    for day in SUNDAYS[:3]:
        await _write(database, (_lost(day) for _ in range(9)))
        await _write(database, (_call(day, wait_s=120.0) for _ in range(10)))
    usual = await _learned(database)
    assert usual is not None
    assert usual.patience_s is None, "nine a day tell nothing"
    await _write(database, (_lost(day) for day in SUNDAYS[:3]))
    usual = await _learned(database)
    assert usual is not None
    assert usual.patience_s == pytest.approx(180.0)


async def test_scattered_callers_still_make_a_profile(database: Database) -> None:
    """When each day had its only caller at another hour, these hours share the day."""
    await _write(database, (_call(day, hour) for day, hour in zip(SUNDAYS, (3, 9, 21), strict=False)))
    usual = await _learned(database)
    assert usual is not None
    assert _hours(usual) == {hour: pytest.approx(1 / 3) for hour in (3, 9, 21)}


async def test_each_weekday_has_its_own_days(database: Database) -> None:
    """Asked on a Sunday, Saturday was yesterday and Monday six days ago."""
    for weekday, back in ((5, 1), (0, 6), (SUNDAY, 7)):
        days = [TODAY - timedelta(days=back, weeks=week) for week in range(3)]
        await _write(database, (_call(day) for day in days for _ in range(back)))
        usual = await _learned(database, weekday)
        assert usual is not None
        assert (usual.days, usual.citizens) == (3, float(back))


async def test_a_shifted_workday_is_like_workdays_and_a_holiday_like_holidays(database: Database) -> None:
    """2026-02-14 is a Saturday that was worked; National Day has earlier holidays, and without them weekends."""
    china = city_calendar(CalendarDays())
    valentine, national = date(2026, 2, 14), date(2026, 10, 1)
    for back in range(1, 22):
        day = valentine - timedelta(days=back)
        await _write(database, (_call(day) for _ in range(5 if day.weekday() < 5 else 2)))
    for back in range(1, 30):
        day = national - timedelta(days=back)
        await _write(database, (_call(day) for _ in range(5 if day.weekday() < 5 else 3)))
    async with database.reading() as connection:
        worked = await usual_day(connection, china.kin(valentine, valentine), ZONE)
        like_weekends = await usual_day(connection, china.kin(national, date(2026, 9, 24)), ZONE)
    assert worked is not None
    assert like_weekends is not None
    assert (worked.days, worked.citizens, like_weekends.citizens) == (15, 5.0, 3.0)
    await _write(database, (_call(date(2026, 5, day)) for day in (1, 2, 3)))
    async with database.reading() as connection:
        like_holidays = await usual_day(connection, china.kin(national, national), ZONE)
    assert like_holidays is not None
    assert like_holidays.citizens == 1.0


def _call(
    day: date,
    hour: int = 10,
    caller: str | None = None,
    *,
    minute: int = 0,
    wait_s: float = 10.0,
    talk_s: float = 60.0,
    zone: ZoneInfo = ZONE,
) -> Contact:
    """An answered call of somebody new, or of ``caller``."""
    number = next(_numbers)
    at = datetime.combine(day, time(hour, minute), zone).astimezone(UTC)
    answered_at = at + timedelta(seconds=wait_s)
    ended_at = answered_at + timedelta(seconds=talk_s)
    return replace(
        answered(ContactId(f"cc-{number}"), at),
        caller=f"138{number:08d}" if caller is None else caller,
        queued_at=at,
        answered_at=answered_at,
        talk_ended_at=ended_at,
        ended_at=ended_at,
    )


def _lost(day: date) -> Contact:
    """Somebody new who gave up after a minute of waiting."""
    call = _call(day)
    return replace(
        call,
        answered_at=None,
        talk_ended_at=None,
        ended_at=call.arrived_at + timedelta(minutes=1),
        outcome=Outcome.ABANDONED,
    )


def _hours(usual: UsualDay) -> dict[int, float]:
    """The hours of the profile that have callers."""
    assert len(usual.profile) == 24
    assert sum(usual.profile) == pytest.approx(1.0)
    return {hour: share for hour, share in enumerate(usual.profile) if share}


async def _write(database: Database, calls: Iterable[Contact]) -> None:
    async with database.unit() as unit:
        for call in calls:
            await contacts.save(unit, call)


async def _unwatched(database: Database, day: date, hour: int, minutes: int) -> None:
    begin = datetime.combine(day, time(hour), ZONE)
    async with database.unit() as unit:
        await gaps.open_gap(unit, begin, "link lost")
        await gaps.close_gap(unit, begin + timedelta(minutes=minutes))


async def _learned(database: Database, weekday: int = SUNDAY, weeks: int = 8) -> UsualDay | None:
    async with database.reading() as connection:
        day = TODAY + timedelta(days=(weekday - SUNDAY) % 7)
        return await usual_day(connection, PLAIN.kin(day, TODAY, weeks), ZONE)
