"""Live captions of a real call: said by a citizen, heard while it goes on, silent while the recording is paused."""

import asyncio
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from system import START_S, System, whole_system

from callcenter.phones import PhoneBox
from callcenter.speech.dialog import demo_dialog
from callcenter.speech.voice import Voice
from callcenter.web.clients.control import ControlClient

pytestmark = [pytest.mark.asterisk, pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(180)]

TRUNK = {"X-Trunk": "demo"}
WHATEVER_ELSE_RUNS: dict[str, object] = {
    "enabled": "on",
    "off_above_ratio": 1.0,
    "on_below_ratio": 1.0,
    "behind_s": 60.0,
}
"""Captions stay on while a machine of two cores runs the tests."""


@asynccontextmanager
async def followed(system: System) -> AsyncIterator[list[dict[str, Any]]]:
    """What ``callcenter captions`` gets to read inside the block."""
    frames: list[dict[str, Any]] = []

    async def follow() -> None:
        async with ControlClient(system.settings) as client:
            async for frame in client.follow("caption.said"):
                frames.extend([frame] if frame["type"] == "caption.said" else [])

    task = asyncio.create_task(follow())
    try:
        yield frames
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def captioned(system: System) -> list[str]:
    """The calls that are captioned now."""
    async with ControlClient(system.settings) as client:
        return [call["contact_id"] for call in (await client.captions())["calls"]]


async def control(system: System, contact_id: str, what: str) -> None:
    """Pause or resume the recording."""
    async with ControlClient(system.settings) as client:
        await client._ask("POST", f"/calls/{contact_id}/recording/{what}", {"reason": "身份证号"})


async def test_a_call_is_captioned_while_it_goes_on_and_not_while_it_is_paused() -> None:
    """Words come in the call, from the side that said them; what is not recorded is not captioned; nothing is journaled."""
    with tempfile.TemporaryDirectory(prefix="cc-") as home:
        async with whole_system(Path(home), captions=WHATEVER_ELSE_RUNS) as system:
            switched = await system.event("captions.switched", limit_s=START_S)
            assert (switched["data"]["places"], switched["data"]["reason"]) == (8, "room")
            async with PhoneBox(system.settings.sip_address) as box, followed(system) as frames:
                await _talk(system, box, frames)
            types = {kind for (kind,) in system.rows("SELECT DISTINCT type FROM journal")}
            assert "captions.switched" in types
            assert "caption.said" not in types


async def _talk(system: System, box: PhoneBox, frames: list[dict[str, Any]]) -> None:
    voice = Voice(system.settings.cache_path)
    line = next(line for line in demo_dialog() if line.speaker == "citizen" and "暖气" in line.text)
    heating = voice.speak(line.text)
    agent = await box.seat("8001", system.pbx.secrets.seats["8001"])
    await agent.register()
    await agent.dial_code("*11")
    await system.event("seat.state_changed", seat_id="8001", new="ready")
    call = await (await box.citizen("13800000081")).dial(f"sip:12345@{system.settings.sip}", TRUNK)
    answered = await (await agent.ringing()).answer()
    contact_id = str((await system.event("call.answered"))["subject"]["contact_id"])

    def said(channel: str, word: str, since: int = 0) -> bool:
        return any(f["data"]["channel"] == channel and word in f["data"]["text"] for f in frames[since:])

    async def is_captioned() -> bool:
        return await captioned(system) == [contact_id]

    async def is_heard() -> bool:
        return said("citizen", "暖气")

    async def agent_is_heard() -> bool:
        return said("agent", "什么")

    await system.until(is_captioned, "the call is captioned")
    await call.play(heating)
    await system.until(is_heard, "the citizen's words")
    await answered.play(voice.speak("好的请问是什么问题"))
    await system.until(agent_is_heard, "the agent's words")
    assert not said("agent", "暖气")
    assert frames[0]["subject"] == {"contact_id": contact_id, "seat_id": "8001"}
    assert {frame["data"]["masked"] for frame in frames} == {True}
    await _pause(system, contact_id)
    before = len(frames)
    await call.play(heating)
    await control(system, contact_id, "resume")
    await system.until(is_captioned, "the call is captioned again")
    await answered.play(voice.speak("好的请问是什么问题"))

    async def goes_on() -> bool:
        return said("agent", "什么", before)

    await system.until(goes_on, "captions after the pause")
    assert not said("citizen", "暖气", before)
    await call.hangup()
    await system.event("recording.ready", contact_id, limit_s=START_S)
    assert await captioned(system) == []


async def _pause(system: System, contact_id: str) -> None:
    """Pause the recording, and wait until nothing is captioned."""
    await control(system, contact_id, "pause")

    async def is_off() -> bool:
        return await captioned(system) == []

    await system.until(is_off, "no captions in the pause")
