"""Days ahead by HTTP: citizens expected by kind of day, and the seats they need; learned from a real database."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from days_ahead import looking_ahead
from web_fakes import House, browsing
from web_fakes.foresight import ROSTER

from callcenter.web.roles import Role

pytestmark = pytest.mark.web

TODAY = date(2026, 11, 22)
"""A Sunday, as the house's clock says."""
MONDAYS = [TODAY - timedelta(days=6, weeks=n) for n in range(5)]
SUNDAYS = [TODAY - timedelta(weeks=n + 1) for n in range(4)]


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    """Five Mondays and four Sundays with callers at nine (two) and at fifteen."""
    made = House(tmp_path)
    async with looking_ahead(tmp_path / "a.db", made.clock, MONDAYS + SUNDAYS, 9, 9, 15) as foresight:
        made.ports = replace(made.ports, forecast=foresight)
        yield made


async def test_days_are_forecast_by_their_kind(house: House) -> None:
    """Today and tomorrow from their own weekdays, the day after from the settings; the last Sunday was met exactly."""
    async with browsing(house, Role.AGENT) as browser:
        status, told = await browser.get("/forecast?days=3")
    assert status == 200
    sunday, monday, tuesday = told["days"]
    assert (sunday["day"], sunday["kind_name"], sunday["basis"], sunday["days"]) == (
        "2026-11-22",
        "周末",
        "history",
        4,
    )
    assert (monday["kind"], monday["days"], monday["citizens"]["expected"]) == ("workday", 5, 3.0)
    assert [monday["hours"][hour]["expected"] for hour in (8, 9, 15)] == [0.0, 2.0, 1.0]
    assert (tuesday["basis"], tuesday["days"], tuesday["citizens"]["expected"]) == ("settings", 0, 1000.0)
    accuracy = told["accuracy"]
    assert (accuracy["formula"], accuracy["value"], accuracy["days"]) == ("forecast_wape@1", 0.0, 2)


async def test_holidays_and_unknown_years_are_named(house: House) -> None:
    """National Day has its name; the shifted days of 2027 are not published, which is said."""
    async with browsing(house, Role.AGENT) as browser:
        _, national = await browser.get("/forecast?day=2026-10-01")
        _, spring = await browser.get("/forecast?day=2027-02-06")
    assert (national["days"][0]["kind"], national["days"][0]["kind_name"]) == ("holiday", "国庆节")
    assert (spring["days"][0]["kind_name"], spring["days"][0]["is_covered"]) == ("春节", False)


async def test_seats_are_needed_by_the_hour(house: House) -> None:
    """Each hour beside its roster; nobody is needed when nobody calls; who rests needs somebody more."""
    async with browsing(house, Role.SHIFT_MANAGER) as browser:
        _, plain = await browser.get("/staffing?day=2026-11-23")
        _, rested = await browser.get("/staffing?day=2026-11-24&target=0.8&within_s=20&shrinkage=0.5")
        _, whole = await browser.get("/staffing?day=2026-11-24&target=0.8&within_s=20")
    nine = plain["hours"][9]
    assert (nine["citizens"], nine["needed"], nine["planned"], plain["hours"][3]["needed"]) == (
        2.0,
        1,
        ROSTER[9],
        0,
    )
    assert nine["within_share"] > 0.9
    assert plain["seat_hours_planned"] == sum(ROSTER)
    assert plain["handling_s"] == pytest.approx(60 + 120, abs=60)
    assert rested["hours"][9]["needed"] == 2 * whole["hours"][9]["needed"]
    assert rested["hours"][9]["within_share"] < whole["hours"][9]["within_share"]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/forecast?days=0", 422),
        ("/forecast?days=32", 422),
        ("/forecast?day=tomorrow", 422),
        ("/forecast?day=2036-01-01", 400),
        ("/staffing?target=1", 422),
        ("/staffing?within_s=-1", 422),
        ("/staffing?shrinkage=0.95", 422),
        ("/staffing?day=1926-01-01", 400),
    ],
)
async def test_nonsense_is_refused(house: House, path: str, status: int) -> None:
    """Too many days, no day, a day beyond all plans, goals that are none."""
    async with browsing(house, Role.AGENT) as browser:
        assert (await browser.get(path))[0] == status
