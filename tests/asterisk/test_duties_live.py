"""Duties on the real Asterisk: a helper whispers to a guest alone; a seat that was moved surveys, and comes back."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import pytest_asyncio
from loopback import free_port
from sqlalchemy import create_engine, update
from system import System, fresh_system, phones_of, seat
from tones import Samples, channels, tone, tone_seconds

from callcenter.clocks import SystemClock
from callcenter.core.errors import UsageError
from callcenter.core.ids import RecordingId
from callcenter.phones import Phone, PhoneBox
from callcenter.sections import parse_address
from callcenter.store.schema import contacts
from callcenter.web.clients.guests import GuestClient
from callcenter.web.clients.rebalance import RebalanceClient
from callcenter.web.clients.surveys import SurveyClient
from recordings.vault import open_vault

pytestmark = [pytest.mark.asterisk, pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(180)]

TRUNK = {"X-Trunk": "demo"}
GUEST, HELPER, SURVEYOR = "8001", "8002", "8003"
CITIZEN = "13800012346"
SAID_S = 1.2
CITIZEN_HZ, GUEST_HZ, HELPER_HZ = 700, 1000, 1500


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def system() -> AsyncIterator[System]:
    """One running instance for all tests of this module."""
    carrier = {"outbound": f"127.0.0.1:{free_port()}"}
    at_any_hour = {"from_hour": 0, "to_hour": 24}
    async with fresh_system(trunk=carrier, callback=at_any_hour) as system:
        yield system


@pytest_asyncio.fixture(loop_scope="session")
async def phones(system: System) -> AsyncIterator[PhoneBox]:
    """Phones of seats, and of citizens whom the carrier rings; afterwards nobody is logged in and the books agree."""
    carrier = parse_address(system.settings.trunk.outbound).port
    async with phones_of(system, carrier) as box:
        yield box


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
    for who, hz in ((call, CITIZEN_HZ), (talk, GUEST_HZ), (beside, HELPER_HZ)):
        await who.play(tone(hz, SAID_S))
    assert tone_seconds(talk.heard(), HELPER_HZ) > SAID_S / 2, "the guest does not hear the helper"
    assert tone_seconds(call.heard(), HELPER_HZ) < 0.1, "the citizen hears the helper"
    assert min(tone_seconds(beside.heard(), hz) for hz in (CITIZEN_HZ, GUEST_HZ)) > SAID_S / 2
    await call.hangup()
    await beside.ended()
    recording = await system.event("recording.ready", contact_id)
    assert recording["data"]["short_by_s"] < 1.0
    left, right = sound(system, contact_id)
    assert tone_seconds(left, CITIZEN_HZ) > SAID_S / 2
    assert tone_seconds(right, GUEST_HZ) > SAID_S / 2
    assert max(tone_seconds(side, HELPER_HZ) for side in (left, right)) < 0.1, "the recording has the helper"
    async with GuestClient(system.settings) as client:
        found = await client.guest_follow_ups(day["id"])
        closed = await client.close_guest_day(day["id"])
    assert [item["contact_id"] for item in found["items"]] == [contact_id]
    assert (closed["calls"], closed["tickets"]) == (1, 1)
    await system.event("seat.state_changed", seat_id=HELPER, new="ready")
    audited = system.rows("SELECT by, resource FROM audit WHERE action = 'call.sat_beside'")
    assert audited == [(f"seat/{HELPER}", f"contact/{contact_id}")]


async def talked(system: System, phones: PhoneBox, citizen: Phone) -> str:
    """A citizen talked with a seat; the books are told that it was for a minute. His contact."""
    agent = await seat(system, phones, GUEST)
    call = await citizen.dial(f"sip:12345@{system.settings.sip}", TRUNK)
    talk = await (await agent.ringing()).answer()
    contact_id = (await system.event("call.answered"))["subject"]["contact_id"]
    await call.hangup()
    await talk.ended()
    await system.event("recording.ready", contact_id)
    engine = create_engine(
        f"sqlite:///{system.settings.home_path / 'data' / 'callcenter.db'}", connect_args={"timeout": 10.0}
    )
    with engine.begin() as connection:
        its = contacts.c.contact_id == contact_id
        connection.execute(update(contacts).where(its).values(talk_s=60.0))
    engine.dispose()
    return str(contact_id)


async def test_a_moved_seat_surveys_and_comes_back(system: System, phones: PhoneBox) -> None:
    """Kept from the line by one action, it calls who talked today, enters his grade, and is undone after that call."""
    citizen = await phones.citizen(CITIZEN)
    contact_id = await talked(system, phones, citizen)
    phone = await seat(system, phones, SURVEYOR)
    async with RebalanceClient(system.settings) as client:
        moves = [{"seat_id": SURVEYOR, "duty": "surveys", "version": 0}]
        plan = await client.preview_rebalance(moves, 1.0)
        done = await client.apply_rebalance(moves, 1.0, "回访")
        with pytest.raises(UsageError, match="just moved by operator"):
            await client.apply_rebalance(moves, 1.0, "回访")
    assert plan["seats"][0]["takes_effect"] == "now"
    await system.event("seat.state_changed", seat_id=SURVEYOR, new="on_break", reason="surveys")
    async with SurveyClient(system.settings) as client:
        assert [row["contact_id"] for row in (await client.surveys())["due"]] == [contact_id]
        call_id = (await client.next_survey(SURVEYOR))["call_id"]
        agent = await (await phone.ringing()).answer()
        call = await (await citizen.ringing()).answer()
        await system.event("callback.answered", call_id)
        assert (await client.surveys())["due"] == []
        async with RebalanceClient(system.settings) as manager:
            undone = await manager.undo_rebalance(done["id"], "误操作")
        assert undone["not_undone"] == []
        assert await system.seat_state(SURVEYOR) == "talking"
        await client.answer_survey(contact_id, 4)
    await agent.hangup()
    await call.ended()
    await system.event("seat.state_changed", seat_id=SURVEYOR, old="wrap_up", new="ready")
    assert system.rows('SELECT grade, "by" FROM ratings WHERE contact_id = ?', contact_id) == [(4, "survey")]
    assert system.rows("SELECT outcome, source FROM contacts WHERE contact_id = ?", call_id) == [
        ("answered", "callback")
    ]
    assert system.rows("SELECT count(*) FROM tickets WHERE contact_id = ?", call_id) == [(0,)]
    assert system.rows("SELECT count(*) FROM promises") == [(0,)]
