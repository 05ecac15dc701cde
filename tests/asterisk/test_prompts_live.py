"""A recording handed in on the page is what the next caller hears: a real Asterisk, the real flow, a real phone."""

import tempfile
from base64 import b64encode
from pathlib import Path

import pytest
from real_asterisk import TRUNK
from system import whole_system
from tones import strongest, tone

from callcenter.phones import PhoneBox
from callcenter.web.clients.control import ControlClient, Json
from ivr.prompt_sound import wav_bytes

pytestmark = [pytest.mark.asterisk, pytest.mark.timeout(120)]

SECONDS = 10
"""Within these the greeting has begun, also on a busy machine; the tone is longer."""


class Operator(ControlClient):
    """Who hands in recordings."""

    async def record(self, prompt: str, hz: float) -> Json:
        """A tone instead of a prompt's words."""
        content = b64encode(wav_bytes(tone(hz, 15.0))).decode()
        return await self._ask("PUT", f"/prompts/{prompt}/recording", {"content": content, "why": "试音"})


async def test_the_next_caller_hears_what_was_handed_in() -> None:
    """A tone takes the greeting's place while the house runs: the next call hears it."""
    with tempfile.TemporaryDirectory(prefix="cc-") as home:
        async with (
            whole_system(Path(home)) as system,
            PhoneBox(system.settings.sip_address) as phones,
            Operator(system.settings) as operator,
        ):
            await operator.record("greeting", 1500.0)
            citizen = await phones.citizen("13800000001")
            call = await citizen.dial(f"sip:12345@{system.settings.sip}", TRUNK)
            await call.established()
            for _ in range(SECONDS):
                await call.listen(1)
                if strongest(call.heard()[-4000:]) == 1500:
                    break
            assert strongest(call.heard()[-4000:]) == 1500
            await call.hangup()
