"""Two cities side by side, whole: one is full, the other helps; and whatever the other does, nobody is lost."""

import asyncio
import os
import shutil
import signal
import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest
from loopback import free_port
from pbx import RTP_FIRST, RTP_HOMES, RTP_STEP
from system import System, frozen, whole_system
from tones import tone, tone_seconds

from callcenter.clocks import SystemClock
from callcenter.partner.edge import PartnerEdge
from callcenter.partner.signing import Signer, key_path, load_key, make_key
from callcenter.partner.wire import OFFERS, Answer, Offer
from callcenter.phones import Call, IncomingCall, Phone, PhoneBox

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(300)]

TRUNK = {"X-Trunk": "demo"}
ANNA, BO = "13800000001", "13800000002"
CITIZEN_HZ, AGENT_HZ = 700, 1500
TONE_S = 0.9
SEAT, HELPER = "8001", "8002"
BACK_S = 10.0
"""Within this a caller whom the partner lost is at the head of our line."""


@dataclass
class City:
    """A cell, its seats' phones, and the citizens who call it."""

    system: System
    box: PhoneBox

    async def seat(self, number: str) -> Phone:
        """A registered seat, ready by feature code. One box serves both cities: a process has one SIP stack."""
        self.box._server = self.system.settings.sip_address
        phone = await self.box.seat(number, self.system.pbx.secrets.seats[number])
        await phone.register()
        await self.log_in(phone, number)
        return phone

    async def log_in(self, phone: Phone, number: str) -> None:
        """Ready by feature code."""
        await phone.dial_code("*11")
        await self.ready(number)

    async def ready(self, number: str) -> None:
        """Wait until a seat is ready."""

        async def is_ready() -> bool:
            return await self.system.seat_state(number) == "ready"

        await self.system.until(is_ready, f"seat {number} is ready")

    async def dial(self, phone: Phone) -> tuple[Call, str]:
        """A citizen calls and asks for a person; his contact."""
        await self.system.mark()
        call = await phone.dial(f"sip:12345@{self.system.settings.sip}", TRUNK)
        contact = str((await self.system.event("call.arrived"))["subject"]["contact_id"])
        await call.dtmf("0")
        await self.system.event("call.prompt_ended", contact)
        return call, contact


def at(event: dict[str, object]) -> datetime:
    """When an event was decided."""
    return datetime.fromisoformat(str(event["at"]))


@asynccontextmanager
async def two_cities() -> AsyncIterator[tuple[City, City]]:
    """A full city with one seat, and one that helps with its own; both hold one key."""
    with tempfile.TemporaryDirectory(prefix="cc-") as near, tempfile.TemporaryDirectory(prefix="cc-") as far:
        sips, webs = [f"127.0.0.1:{free_port()}" for _ in range(2)], [free_port() for _ in range(2)]
        low = RTP_FIRST + os.getpid() % RTP_HOMES * RTP_STEP
        for home in (near, far):
            (Path(home) / "secrets").mkdir(mode=0o700)
        make_key(Path(near) / "secrets" / "partner.key")
        shutil.copy2(Path(near) / "secrets" / "partner.key", Path(far) / "secrets" / "partner.key")

        def changes(me: int) -> dict[str, object]:
            return {
                "sip": sips[me],
                "http": f"127.0.0.1:{webs[me]}",
                "rtp": f"{low + 300 * me}-{low + 300 * me + 299}",
                "city": ("延安", "铜川")[me],
                "surge": {"automatic": False},
                "speech": {"workers": 0},
                "partner": {
                    "name": ("铜川", "延安")[me],
                    "url": f"http://127.0.0.1:{webs[1 - me]}",
                    "sip": sips[1 - me],
                    "reserve_seats": 0,
                    "ring_s": 4,
                    "silence_s": 4,
                    "rest_s": 1,
                    "poll_s": 1,
                },
            }

        async with AsyncExitStack() as stack:
            async with asyncio.TaskGroup() as starting:
                cells = [
                    starting.create_task(stack.enter_async_context(whole_system(Path(home), **changes(me))))
                    for me, home in enumerate((near, far))
                ]
            ours, theirs = (cell.result() for cell in cells)
            box = await stack.enter_async_context(PhoneBox(ours.settings.sip_address))
            yield City(ours, box), City(theirs, box)


@dataclass
class Story:
    """Our one seat talks with Anna; Bo calls, and the partner's one seat is there for him."""

    ours: City
    theirs: City
    agent: Phone
    helper: Phone
    anna: Call

    async def bo(self) -> tuple[Call, str, IncomingCall]:
        """Bo calls; a seat of the partner rings for him."""
        await self.theirs.ready(HELPER)
        await self.theirs.system.mark()
        call, contact = await self.ours.dial(await self.ours.box.citizen(BO))
        return call, contact, await self.helper.ringing()

    async def talks(self) -> tuple[Call, str, Call]:
        """The same, and they talk."""
        call, contact, rung = await self.bo()
        at_partner = await rung.answer()
        await self.ours.system.event("partner.city_answered", contact)
        return call, contact, at_partner

    async def is_back(self, contact: str, why: str, since: float) -> None:
        """He is at the head of our line again, soon enough."""
        await self.ours.system.event("partner.came_back", contact, why=why)
        await self.ours.system.event("call.queued", contact, position=1)
        assert asyncio.get_running_loop().time() - since < BACK_S

    async def serve(self, call: Call, contact: str) -> None:
        """Anna hangs up, our seat is his: both hear each other. She calls again, and the house is full as before."""
        await self.anna.hangup()
        at_seat = await (await self.agent.ringing()).answer()
        await self.ours.system.event("call.answered", contact)
        await hear_each_other(call, at_seat)
        await call.hangup()
        await self.ours.system.event("call.ended", contact)
        await self.ours.ready(SEAT)
        self.anna, _ = await self.ours.dial(await self.ours.box.citizen(ANNA))
        await (await self.agent.ringing()).answer()

    async def gives_up(self, call: Call, contact: str) -> None:
        """He hangs up in our line."""
        await call.hangup()
        await self.ours.system.event("call.ended", contact)

        async def is_written() -> bool:
            return self.row(self.ours, contact)[1] is not None

        await self.ours.system.until(is_written, "his outcome is written")

    def row(self, city: City, contact: str) -> tuple[object, ...]:
        """What a city's ledger says: source, outcome, seat, caller, and whether a talk was counted."""
        return city.system.rows(
            "SELECT source, outcome, seat_id, caller, talk_s > 0 FROM contacts WHERE contact_id = ?", contact
        )[0]


async def hear_each_other(citizen: Call, seat: Call) -> None:
    """Sound goes through, both ways."""
    await citizen.play(tone(CITIZEN_HZ, TONE_S))
    await seat.play(tone(AGENT_HZ, TONE_S))
    assert tone_seconds(seat.heard(), CITIZEN_HZ) > TONE_S / 3
    assert tone_seconds(citizen.heard(), AGENT_HZ) > TONE_S / 3


@asynccontextmanager
async def story() -> AsyncIterator[Story]:
    """The house is full."""
    async with two_cities() as (ours, theirs):
        agent, helper = await ours.seat(SEAT), await theirs.seat(HELPER)
        anna, _ = await ours.dial(await ours.box.citizen(ANNA))
        await (await agent.ringing()).answer()
        yield Story(ours, theirs, agent, helper, anna)


async def test_a_city_helps_another() -> None:
    """A talk there, a phone nobody answers, a give-back, a loop, a partner that freezes and one that is killed: nobody is lost."""
    async with story() as it:
        await is_helped(it)
        await is_fetched_from_the_line(it)
        await nobody_answers_there(it)
        await is_given_back(it)
        await comes_back_once_only(it)
        await freezes_while_ringing(it)
        await is_killed_in_a_talk(it)
        await it.ours.system.clean()


async def is_helped(it: Story) -> None:
    """Full here, free there: they talk; both ledgers say so, and both agree with Asterisk's own books."""
    call, contact, at_partner = await it.talks()
    arrived = await it.theirs.system.event("partner.aid_arrived")
    there = str(arrived["subject"]["contact_id"])
    asked = await it.ours.system.event("call.prompt_ended", contact)
    rung = await it.theirs.system.event("call.offered", there)
    print(
        f"from the wish for a person to the partner's phone: {(at(rung) - at(asked)).total_seconds() * 1000:.0f} ms"
    )
    await hear_each_other(call, at_partner)
    await at_partner.hangup()
    await it.ours.system.event("partner.city_left", contact, cause=16)
    await call.hangup()
    await it.ours.system.event("call.ended", contact)
    await it.theirs.system.event("call.ended", there)
    assert it.row(it.ours, contact) == ("controller", "answered", "partner", BO, 1)
    assert it.row(it.theirs, there) == ("partner", "answered", HELPER, BO, 1)
    assert arrived["data"]["origin"] == "延安"
    assert arrived["data"]["record"] == contact
    await it.ours.system.clean()
    await it.theirs.system.clean()
    await it.ours.system.event("recording.ready", contact)
    assert it.theirs.system.rows("SELECT count(*) FROM tickets") == [(0,)]
    assert it.theirs.system.rows("SELECT count(*) FROM recordings") == [(0,)]


async def is_fetched_from_the_line(it: Story) -> None:
    """Nobody is free anywhere: he waits here. A seat gets free there: he is taken out of our line and talks."""
    await it.theirs.system.ask_seat(HELPER, "break", "lunch")
    call, contact = await it.ours.dial(await it.ours.box.citizen(BO))
    await it.ours.system.event("partner.offer_answered", contact, reason="reserve")
    await it.ours.system.event("call.queued", contact)
    await it.theirs.system.mark()
    await it.theirs.system.ask_seat(HELPER, "ready")
    at_partner = await (await it.helper.ringing()).answer()
    decided = await it.ours.system.event("partner.offer_answered", contact, reason="")
    rung = await it.theirs.system.event("call.offered")
    print(
        f"from the yes to the partner's phone, out of the line: {(at(rung) - at(decided)).total_seconds() * 1000:.0f} ms"
    )
    await it.ours.system.event("partner.city_answered", contact)
    await hear_each_other(call, at_partner)
    await at_partner.hangup()
    await it.ours.system.event("partner.city_left", contact, cause=16)
    await call.hangup()
    await it.ours.system.event("call.ended", contact)


async def nobody_answers_there(it: Story) -> None:
    """The partner claimed a free seat, but nobody picks up: he comes back, and gives up here."""
    since = asyncio.get_running_loop().time()
    call, contact, _ = await it.bo()
    await it.is_back(contact, "no_answer", since)
    await it.gives_up(call, contact)
    assert it.row(it.ours, contact) == ("controller", "abandoned", None, BO, None)


async def is_given_back(it: Story) -> None:
    """The partner's agent gives him back with a code: he is first here, and who gives up then was not answered."""
    call, contact, at_partner = await it.talks()
    since = asyncio.get_running_loop().time()
    await at_partner.transfer("*19")
    await it.is_back(contact, "given_back", since)
    await it.gives_up(call, contact)
    assert it.row(it.ours, contact) == ("controller", "abandoned", "partner", BO, None)


async def comes_back_once_only(it: Story) -> None:
    """Who was handed on before is declined, and so is who is our own; a claim without our key is not even read."""
    far = it.theirs.system.settings
    signer = Signer(load_key(key_path(far)))
    edge = PartnerEdge(far.partner, "铜川", signer, SystemClock(), lambda message: None, lambda now: True)
    offer = Offer(record="c-1", origin="铜川", caller="13900000009", urgent=False, waited_s=9, hops=1)
    try:
        answer = await edge._ask("POST", OFFERS, offer.model_dump_json().encode(), Answer)
        assert (answer.accepted, answer.reason) == (False, "loop")
        ours = offer.model_copy(update={"hops": 0, "caller": ANNA})
        answer = await edge._ask("POST", OFFERS, ours.model_dump_json().encode(), Answer)
        assert (answer.accepted, answer.reason) == (False, "loop")
    finally:
        await edge.close()


async def freezes_while_ringing(it: Story) -> None:
    """The partner's Asterisk stands still while its phone rings."""
    call, contact, _ = await it.bo()
    since = asyncio.get_running_loop().time()
    with frozen(it.theirs.system.pbx.server.pid):
        await it.is_back(contact, "no_answer", since)
        await it.serve(call, contact)
    await it.theirs.system.event("call.ended")
    await it.theirs.log_in(it.helper, HELPER)  # its phone rang for too long meanwhile


async def is_killed_in_a_talk(it: Story) -> None:
    """The partner's Asterisk dies in the middle of a talk."""
    call, contact, _ = await it.talks()
    pid = it.theirs.system.pbx.server.pid
    assert pid is not None
    since = asyncio.get_running_loop().time()
    os.kill(pid, signal.SIGKILL)
    await it.is_back(contact, "cut", since)
    await it.serve(call, contact)
    assert it.row(it.ours, contact) == ("controller", "answered", SEAT, BO, 1)
