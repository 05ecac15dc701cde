"""What a citizen hears who waits or is on hold: our own tone, and a word that he is not forgotten."""

from functools import partial
from pathlib import Path

import pytest
from pbx import LIMIT_S, Pbx
from real_asterisk import TRUNK, house, settings_for, until
from tones import strongest, tone

from callcenter.asterisk.render import layout
from callcenter.phones import Call, PhoneBox
from ivr.prompt_maker import put_sound

pytestmark = [pytest.mark.asterisk, pytest.mark.timeout(120)]

MUSIC_HZ, COMFORT_HZ, OTHER_HZ = 1500, 700, 1000
ROUND_S = 1.0
"""The tone's length in this test: ten times as fast as in the house."""


async def test_who_waits_or_is_held_hears_our_tone_and_words_of_comfort(tmp_path: Path) -> None:
    """In the line two messages in turn; on hold the tone for its rounds, then the message, then the tone again."""
    settings = settings_for(tmp_path)
    where = layout(settings)
    sounds = {
        where.moh / "hold.wav": MUSIC_HZ,
        where.prompts / "waiting.wav": COMFORT_HZ,
        where.prompts / "waiting_comfort.wav": OTHER_HZ,
        where.prompts / "hold.wav": COMFORT_HZ,
    }
    for path, hz in sounds.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        put_sound(path, tone(hz, ROUND_S))
    async with house(tmp_path, line={"comfort_every_s": 30}) as pbx, PhoneBox(pbx.address) as phones:
        await announce_every_second(pbx)
        seat = await phones.seat("8001", pbx.secrets.seats["8001"])
        await seat.register()
        citizen = await (await phones.citizen("13800138000")).dial("12345", headers=TRUNK)
        await citizen.established()
        await hear(citizen, MUSIC_HZ, COMFORT_HZ, MUSIC_HZ, OTHER_HZ, MUSIC_HZ, COMFORT_HZ)
        await seat.dial_code("*11")
        agent = await (await seat.ringing()).answer()
        await agent.play(tone(OTHER_HZ, 1.0))
        await hear(citizen, OTHER_HZ)
        await agent.hold()
        await hear(citizen, MUSIC_HZ, COMFORT_HZ, MUSIC_HZ)
        await citizen.hangup()
        assert await pbx.is_quiet()


async def announce_every_second(pbx: Pbx) -> None:
    """As the queue would every 30 s: nobody waits so long for a test."""
    file = layout(pbx.settings).etc / "queues.conf"
    text = file.read_text("utf-8")
    assert "periodic-announce-frequency = 30" in text
    file.write_text(
        text.replace("periodic-announce-frequency = 30", "periodic-announce-frequency = 1"), "utf-8"
    )
    await pbx.server.command("queue reload parameters")


async def hear(call: Call, *tones_hz: float) -> None:
    """Wait until each of the tones in turn is what was heard last."""
    for hz in tones_hz:
        await until(partial(is_heard, call, hz), f"{hz} Hz is heard", LIMIT_S)


def is_heard(call: Call, hz: float) -> bool:
    """Whether it fills the last moment."""
    return strongest(call.heard(last_s=0.3)) == hz
