"""The surge on real telephones: offered a call-back, called back by a seat, talked; hung up, called back as missed."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from loopback import free_port
from system import System, fresh_system, seat
from tones import channels, tone, tone_seconds

from callcenter.clocks import SystemClock
from callcenter.core.ids import ContactId, RecordingId
from callcenter.core.messages.callbacks import callback_id
from callcenter.phones import Call, Phone, PhoneBox
from callcenter.sections import parse_address
from callcenter.web.clients.control import ControlClient
from recordings.vault import open_vault

pytestmark = [pytest.mark.asterisk, pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(480)]

TRUNK = {"X-Trunk": "demo"}
ANNA, BO, CHEN, DENG = "13800000001", "13800000002", "13800000003", "13800000004"
CITIZEN_HZ, AGENT_HZ = 440, 880
TALK_S = 21.0


@pytest_asyncio.fixture(loop_scope="session")
async def system() -> AsyncIterator[System]:
    """A running instance with a carrier to dial out, call-backs at any hour; a new one each time, which owes nobody."""
    async with fresh_system(
        trunk={"outbound": f"127.0.0.1:{free_port()}"},
        callback={"from_hour": 0, "to_hour": 24, "retry_gap_s": 2, "ring_s": 8},
        surge={"reoffer_after_s": 5},
    ) as system:
        yield system


@pytest_asyncio.fixture(loop_scope="session")
async def phones(system: System) -> AsyncIterator[PhoneBox]:
    """Phones of seats, and of citizens whom the carrier rings."""
    port = parse_address(system.settings.trunk.outbound).port
    async with PhoneBox(system.settings.sip_address, sip_port=port) as box:
        yield box
    assert await system.pbx.is_quiet(), "channels are left behind"
    await system.clean()


async def dial(system: System, phone: Phone) -> tuple[Call, ContactId]:
    """A citizen calls; his contact."""
    await system.mark()
    call = await phone.dial(f"sip:12345@{system.settings.sip}", TRUNK)
    return call, (await system.event("call.arrived"))["subject"]["contact_id"]


async def refuse(system: System, call: Call, contact: ContactId, question: str) -> None:
    """Press 0 when he is asked."""
    await call.dtmf("0")
    await system.event("call.replied", contact, question=question, accepted=False)


async def a_busy_house(system: System, box: PhoneBox) -> tuple[Phone, Call]:
    """One seat, and it talks with Anna."""
    agent = await seat(system, box)
    await dial(system, await box.citizen(ANNA))
    return agent, await (await agent.ringing()).answer()


async def talk_through(system: System, agent: Phone, citizen: Phone, contact: ContactId) -> None:
    """The seat rings first, then the citizen; both talk long enough, and it counts as kept, with its recording."""
    agent_call = await (await agent.ringing()).answer()
    citizen_call = await (await citizen.ringing()).answer()
    await system.event("callback.answered", contact)
    await citizen_call.play(tone(CITIZEN_HZ, TALK_S / 2))
    await agent_call.play(tone(AGENT_HZ, TALK_S / 2))
    assert tone_seconds(agent_call.heard(), CITIZEN_HZ) > 5
    assert tone_seconds(citizen_call.heard(), AGENT_HZ) > 5
    await citizen_call.hangup()
    kept = await system.event("callback.kept", contact)
    assert kept["data"]["talk_s"] >= 20
    await system.event("recording.ready", contact)
    with open_vault(system.settings, SystemClock()).plain_copy(RecordingId(contact)) as wave:
        left, right = channels(wave.read_bytes()[44:])
    assert tone_seconds(left, CITIZEN_HZ) > 5
    assert tone_seconds(right, AGENT_HZ) > 5


async def test_called_back_as_promised_and_as_missed(system: System, phones: PhoneBox) -> None:
    """One accepts a call-back and has it; one hangs up in line and is called back all the same."""
    agent, anna = await a_busy_house(system, phones)
    await accept_and_be_called_back(system, phones, agent, anna)
    await system.event("seat.state_changed", seat_id="8001", old="wrap_up", new="ready")
    await dial(system, await phones.citizen(DENG))
    anna = await (await agent.ringing()).answer()
    await hang_up_and_be_called_back(system, phones, agent, anna)


async def accept_and_be_called_back(system: System, phones: PhoneBox, agent: Phone, anna: Call) -> None:
    """No seat is free, he is offered a call-back, accepts, is called back by the seat and talks."""
    bo = await phones.citizen(BO)
    call, contact = await dial(system, bo)
    await system.event("call.prompt_ended", contact)
    await refuse(system, call, contact, "message")
    await call.dtmf("1")
    await system.event("call.replied", contact, question="callback", accepted=True)
    await call.ended(20)
    await system.event("call.ended", contact)
    assert system.rows("SELECT state, ground FROM promises WHERE caller = ?", BO) == [("open", "accepted")]
    assert system.rows("SELECT outcome FROM contacts WHERE contact_id = ?", contact) == [("callback",)]
    await anna.hangup()
    await talk_through(system, agent, bo, callback_id(contact, 1))
    assert system.rows("SELECT state, why, tries FROM promises WHERE caller = ?", BO) == [
        ("closed", "kept", 1)
    ]


async def hang_up_and_be_called_back(system: System, phones: PhoneBox, agent: Phone, anna: Call) -> None:
    """He refuses everything, waits, gives up: one entry on the missed list, and a seat calls him in the next quiet moment."""
    chen = await phones.citizen(CHEN)
    call, contact = await dial(system, chen)
    await system.event("call.prompt_ended", contact)
    await refuse(system, call, contact, "message")
    await refuse(system, call, contact, "callback")
    await system.event("call.queued", contact)
    await call.hangup()
    await system.event("call.ended", contact)
    await anna.hangup()
    agent_call = await (await agent.ringing()).answer()
    nobody = await chen.ringing()
    await nobody.reject()
    first = callback_id(contact, 1)
    await system.event("callback.failed", first, reason="no_answer")
    await agent_call.ended(10)
    await talk_through(system, agent, chen, callback_id(contact, 2))
    assert system.rows("SELECT state, why, ground, tries FROM promises WHERE caller = ?", CHEN) == [
        ("closed", "kept", "missed", 2)
    ]
    assert system.rows("SELECT outcome, source FROM contacts WHERE contact_id = ?", first) == [
        ("unreached", "callback")
    ]


async def test_callers_are_asked_and_moved_while_they_wait(system: System, phones: PhoneBox) -> None:
    """Asked again out of the line; put first by a key; put first by the manager."""
    agent, anna = await a_busy_house(system, phones)
    await be_asked_while_waiting(system, phones, agent, anna)
    await system.event("seat.state_changed", seat_id="8001", old="wrap_up", new="ready")
    await dial(system, await phones.citizen(ANNA))
    anna = await (await agent.ringing()).answer()
    await be_moved(system, phones, agent, anna)


async def be_asked_while_waiting(system: System, phones: PhoneBox, agent: Phone, anna: Call) -> None:
    """Taken out of the line for the question, he says no and is back at his place; then the seat has him."""
    call, contact = await dial(system, await phones.citizen(DENG))
    await system.event("call.prompt_ended", contact)
    await refuse(system, call, contact, "message")
    await refuse(system, call, contact, "callback")
    await system.event("call.session_resumed", contact)
    await refuse(system, call, contact, "callback_waiting")
    await anna.hangup()
    taken = await (await agent.ringing()).answer()
    await system.event("call.answered", contact)
    assert (low_high := system.rows("SELECT low_s, high_s FROM announcements WHERE contact_id = ?", contact))
    assert low_high[0][0] < low_high[0][1]
    await taken.hangup()
    await call.hangup()


async def be_moved(system: System, phones: PhoneBox, agent: Phone, anna: Call) -> None:
    """9 in the greeting goes before one who waits longer; the manager's action puts that one first again."""
    first, first_contact = await dial(system, await phones.citizen(BO))
    await first.dtmf("0")
    await system.event("call.queued", first_contact)
    urgent, urgent_contact = await dial(system, await phones.citizen(CHEN))
    await urgent.dtmf("9")
    await system.event("call.queued", urgent_contact, position=1)
    assert await waiting(system) == [urgent_contact, first_contact]
    async with ControlClient(system.settings) as client:
        await client.prioritize(first_contact, urgent=True, why="gas leak")
    shown = await system.pbx.server.command("queue show main")
    assert "prio: 50" in shown
    await urgent.hangup()
    await anna.hangup()
    await (await agent.ringing()).answer()
    await system.event("call.answered", first_contact)
    await first.hangup()


async def test_nobody_is_lost_when_the_controller_dies_in_a_question(
    system: System, phones: PhoneBox
) -> None:
    """Killed while a caller is asked: the dialplan takes him to the line, and the next controller serves him."""
    agent, anna = await a_busy_house(system, phones)
    call, contact = await dial(system, await phones.citizen(BO))
    await system.event("call.prompt_ended", contact)
    await system.kill_controller()

    async def in_line() -> bool:
        return (
            "Callers:" in (shown := await system.pbx.server.command("queue show main"))
            and "1. PJSIP" in shown
        )

    await system.until(in_line, "the dialplan's line has him")
    await system.ready()
    await anna.hangup()
    await (await agent.ringing(60)).answer()
    await system.event("call.answered", contact)
    await call.hangup()


async def waiting(system: System) -> list[str]:
    """Who waits in the line, in order, as Asterisk has it."""
    async with system.pbx.acting() as link:
        entries = await link.ask_list({"Action": "QueueStatus", "Queue": "main"})
    return [entry.need("Uniqueid") for entry in entries if entry.event == "QueueEntry"]
