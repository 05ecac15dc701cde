"""Which seat is rung: the longest idle one first, the skilled before others, never one that did not answer."""

from collections.abc import AsyncIterator
from datetime import UTC

import pytest
from fake_controller import Caller, fake_controller
from pbx import Pbx, Witness
from real_asterisk import TRUNK, until

from callcenter.asterisk.ami import AmiLink
from callcenter.asterisk.translate import seat_of
from callcenter.clocks import SystemClock
from callcenter.core.ids import QueueName, SeatId
from callcenter.core.messages import seats
from callcenter.phones import Call, Phone, PhoneBox
from queues.members import Members

pytestmark = pytest.mark.asterisk

MAIN, OTHER = QueueName("main"), QueueName("enterprise")
GUARD_S = 2
"""``wrapuptime`` in ``queues.conf.j2``: so long after a talk no seat is rung."""

CLOCK = SystemClock(UTC)


class Room:
    """Seats 8001 to 8003 in two lines, and citizens who call one of them."""

    def __init__(self, pbx: Pbx, events: Witness, box: PhoneBox, link: AmiLink):
        self.pbx = pbx
        self.events = events
        self.box = box
        self.link = link
        self.members = Members(link, (MAIN, OTHER))
        self.phones: dict[SeatId, Phone] = {}
        self.queue = MAIN

    async def session(self, caller: Caller) -> None:
        """The controller's part: into the line that the test wants."""
        for name, value in (("QUEUE", self.queue), ("PRIORITY", "0"), ("DONE", "1")):
            await caller.set(f"CC_{name}", value)

    async def log_in(self, *names: str, skills: tuple[QueueName, ...] = ()) -> None:
        """Seats with phones, ready."""
        for seat_id in map(SeatId, names):
            self.phones[seat_id] = await self.box.seat(seat_id, self.pbx.secrets.seats[seat_id])
            await self.phones[seat_id].register()
            await self.members.add(seats.AddSeat(seat_id, skills))

    async def call(self, queue: QueueName = MAIN) -> tuple[Call, SeatId]:
        """A citizen for whom a phone rings, and which."""
        self.queue = queue
        before = len(self.events.all("AgentCalled"))
        call = await (await self.box.citizen("13800138000")).dial("12345", headers=TRUNK)
        await call.established()
        rung = await self.events.seen("AgentCalled", count=before + 1)
        seat_id = seat_of(rung.get("Interface"))
        assert seat_id
        return call, seat_id

    async def talk(self, queue: QueueName = MAIN) -> tuple[SeatId, Call]:
        """The same, answered."""
        call, seat_id = await self.call(queue)
        await (await self.phones[seat_id].ringing()).answer()
        return seat_id, call

    async def end(self, seat_id: SeatId, call: Call) -> None:
        """End a talk, in a second of its own: Asterisk remembers whole seconds, by a clock a little behind."""
        count = len(self.events.all("AgentComplete"))
        await call.hangup()
        await self.events.seen("AgentComplete", count=count + 1)
        await self.seconds(2)

    async def seconds(self, count: int) -> None:
        """Until the clock's second is ``count`` later."""
        later = int(CLOCK.at().timestamp()) + count
        await until(lambda: CLOCK.at().timestamp() > later, "the next second")

    async def is_free(self, seat_id: SeatId) -> bool:
        """Whether the seat's device is idle for the line."""
        items = await self.link.ask_list(
            {"Action": "QueueStatus", "Queue": MAIN, "Member": f"PJSIP/{seat_id}"}
        )
        return any(item.event == "QueueMember" and item.get("Status") == "1" for item in items)


@pytest.fixture
async def room(pbx: Pbx, events: Witness, phones: PhoneBox) -> AsyncIterator[Room]:
    """The room."""
    async with pbx.acting() as link:
        it = Room(pbx, events, phones, link)
        async with fake_controller(pbx.server.ports.agi, it.session):
            yield it


async def test_the_longest_idle_seat_is_rung(room: Room) -> None:
    """Whose last talk ended first, whatever the order in which the talks began."""
    await room.log_in("8001", "8002", "8003")
    talks = dict([await room.talk() for _ in range(3)])
    for seat_id in map(SeatId, ("8002", "8003", "8001")):
        await room.end(seat_id, talks[seat_id])
    await room.seconds(GUARD_S + 1)
    call, seat_id = await room.call()
    assert seat_id == "8002"
    await call.hangup()


async def test_a_talk_in_another_line_counts(room: Room) -> None:
    """A seat that has just served the other line is not idle longest in this one."""
    await room.log_in("8001", "8002")
    first, second = await room.talk(MAIN), await room.talk(MAIN)
    await room.end(*first)
    await room.end(*second)
    await room.seconds(GUARD_S + 1)
    third = await room.talk(OTHER)
    assert third[0] == first[0]
    await room.end(*third)
    await room.seconds(GUARD_S + 1)
    call, seat_id = await room.call(MAIN)
    assert seat_id == second[0]
    await call.hangup()


async def test_a_seat_that_does_not_answer_is_not_rung_again(room: Room) -> None:
    """It is paused in all lines by Asterisk itself, and the caller's next phone is another's."""
    await room.log_in("8001", "8002")
    call, silent = await room.call()
    await (await room.phones[silent].ringing()).reject()
    rung = await room.events.seen("AgentCalled", count=2)
    assert seat_of(rung.get("Interface")) != silent
    paused = room.events.all("QueueMemberPause", Interface=f"PJSIP/{silent}", Paused="1")
    assert {frame.get("Queue") for frame in paused} == {MAIN, OTHER}
    await call.hangup()


async def test_a_caller_who_hangs_up_pauses_nobody(room: Room) -> None:
    """The phone that rang for him falls silent and is free."""
    await room.log_in("8001")
    call, seat_id = await room.call()
    await call.hangup()
    await room.events.seen("QueueCallerAbandon")
    await until(lambda: room.is_free(seat_id), "the phone is silent")
    assert not room.events.all("QueueMemberPause")


async def test_a_skilled_seat_is_rung_before_others(room: Room) -> None:
    """Each line rings its own seats first, another's only when none of its own is free; both change live."""
    await room.log_in("8001", skills=(MAIN,))
    await room.log_in("8002", skills=(OTHER,))
    calls = [await room.talk(OTHER), await room.talk(OTHER)]
    assert [seat_id for seat_id, _ in calls] == ["8002", "8001"]
    for seat_id, call in calls:
        await room.end(seat_id, call)
    await room.members.prefer(seats.PreferSeat(SeatId("8001"), (OTHER,)))
    await room.members.prefer(seats.PreferSeat(SeatId("8002"), (MAIN,)))
    await room.seconds(GUARD_S + 1)
    last, seat_id = await room.call(OTHER)
    assert seat_id == "8001"
    await last.hangup()


async def test_a_seat_that_is_not_logged_in_can_have_skills(room: Room) -> None:
    """Nothing happens, and nothing fails."""
    await room.members.prefer(seats.PreferSeat(SeatId("8009"), (MAIN,)))


async def test_each_pause_is_told_in_each_line(room: Room) -> None:
    """Also of a seat that is paused already, with the new reason."""
    await room.log_in("8001")
    for reason in ("wrap_up", "午休", "午休"):
        await room.members.pause(seats.PauseSeat(SeatId("8001"), reason))
    await room.events.seen("QueueMemberPause", count=6)
    told = [frame.get("PausedReason") for frame in room.events.all("QueueMemberPause")]
    assert told == ["wrap_up"] * 2 + ["午休"] * 4
