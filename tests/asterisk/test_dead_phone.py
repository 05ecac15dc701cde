"""Phones that die in a call: the citizen is at the head of the line, and soon with another seat. Healthy ones are left alone."""

import asyncio
import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
import pytest_asyncio
from far_phone import FarPhone
from pbx import Pbx, running_pbx
from real_asterisk import TRUNK
from system import System, whole_system

from callcenter.asterisk import render
from callcenter.phones import Call, Phone, PhoneBox

pytestmark = [pytest.mark.asterisk, pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(180)]

RESCUE_S = 15.0
"""Ten seconds are promised; so many more for a machine that does other things."""


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


async def test_a_dead_phone_in_a_talk(system: System, phones: PhoneBox) -> None:
    """The citizen talks with another seat; his contact is one, was broken once, and is answered; the seat is unreachable."""
    async with AsyncExitStack() as stack:
        dying = await far_phone(system.pbx, stack, "8001")
        call = await dial_in(phones)
        contact_id = (await system.event("call.answered", seat_id="8001"))["subject"]["contact_id"]
        talk = await rescued(dying, await good_phone(system.pbx, phones, "8002"))
        await system.event("call.talk_broken", contact_id, seat_id="8001")
        await system.event("call.answered", contact_id, seat_id="8002")
        assert await system.seat_state("8001") == "unreachable"
        await talk.listen(1)
        await talk.hangup()
        await system.event("call.talk_ended", contact_id, seat_id="8002")
        await call.hangup()
        await system.event("call.ended", contact_id)
    await system.clean()
    assert system.rows("SELECT outcome, seat_id FROM contacts WHERE contact_id = ?", contact_id) == [
        ("answered", "8001")
    ]
    ((talk_s, apart_s),) = system.rows(
        "SELECT talk_s, apart_s FROM contacts WHERE contact_id = ?", contact_id
    )
    assert apart_s > 0 < talk_s


async def test_a_phone_that_dies_while_it_rings(system: System, phones: PhoneBox) -> None:
    """Another seat rings soon, long before the first one would have rung out."""
    async with AsyncExitStack() as stack:
        dying = await far_phone(system.pbx, stack, "8001", answer_after_s=60)
        call = await dial_in(phones)
        await dying.invited.wait()
        talk = await rescued(dying, await good_phone(system.pbx, phones, "8002"))
        assert await system.seat_state("8001") == "unreachable"
        await call.hangup()
        await talk.ended()


async def test_silent_and_unreachable_phones_that_live(system: System, phones: PhoneBox) -> None:
    """One says nothing but answers, one answers nothing but speaks: both keep their citizens; a hang-up is one."""
    async with AsyncExitStack() as stack:
        silent = await far_phone(system.pbx, stack, "8001")
        first = await dial_in(phones)
        await system.event("call.answered", seat_id="8001")
        speaking = await far_phone(system.pbx, stack, "8002")
        second = await dial_in(phones, "13900139000")
        await system.event("call.answered", seat_id="8002")
        silent.line.sends, speaking.is_mute_to_options = False, True
        heard = await system.event("seat.listened", seat_id="8002", reachable=False)
        assert heard["data"]["packets"] > 0
        await system.mark()
        await system.event("seat.listened", seat_id="8002", reachable=False)
        for seat_id in ("8001", "8002"):
            assert await system.seat_state(seat_id) == "talking"
        for call in (first, second):
            await call.hangup()


async def test_without_a_controller_the_dialplan_knows_by_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twice a phone dies, twice the citizen is first in line; the third agent hangs up, and it was a talk."""
    monkeypatch.setattr(render, "SEAT_RTP_TIMEOUT_S", 6)  # the phone is known to be dead before
    async with AsyncExitStack() as stack:
        pbx = await stack.enter_async_context(running_pbx(tmp_path))
        events = await stack.enter_async_context(pbx.watched())
        box = await stack.enter_async_context(PhoneBox(pbx.address))
        call = await dial_in(box)
        for count, seat_id in enumerate(("8001", "8002"), start=1):
            dying = await far_phone(pbx, stack, seat_id)
            await events.seen("BridgeEnter", count=2 * count)
            dying.die()
            broken = await events.seen("UserEvent", UserEvent="TalkBroken", Seat=seat_id)
            joined = await events.seen("QueueCallerJoin", count=count + 1)
            assert joined.get("Uniqueid") == broken.get("Uniqueid")
        agent = await good_phone(pbx, box, "8003")
        talk = await (await agent.ringing()).answer()
        await talk.listen(0.5)
        await talk.hangup()
        await call.ended()
        assert len(events.all("UserEvent", UserEvent="TalkBroken")) == 2
