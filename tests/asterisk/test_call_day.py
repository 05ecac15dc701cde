"""A call day on the real Asterisk: the citizen talks with a guest, a helper whispers to the guest alone."""

import tempfile
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from system import System, whole_system
from tones import Samples, channels, tone, tone_seconds

from callcenter.clocks import SystemClock
from callcenter.core.ids import RecordingId
from callcenter.phones import Phone, PhoneBox
from callcenter.web.guest_client import GuestClient
from recordings.vault import open_vault

pytestmark = [pytest.mark.asterisk, pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(180)]

TRUNK = {"X-Trunk": "demo"}
GUEST, HELPER = "8001", "8002"
CITIZEN_HZ, GUEST_HZ, HELPER_HZ = 700, 1000, 1500


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def system() -> AsyncIterator[System]:
    """One running instance for all tests of this module."""
    with tempfile.TemporaryDirectory(prefix="cc-") as home:
        async with whole_system(Path(home)) as system:
            yield system


@pytest_asyncio.fixture(loop_scope="session")
async def phones(system: System) -> AsyncIterator[PhoneBox]:
    """Phones that have this instance for a server; afterwards nobody is logged in and the books agree."""
    await system.mark()
    async with PhoneBox(system.settings.sip_address) as box:
        yield box
    await system.settle()


async def seat(system: System, box: PhoneBox, number: str) -> Phone:
    """A registered seat, ready by feature code."""
    phone = await box.seat(number, system.pbx.secrets.seats[number])
    await phone.register()
    await phone.dial_code("*11")
    await system.event("seat.state_changed", seat_id=number, new="ready")
    return phone


async def opened(system: System) -> dict[str, Any]:
    """A call day from now on."""
    now = datetime.now(UTC)
    body = {
        "name": "李市长",
        "title": "市长",
        "seat_id": GUEST,
        "helper_seat_id": HELPER,
        "from_at": (now - timedelta(minutes=1)).isoformat(),
        "to_at": (now + timedelta(hours=1)).isoformat(),
    }
    async with GuestClient(system.settings) as client:
        return await client.open_guest_day(body)


async def listens(system: System) -> bool:
    """Whether a phone listens to another one's call."""
    async with system.pbx.acting() as link:
        channels_ = await link.ask_list({"Action": "CoreShowChannels"}, 10.0)
    return any(channel.get("Application") == "ChanSpy" for channel in channels_)


def sound(system: System, contact_id: str) -> tuple[Samples, Samples]:
    """What was recorded: the citizen's side, and what he heard."""
    with open_vault(system.settings, SystemClock()).opened(RecordingId(contact_id)) as found:
        return channels(found.read(44, found.size))


async def test_the_helper_is_heard_by_the_guest_alone(system: System, phones: PhoneBox) -> None:
    """Not by the citizen, not in his recording; he hears both, and falls silent with the call. The ticket is followed up."""
    guest, helper = await seat(system, phones, GUEST), await seat(system, phones, HELPER)
    day = await opened(system)
    await system.event("seat.state_changed", seat_id=HELPER, new="on_break", reason="helping")
    citizen = await phones.citizen("13800012345")
    call = await citizen.dial(f"sip:12345@{system.settings.sip}", TRUNK)
    talk = await (await guest.ringing()).answer()
    answered = await system.event("guest.answered", day_id=day["id"])
    contact_id = answered["subject"]["contact_id"]
    beside = await (await helper.ringing()).answer()
    await system.until(lambda: listens(system), "the helper listens")
    await call.play(tone(CITIZEN_HZ, 2))
    await talk.play(tone(GUEST_HZ, 2))
    await beside.play(tone(HELPER_HZ, 2))
    assert tone_seconds(talk.heard(), HELPER_HZ) > 1.0, "the guest does not hear the helper"
    assert tone_seconds(call.heard(), HELPER_HZ) < 0.1, "the citizen hears the helper"
    assert min(tone_seconds(beside.heard(), hz) for hz in (CITIZEN_HZ, GUEST_HZ)) > 1.0
    await call.hangup()
    await beside.ended()
    recording = await system.event("recording.ready", contact_id)
    assert recording["data"]["short_by_s"] < 1.0
    left, right = sound(system, contact_id)
    assert tone_seconds(left, CITIZEN_HZ) > 1.0
    assert tone_seconds(right, GUEST_HZ) > 1.0
    assert max(tone_seconds(side, HELPER_HZ) for side in (left, right)) < 0.1, "the recording has the helper"
    async with GuestClient(system.settings) as client:
        found = await client.guest_follow_ups(day["id"])
        closed = await client.close_guest_day(day["id"])
    assert [item["contact_id"] for item in found["items"]] == [contact_id]
    assert (closed["calls"], closed["tickets"]) == (1, 1)
    await system.event("seat.state_changed", seat_id=HELPER, new="ready")
    audited = system.rows("SELECT by, resource FROM audit WHERE action = 'call.sat_beside'")
    assert audited == [(f"seat/{HELPER}", f"contact/{contact_id}")]
