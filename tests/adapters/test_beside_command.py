"""``callcenter beside`` against a served house: what is asked arrives with its reason, what is refused is one line."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from busy_house import BusyHouse
from loopback import free_port
from rich.console import Console
from typer.testing import CliRunner
from web_fakes import CHEAP, NUMBER, House

from callcenter.cli import app
from callcenter.commands import beside as beside_command
from callcenter.core.errors import UsageError
from callcenter.core.messages.beside import Mode
from callcenter.settings import Settings
from callcenter.web.passwords import Passwords
from callcenter.web.server import serving
from callcenter.web.views.board import BesideView

pytestmark = pytest.mark.adapters


@pytest.fixture
async def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[House]:
    """A running house of fakes."""
    house = BusyHouse(tmp_path)
    house.floor.beside["8001"] = BesideView(by="王班长", mode=Mode.WHISPER, is_there=True)
    house.settings = Settings(home=str(tmp_path / "home"), http=f"127.0.0.1:{free_port()}")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CALLCENTER_HOME", house.settings.home)
    monkeypatch.setattr(beside_command, "console", Console(width=200))
    async with serving(house.ports, house.settings, passwords=Passwords(CHEAP)):
        yield house


async def run(*arguments: str) -> str:
    """What ``callcenter beside`` prints; its error is raised."""
    result = await asyncio.to_thread(CliRunner().invoke, app, ("beside", *arguments))
    if isinstance(result.exception, Exception):
        raise result.exception
    return result.output


async def test_each_way_beside_a_talk_is_asked_and_audited(house: House) -> None:
    """Listen, whisper, join on a seat's phone, then leave; the reason stands in the audit before the phone rings."""
    for command, told in (("listen", "监听"), ("whisper", "耳语"), ("join", "介入")):
        assert told in await run(command, "c-1", "--from", "8016", "--why", "新人带教")
    assert "通话继续" in await run("leave", "c-1")
    written = [(it.action, it.resource, it.why) for it in house.audit.entries]
    assert written == [
        ("call.beside_listen", "contact/c-1", "新人带教"),
        ("call.beside_whisper", "contact/c-1", "新人带教"),
        ("call.beside_join", "contact/c-1", "新人带教"),
        ("call.beside_end_asked", "contact/c-1", ""),
    ]


async def test_without_a_reason_nobody_listens(house: House) -> None:
    """An empty reason is refused by the house, a missing one by the command line; nothing is asked."""
    with pytest.raises(UsageError) as refused:
        await run("listen", "c-1", "--from", "8016", "--why", " ")
    assert refused.value.code == "why_missing"
    assert house.audit.entries == []


async def test_talks_are_listed_with_who_is_beside_them(house: House) -> None:
    """Only talks, numbers masked; every command has an example."""
    listed = await run("list")
    assert "8001" in listed
    assert "王班长 whisper" in listed
    assert NUMBER not in listed
    for command in ("list", "listen", "whisper", "join", "leave"):
        assert "Example: callcenter beside" in await run(command, "--help")
