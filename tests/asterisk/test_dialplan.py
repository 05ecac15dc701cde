"""The dialplan on the real Asterisk: citizens reach the line with and without a controller."""

import asyncio
import random
import re
import socket
import wave
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from fake_controller import (
    Session,
    crashing,
    crashing_after_greeting,
    deciding,
    fake_controller,
    silent,
)
from pbx import LIMIT_S, Pbx
from real_asterisk import TRUNK, hand_over, house, until
from tones import Samples, channels, strongest, tone, tone_seconds

from callcenter.asterisk.books import ChannelEvent, cdr_path, cel_path, read_cdr, read_cel
from callcenter.asterisk.render import layout
from callcenter.phones import Call, Phone, PhoneBox, PhoneError

pytestmark = [pytest.mark.asterisk, pytest.mark.timeout(180)]

CITIZEN = "13800138000"
GREETING_HZ = 1500


@asynccontextmanager
async def house_with_phones(home: Path, **more: object) -> AsyncIterator[tuple[Pbx, PhoneBox]]:
    """A running Asterisk and a box of phones."""
    async with house(home, **more) as it, PhoneBox(it.settings.sip_address) as box:
        yield it, box


async def seat_of(it: Pbx, box: PhoneBox, account: str) -> Phone:
    """A registered seat's phone."""
    phone = await box.seat(account, it.secrets.seats[account])
    await phone.register()
    return phone


async def dial_in(box: PhoneBox, number: str = CITIZEN) -> Call:
    """A citizen's call that has been answered."""
    call = await (await box.citizen(number)).dial("12345", headers=TRUNK)
    await call.established()
    return call


async def answered(it: Pbx, seat: Phone) -> Call:
    """The call that rings at the seat, picked up; a REFER before both are in the bridge would be refused."""
    call = await (await seat.ringing()).answer()
    await until(lambda: are_bridged(it), "both are in the bridge")
    return call


async def are_bridged(it: Pbx) -> bool:
    """Whether two channels are joined."""
    return bool(re.search(r"\s2\s+basic\s", await it.server.command("bridge show all")))


def say_in(it: Pbx, name: str, seconds: float) -> None:
    """Put a prompt made of one tone where the dialplan looks for it."""
    folder = layout(it.settings).prompts
    folder.mkdir(parents=True, exist_ok=True)
    with wave.open(str(folder / f"{name}.wav"), "wb") as out:
        out.setparams((1, 2, 8000, 0, "NONE", ""))
        out.writeframes(tone(GREETING_HZ, seconds).tobytes())


async def waiting_in(it: Pbx, queue: str) -> str:
    """The caller lines of a queue, or ''."""
    shown = await it.server.command(f"queue show {queue}")
    return "\n".join(re.findall(r"^\s+\d+\. .*$", shown, re.MULTILINE))


def marks(it: Pbx, name: str) -> list[ChannelEvent]:
    """The dialplan's own marks of one name in the CEL."""
    return [event for event in read_cel(cel_path(it.settings)) if event.user_event == name]


async def test_feature_codes_log_a_seat_in_break_ready_and_out(tmp_path: Path) -> None:
    """*11, *12, *13, *14 do their work with no controller anywhere."""
    async with house_with_phones(tmp_path) as (it, box):
        seat = await seat_of(it, box, "8001")
        await seat.dial_code("*11")
        for queue in it.settings.line.queues:
            assert "8001 (PJSIP/8001)" in await it.server.command(f"queue show {queue}")
        await seat.dial_code("*12")
        assert "paused:break" in await it.server.command("queue show main")
        await seat.dial_code("*13")
        assert "paused" not in await it.server.command("queue show main")
        await seat.dial_code("*14")
        assert "PJSIP/8001" not in await it.server.command("queue show main")


async def test_a_seat_can_dial_seats_and_nothing_else(tmp_path: Path) -> None:
    """Seat to seat rings; outside numbers and the hotline itself are not there."""
    async with house_with_phones(tmp_path) as (it, box):
        first, second = await seat_of(it, box, "8001"), await seat_of(it, box, "8002")
        call = await first.dial("8002")
        talk = await (await second.ringing()).answer()
        await call.established()
        await talk.hangup()
        for number in ("13800138000", "8099", "12345"):
            refused = await first.dial(number)
            with pytest.raises(PhoneError) as error:
                await refused.established()
            assert error.value.status == 404


async def test_without_a_controller_the_citizen_is_greeted_and_in_the_line(tmp_path: Path) -> None:
    """The greeting is heard, then the first queue has the citizen."""
    async with house_with_phones(tmp_path) as (it, box):
        say_in(it, "greeting", 1.0)
        call = await dial_in(box)
        await until(lambda: waiting_in(it, "main"), "the citizen waits")
        assert tone_seconds(call.heard(), GREETING_HZ) > 0.6
        await until(lambda: marks(it, "FALLBACK"), "the mark")
        await call.hangup()


async def test_without_a_controller_a_seat_answers_both_talk_and_it_is_recorded(tmp_path: Path) -> None:
    """Sound goes both ways; left is the citizen, right the seat; both books know the number."""
    async with house_with_phones(tmp_path) as (it, box):
        seat = await seat_of(it, box, "8001")
        await seat.dial_code("*11")
        call = await dial_in(box)
        talk = await answered(it, seat)
        await asyncio.gather(call.play(tone(700, 2)), talk.play(tone(1000, 2)))
        assert (strongest(call.heard(1)), strongest(talk.heard(1))) == (1000, 700)
        await call.hangup()
        contact = await contact_of(it)
        assert contact.extra == CITIZEN
        left, right = recording(it, contact)
        assert min(tone_seconds(left, 700), tone_seconds(right, 1000)) > 1.5
        rows = await until(
            lambda: [row for row in read_cdr(cdr_path(it.settings)) if row.citizen], "the call detail record"
        )
        assert (rows[0].citizen, rows[0].called, rows[0].disposition) == (CITIZEN, "12345", "ANSWERED")


async def contact_of(it: Pbx) -> ChannelEvent:
    """The mark of the only citizen who called; he has hung up, and the books say so."""

    def is_over() -> bool:
        ends = [event.linkedid for event in read_cel(cel_path(it.settings)) if event.event == "LINKEDID_END"]
        return any(mark.uniqueid in ends for mark in marks(it, "CITIZEN"))

    await until(is_over, "the end")
    (mark,) = marks(it, "CITIZEN")
    return mark


def recording(it: Pbx, contact: ChannelEvent) -> tuple[Samples, Samples]:
    """Both channels of a whole recording."""
    return channels((layout(it.settings).recordings / f"{contact.uniqueid}.raw").read_bytes())


async def test_a_blind_transfer_keeps_the_recording(tmp_path: Path) -> None:
    """A seat hands the citizen to another seat; both talks are in the one file."""
    async with house_with_phones(tmp_path) as (it, box):
        first, second = await seat_of(it, box, "8001"), await seat_of(it, box, "8002")
        await first.dial_code("*11")
        call = await dial_in(box)
        talk = await answered(it, first)
        await asyncio.gather(call.play(tone(700, 1.5)), talk.play(tone(1000, 1.5)))
        await hand_over(talk, "8002")
        talk = await answered(it, second)
        await asyncio.gather(call.play(tone(700, 1.5)), talk.play(tone(1500, 1.5)))
        await talk.hangup()
        await call.ended()
        left, right = recording(it, await contact_of(it))
        assert tone_seconds(left, 700) > 2.4
        assert min(tone_seconds(right, 1000), tone_seconds(right, 1500)) > 1.0


async def test_a_transfer_that_nobody_answers_returns_to_the_line(tmp_path: Path) -> None:
    """The citizen is not lost when the other seat does not pick up."""
    async with house_with_phones(tmp_path) as (it, box):
        first = await seat_of(it, box, "8001")
        await first.dial_code("*11")
        call = await dial_in(box)
        talk = await answered(it, first)
        await hand_over(talk, "8002")
        await first.dial_code("*12")
        assert "prio: 100" in await until(lambda: waiting_in(it, "main"), "back in the line")
        await call.hangup()


async def test_a_citizen_cannot_be_transferred_to_a_feature_code(tmp_path: Path) -> None:
    """Only seats are targets: the transfer is refused and the talk goes on."""
    async with house_with_phones(tmp_path) as (it, box):
        first = await seat_of(it, box, "8001")
        await first.dial_code("*11")
        call = await dial_in(box)
        talk = await answered(it, first)
        with pytest.raises(PhoneError):
            await talk.transfer("*14")
        assert "8001 (PJSIP/8001)" in await it.server.command("queue show main")
        await call.hangup()


@pytest.mark.parametrize(
    "session", [crashing, crashing_after_greeting], ids=["at once", "after the greeting"]
)
async def test_a_crashed_session_is_in_the_line(tmp_path: Path, session: Session) -> None:
    """The dialplan does not believe AGISTATUS; who was greeted is not greeted again."""
    async with (
        house_with_phones(tmp_path) as (it, box),
        fake_controller(it.server.ports.agi, session) as seen,
    ):
        say_in(it, "greeting", 1.0)
        call = await dial_in(box)
        await until(lambda: waiting_in(it, "main"), "the citizen waits")
        was_greeted_here = tone_seconds(call.heard(), GREETING_HZ) > 0
        assert was_greeted_here is (session is crashing)
        assert seen[0]["agi_network_script"] == "intake"
        assert (seen[0]["agi_arg_1"], seen[0]["agi_arg_2"]) == (CITIZEN, "12345")
        await call.hangup()


async def test_a_silent_controller_loses_the_citizen_within_seconds(tmp_path: Path) -> None:
    """A controller that accepts and says nothing cannot hold a channel: extension T goes to the line.

    The fake one would hold it longer than the test waits for the line.
    """
    async with house_with_phones(tmp_path) as (it, box), fake_controller(it.server.ports.agi, silent):
        call = await dial_in(box)
        await until(lambda: waiting_in(it, "main"), "the citizen waits")
        await call.hangup()
        await until(lambda: no_channels(it), "the channel is free")


async def no_channels(it: Pbx) -> bool:
    """Whether no channel is left."""
    return "0 active channels" in await it.server.command("core show channels")


async def test_the_controllers_decision_is_carried_out(tmp_path: Path) -> None:
    """Queue and priority of a completed session count."""
    session = deciding("enterprise", "7")
    async with house_with_phones(tmp_path) as (it, box), fake_controller(it.server.ports.agi, session):
        call = await dial_in(box)
        assert "prio: 7" in await until(lambda: waiting_in(it, "enterprise"), "the citizen waits")
        await call.hangup()
        await contact_of(it)
        assert not marks(it, "FALLBACK")


@pytest.mark.parametrize("queue", ["", "nowhere", "main,1)", "enterprise x"])
async def test_a_decision_that_makes_no_sense_falls_back(tmp_path: Path, queue: str) -> None:
    """A queue that does not exist and a priority that is no number lead to the first queue, priority 0."""
    session = deciding(queue, "1+1")
    async with house_with_phones(tmp_path) as (it, box), fake_controller(it.server.ports.agi, session):
        call = await dial_in(box)
        assert "prio: 0" in await until(lambda: waiting_in(it, "main"), "the citizen waits")
        await call.hangup()


async def test_one_caller_cannot_fill_the_house(tmp_path: Path) -> None:
    """One number gets so many calls at once, the next one is busy; other numbers are not affected."""
    async with house_with_phones(tmp_path, capacity={"max_calls_per_caller": 2}) as (it, box):
        calls = [await dial_in(box) for _ in range(2)]
        refused = await (await box.citizen(CITIZEN)).dial("12345", headers=TRUNK)
        with pytest.raises(PhoneError) as error:
            await refused.established()
        assert error.value.status == 486
        await until(lambda: marks(it, "REFUSED"), "the mark")
        assert [mark.extra for mark in marks(it, "REFUSED")] == ["caller_cap"]
        calls.append(await dial_in(box, "13900139000"))
        calls += [await dial_in(box, "anonymous") for _ in range(3)]
        for call in calls:
            await call.hangup()


async def test_numbers_that_are_not_ours_are_not_there(tmp_path: Path) -> None:
    """The trunk reaches the exact numbers only, no special extension, no seat, no queue."""
    async with house_with_phones(tmp_path) as (_, box):
        citizen = await box.citizen(CITIZEN)
        for number in ("12346", "1234", "123450", "T", "h", "s", "8001", "main", "*11"):
            call = await citizen.dial(number, headers=TRUNK)
            with pytest.raises(PhoneError) as error:
                await call.established()
            assert error.value.status in (404, 484), number  # 484: the beginning of a longer one


async def test_without_the_trunk_header_nobody_gets_in(tmp_path: Path) -> None:
    """A stranger is asked for credentials and reaches no dialplan."""
    async with house_with_phones(tmp_path) as (it, box):
        call = await (await box.citizen(CITIZEN)).dial("12345")
        with pytest.raises(PhoneError) as error:
            await call.established()
        assert error.value.status == 401
        assert not cel_path(it.settings).exists()


async def test_the_trunk_header_from_a_foreign_address_is_refused(tmp_path: Path) -> None:
    """The header alone is no key: the endpoint permits one address."""
    async with house_with_phones(tmp_path) as (it, _):
        host, port = it.settings.sip_address.host, it.settings.sip_address.port
        answers = {}
        for source in ("127.0.0.2", "127.0.0.1"):
            with socket.socket(type=socket.SOCK_DGRAM) as stranger:
                stranger.bind((source, 0))
                stranger.settimeout(LIMIT_S)
                stranger.sendto(invite(source, port, stranger.getsockname()[1], 0, CITIZEN), (host, port))
                answers[source] = (await asyncio.to_thread(stranger.recv, 4000))[:11]
            if source == "127.0.0.2":
                assert not cel_path(it.settings).exists()
        assert answers == {"127.0.0.2": b"SIP/2.0 401", "127.0.0.1": b"SIP/2.0 100"}


async def test_plus_and_withheld_numbers(tmp_path: Path) -> None:
    """An international number keeps its plus; a withheld one is empty, not a word."""
    async with house_with_phones(tmp_path) as (it, box):
        for number in ("+8613900139000", "anonymous", "12", "8001"):
            await (await dial_in(box, number)).hangup()
        await until(lambda: len(marks(it, "CITIZEN")) == 4, "four marks")
        assert [mark.extra for mark in marks(it, "CITIZEN")] == ["+8613900139000", "", "", "8001"]


def hostile_users(seed: int, count: int) -> list[str]:
    """From user parts as an attacker would write them: drawn, not quoted."""
    chance = random.Random(seed)
    alphabet = "0123456789" + "%$(){}[];,'\"\\&|`=*~#+- " + "ABCDabcd" + "\x01\x7f\u4e2d"
    plain = ["".join(chance.choices(alphabet, k=chance.randint(1, 40))) for _ in range(count)]
    escaped = ["".join(f"%{ord(c) % 256:02X}" for c in text) for text in plain[: count // 2]]
    return [*plain, *escaped, "9" * 700, "1" * 21]


async def test_hostile_callers_are_nobody_and_execute_nothing(tmp_path: Path) -> None:
    """Whatever stands in From: Asterisk lives, the citizen's number is empty or digits, the books stay whole."""
    async with house_with_phones(tmp_path) as (it, box):
        host, port = it.settings.sip_address.host, it.settings.sip_address.port
        with socket.socket(type=socket.SOCK_DGRAM) as phone:
            phone.bind((host, 0))
            for index, user in enumerate(hostile_users(12345, 40)):
                phone.sendto(invite(host, port, phone.getsockname()[1], index, user), (host, port))
        honest = await dial_in(box, "13700137000")
        await until(
            lambda: [mark for mark in marks(it, "CITIZEN") if mark.extra == "13700137000"], "the honest call"
        )
        for mark in marks(it, "CITIZEN"):
            assert re.fullmatch(r"(\+?[0-9]{3,20})?", mark.extra), mark
        await honest.hangup()
        book = tmp_path / "cel.csv"  # the calls go on and the book grows
        book.write_bytes(cel_path(it.settings).read_bytes())
        assert len(list(read_cel(book))) == book.read_bytes().count(b"\n")


def invite(host: str, port: int, own_port: int, index: int, user: str) -> bytes:
    """An INVITE as nobody's SIP stack would send it."""
    lines = (
        f"INVITE sip:12345@{host}:{port} SIP/2.0",
        f"Via: SIP/2.0/UDP {host}:{own_port};branch=z9hG4bKhostile{index}",
        f'From: "{user[:20]}" <sip:{user}@{host}>;tag=t{index}',
        f"To: <sip:12345@{host}>",
        f"Call-ID: hostile-{index}",
        "CSeq: 1 INVITE",
        f"Contact: <sip:{host}:{own_port}>",
        "Max-Forwards: 70",
        "X-Trunk: demo",
        "Content-Length: 0",
    )
    return ("\r\n".join(lines) + "\r\n\r\n").encode("utf-8", "replace")
