"""Cloud seats on real telephones: rung at home, key 1, the seat's phone measured, a waiting citizen answered; 36 at once."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import suppress
from time import perf_counter

import aiohttp
import pytest
import pytest_asyncio
from loopback import free_port
from system import System, fresh_system
from tones import tone, tone_seconds

from callcenter.asterisk.secrets import load_secrets
from callcenter.phones import Call, IncomingCall, Phone, PhoneBox, PhoneError
from callcenter.sections import parse_address
from callcenter.web.clients.cloud import CloudClient

pytestmark = [pytest.mark.asterisk, pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(300)]

TRUNK = {"X-Trunk": "demo"}
CITIZEN = "13900000001"
SEAT, MAILBOX, LINKED, GUESSED, OWN = "8101", "8102", "8103", "8136", "8001"
PEOPLE = {str(8101 + n): f"138000001{n:02}" for n in range(36)}
"""Who sits at which cloud seat, and his number."""
CITIZEN_HZ, AGENT_HZ = 700, 1000
INVITE_TO_TALK_S_MAX = 180.0
RING_S_MAX = 10.0
"""Long for a loaded machine; the figure itself is printed."""


@pytest_asyncio.fixture(loop_scope="session", scope="module")
async def system() -> AsyncIterator[System]:
    """A running instance with a carrier, people who may be rung at any hour, all of them at once."""
    async with fresh_system(
        seats={"count": 1, "cloud_count": len(PEOPLE), "echo_s": 3},
        trunk={"outbound": f"127.0.0.1:{free_port()}"},
        cloud={"from_hour": 0, "to_hour": 24, "at_once": len(PEOPLE), "ring_s": 20, "lock_after": 3},
        callback={"from_hour": 0, "to_hour": 1},
    ) as system:
        yield system


@pytest_asyncio.fixture(loop_scope="session")
async def phones(system: System) -> AsyncIterator[PhoneBox]:
    """Phones of seats, and of people and citizens whom the carrier rings."""
    port = parse_address(system.settings.trunk.outbound).port
    async with PhoneBox(system.settings.sip_address, sip_port=port) as box:
        yield box
    assert await system.pbx.is_quiet(), "channels are left behind"
    await system.clean()


async def test_invited_proven_and_talking(system: System, phones: PhoneBox) -> None:
    """From the manager's one action to a talk with a citizen who waited; then 36 are rung at once beside a live call."""
    async with CloudClient(system.settings) as client:
        added = (
            client.add_cloud_person(f"c{seat_id}", "云", number, seat_id)
            for seat_id, number in PEOPLE.items()
        )
        await asyncio.gather(*added)
        at_home = {number: await phones.citizen(number) for number in PEOPLE.values()}
        took_s = await invite_one(system, phones, client, at_home)
        await survive_a_restart(system)
        await client.ask_cloud_seat(SEAT, "withdraw", "高峰已过")
        await system.event("cloud.seat_moved", seat_id=SEAT, new="withdrawn")
        await system.event("seat.state_changed", seat_id=SEAT, new="off")
        await join_by_link(system, phones, client)
        alone_s, beside_s = await invite_all(system, phones, client, at_home)
    print(
        f"invite -> talking {took_s:.1f} s; a live call rings after {alone_s:.2f} s, beside 36 {beside_s:.2f} s"
    )
    assert took_s < INVITE_TO_TALK_S_MAX
    assert beside_s < RING_S_MAX


async def invite_one(
    system: System, phones: PhoneBox, client: CloudClient, at_home: dict[str, Phone]
) -> float:
    """Nobody is there, a citizen waits; one person is willing, for the other a mailbox answers. Seconds until they talk."""
    citizen = await phones.citizen(CITIZEN)
    waiting = await citizen.dial(f"sip:12345@{system.settings.sip}", TRUNK)
    contact = (await system.event("call.queued"))["subject"]["contact_id"]
    mailbox = asyncio.create_task(say_nothing(at_home[PEOPLE[MAILBOX]]))
    begun = perf_counter()
    await client.invite(1, "暴雨")
    await accept(system, at_home[PEOPLE[SEAT]])
    seat = await phones.seat(SEAT, system.pbx.secrets.seats[SEAT])
    await seat.register()
    await pass_the_check(system, seat)
    talk = await (await seat.ringing()).answer()
    await system.event("call.answered", contact, seat_id=SEAT)
    took_s = perf_counter() - begun
    await speak_both(waiting, talk)
    await waiting.hangup()
    await talk.ended()
    await mailbox
    await system.event("cloud.seat_moved", seat_id=MAILBOX, old="invited", new="idle")
    return took_s


async def survive_a_restart(system: System) -> None:
    """The controller is killed; who was proven and is still there stays proven."""
    await system.kill_controller()
    await system.ready()
    async with CloudClient(system.settings) as client:
        row = next(row for row in await client.seats() if row["seat_id"] == SEAT)
    assert (row["proven"], row["state"] in ("ready", "wrap_up")) == (True, True)


async def accept(system: System, phone: Phone) -> None:
    """He picks up, is asked, and presses 1."""
    call = await (await phone.ringing()).answer()
    await call.listen(1.0)
    await call.dtmf("1")
    await system.event("cloud.invitation_replied", reply="accepted")
    await call.ended()


async def say_nothing(phone: Phone) -> None:
    """A mailbox picks up and presses no key: it is asked twice and left."""
    call = await (await phone.ringing()).answer()
    await call.play(tone(CITIZEN_HZ, 3.0))
    await call.ended()


async def join_by_link(system: System, phones: PhoneBox, client: CloudClient) -> None:
    """The page tells the account; the phone that registers with it is checked, and the page says that it is in."""
    link = await client.cloud_link(LINKED, "本人来要")
    page = f"http://{system.settings.http}/join/{link['url'].rsplit('/', 1)[1]}"
    async with aiohttp.ClientSession() as http:
        async with http.post(page) as answer:
            address, account, secret = re.findall(r"<code>([^<]+)</code>", await answer.text())
        assert (address, account) == (system.settings.sip, LINKED)
        seat = await phones.seat(account, secret)
        await seat.register()
        await pass_the_check(system, seat)
        async with http.get(f"{page}/state") as answer:
            assert (await answer.json())["state"] == "proven"
    await client.ask_cloud_seat(LINKED, "withdraw", "高峰已过")
    await system.event("cloud.seat_moved", seat_id=LINKED, new="withdrawn")


async def pass_the_check(system: System, seat: Phone) -> None:
    """The seat's phone is rung, speaks until it has been measured, hears itself; the line is good."""
    call = await (await seat.ringing()).answer()
    with suppress(PhoneError):  # the other side ends it
        while True:
            await call.play(tone(AGENT_HZ, 1.0))
    await system.event("cloud.seat_moved", seat_id=seat.number, new="proven")
    assert tone_seconds(call.heard(), AGENT_HZ) > 1


async def speak_both(citizen: Call, agent: Call) -> None:
    """Each hears the other."""
    await citizen.play(tone(CITIZEN_HZ, 2.0))
    await agent.play(tone(AGENT_HZ, 2.0))
    await asyncio.gather(citizen.listen(2.5), agent.listen(2.5))
    assert tone_seconds(citizen.heard(), AGENT_HZ) > 1
    assert tone_seconds(agent.heard(), CITIZEN_HZ) > 1


async def invite_all(
    system: System, phones: PhoneBox, client: CloudClient, at_home: dict[str, Phone]
) -> tuple[float, float]:
    """Until a seat rings for a live call: with nobody invited, and while all the others are rung at once."""
    seat = await phones.seat(OWN, system.pbx.secrets.seats[OWN])
    await seat.register()
    await seat.dial_code("*11")
    await system.event("seat.state_changed", seat_id=OWN, new="ready")
    alone_s = await live_call(system, phones, seat)
    others = [number for seat_id, number in PEOPLE.items() if seat_id not in (SEAT, MAILBOX)]
    await client.invite(len(others), "暴雨")
    beside_s, rung = await asyncio.gather(
        live_call(system, phones, seat), asyncio.gather(*(rings(at_home[number]) for number in others))
    )
    assert sum(call is not None for call in rung) == len(others)
    assert (await client.cloud())["ringing"] > 0
    await asyncio.gather(*(call.reject() for call in rung if call is not None))
    await system.until(lambda: nobody_rings(client), "every invitation has ended")
    return alone_s, beside_s


async def rings(phone: Phone) -> IncomingCall | None:
    """His phone rings, or not."""
    try:
        return await phone.ringing()
    except PhoneError:
        return None


async def nobody_rings(client: CloudClient) -> bool:
    """Whether no invitation is under way."""
    return not (await client.cloud())["ringing"]


async def live_call(system: System, phones: PhoneBox, seat: Phone) -> float:
    """A citizen calls, the seat rings, they talk for a moment. Seconds until it rang."""
    citizen = await phones.citizen(CITIZEN)
    begun = perf_counter()
    call = await citizen.dial(f"sip:12345@{system.settings.sip}", TRUNK)
    ringing = await seat.ringing()
    took_s = perf_counter() - begun
    talk = await ringing.answer()
    await system.event("call.answered", seat_id=OWN)
    await call.hangup()
    await talk.ended()
    await system.event("seat.state_changed", seat_id=OWN, old="wrap_up", new="ready")
    await system.mark()
    return took_s


async def registers(phone: Phone) -> bool:
    """Whether it is let in."""
    with suppress(PhoneError):
        await phone.register()
        return True
    return False


async def test_a_guessed_password_locks_the_seat(system: System, phones: PhoneBox) -> None:
    """Locked, told, audited; unlocked by one wish with a new password, which Asterisk takes while it runs."""
    await system.mark()
    old = system.pbx.secrets.seats[GUESSED]
    thief = await phones.seat(GUESSED, "guess-of-a-password-of-a-seat-12")
    for _ in range(3):
        with pytest.raises(PhoneError):
            await thief.register()
    await system.event("cloud.seat_moved", seat_id=GUESSED, new="locked")
    assert system.rows("SELECT by, action FROM audit WHERE resource = 'seat/8136'") == [
        ("guard", "cloud.locked")
    ]
    async with CloudClient(system.settings) as client:
        await client.ask_cloud_seat(GUESSED, "unlock", "已核实")
    new = load_secrets(system.settings).seats[GUESSED]
    assert new != old
    owner = await phones.seat(GUESSED, new)
    await system.until(lambda: registers(owner), "the new password is in force")
    await system.event("seat.reachable", seat_id=GUESSED, reachable=True)
    with pytest.raises(PhoneError):
        await (await phones.seat(GUESSED, old)).register()
