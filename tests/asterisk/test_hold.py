"""What a citizen hears who waits or is on hold: our own tone, and a word that he is not forgotten."""

from pathlib import Path

import pytest
from pbx import LIMIT_S
from real_asterisk import TRUNK, house, settings_for, until
from tones import strongest, tone

from callcenter.asterisk.render import layout
from callcenter.phones import Call, PhoneBox
from ivr.prompt_maker import put_sound

pytestmark = [pytest.mark.asterisk, pytest.mark.timeout(120)]

MUSIC_HZ, COMFORT_HZ, AGENT_HZ = 1500, 700, 1000
ROUND_S = 1.0
"""The tone's length in this test: ten times as fast as in the house."""


async def test_who_waits_hears_the_tone_and_who_is_held_also_a_word(tmp_path: Path) -> None:
    """In the line the tone; on hold the tone for its rounds, then the comfort message, then the tone again."""
    settings = settings_for(tmp_path)
    where = layout(settings)
    for path, hz in ((where.moh / "hold.wav", MUSIC_HZ), (where.prompts / "hold.wav", COMFORT_HZ)):
        path.parent.mkdir(parents=True)
        put_sound(path, tone(hz, ROUND_S))
    async with house(tmp_path, line={"comfort_every_s": 30}) as pbx, PhoneBox(pbx.address) as phones:
        seat = await phones.seat("8001", pbx.secrets.seats["8001"])
        await seat.register()
        citizen = await (await phones.citizen("13800138000")).dial("12345", headers=TRUNK)
        await citizen.established()
        await hears(citizen, MUSIC_HZ)
        await seat.dial_code("*11")
        agent = await (await seat.ringing()).answer()
        await agent.play(tone(AGENT_HZ, 1.0))
        await hears(citizen, AGENT_HZ)
        await agent.hold()
        for hz in (MUSIC_HZ, COMFORT_HZ, MUSIC_HZ):
            await hears(citizen, hz)
        await citizen.hangup()
        assert await pbx.is_quiet()


async def hears(call: Call, hz: float) -> None:
    """Wait until the tone is what was heard last."""
    await until(lambda: strongest(call.heard(last_s=0.3)) == hz, f"{hz} Hz is heard", LIMIT_S)
