"""A third joins a talk on a real Asterisk: who hears whom, what is recorded, who may leave when."""

import asyncio
import tempfile
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import pytest_asyncio
from loopback import free_port
from pbx import Pbx, Witness, running_pbx
from real_asterisk import TRUNK, until
from tones import channels, strongest, tone, tone_seconds

from callcenter.asterisk.render import layout
from callcenter.asterisk.resync import snapshot
from callcenter.asterisk.seat_lines import SeatLines
from callcenter.asterisk.translate import messages
from callcenter.core.ids import ChannelName, ContactId, SeatId
from callcenter.core.messages import conference, seats
from callcenter.core.messages.base import Message
from callcenter.core.messages.conference import CITIZEN, DEPARTMENT
from callcenter.phones import Call, CallState, Phone, PhoneBox
from callcenter.sections import parse_address
from ivr.prompt_maker import put_sound
from queues.conferencer import Conferencer
from queues.rescue import Rescue

pytestmark = [pytest.mark.asterisk, pytest.mark.timeout(120)]

CITIZEN_HZ, AGENT_HZ, THIRD_HZ = 700, 1000, 1500
SPOKEN_S = 1.0
NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
WATER = "051788001234"
FIRST, THIRD = "8001", "8003"
RING_S = 3


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def running_asterisk() -> AsyncIterator[Pbx]:
    """An Asterisk with a carrier to dial out."""
    carrier = f"127.0.0.1:{free_port()}"
    with tempfile.TemporaryDirectory(prefix="cc-") as home:
        async with running_pbx(Path(home), trunk={"outbound": carrier}) as pbx:
            yield pbx


@pytest.fixture
async def phones(pbx: Pbx) -> AsyncIterator[PhoneBox]:
    """Phones of seats and citizens, and of a department that the carrier rings."""
    async with PhoneBox(pbx.address, sip_port=parse_address(pbx.settings.trunk.outbound).port) as box:
        yield box


class Room:
    """A talk of a citizen with seat 8001, and the edge that has a third join it."""

    def __init__(self, pbx: Pbx, events: Witness, citizen: Call, agent: Call):
        self.pbx, self.events, self.citizen, self.agent = pbx, events, citizen, agent
        connected = events.all("AgentConnect")[-1]
        self.contact_id = ContactId(connected.need("Linkedid"))
        self.channel = ChannelName(connected.need("Channel"))
        self.posted: list[Message] = []

    async def ring(self, third: str, number: str = "") -> None:
        """Ring the third."""
        async with self.pbx.acting() as link:
            await self._edge(link).ring(conference.RingThird(self.contact_id, third, number))

    async def gather(self) -> None:
        """The third is there: move the two; done when all three are in."""
        who = conference.ConferenceJoined
        await until(lambda: any(isinstance(it, who) for it in self.told()), "the third")
        async with self.pbx.acting() as link:
            gather = conference.Gather(self.contact_id, SeatId(FIRST), self.channel)
            await self._edge(link).gather(gather)
        await until(lambda: sum(isinstance(it, who) for it in self.told()) == 3, "all three")

    async def drop(self) -> None:
        """The third is not needed any more."""
        async with self.pbx.acting() as link:
            await self._edge(link).drop(conference.DropThird(self.contact_id))

    def _edge(self, link: object) -> Conferencer:
        lines = SeatLines(link)  # type: ignore[arg-type]  # an AmiLink
        return Conferencer(link, lines, self.posted.append, RING_S, "12345")  # type: ignore[arg-type]

    def told(self) -> list[Message]:
        """What the controller is told of the conference."""
        every = (message for frame in self.events.frames for message in messages(frame, NOW))
        return [
            it
            for it in every
            if it.type.startswith("conference.") and getattr(it, "contact_id", "") == self.contact_id
        ]

    def left(self) -> list[str]:
        """Who has left, in order."""
        return [it.who for it in self.told() if isinstance(it, conference.ConferenceLeft)]

    async def sound(self) -> tuple[list[float], list[float]]:
        """The recording, when the citizen's call is over: seconds of the three voices on each side."""
        await self.events.seen("Hangup", Channel=self.channel)
        raw = (layout(self.pbx.settings).recordings / f"{self.contact_id}.raw").read_bytes()
        left, right = (
            [tone_seconds(side, hz) for hz in (CITIZEN_HZ, AGENT_HZ, THIRD_HZ)] for side in channels(raw)
        )
        return left, right


@pytest.fixture
async def agent(pbx: Pbx, phones: PhoneBox) -> Phone:
    """Seat 8001, ready."""
    phone = await seat(pbx, phones, FIRST)
    await phone.dial_code("*11")
    return phone


@pytest.fixture
async def room(pbx: Pbx, events: Witness, phones: PhoneBox, agent: Phone) -> Room:
    """Citizen and agent have spoken."""
    citizen = await (await phones.citizen("13800138000")).dial("12345", headers=TRUNK)
    await citizen.established()
    talk = await (await agent.ringing()).answer()
    await events.seen("BridgeEnter", count=2)
    await asyncio.gather(says(citizen, CITIZEN_HZ), says(talk, AGENT_HZ))
    return Room(pbx, events, citizen, talk)


async def seat(pbx: Pbx, phones: PhoneBox, account: str) -> Phone:
    """A registered seat's phone."""
    phone = await phones.seat(account, pbx.secrets.seats[account])
    await phone.register()
    return phone


async def says(call: Call, hz: int) -> None:
    """Somebody speaks."""
    await call.play(tone(hz, SPOKEN_S))


async def test_all_three_hear_each_other_and_are_recorded(
    pbx: Pbx, phones: PhoneBox, room: Room, events: Witness
) -> None:
    """One file: left the citizen, right everybody else. Who asked leaves first, the others talk on to the end."""
    colleague = await seat(pbx, phones, THIRD)
    await room.ring(THIRD)
    third = await (await colleague.ringing()).answer()
    await room.gather()
    everybody = {room.citizen: CITIZEN_HZ, room.agent: AGENT_HZ, third: THIRD_HZ}
    for speaker, hz in everybody.items():
        await says(speaker, hz)
        for listener in everybody.keys() - {speaker}:
            assert strongest(listener.heard(0.5)) == hz
    async with pbx.acting() as link:
        [call] = (await snapshot(link)).calls
    assert set(call.conference) == {CITIZEN, FIRST, THIRD}
    await room.agent.hangup()
    await until(lambda: room.left() == [FIRST], "the agent is out")
    await asyncio.gather(says(room.citizen, CITIZEN_HZ), says(third, THIRD_HZ))
    assert strongest(room.citizen.heard(0.5)) == THIRD_HZ
    await third.hangup()
    await room.citizen.ended()
    left, right = await room.sound()
    assert left[0] > 3 * SPOKEN_S - 0.7
    assert max(left[1:]) < 0.2
    assert right[0] < 0.2
    assert min(right[1:]) > 2 * SPOKEN_S - 0.5
    assert room.left() == [FIRST, THIRD, CITIZEN]
    assert len(events.all("AgentComplete")) == 1


async def test_when_the_citizen_leaves_nobody_stays(phones: PhoneBox, room: Room) -> None:
    """A department over the trunk too; its channel is no contact."""
    office = await phones.citizen(WATER)
    await room.ring(DEPARTMENT, WATER)
    third = await (await office.ringing()).answer()
    await room.gather()
    await says(third, THIRD_HZ)
    assert strongest(room.citizen.heard(0.5)) == THIRD_HZ
    await room.citizen.hangup()
    await asyncio.gather(room.agent.ended(), third.ended())
    _, right = await room.sound()
    assert right[2] > SPOKEN_S - 0.3
    await until(lambda: set(room.left()) == {CITIZEN, FIRST, DEPARTMENT}, "all have left")


@pytest.mark.parametrize("why", ["nobody picks up", "no telephone", "given up"])
async def test_a_third_who_does_not_come_disturbs_nobody(
    pbx: Pbx, phones: PhoneBox, room: Room, events: Witness, why: str
) -> None:
    """The two talk on in their own bridge, recorded by the same recorder."""
    if why != "no telephone":
        colleague = await seat(pbx, phones, THIRD)
        await room.ring(THIRD)
        await colleague.ringing()
        if why == "given up":
            await room.drop()
    else:
        await room.ring(THIRD)
    await until(lambda: room.told() == [conference.ThirdUnreached(room.contact_id)], "told")
    assert room.agent.state is CallState.TALKING
    await asyncio.gather(says(room.citizen, CITIZEN_HZ), says(room.agent, AGENT_HZ))
    await room.citizen.hangup()
    left, right = await room.sound()
    assert min(left[0], right[1]) > 2 * SPOKEN_S - 0.5
    assert len(events.all("MixMonitorStart")) == 1
    assert room.posted == []


async def test_who_hangs_up_before_he_is_moved_leaves_no_conference(
    pbx: Pbx, phones: PhoneBox, room: Room
) -> None:
    """The third is there already: it is told that nobody could be moved, and he is let go."""
    colleague = await seat(pbx, phones, THIRD)
    await room.ring(THIRD)
    third = await (await colleague.ringing()).answer()
    await until(lambda: len(room.told()) == 1, "the third")
    await room.citizen.hangup()
    await room.agent.ended()
    async with pbx.acting() as link:
        edge = room._edge(link)
        await edge.gather(conference.Gather(room.contact_id, SeatId(FIRST), room.channel))
    assert room.posted == [conference.ThirdUnreached(room.contact_id)]
    await room.drop()
    await third.ended()


@pytest.mark.parametrize("is_alone", [True, False], ids=["the last with the citizen", "one of two"])
async def test_a_seat_whose_phone_dies_there_leaves_its_citizen_in_good_hands(
    pbx: Pbx, phones: PhoneBox, room: Room, events: Witness, is_alone: bool
) -> None:
    """Another seat is still with him: theirs is a talk like any. Nobody is: he is first in the line, and is told why."""
    reason = layout(pbx.settings).prompts / "talk_broken.wav"
    reason.parent.mkdir(parents=True, exist_ok=True)
    put_sound(reason, tone(THIRD_HZ, SPOKEN_S))
    colleague = await seat(pbx, phones, THIRD)
    await room.ring(THIRD)
    third = await (await colleague.ringing()).answer()
    await room.gather()
    if is_alone:
        await third.hangup()
        await until(lambda: room.left() == [THIRD], "the third is out")
    async with pbx.acting() as link:
        await Rescue(link, room.posted.append).listen(seats.ListenToSeat(SeatId(FIRST), room.contact_id))
        assert [type(it) for it in room.posted] == [seats.SeatListened]
        await Rescue(link, room.posted.append).hang_up(seats.HangUpSeat(SeatId(FIRST), room.contact_id))
    await room.agent.ended()
    if is_alone:
        broken = await events.seen("UserEvent", UserEvent="TalkBroken", Seat=FIRST)
        assert broken.get("Uniqueid") == room.contact_id
        joined = await events.seen("QueueCallerJoin", count=2)
        assert joined.get("Uniqueid") == room.contact_id
        await until(lambda: strongest(room.citizen.heard(0.5)) == THIRD_HZ, "why he is there")
        await room.citizen.hangup()
    else:
        await says(third, THIRD_HZ)
        assert strongest(room.citizen.heard(0.5)) == THIRD_HZ
        await third.hangup()
        await room.citizen.ended()
        assert not events.all("UserEvent", UserEvent="TalkBroken")
