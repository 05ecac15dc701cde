"""With the line closed or full and no controller, Asterisk itself takes a message and the number."""

import asyncio
import json
import subprocess
import wave
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pbx import Pbx, running_pbx
from real_asterisk import TRUNK, house, until
from tones import SILENCE_LEVEL, level, silence, tone, tone_seconds

from callcenter.asterisk.render import layout
from callcenter.phones import Call, PhoneBox
from ivr.prompt_maker import ensure_prompts

pytestmark = [pytest.mark.asterisk, pytest.mark.timeout(180)]

NUMBER = "+8613900139000"


async def citizen_calls(box: PhoneBox, number: str = NUMBER) -> Call:
    """An answered call."""
    call = await (await box.citizen(number)).dial("12345", headers=TRUNK)
    await call.established()
    return call


async def the_note(it: Pbx) -> dict[str, Any]:
    """The only note in the spool, once it is there."""
    found = await until(lambda: sorted(layout(it.settings).messages.glob("*.json")), "the note")
    assert len(found) == 1
    note: dict[str, Any] = json.loads(found[0].read_text("utf-8"))
    return note


def spoken(it: Pbx, uniqueid: str) -> "np.ndarray[Any, np.dtype[np.int16]]":
    """The sound of a recorded message."""
    with wave.open(str(layout(it.settings).messages / f"{uniqueid}.wav"), "rb") as recording:
        assert (recording.getframerate(), recording.getnchannels()) == (8000, 1)
        return np.frombuffer(recording.readframes(recording.getnframes()), dtype=np.int16)


async def test_a_closed_house_takes_a_message(tmp_path: Path) -> None:
    """What the citizen says and the number are in the spool; the hang-up ends the recording."""
    async with house(tmp_path) as it, PhoneBox(it.address) as box:
        await it.server.command("database put callcenter closed 1")
        call = await citizen_calls(box)
        await call.play(tone(700, 3))
        await call.hangup()
        note = await the_note(it)
        assert (note["number"], note["called"]) == (NUMBER, "12345")
        message = spoken(it, note["uniqueid"])
        assert note["seconds"] == pytest.approx(len(message) / 8000, abs=0.1)
        assert tone_seconds(message, 700) > 1.5
        assert await it.is_quiet()


async def test_a_full_line_takes_a_message(tmp_path: Path) -> None:
    """Who finds the queue full is asked for a message instead of hearing a tone."""
    line = {"max_waiting": 1}
    async with house(tmp_path, line=line) as it, AsyncExitStack() as stack:
        box = await stack.enter_async_context(PhoneBox(it.address))
        first = await citizen_calls(box, "13800138001")
        await until(lambda: is_waiting(it), "the first waits")
        second = await citizen_calls(box)
        await second.play(tone(700, 2))
        await second.hangup()
        assert (await the_note(it))["number"] == NUMBER
        assert await is_waiting(it)
        await first.hangup()


async def is_waiting(it: Pbx) -> bool:
    """Whether one caller is in the first queue."""
    return "has 1 calls" in await it.server.command("queue show main")


async def test_a_message_is_heard_and_said_again(tmp_path: Path) -> None:
    """# ends it, 1 plays it back, 2 takes another one; the last one that holds a word is kept, and the call ends."""
    async with running_pbx(tmp_path) as it, PhoneBox(it.address) as box:
        await asyncio.to_thread(ensure_prompts, it.settings)
        await it.server.command("database put callcenter closed 1")
        call = await citizen_calls(box)
        await asked(call)
        await call.dtmf("#")  # the invitation is skipped
        await call.play(silence(1))
        await call.play(tone(700, 2))
        await call.dtmf("#")
        await asked(call)
        await call.dtmf("1")
        await until(lambda: tone_seconds(call.heard(), 700) > 1, "his own voice")
        await call.dtmf("2")
        await call.play(silence(1))
        await call.play(tone(1500, 2))
        await call.dtmf("#")
        await asked(call)
        await call.dtmf("2")
        await asyncio.sleep(1)
        await call.dtmf("#")  # a third one without a word
        await asked(call)
        await call.dtmf("#")
        await call.ended()
        note = await the_note(it)
        message = spoken(it, note["uniqueid"])
        assert tone_seconds(message, 1500) > 1
        assert tone_seconds(message, 700) < 0.2
        assert len(list(layout(it.settings).messages.iterdir())) == 2


async def asked(call: Call) -> None:
    """Until something is said to him."""
    await until(lambda: level(call.heard(0.5)) > SILENCE_LEVEL, "the question")


async def test_who_hangs_up_at_the_tone_leaves_the_number(tmp_path: Path) -> None:
    """Without a word there is still a note: somebody wanted to reach the hotline."""
    async with house(tmp_path) as it, PhoneBox(it.address) as box:
        await it.server.command("database put callcenter closed 1")
        call = await citizen_calls(box)
        await until(lambda: len(call.heard()), "the tone")
        await call.hangup()
        note = await the_note(it)
        assert note["number"] == NUMBER
        assert note["seconds"] < 1


async def test_several_messages_at_once_stay_apart(tmp_path: Path) -> None:
    """Each call has its own recording and its own note, and no draft is left."""
    async with house(tmp_path) as it, PhoneBox(it.address) as box:
        await it.server.command("database put callcenter closed 1")
        calls = [await citizen_calls(box, f"1380013800{n}") for n in range(4)]
        await asyncio.gather(*(call.play(tone(700, 1.5)) for call in calls))
        for call in calls:
            await call.hangup()
        spool = layout(it.settings).messages
        notes = await until(
            lambda: (found := list(spool.glob("*.json"))) and len(found) == 4 and found, "4 notes"
        )
        assert {json.loads(note.read_text())["number"] for note in notes} == {
            f"1380013800{n}" for n in range(4)
        }
        assert not list(spool.glob("*.part"))


async def test_the_script_needs_nothing_of_ours(tmp_path: Path) -> None:
    """By the system's Python, isolated, with pyst2 from its own folder, it refuses nonsense and runs nothing."""
    async with house(tmp_path) as it:
        where = layout(it.settings)
        command = [
            "/usr/bin/python3",
            "-I",
            "-S",
            str(where.survival / "survival.py"),
            str(where.survival / "lib"),
        ]
        environment = 'agi_uniqueid: ../../x"y\n\n'
        for arguments in ([], [str(where.messages), "/nowhere/prompt", "1", "2"]):
            done = await asyncio.to_thread(
                subprocess.run,
                [*command, *arguments],
                input=environment,
                text=True,
                capture_output=True,
                timeout=20,
            )
            assert (done.returncode, done.stdout) == (2, "")
        assert not list(where.messages.iterdir())
