"""Phones that die in a call: the citizen is at the head of the line, and soon with another seat. Healthy ones are left alone."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
import pytest_asyncio
from far_phone import FarPhone
from pbx import Pbx, running_pbx
from real_asterisk import TRUNK
from system import System, fresh_system, phones_of

from callcenter.asterisk import render
from callcenter.phones import Call, Phone, PhoneBox
from callcenter.web.clients.control import ControlClient

pytestmark = [pytest.mark.asterisk, pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(180)]

RESCUE_S = 15.0
"""Ten seconds are promised; so many more for a machine that does other things."""


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


async def far_phone(pbx: Pbx, stack: AsyncExitStack, seat_id: str, answer_after_s: float = 0.2) -> FarPhone:
    """A registered phone that may die, logged in."""
    secrets = {seat_id: pbx.secrets.seats[seat_id]}
    phone = await stack.enter_async_context(FarPhone(pbx.address, secrets, answer_after_s=answer_after_s))
    await phone.register()
    assert await phone.dial_code(seat_id, "*11")
    return phone


async def good_phone(pbx: Pbx, box: PhoneBox, seat_id: str) -> Phone:
    """A registered phone that lives, logged in."""
    phone = await box.seat(seat_id, pbx.secrets.seats[seat_id])
    await phone.register()
    await phone.dial_code("*11")
    return phone


async def dial_in(box: PhoneBox, number: str = "13800138000") -> Call:
    """A citizen calls."""
    call = await (await box.citizen(number)).dial("12345", headers=TRUNK)
    await call.established()
    return call


async def rescued(phone: FarPhone, other: Phone) -> Call:
    """Let the phone die; the call that then rings at another seat, answered."""
    began = asyncio.get_running_loop().time()
    phone.die()
    ringing = await other.ringing(RESCUE_S)
    print(f"the next seat rang {asyncio.get_running_loop().time() - began:.1f} s after the death")
    return await ringing.answer()


async def test_dead_phones_lose_nobody_and_healthy_ones_are_left_alone(
    system: System, phones: PhoneBox
) -> None:
    """In a talk or ringing, another seat has the citizen soon; silent phones that answer keep theirs, as do mute ones that speak.

    One story, because the healthy phones have to be watched for longer than the others live.
    """
    async with AsyncExitStack() as stack:
        healthy = await healthy_talks(system, stack, phones)
        contact_id = await a_talk_breaks(system, stack, phones)
        await a_ringing_phone_dies(system, stack, phones)
        await system.event("seat.listened", seat_id="8002", reachable=False)
        for seat_id in ("8001", "8002"):
            assert await system.seat_state(seat_id) == "talking"
        for call in healthy:
            await call.hangup()
    await system.clean()
    ((outcome, seat_id, talk_s, apart_s),) = system.rows(
        "SELECT outcome, seat_id, talk_s, apart_s FROM contacts WHERE contact_id = ?", contact_id
    )
    assert (outcome, seat_id) == ("answered", "8003")
    assert min(talk_s, apart_s) > 0


async def test_phones_that_die_in_a_conference_lose_nobody(system: System, phones: PhoneBox) -> None:
    """The agent's phone dies: the citizen talks on with the third. His dies too: the citizen is with the next seat soon."""
    async with AsyncExitStack() as stack:
        agent = await far_phone(system.pbx, stack, "8007")
        call = await dial_in(phones)
        contact_id = str((await system.event("call.answered", seat_id="8007"))["subject"]["contact_id"])
        third = await far_phone(system.pbx, stack, "8008")
        async with ControlClient(system.settings) as client:
            await client.ask_conference("8007", "8008")
        await system.event("conference.joined", contact_id, who="citizen")
        agent.die()
        await system.event("conference.left", contact_id, who="8007")
        assert await system.seat_state("8008") == "talking"
        talk = await rescued(third, await good_phone(system.pbx, phones, "8009"))
        await system.event("call.talk_broken", contact_id, seat_id="8008")
        await system.event("call.answered", contact_id, seat_id="8009")
        for seat_id in ("8007", "8008"):
            assert await system.seat_state(seat_id) == "unreachable"
        await call.hangup()
        await talk.ended()
    await system.clean()
    found = system.rows("SELECT outcome, seat_id FROM contacts WHERE contact_id = ?", contact_id)
    assert found == [("answered", "8007")]


async def healthy_talks(system: System, stack: AsyncExitStack, phones: PhoneBox) -> tuple[Call, Call]:
    """Seat 8001 sends nothing from now on, seat 8002 answers no question any more: both talk."""
    silent = await far_phone(system.pbx, stack, "8001")
    first = await dial_in(phones, "13900139001")
    await system.event("call.answered", seat_id="8001")
    speaking = await far_phone(system.pbx, stack, "8002")
    second = await dial_in(phones, "13900139002")
    await system.event("call.answered", seat_id="8002")
    silent.line.sends, speaking.is_mute_to_options = False, True
    heard = await system.event("seat.listened", seat_id="8002", reachable=False)
    assert heard["data"]["packets"] > 0
    await system.mark()
    return first, second


async def a_talk_breaks(system: System, stack: AsyncExitStack, phones: PhoneBox) -> str:
    """Seat 8003 dies in a talk, 8004 goes on with it, and hangs up as agents do."""
    dying = await far_phone(system.pbx, stack, "8003")
    call = await dial_in(phones)
    contact_id = str((await system.event("call.answered", seat_id="8003"))["subject"]["contact_id"])
    helper = await good_phone(system.pbx, phones, "8004")
    talk = await rescued(dying, helper)
    await system.event("call.talk_broken", contact_id, seat_id="8003")
    await system.event("call.answered", contact_id, seat_id="8004")
    assert await system.seat_state("8003") == "unreachable"
    await talk.listen(1)
    await talk.hangup()
    await system.event("call.talk_ended", contact_id, seat_id="8004")
    await call.hangup()
    await system.event("call.ended", contact_id)
    await helper.dial_code("*14")
    return contact_id


async def a_ringing_phone_dies(system: System, stack: AsyncExitStack, phones: PhoneBox) -> None:
    """Seat 8005 dies while it rings, 8006 is rung soon."""
    dying = await far_phone(system.pbx, stack, "8005", answer_after_s=60)
    call = await dial_in(phones)
    await dying.invited.wait()
    talk = await rescued(dying, await good_phone(system.pbx, phones, "8006"))
    assert await system.seat_state("8005") == "unreachable"
    await call.hangup()
    await talk.ended()


async def test_without_a_controller_the_dialplan_knows_by_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A phone dies, and the citizen is first in line again; the next agent hangs up, and that was the end of a talk."""
    monkeypatch.setattr(render, "SEAT_RTP_TIMEOUT_S", 3)
    async with (
        running_pbx(tmp_path) as pbx,
        pbx.watched() as events,
        PhoneBox(pbx.address) as box,
        AsyncExitStack() as stack,
    ):
        call = await dial_in(box)
        dying = await far_phone(pbx, stack, "8001")
        await events.seen("BridgeEnter", count=2)
        dying.die()
        broken = await events.seen("UserEvent", UserEvent="TalkBroken", Seat="8001")
        joined = await events.seen("QueueCallerJoin", count=2)
        assert joined.get("Uniqueid") == broken.get("Uniqueid")
        talk = await (await (await good_phone(pbx, box, "8003")).ringing()).answer()
        await talk.listen(0.5)
        await talk.hangup()
        await call.ended()
        assert len(events.all("UserEvent", UserEvent="TalkBroken")) == 1
