"""The product as a whole, with real calls: dial to ticket, seats by phone and by HTTP, hostile callers."""

import random
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from sip_load import Callers
from system import System, fresh_system, phones_of, seat
from tones import level

from callcenter.core.errors import UsageError
from callcenter.phones import PhoneBox
from callcenter.speech.dialog import demo_dialog
from callcenter.speech.voice import Voice

pytestmark = [pytest.mark.asterisk, pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(180)]

TRUNK = {"X-Trunk": "demo"}
AUDIBLE = 300.0


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


async def test_a_call_becomes_a_ticket(system: System, phones: PhoneBox) -> None:
    """Dial, greeting, line, answer, talk both ways, hang-up, recording, transcript, ticket."""
    agent = await seat(system, phones)
    citizen = await phones.citizen("13800012345")
    call = await citizen.dial(f"sip:12345@{system.settings.sip}", TRUNK)
    contact_id = (await system.event("call.arrived"))["subject"]["contact_id"]
    answered = await (await agent.ringing()).answer()
    assert level(call.heard()) > AUDIBLE, "the greeting was not heard"
    voice = Voice(system.settings.cache_path)
    line = next(line for line in demo_dialog() if line.speaker == "citizen" and "暖气" in line.text)
    await call.play(voice.speak(line.text))
    assert level(answered.heard(2.0)) > AUDIBLE
    await answered.play(voice.speak("好的请问是什么问题"))
    assert level(call.heard(1.0)) > AUDIBLE
    await call.hangup()
    recording = await system.event("recording.ready", contact_id)
    assert recording["data"]["short_by_s"] < 1.0
    await system.event("ticket.drafted", contact_id, limit_s=90, state="ready")
    [(nature, topic, number)] = system.rows(
        "SELECT nature, topic, citizen FROM tickets WHERE contact_id = ?", contact_id
    )
    assert (topic, number) == ("heating", "13800012345")
    assert nature is not None
    [(text,)] = system.rows(
        "SELECT citizen_text FROM transcripts JOIN recordings USING (recording_id) WHERE contact_id = ?",
        contact_id,
    )
    assert "暖气" in text.replace(" ", "")


async def test_a_seat_is_steered_over_http_and_a_wish_waits_for_the_call(
    system: System, phones: PhoneBox
) -> None:
    """Log in, take a call, ask for a break in it: the citizen is not cut off, the break follows."""
    phone = await phones.seat("8002", system.pbx.secrets.seats["8002"])
    await phone.register()
    assert (await system.ask_seat("8002", "login"))["takes_effect"] == "now"
    await system.event("seat.state_changed", seat_id="8002", new="ready")
    with pytest.raises(UsageError):
        await system.ask_seat("8002", "login")
    call = await (await phones.citizen("13800000002")).dial(f"sip:12345@{system.settings.sip}", TRUNK)
    answered = await (await phone.ringing()).answer()
    await system.event("seat.state_changed", seat_id="8002", new="talking")
    assert (await system.ask_seat("8002", "break", "午餐"))["takes_effect"] == "after_call"
    assert await system.seat_state("8002") == "talking"
    await call.hangup()
    await answered.ended()
    await system.event("seat.state_changed", seat_id="8002", new="on_break", reason="午餐")
    await system.ask_seat("8002", "ready")
    await system.event("seat.state_changed", seat_id="8002", new="ready", old="on_break")
    await system.ask_seat("8002", "logout")
    await system.event("seat.state_changed", seat_id="8002", new="off")


async def test_after_call_work_ends_by_itself(system: System, phones: PhoneBox) -> None:
    """The seat wraps up after the talk and is ready again when its time is over."""
    agent = await seat(system, phones)
    call = await (await phones.citizen("13800000003")).dial(f"sip:12345@{system.settings.sip}", TRUNK)
    answered = await (await agent.ringing()).answer()
    await system.event("call.answered")
    await answered.hangup()
    await call.ended()
    await system.event("seat.state_changed", seat_id="8001", new="wrap_up")
    await system.event("seat.state_changed", seat_id="8001", old="wrap_up", new="ready")


async def test_a_seat_that_does_not_answer_goes_on_break_and_the_caller_keeps_his_place(
    system: System, phones: PhoneBox
) -> None:
    """The phone rings out; the reason says why; the caller still waits."""
    agent = await seat(system, phones)
    call = await (await phones.citizen("13800000004")).dial(f"sip:12345@{system.settings.sip}", TRUNK)
    await agent.ringing()
    contact_id = (await system.event("call.queued"))["subject"]["contact_id"]
    await system.event("seat.state_changed", seat_id="8001", new="on_break", reason="rang_out")
    waiting = [c for c in (await system.status())["calls"] if c["contact_id"] == contact_id]
    assert [c["state"] for c in waiting] == ["waiting"]
    await call.hangup()
    await system.event("call.ended", contact_id)
    assert system.rows("SELECT outcome FROM contacts WHERE contact_id = ?", contact_id) == [("abandoned",)]


async def test_a_seat_that_rejects_a_call_goes_on_break_for_that(system: System, phones: PhoneBox) -> None:
    """The reason says what it was, in every line of the seat."""
    agent = await seat(system, phones)
    call = await (await phones.citizen("13800000006")).dial(f"sip:12345@{system.settings.sip}", TRUNK)
    await (await agent.ringing()).reject()
    await system.event("seat.state_changed", seat_id="8001", new="on_break", reason="rejected")
    await call.hangup()


async def test_who_hangs_up_during_the_greeting_left_early(system: System, phones: PhoneBox) -> None:
    """Too short for the line, but counted."""
    call = await (await phones.citizen("13800000005")).dial(f"sip:12345@{system.settings.sip}", TRUNK)
    contact_id = (await system.event("call.arrived"))["subject"]["contact_id"]
    await call.hangup()
    await system.event("call.ended", contact_id)

    async def is_closed() -> bool:
        outcome = system.rows("SELECT outcome FROM contacts WHERE contact_id = ?", contact_id)
        return outcome == [("left_early",)]

    await system.until(is_closed, "left_early")


def hostile_numbers(seed: int = 12345) -> list[str]:
    """User parts of a From header that no telephone has: built by chance, none is written down here."""
    chance = random.Random(seed)
    sentences = ["drop table contacts", "system(reboot)", "=1+1", "b>x<b", "${global(x)}", "../../x"]
    encoded = [
        "".join(f"%{chance.randrange(256):02X}" for _ in range(chance.randrange(1, 12))) for _ in range(8)
    ]
    controls = ["138" + "".join(f"%{c:02X}" for c in (13, 10, 0, 9)) + "00000001" for _ in range(2)]
    quoted = ["".join(f"%{ord(c):02X}" for c in text) for text in sentences]
    return [*encoded, *controls, *quoted, "1" * 700, "138x0001", "+", "0" * 21]


async def test_hostile_numbers_are_unknown_and_harm_nobody(system: System, phones: PhoneBox) -> None:
    """Control characters, encodings, SQL, HTML, formulas, 700 digits: the caller is unknown, the house goes on."""
    before = system.rows("SELECT count(*) FROM contacts")[0][0]
    numbers = hostile_numbers()
    async with Callers(system.settings.sip_address, TRUNK) as callers:
        for number in numbers:
            await callers.call("12345", number, 0.5, 0.2)
    await system.until(system.pbx.is_quiet, "no channel")
    await system.ready()
    entered = system.rows("SELECT caller FROM contacts ORDER BY arrived_at LIMIT -1 OFFSET ?", before)
    assert entered, "nobody got in at all"
    assert {caller for (caller,) in entered} == {""}
    assert "8001" in {seat["seat_id"] for seat in (await system.status())["seats"]}


async def test_an_unknown_number_is_refused(system: System, phones: PhoneBox) -> None:
    """Only the hotline's own numbers exist; a wrong one makes no contact."""
    before = system.rows("SELECT count(*) FROM contacts")[0][0]
    async with Callers(system.settings.sip_address, TRUNK) as callers:
        await callers.call("12399", "13800000006", 2.0, 0.1)
        await callers.call("8001", "13800000006", 2.0, 0.1)
    assert system.rows("SELECT count(*) FROM contacts")[0][0] == before


async def test_no_number_reaches_a_log(system: System, phones: PhoneBox) -> None:
    """The canary's number is in the ledger, masked in lists, and in none of our logs."""
    canary = "13912983749"
    call = await (await phones.citizen(canary)).dial(f"sip:12345@{system.settings.sip}", TRUNK)
    queued = await system.event("call.queued")
    await call.hangup()
    await system.event("call.ended", queued["subject"]["contact_id"])
    assert (canary,) in system.rows("SELECT caller FROM contacts")
    logs = [path for path in system.settings.log_path.glob("*.log") if path.is_file()]
    assert logs
    for path in logs:
        assert canary not in path.read_text("utf-8", "replace"), path.name
    arrived = await system.event("call.arrived", queued["subject"]["contact_id"])
    assert canary not in str(arrived)
