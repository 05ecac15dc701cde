"""Pausing a recording on the real Asterisk: silence both ways while paused, all times as they were."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from pbx import REPOSITORY
from system import START_S, System, fresh_system, phones_of
from tones import SAMPLE_RATE, Samples, channels, tone, tone_seconds

from callcenter.clocks import SystemClock
from callcenter.core.errors import UsageError
from callcenter.core.ids import RecordingId
from callcenter.phones import Call, PhoneBox
from callcenter.web.clients.control import ControlClient
from recordings.vault import open_vault

pytestmark = [pytest.mark.asterisk, pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(240)]

TRUNK = {"X-Trunk": "demo"}
SAID_S = 2.0


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def system() -> AsyncIterator[System]:
    """One running instance for all tests of this module."""
    async with fresh_system() as system:
        yield system


@pytest_asyncio.fixture(loop_scope="session")
async def phones(system: System) -> AsyncIterator[PhoneBox]:
    """Phones that have this instance for a server; afterwards nobody is logged in and the books agree."""
    async with phones_of(system) as box:
        yield box


async def talk(system: System, box: PhoneBox, number: str) -> tuple[Call, Call, str]:
    """A citizen talks with seat 8001: both ends, and the contact."""
    phone = await box.seat("8001", system.pbx.secrets.seats["8001"])
    await phone.register()
    await phone.dial_code("*11")
    await system.event("seat.state_changed", seat_id="8001", new="ready")
    call = await (await box.citizen(number)).dial(f"sip:12345@{system.settings.sip}", TRUNK)
    answered = await (await phone.ringing()).answer()
    contact_id = str((await system.event("call.answered"))["subject"]["contact_id"])
    return call, answered, contact_id


async def control(system: System, contact_id: str, what: str, reason: str = "身份证号") -> Any:
    """Ask it as the operator does."""
    async with ControlClient(system.settings) as client:
        return await client._ask("POST", f"/calls/{contact_id}/recording/{what}", {"reason": reason})


async def both_say(call: Call, answered: Call) -> None:
    """Citizen and agent at once."""
    await asyncio.gather(call.play(tone(700, SAID_S)), answered.play(tone(1000, SAID_S)))


async def heard_later(system: System, contact_id: str) -> tuple[Samples, Samples]:
    """Both channels of the sealed recording."""
    await system.event("recording.ready", contact_id, limit_s=START_S)
    with open_vault(system.settings, SystemClock()).opened(RecordingId(contact_id)) as sound:
        return channels(sound.read(44, sound.size))


async def test_what_is_said_in_a_pause_is_not_kept(system: System, phones: PhoneBox) -> None:
    """Before and after it both are heard; in between silence of its length; journal and audit tell who and why."""
    call, answered, contact_id = await talk(system, phones, "13800000071")
    await both_say(call, answered)
    assert await control(system, contact_id, "pause") == {"contact_id": contact_id, "paused": True}
    with pytest.raises(UsageError):
        await control(system, contact_id, "pause")
    await both_say(call, answered)
    assert await control(system, contact_id, "resume") == {"contact_id": contact_id, "paused": False}
    await both_say(call, answered)
    await call.hangup()
    ready = await system.event("recording.ready", contact_id, limit_s=START_S)
    assert ready["data"]["short_by_s"] < 1.0
    paused = await system.event("recording.paused", contact_id)
    assert (paused["data"]["by"], paused["data"]["reason"]) == ("operator", "身份证号")
    await system.event("recording.resumed", contact_id, by="operator")
    citizen, agent = await heard_later(system, contact_id)
    assert len(citizen) / SAMPLE_RATE > 3 * SAID_S
    for side, hz in ((citizen, 700), (agent, 1000)):
        kept = tone_seconds(side, hz)
        assert SAID_S * 1.2 < kept < SAID_S * 2.5, f"{kept:.1f} s of {hz} Hz"
        middle = side[round(len(side) * 0.45) : round(len(side) * 0.55)]
        assert tone_seconds(middle, hz) == 0.0
    audit = system.rows(
        "SELECT action, why FROM audit WHERE resource = ? ORDER BY id", f"contact/{contact_id}"
    )
    assert audit[0] == ("recording.paused", "身份证号")
    assert audit[-1][0] == "recording.resumed"


async def test_a_pause_ends_with_the_talk_though_the_controller_died(
    system: System, phones: PhoneBox
) -> None:
    """The new controller knows of it; the hang-up ends it, and the journal tells."""
    call, answered, contact_id = await talk(system, phones, "13800000072")
    await both_say(call, answered)
    await control(system, contact_id, "pause")
    await system.kill_controller()
    await system.ready()
    await system.event("recording.restored")
    with pytest.raises(UsageError):
        await control(system, contact_id, "pause")
    await both_say(call, answered)
    await call.hangup()
    await system.event("recording.resumed", contact_id, by="", reason="talk_ended")
    citizen, _ = await heard_later(system, contact_id)
    assert SAID_S * 0.5 < tone_seconds(citizen, 700) < SAID_S * 1.5


async def test_the_vault_of_these_calls_is_proved(system: System) -> None:
    """Every recording is encrypted, and ``callcenter vault verify`` finds all four witnesses agreeing."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("CALLCENTER_")}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "callcenter", "vault", "verify", "--json"),
        cwd=REPOSITORY,
        env=environment | {"CALLCENTER_CONFIG": str(system.settings.home_path / "callcenter.toml")},
        stdout=asyncio.subprocess.PIPE,
    )
    said, _ = await process.communicate()
    told = json.loads(said)
    assert (process.returncode, told["findings"], told["database"]) == (0, [], "compared")
    recordings = system.rows("SELECT path FROM recordings WHERE state = 'sealed'")
    assert told["files"] == len(recordings)
    assert all(path.endswith(".wav.enc") for (path,) in recordings)
    assert list((system.settings.recordings_path / "waiting").glob("*/*")) == []


async def test_what_is_not_recorded_is_not_paused(system: System, phones: PhoneBox) -> None:
    """A caller who still waits, and a call that there is not."""
    call = await (await phones.citizen("13800000073")).dial(f"sip:12345@{system.settings.sip}", TRUNK)
    contact_id = (await system.event("call.queued"))["subject"]["contact_id"]
    for contact, code in ((contact_id, "wrong_recording_state"), ("cc-1.1", "unknown_call")):
        with pytest.raises(UsageError) as caught:
            await control(system, contact, "pause")
        assert caught.value.code == code
    await call.hangup()
    await system.event("call.ended", contact_id)
