"""A seat is ready: the caller whose turn it is is woken, looks at once, and notices nothing of it."""

import asyncio
import re
import wave
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from fake_controller import Caller, Session, deciding, fake_controller
from pbx import Pbx, Witness, running_pbx
from real_asterisk import TRUNK, until
from system import whole_system
from tones import SAMPLE_RATE, channels, tone, tone_seconds

from callcenter.asterisk.ami import AmiLink
from callcenter.asterisk.frames import Frame
from callcenter.asterisk.render import layout
from callcenter.asterisk.translate import seat_of
from callcenter.core.ids import ChannelName, ContactId, QueueName, SeatId
from callcenter.core.messages import offers, seats
from callcenter.core.messages.base import Message
from callcenter.phones import Call, Phone, PhoneBox
from ivr.core.flow import KEYS
from queues.caller import WAKE_KEY, Callers
from queues.members import Members

pytestmark = pytest.mark.asterisk

MAIN = QueueName("main")
ANNOUNCEMENT_HZ, CITIZEN_HZ, AGENT_HZ = 1500, 700, 1000
KEY_HZ = (941, 1633)
"""The two tones of the key that wakes."""
ANNOUNCEMENT_S = 60.0
"""Longer than a test waits for anything."""
REACTION_S = 1.0
"""From ring to answer nobody is quicker. Asterisk plays out the key for 0.1 s: a phone that answers within would be sent it."""


class Line:
    """Citizens in the main line, and who wakes them. ``intake``: what their sessions do."""

    def __init__(self, pbx: Pbx, events: Witness, box: PhoneBox, actor: AmiLink) -> None:
        self.events = events
        self.intake: Session = deciding(MAIN, "0")
        self.posted: list[Message] = []
        self._pbx = pbx
        self._box = box
        self._callers = Callers(actor, self.posted.append)
        self._members = Members(actor, (MAIN,))

    async def serve(self, caller: Caller) -> None:
        """The session of a citizen."""
        await self.intake(caller)

    async def dial(self, number: str = "13800138000") -> Call:
        """A citizen calls."""
        call = await (await self._box.citizen(number)).dial("12345", headers=TRUNK)
        await call.established()
        return call

    async def waiting(self, number: str = "13800138000") -> tuple[Call, Frame]:
        """A citizen who waits, and the event that said so."""
        count = len(self.events.joined) + 1
        call = await self.dial(number)
        await self.events.until(lambda: len(self.events.joined) >= count, "the citizen waits")
        return call, self.events.all("QueueCallerJoin")[-1]

    async def wake(self, channel: str) -> None:
        """Wake whoever has this channel."""
        await self._callers.wake(offers.Wake(ContactId("cc-1.1"), ChannelName(channel)))

    async def phone(self, seat_id: str) -> Phone:
        """A registered seat that is not logged in."""
        phone = await self._box.seat(seat_id, self._pbx.secrets.seats[seat_id])
        await phone.register()
        return phone

    async def log_in(self, seat_id: str) -> None:
        """The seat is ready."""
        await self._members.add(seats.AddSeat(SeatId(seat_id)))


@asynccontextmanager
async def line_of(pbx: Pbx, events: Witness, box: PhoneBox) -> AsyncIterator[Line]:
    """The line of an Asterisk, with a controller for its sessions."""
    async with pbx.acting() as actor:
        line = Line(pbx, events, box, actor)
        async with fake_controller(pbx.server.ports.agi, line.serve):
            yield line


@pytest.fixture
async def line(pbx: Pbx, events: Witness, phones: PhoneBox) -> AsyncIterator[Line]:
    """The line."""
    async with line_of(pbx, events, phones) as it:
        yield it


@pytest.fixture
async def announcing(tmp_path: Path) -> AsyncIterator[Line]:
    """A line that announces."""
    async with running_pbx(tmp_path / "home") as pbx, PhoneBox(pbx.address) as box, pbx.watched() as events:
        await announce(pbx, tmp_path)
        async with line_of(pbx, events, box) as it:
            yield it


async def announce(pbx: Pbx, folder: Path) -> None:
    """Let everybody who waits soon hear an announcement of a minute: meanwhile no queue looks for a seat."""
    queues = layout(pbx.settings).etc / "queues.conf"
    said = f"periodic-announce = {sound(folder, ANNOUNCEMENT_S)}\nperiodic-announce-frequency = 1"
    usual = r"^periodic-announce = .*\nperiodic-announce-frequency = .*$"
    text, count = re.subn(usual, said, queues.read_text("utf-8"), flags=re.MULTILINE)
    assert count == 1
    queues.write_text(text, "utf-8")
    await pbx.server.command("queue reload all")


def sound(folder: Path, seconds: float) -> Path:
    """A file with the tone of announcements, named as Asterisk does: without its ending."""
    path = folder / "announcement.wav"
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, SAMPLE_RATE, 0, "NONE", ""))
        file.writeframes(tone(ANNOUNCEMENT_HZ, seconds).tobytes())
    return path.with_suffix("")


async def announced(call: Call) -> None:
    """Wait until he hears the announcement."""
    await until(lambda: tone_seconds(call.heard(0.4), ANNOUNCEMENT_HZ) > 0.2, "the announcement")


async def test_who_is_woken_looks_at_once(announcing: Line) -> None:
    """Two seats are ready, and no queue looks; the first two are woken: both have a phone, the third sleeps on."""
    line = announcing
    for seat_id in ("8001", "8002"):
        await line.phone(seat_id)
    waiting = [await line.waiting(f"1380013800{n}") for n in range(3)]
    for call, _ in waiting:
        await announced(call)
    for seat_id in ("8001", "8002"):
        await line.log_in(seat_id)
    assert not line.events.all("AgentCalled")
    (_, first), (_, second), (last, _) = waiting
    for joined in (first, second):
        await line.wake(joined.get("Channel"))
    await line.events.seen("AgentCalled", count=2)
    rung = line.events.all("AgentCalled")
    assert {frame.get("Channel") for frame in rung} == {first.get("Channel"), second.get("Channel")}
    assert {seat_of(frame.get("Interface")) for frame in rung} == {"8001", "8002"}
    await announced(last)
    for call, _ in waiting:
        await call.hangup()


async def test_who_is_woken_in_vain_keeps_his_place(line: Line) -> None:
    """No seat, or not his turn: he stands where he stood. Nobody is told of a key, no contact, no engine, no event."""
    waiting = [await line.waiting(f"1380013800{n}") for n in range(2)]
    for _ in range(3):
        for _, joined in waiting:
            await line.wake(joined.get("Channel"))
    await line.wake("PJSIP/trunk-0000ffff")
    await line.phone("8001")
    await line.log_in("8001")
    rung = await line.events.seen("AgentCalled")
    assert rung.get("Channel") == waiting[0][1].get("Channel")
    assert not line.events.all("QueueCallerAbandon")
    assert not line.events.all("QueueCallerLeave")
    assert not [frame.event for frame in line.events.frames if frame.event.startswith("DTMF")]
    assert line.posted == []
    for call, _ in waiting:
        await call.hangup()


async def test_nobody_hears_it(line: Line, pbx: Pbx) -> None:
    """Woken while he waits and while the phone rings: no tone in the talk or its recording, no key at either phone."""
    phone = await line.phone("8001")
    call, joined = await line.waiting()
    await line.wake(joined.get("Channel"))
    await line.log_in("8001")
    ringing = await phone.ringing()
    await line.wake(joined.get("Channel"))
    await asyncio.sleep(REACTION_S)
    talk = await ringing.answer()
    await asyncio.gather(call.play(tone(CITIZEN_HZ, 2)), talk.play(tone(AGENT_HZ, 2)))
    await talk.hangup()
    await line.events.seen("Hangup", Channel=joined.get("Channel"))
    raw = layout(pbx.settings).recordings / f"{joined.get('Linkedid')}.raw"
    left, right = channels(raw.read_bytes())
    assert min(tone_seconds(left, CITIZEN_HZ), tone_seconds(right, AGENT_HZ)) > 1.5
    for heard in (left, right, call.heard(), talk.heard()):
        assert [tone_seconds(heard, hz) for hz in KEY_HZ] == [0, 0]
    assert (call.keys, talk.keys) == ("", "")


async def test_a_session_does_not_take_it_for_a_key(line: Line, tmp_path: Path) -> None:
    """If it comes too late, to one who is asked something: no prompt is cut short by it, and it is never a yes."""
    asked = sound(tmp_path, 2.0)
    replies: list[str] = []

    async def asking(caller: Caller) -> None:
        await caller.set("TIMEOUT(absolute)", "30")
        replies.append(await woken(caller, caller.command(f'STREAM FILE "{asked}" "{KEYS}"')))
        replies.append(await woken(caller, caller.command("WAIT FOR DIGIT 10000")))
        await deciding(MAIN, "0")(caller)

    async def woken(caller: Caller, reply: Awaitable[str]) -> str:
        pending = asyncio.ensure_future(reply)
        await line.wake(caller.headers["agi_channel"])
        return await pending

    line.intake = asking
    call, _ = await line.waiting()
    assert replies == [f"200 result=0 endpos={2 * SAMPLE_RATE}", f"200 result={ord(WAKE_KEY)}"]
    assert WAKE_KEY not in KEYS, "no flow can give it a meaning"
    await call.hangup()


async def to_line(box: PhoneBox, number: str) -> Call:
    """A citizen who wants a person and no word more."""
    call = await (await box.citizen(number)).dial("12345", headers=TRUNK)
    await call.established()
    await call.dtmf("0")
    return call


async def test_the_controller_wakes_who_is_next(tmp_path: Path) -> None:
    """The whole product: a seat's after-call work is over, and its phone rings though the queue does not look."""
    quiet = {"automatic": False, "offer_ewt_s": 100_000}
    async with (
        whole_system(tmp_path / "home", line={"wrap_up_s": 3, "ring_timeout_s": 20}, surge=quiet) as system,
        PhoneBox(system.pbx.address) as box,
    ):
        await announce(system.pbx, tmp_path)
        agent = await box.seat("8001", system.pbx.secrets.seats["8001"])
        await agent.register()
        await agent.dial_code("*11")
        talking = await to_line(box, "13800138000")
        await (await agent.ringing()).answer()
        waiting = await to_line(box, "13900139000")
        await announced(waiting)
        await talking.hangup()
        await (await agent.ringing()).answer()
        await waiting.hangup()
        assert await system.pbx.is_quiet(), "channels are left behind"
