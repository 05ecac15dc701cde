"""Where the dialplan takes a citizen beside the line: to an emergency service, and to the rating after his talk."""

import asyncio
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from carrier import Carrier
from fake_controller import Caller, Session, fake_controller
from loopback import free_port
from pbx import Pbx, Witness, running_pbx
from real_asterisk import TRUNK, until
from tones import tone, tone_seconds

from callcenter.asterisk.books import cel_path, read_cel
from callcenter.core.books import BookEntry, book_entries
from callcenter.core.messages.calls import Outcome
from callcenter.phones import Call, Phone, PhoneBox
from callcenter.sections import parse_address

pytestmark = pytest.mark.asterisk

CITIZEN = "13800138000"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def running_asterisk() -> AsyncIterator[Pbx]:
    """An Asterisk whose carrier rings the phones of this test."""
    with tempfile.TemporaryDirectory(prefix="cc-") as home:
        async with running_pbx(Path(home), trunk={"outbound": f"127.0.0.1:{free_port()}"}) as pbx:
            yield pbx


@pytest.fixture
async def phones(pbx: Pbx) -> AsyncIterator[PhoneBox]:
    """Phones of citizens and seats, and those behind the carrier."""
    async with PhoneBox(pbx.address, sip_port=parse_address(pbx.settings.trunk.outbound).port) as box:
        yield box


def deciding(**variables: str) -> Session:
    """The controller's part: these variables, in this order, and nothing after a talk."""

    async def session(caller: Caller) -> None:
        if caller.headers["agi_network_script"] != "rating":
            for name, value in variables.items():
                await caller.set(f"CC_{name}", value)

    return session


def handing_over_to(service: str) -> Session:
    """He has pressed the key of a service."""
    return deciding(TARGET=service, DONE="transfer")


async def dial_in(box: PhoneBox) -> Call:
    """A citizen's call that has been answered."""
    call = await (await box.citizen(CITIZEN)).dial("12345", headers=TRUNK)
    await call.established()
    return call


async def entry(events: Witness, pbx: Pbx) -> BookEntry:
    """How the books say that the test's call ended."""
    trunk = (it for it in events.all("Newchannel") if it.get("Channel").startswith("PJSIP/trunk-"))
    linked = next(trunk).get("Linkedid")

    def ended() -> BookEntry | None:
        entries = book_entries(read_cel(cel_path(pbx.settings)))
        return next((it for it in entries if it.contact_id == linked and it.ended_at), None)

    found: BookEntry = await until(ended, "the end in CEL")
    return found


async def logged_in(pbx: Pbx, box: PhoneBox) -> Phone:
    """Seat 8001, ready."""
    seat = await box.seat("8001", pbx.secrets.seats["8001"])
    await seat.register()
    await seat.dial_code("*11")
    return seat


async def talk_and_hang_up(events: Witness, seat: Phone) -> None:
    """The agent answers, both are joined, the agent ends it."""
    talk = await (await seat.ringing()).answer()
    await events.until(lambda: len(events.all("BridgeEnter")) == 2, "both are joined")
    await talk.hangup()


async def test_one_key_reaches_an_emergency_service(pbx: Pbx, events: Witness, phones: PhoneBox) -> None:
    """Both hear each other, and the books know that it was his own choice."""
    fire = await phones.citizen("119")
    async with fake_controller(pbx.server.ports.agi, handing_over_to("119")):
        call = await dial_in(phones)
        service = await (await fire.ringing()).answer()
        await asyncio.gather(call.play(tone(700, 2)), service.play(tone(1000, 2)))
        assert min(tone_seconds(service.heard(), 700), tone_seconds(call.heard(), 1000)) > 1
        await call.hangup()
    assert (await entry(events, pbx)).outcome is Outcome.SELF_RESOLVED


async def test_the_service_is_told_who_calls(pbx: Pbx, events: Witness) -> None:
    """The carrier is asked for the service with the citizen's number as the asserted identity, ours as the sender."""
    address = parse_address(pbx.settings.trunk.outbound)
    with Carrier(address.host, address.port).open() as carrier:
        async with (
            PhoneBox(pbx.address) as box,
            fake_controller(pbx.server.ports.agi, handing_over_to("110")),
        ):
            call = await dial_in(box)
            invite = await carrier.next("INVITE")
            carrier.answer(invite)
            await carrier.next("ACK")
            await call.hangup()
            carrier.agree(await carrier.next("BYE"))
    assert invite.startswith("INVITE sip:110@")
    assert f"\r\nP-Asserted-Identity: <tel:{CITIZEN}>\r\n" in invite
    assert "\r\nFrom: <sip:12345@127.0.0.1>;" in invite


@pytest.mark.parametrize("target", ["120", "010119", "119@elsewhere"])
async def test_who_finds_nobody_there_is_first_in_the_line(
    pbx: Pbx, events: Witness, phones: PhoneBox, target: str
) -> None:
    """The service is busy, or no service at all: a person takes him, before everybody else."""
    ambulance = await phones.citizen("120")
    async with fake_controller(pbx.server.ports.agi, handing_over_to(target)):
        call = await dial_in(phones)
        if target == "120":
            await (await ambulance.ringing()).reject()
        await events.seen("QueueCallerJoin", Queue="main")
        shown = await pbx.server.command("queue show main")
        assert "prio: 100" in shown
        await call.hangup()
    assert (await entry(events, pbx)).outcome is Outcome.ABANDONED


async def test_after_the_talk_the_controller_is_asked(pbx: Pbx, events: Witness, phones: PhoneBox) -> None:
    """When the agent has hung up the citizen is in a session once more, and the call ends with it."""
    seat = await logged_in(pbx, phones)
    async with fake_controller(pbx.server.ports.agi, deciding(QUEUE="main", PRIORITY="0", DONE="1")) as seen:
        call = await dial_in(phones)
        await talk_and_hang_up(events, seat)
        await call.ended()
    assert [headers["agi_network_script"] for headers in seen] == ["intake", "rating"]
    assert (await entry(events, pbx)).outcome is Outcome.ANSWERED


async def test_without_a_controller_the_talk_is_the_end(pbx: Pbx, events: Witness, phones: PhoneBox) -> None:
    """Nobody waits for a rating that nobody asks for."""
    seat = await logged_in(pbx, phones)
    call = await dial_in(phones)
    await talk_and_hang_up(events, seat)
    await call.ended()
    assert (await entry(events, pbx)).outcome is Outcome.ANSWERED
