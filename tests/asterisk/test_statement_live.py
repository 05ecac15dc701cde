"""Who waits long states his matter in line, on real telephones: the seat reads it; who gives up has his ticket."""

import asyncio
from collections.abc import AsyncIterator

import numpy as np
import pytest
import pytest_asyncio
from loopback import free_port
from system import System, fresh_system
from tones import tone

from callcenter.clocks import SystemClock
from callcenter.core.ids import ContactId
from callcenter.phones import Call, Phone, PhoneBox
from callcenter.sections import parse_address
from callcenter.speech.audio import RATE
from callcenter.speech.dialog import demo_dialog
from callcenter.speech.voice import Voice
from callcenter.web.clients.control import ControlClient
from recordings.core.names import statement_of
from recordings.vault import open_vault

pytestmark = [pytest.mark.asterisk, pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(300)]

TRUNK = {"X-Trunk": "demo"}
ANNA, BO, CHEN, DENG = "13800000001", "13800000002", "13800000003", "13800000004"
CITIZEN_HZ = 440
BEEP_S = 1.5
"""He begins to speak after the tone."""


@pytest_asyncio.fixture(loop_scope="session")
async def system() -> AsyncIterator[System]:
    """A running instance that invites everybody who must wait."""
    async with fresh_system(
        line={"statement_from_s": 1},
        trunk={"outbound": f"127.0.0.1:{free_port()}"},
        callback={"from_hour": 0, "to_hour": 24},
        surge={"reoffer_after_s": 600, "automatic": False},
    ) as system:
        yield system


@pytest_asyncio.fixture(loop_scope="session")
async def phones(system: System) -> AsyncIterator[PhoneBox]:
    """Phones of the seat and of citizens."""
    port = parse_address(system.settings.trunk.outbound).port
    async with PhoneBox(system.settings.sip_address, sip_port=port) as box:
        yield box
    assert await system.pbx.is_quiet(), "channels are left behind"
    await system.clean()


async def a_busy_house(system: System, box: PhoneBox) -> tuple[Phone, Call]:
    """One seat, and it talks with Anna."""
    agent = await box.seat("8001", system.pbx.secrets.seats["8001"])
    await agent.register()
    await agent.dial_code("*11")
    await system.event("seat.state_changed", seat_id="8001", new="ready")
    await dial(system, box, ANNA)
    return agent, await (await agent.ringing()).answer()


async def dial(system: System, box: PhoneBox, number: str) -> tuple[Call, ContactId]:
    """A citizen calls; his contact."""
    await system.mark()
    call = await (await box.citizen(number)).dial(f"sip:12345@{system.settings.sip}", TRUNK)
    return call, (await system.event("call.arrived"))["subject"]["contact_id"]


async def accept(system: System, call: Call, contact: ContactId) -> None:
    """He declines all offers to hang up, and wants to state his matter."""
    await system.event("call.prompt_ended", contact)
    for question in ("message", "callback"):
        await call.dtmf("0")
        await system.event("call.replied", contact, question=question, accepted=False)
    await system.event("ivr.step_entered", contact, flow="precollect")
    await call.dtmf("1")
    await system.event("ivr.walk_ended", contact, flow="precollect")


async def test_what_is_stated_in_line_reaches_the_seat_and_stays_with_who_gives_up(
    system: System, phones: PhoneBox
) -> None:
    """Deng came later and is behind him; the seat reads what Bo stated; Chen hangs up in his: a ticket, and owed a call."""
    agent, anna = await a_busy_house(system, phones)
    line = next(line for line in demo_dialog() if line.speaker == "citizen" and "暖气" in line.text)
    words = Voice(system.settings.cache_path).speak(line.text)
    matter = np.concatenate([np.zeros(round(BEEP_S * RATE), words.dtype), words])
    bo_call, bo = await dial(system, phones, BO)
    await accept(system, bo_call, bo)
    speaking = asyncio.create_task(bo_call.play(matter))
    deng_call, deng = await dial(system, phones, DENG)
    await deng_call.dtmf("0")
    await system.event("call.queued", deng, position=1)
    await speaking
    await bo_call.dtmf("#")
    await system.event("call.matter_stated", bo)
    await bo_call.dtmf("#")  # he need not hear the thanks out
    await system.event("call.queued", bo, position=1)
    chen_call, chen = await dial(system, phones, CHEN)
    await accept(system, chen_call, chen)
    await chen_call.play(tone(CITIZEN_HZ, 3.0))
    await chen_call.hangup()
    await deng_call.hangup()
    await system.event("call.matter_stated", chen)
    await anna.hangup()
    await (await agent.ringing()).answer()
    await system.event("call.answered", bo)
    await the_seat_reads_it(system, bo)
    await bo_call.hangup()
    await who_gave_up_is_known(system, chen)


async def the_seat_reads_it(system: System, contact: ContactId) -> None:
    """One ticket, a draft with its topic; the statement as text, and encrypted in the vault."""

    async def has_topic() -> bool:
        drafts = system.rows("SELECT state, topic FROM tickets WHERE contact_id = ?", contact)
        return drafts == [("draft", "heating")]

    await system.until(has_topic, "one draft, with the topic of the statement")
    async with ControlClient(system.settings) as client:
        shown = await client.contact(contact)
        (mine,) = [call for call in (await client.status())["calls"] if call["contact_id"] == contact]
    assert "暖气" in shown["statement"]
    assert (mine["has_statement"], mine["seat_id"]) == (True, "8001")
    with open_vault(system.settings, SystemClock()).opened(statement_of(contact)) as sound:
        assert sound.layout().seconds > 2
    assert not (system.settings.home_path / "spool" / "statements" / f"{contact}.wav").exists()


async def who_gave_up_is_known(system: System, contact: ContactId) -> None:
    """His ticket is ready, and a call-back is owed."""
    await system.event("ticket.drafted", contact, limit_s=60, state="ready")
    assert system.rows("SELECT purpose FROM tickets WHERE contact_id = ?", contact) == [("call",)]
    assert system.rows("SELECT ground FROM promises WHERE caller = ?", CHEN) == [("missed",)]
    assert system.rows("SELECT outcome FROM contacts WHERE contact_id = ?", contact) == [("abandoned",)]
