"""``callcenter outbox``, ``ratings`` and ``pin`` against a served house: what is asked arrives, what is printed."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from loopback import free_port
from rich.console import Console
from typer.testing import CliRunner
from web_fakes import CHEAP, MASKED, NUMBER, TICKET, House

from callcenter.cli import app
from callcenter.commands import citizens as citizen_commands
from callcenter.commands.citizens import outbox_app
from callcenter.core.errors import UsageError
from callcenter.settings import Settings
from callcenter.web.passwords import Passwords
from callcenter.web.server import serving

pytestmark = pytest.mark.adapters


@dataclass
class Desk:
    """A served house and its command line."""

    house: House

    async def run(self, *arguments: str) -> str:
        """What ``callcenter`` prints for these arguments.

        Raises:
            CallcenterError: as the command raised it.
        """
        result = await asyncio.to_thread(CliRunner().invoke, app, arguments)
        if isinstance(result.exception, Exception):
            raise result.exception
        return result.output

    async def json(self, *arguments: str) -> Any:
        """The same, parsed; the served house may log before it."""
        told = await self.run(*arguments, "--json")
        return json.loads(told[told.index("{") :])


@pytest.fixture
async def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Desk]:
    """A desk in front of a running house."""
    house = House(tmp_path)
    house.settings = Settings(home=str(tmp_path / "home"), http=f"127.0.0.1:{free_port()}")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CALLCENTER_HOME", house.settings.home)
    monkeypatch.setattr(citizen_commands, "console", Console(width=200))
    async with serving(house.ports, house.settings, passwords=Passwords(CHEAP)):
        yield Desk(house)


def test_every_command_explains_itself() -> None:
    """In Chinese first, and by an example."""
    for command in outbox_app.registered_commands:
        assert command.callback
        assert not (command.callback.__doc__ or "").split(" / ")[0].isascii(), command.name
        assert (command.epilog or "").startswith(f"Example: callcenter outbox {command.name}")


async def test_the_outbox_is_listed(desk: Desk) -> None:
    """Numbers masked, texts unseen; that nothing is sent without a gateway is said first, its trouble else."""
    told = await desk.run("outbox")
    assert "短信通道未配置" in told
    assert told.count(MASKED) == 2
    assert "漏话告知 missed" in told
    assert "gateway_500 ↻" in told
    assert "123456" not in told
    assert NUMBER not in told
    assert [row["id"] for row in (await desk.json("outbox", "list", "--state", "failed"))["items"]] == [2]
    desk.house.outbox.gateway, desk.house.outbox.trouble = "http", "gateway_silent"
    assert "通道故障 / gateway trouble: gateway_silent" in await desk.run("outbox", "list")


async def test_a_failed_message_is_tried_again(desk: Desk) -> None:
    """By its id; one that is not there is told."""
    assert "已重新排队" in await desk.run("outbox", "retry", "2")
    assert desk.house.outbox.retried == [2]
    with pytest.raises(UsageError, match="no such message"):
        await desk.run("outbox", "retry", "7")


async def test_satisfaction_is_printed_with_its_parts(desk: Desk) -> None:
    """Rate, parts, interval, formula; five grades; and that silence is no satisfaction."""
    told = await desk.run("ratings", "--window", "7d")
    for part in (
        "满意率",
        "90.00 %",
        "9 / 10",
        "59.6 - 98.2 %",
        "satisfy_rate@1",
        "参评率",
        "50.00 %",
        "默认好评占比",
        "0 / 9",
        "5 非常满意 very satisfied: 6",
        "未评 / nobody rated 10",
        "未评不计为满意；若计入，满意率会显示为 95.00 %",
    ):
        assert part in told, part
    assert (await desk.json("ratings"))["rated"] == 10
    assert desk.house.ratings.windows == ["7d", "today"]
    seats = await desk.run("ratings", "--seats")
    assert seats.index("8001") < seats.index("8002")
    assert "不排名" in seats


async def test_a_new_pin_is_shown_once(desk: Desk) -> None:
    """With what to do with it."""
    told = await desk.run("pin", TICKET)
    assert f"工单 / ticket {TICKET}   查询码 / PIN 123451" in told
    assert await desk.json("pin", TICKET) == {"ticket_no": TICKET, "pin": "123452"}
    with pytest.raises(UsageError):
        await desk.run("pin", "20261122-000009")
