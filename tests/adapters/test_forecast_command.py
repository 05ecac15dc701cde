"""``forecast``, ``staffing`` and ``what-if`` against a served house: tables in Chinese first, JSON, one line for a mistake."""

from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import date, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from days_ahead import looking_ahead
from desk import Desk
from loopback import free_port
from rich.console import Console
from web_fakes import CHEAP, House
from web_fakes.foresight import WITH, FakeWhatIf

from callcenter.commands.forecast import bar, print_forecast, print_staffing, staffing
from callcenter.commands.what_if import print_what_if, what_if_app
from callcenter.core.errors import UsageError
from callcenter.settings import Settings
from callcenter.web.clients.control import ControlClient
from callcenter.web.passwords import Passwords
from callcenter.web.server import serving
from queues.core.what_if import Change

pytestmark = [pytest.mark.adapters, pytest.mark.timeout(120)]

MONDAYS = [date(2026, 11, 16) - timedelta(weeks=n) for n in range(5)]


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    """A desk in front of a house that has five Mondays behind it and one what-if."""
    house = House(tmp_path)
    house.settings = Settings(home=str(tmp_path / "home"), http=f"127.0.0.1:{free_port()}")
    what_if = FakeWhatIf()
    what_if.asked.append((Change(6), "lead"))
    what_if.real = replace(WITH, answered=199, seats=22.5)
    async with looking_ahead(tmp_path / "a.db", house.clock, MONDAYS, 9, 9, 15) as foresight:
        ports = replace(house.ports, forecast=foresight, what_if=what_if)
        async with serving(ports, house.settings, passwords=Passwords(CHEAP)):
            yield Desk(house)


def printed(show: Callable[[Console, Any], None], answer: Any) -> str:
    """What a command prints of an answer."""
    console = Console(width=200, file=StringIO())
    show(console, answer)
    assert isinstance(console.file, StringIO)
    return console.file.getvalue()


async def test_a_day_is_told_hour_by_hour(desk: Desk) -> None:
    """Kind of day, what it was learned from, a bar for each hour, the error of the last week."""
    told = await desk.ok("forecast", "2026-11-23")
    for word in ("2026-11-23 周一 工作日", "3 市民", "5 天历史", "forecast_wape@1", "█"):
        assert word in told, told
    async with ControlClient(desk.house.settings) as client:
        week = printed(print_forecast, await client.forecast("2027-02-05", 3))
    assert "2027-02-06 周六 春节" in week
    assert "2027 年的调休通知未收录" in week


async def test_the_staffing_table_compares_needed_and_planned(desk: Desk) -> None:
    """By hour, with the goal and the sums, or as JSON; a day that is none is one line."""
    answer = await desk.json("staffing", "2026-11-24", "--target", "0.8", "--within", "20", "--json")
    assert [hour["hour"] for hour in answer["hours"]] == list(range(24))
    told = printed(print_staffing, answer)
    for word in ("需要 / needed", "已排 / planned", "80.0 % / 20 s", "坐席小时"):
        assert word in told, told
    with pytest.raises(UsageError, match="is no day"):
        staffing("tomorrow")


async def test_a_what_if_is_asked_and_listed(desk: Desk) -> None:
    """Without and with beside each other with the error; listed, what happened stands beside them."""
    listed = await desk.ok("what-if", "list")
    for word in ("实际 / real", "199", "the change was made"):
        assert word in listed, listed
    assert "只够推演" not in listed
    async with ControlClient(desk.house.settings) as client:
        told = printed(print_what_if, await client.ask_what_if(6, 0, 2.0))
        level = printed(print_what_if, await client.ask_what_if(0, 0, 1.0, 45.0, 3))
        assert "话后整理 / after-call ≤ 45 s，级别 / level 3" in level
        with pytest.raises(UsageError, match="hours"):
            await client.ask_what_if(6, 0, 99.0)
    for word in ("云坐席 / cloud +6", "2 h", "+60.0 ± 2.1", "6 对模拟", "—", "只够推演 60 分钟"):
        assert word in told, told


def test_every_command_explains_itself() -> None:
    """In Chinese first, and by an example."""
    for command in what_if_app.registered_commands:
        assert command.callback
        assert not (command.callback.__doc__ or "").split(" / ")[0].isascii()
        assert (command.epilog or "").startswith("Example: callcenter what-if")


@pytest.mark.parametrize(
    ("expected", "high", "told"), [(0, 0, ""), (50, 100, "█" * 12 + "░" * 12), (100, 100, "█" * 24)]
)
def test_a_bar_shows_what_is_expected_and_what_may_come(expected: float, high: float, told: str) -> None:
    """On a scale up to the highest."""
    assert bar(expected, high, 100) == told
