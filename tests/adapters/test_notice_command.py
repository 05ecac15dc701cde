"""``callcenter notice`` against a served house, ``callcenter prompts`` on a home: what is asked arrives, what is printed."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from desk import Desk
from loopback import free_port
from recognizer import cache_path
from web_fakes import CHEAP, House

from callcenter.commands.notice import notice_app
from callcenter.commands.prompts import prompts_app
from callcenter.core.errors import PeerError, UsageError
from callcenter.settings import Settings
from callcenter.speech import audio
from callcenter.web.passwords import Passwords
from callcenter.web.server import serving
from ivr.prompt_maker import ensure_prompts
from ivr.prompts import prompt_path, prompts_of

pytestmark = [pytest.mark.adapters, pytest.mark.timeout(180)]

TEXT = "东风路停水。"


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    """A desk in front of a running house."""
    house = House(tmp_path)
    house.settings = Settings(
        home=str(tmp_path / "home"), cache=str(cache_path()), http=f"127.0.0.1:{free_port()}"
    )
    async with serving(house.ports, house.settings, passwords=Passwords(CHEAP)):
        yield Desk(house)


def test_every_command_explains_itself() -> None:
    """In Chinese first, and by an example."""
    for group, app in {"notice": notice_app, "prompts": prompts_app}.items():
        for command in app.registered_commands:
            assert command.callback
            assert not (command.callback.__doc__ or "").split(" / ")[0].isascii(), command.name
            assert (command.epilog or "").startswith(f"Example: callcenter {group} {command.name}")


async def test_a_notice_is_put_listed_counted_and_withdrawn(desk: Desk) -> None:
    """Each step says what is so now."""
    told = await desk.ok("notice", "put", TEXT, "--hours", "2")
    assert "公告 1 已开始播放" in told
    assert "11-22 19:00" in told  # 11:00 UTC in the city's zone
    assert TEXT in await desk.ok("notice", "list")
    assert "播放中 / on air" in await desk.ok("notice", "list")
    assert (await desk.json("notice", "counts", "--json"))[0]["satisfied"] == 5
    assert "1 (33%)" in await desk.ok("notice", "counts")  # of the three whose number is known
    assert "已撤下" in await desk.ok("notice", "withdraw", "1")
    assert desk.house.notices.kept[0].withdrawn_by == "operator"


async def test_what_is_refused_is_one_line(desk: Desk) -> None:
    """The reason as it came; a failed voice says what to do."""
    desk.house.notices.error = UsageError("语音读不出“A”", code="unspeakable")
    assert await desk.complaint(2, "notice", "put", "A") == "语音读不出“A”"
    desk.house.notices.error = PeerError("slow", code="voice_failed")
    assert "原公告不变" in await desk.complaint(1, "notice", "put", TEXT)
    await desk.complaint(2, "notice", "withdraw", "9")


async def test_prompts_are_listed_and_proved(desk: Desk) -> None:
    """Own or made, with seconds; one that is gone is named and fails the check."""
    settings = desk.house.settings
    own = settings.home_path / "prompts" / "zh" / "hold.wav"
    own.parent.mkdir(parents=True)
    audio.write_wav(own, audio.tone(700, 2.0))
    await asyncio.to_thread(ensure_prompts, settings)
    rows = {row["id"]: row for row in await desk.json("prompts", "list", "--json")}
    assert set(rows) == set(prompts_of(settings))
    assert (rows["hold"]["source"], rows["hold"]["seconds"]) == ("own", 2.0)
    assert rows["greeting"]["source"] == "made"
    assert settings.city in rows["greeting"]["zh"]
    assert f"{len(rows)} 个提示音完好" in await desk.ok("prompts", "check")
    prompt_path(settings, "goodbye").unlink()
    assert "goodbye" in await desk.complaint(1, "prompts", "check")
    assert (await desk.json("prompts", "list", "goodbye", "--json"))[0]["source"] == "missing"


async def test_a_text_is_heard_before_it_is_used(desk: Desk) -> None:
    """As a file of the callers' form; what the voice cannot say is refused with exit code 2."""
    told = await desk.ok("prompts", "say", "东风路18:00停水。", "--to", "try.wav")
    assert "东风路下午六点停水。" in told
    assert len(audio.read_wav(desk.house.folder / "try.wav")) > 8000
    assert "WiF" in await desk.complaint(2, "prompts", "say", "WiFi中断", "--to", "try.wav")
