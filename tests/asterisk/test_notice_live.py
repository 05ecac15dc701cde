"""The hot-topic notice on real telephones: written by the shift manager, heard by the next caller, counted."""

import tempfile
from pathlib import Path

import numpy as np
import pytest
from scipy import signal
from system import System, whole_system
from tones import Samples

from callcenter.notices import STANDING
from callcenter.phones import Call, PhoneBox
from callcenter.speech import audio
from callcenter.web.clients.control import ControlClient
from ivr.prompts import prompts_folder

pytestmark = [pytest.mark.asterisk, pytest.mark.timeout(240)]

TRUNK = {"X-Trunk": "demo"}
TEXT = "受寒潮影响，东风路今天18:00到22:00停水。"
ALWAYS_FULL = {"roster": (1,) * 24, "citizens": 5000.0}
"""A plan by which one seat cannot take everybody: so the surge engine plays notices where the wait is long."""


async def test_a_caller_hears_the_notice_and_is_counted() -> None:
    """The seat talks, the next caller hears the manager's line in place of the standing one, and hangs up content."""
    with tempfile.TemporaryDirectory(prefix="cc-") as home:
        async with (
            whole_system(Path(home), day=ALWAYS_FULL) as system,
            PhoneBox(system.settings.sip_address) as phones,
            ControlClient(system.settings) as client,
        ):
            await client.set_surge(1, "寒潮")
            notice = await client.put_notice(TEXT, 4)
            assert notice["is_played"]
            await a_busy_seat(system, phones)
            call = await dial(system, phones, "13800000002")
            await system.until(lambda: is_count(client, "heard", 1), "somebody hears the notice")
            await call.listen(3)
            folder = prompts_folder(system.settings)
            assert is_heard(call.heard(), audio.read_wav(folder / f"notice_{notice['id']}.wav"))
            assert not is_heard(call.heard(), audio.read_wav(folder / f"{STANDING}.wav"))
            await call.hangup()
            await system.until(lambda: is_count(client, "satisfied", 1), "he hung up content")


async def a_busy_seat(system: System, phones: PhoneBox) -> None:
    """The only seat talks with a citizen."""
    agent = await phones.seat("8001", system.pbx.secrets.seats["8001"])
    await agent.register()
    await agent.dial_code("*11")
    await system.event("seat.state_changed", seat_id="8001", new="ready")
    await dial(system, phones, "13800000001")
    await (await agent.ringing()).answer()
    await system.event("call.answered")


async def dial(system: System, phones: PhoneBox, number: str) -> Call:
    """A citizen's call that was answered by the house."""
    call = await (await phones.citizen(number)).dial(f"sip:12345@{system.settings.sip}", TRUNK)
    await call.established()
    return call


async def is_count(client: ControlClient, name: str, count: int) -> bool:
    """Whether the newest notice's count is this."""
    return bool((await client.notices())[0][name] == count)


def is_heard(heard: Samples, prompt: Samples) -> bool:
    """Whether the first second of the prompt is somewhere in what was heard: by their correlation, 1 for the same."""
    sought = prompt[: audio.RATE].astype(np.float64)
    found = signal.correlate(heard.astype(np.float64), sought, "valid", "fft")
    energy = signal.correlate(heard.astype(np.float64) ** 2, np.ones(len(sought)), "valid", "fft")
    likeness = found / (np.linalg.norm(sought) * np.sqrt(np.maximum(energy, 1e6)))
    return bool(likeness.max() > 0.9)
