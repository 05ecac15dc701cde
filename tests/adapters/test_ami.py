"""The AMI link against a fake server that misbehaves. Names of faults are those found in panoramisk 1.4."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest
from fake_ami import FakeAmi, FakeSession, block, event, running, until

from callcenter.asterisk.ami import AmiLink, AmiRefused, Timing
from callcenter.asterisk.frames import Frame
from callcenter.asterisk.wire import Wire
from callcenter.core.errors import OurError, PeerError, UsageError

pytestmark = pytest.mark.adapters

QUICK = Timing(
    connect_within_s=1.0,
    boot_within_s=1.0,
    ping_every_s=0.05,
    pong_within_s=0.1,
    backoff_first_s=0.01,
    backoff_last_s=0.04,
)


@dataclass
class Seen:
    """What the owner of a link saw."""

    frames: asyncio.Queue[Frame] = field(default_factory=lambda: asyncio.Queue(1000))
    ups: int = 0
    downs: list[str] = field(default_factory=list)
    alarms: list[str] = field(default_factory=list)

    def up(self) -> None:
        """Count an up."""
        self.ups += 1

    def names(self, key: str = "N") -> list[str]:
        """The values of header ``key`` of all live events but FullyBooted, in order of arrival."""
        frames = [self.frames.get_nowait() for _ in range(self.frames.qsize())]
        return [frame.get(key) for frame in frames if frame.event != "FullyBooted"]


@contextlib.asynccontextmanager
async def linked(
    server: FakeAmi, seen: Seen, *, timing: Timing = QUICK, wait: bool = True
) -> AsyncIterator[AmiLink]:
    """A running link to the fake server."""
    link = AmiLink(
        "test",
        server.address,
        "observer",
        "right",
        on_frame=seen.frames.put_nowait,
        on_up=seen.up,
        on_down=seen.downs.append,
        on_alarm=seen.alarms.append,
        await_boot=True,
        timing=timing,
    )
    async with running(asyncio.create_task(link.run())):
        if wait:
            await until(lambda: link.is_up)
        yield link


def say_added(session: FakeSession, action: dict[str, list[str]]) -> None:
    """Answer QueueAdd as Asterisk does."""
    session.respond(action, Message="Added interface to queue")


async def test_fault_1_queue_add_resolves() -> None:
    """The answer of QueueAdd, whose text looks like a list, is a single response."""
    async with FakeAmi() as server:
        server.replies["QueueAdd"] = say_added
        async with linked(server, Seen()) as link:
            response = await link.ask({"Action": "QueueAdd", "Queue": "general", "Interface": "PJSIP/8001"})
    assert response.get("Message") == "Added interface to queue"


async def test_fault_6_failing_consumer_loses_nothing_else() -> None:
    """An exception in the consumer neither closes the link nor loses the events after it."""
    seen = Seen()
    async with FakeAmi() as server, linked(server, seen) as link:
        deliver = link._on_frame

        def fail_once(frame: Frame) -> None:
            if frame.get("N") == "2":
                raise ValueError("consumer bug")
            deliver(frame)

        assert link._wire is not None
        link._wire._deliver = fail_once
        server.last.send("".join(event("Tick", N=str(n)) for n in range(1, 6)))
        await until(lambda: seen.frames.qsize() >= 5)
        assert link.is_up
    assert seen.names() == ["1", "3", "4", "5"]
    assert seen.alarms == ["consumer_failed"]


async def test_fault_7_characters_cut_anywhere_arrive_whole() -> None:
    """Chinese text survives a read boundary at every single byte."""
    data = event("Tick", Name="市民热线，您好").encode()
    frames: list[Frame] = []
    wire = Wire(frames.append, pytest.fail)
    wire.connection_made(None)
    wire.data_received(b"Asterisk Call Manager/11.0.0\r\n")
    for cut in range(1, len(data)):
        wire.data_received(data[:cut])
        wire.data_received(data[cut:])
    assert [frame.get("Name") for frame in frames] == ["市民热线，您好"] * (len(data) - 1)


async def test_fault_8_nothing_is_sent_again_after_a_reconnect() -> None:
    """An Originate that was under way when the link broke is not repeated; its asker is told."""
    async with FakeAmi() as server:
        server.replies["Originate"] = lambda session, action: session.cut()
        seen = Seen()
        async with linked(server, seen) as link:
            with pytest.raises(PeerError) as caught:
                await link.ask({"Action": "Originate", "Channel": "PJSIP/8001", "Async": "true"})
            await until(lambda: seen.ups == 2)
            server.replies["Marker"] = lambda session, action: session.respond(action)
            await link.ask({"Action": "Marker"})
        assert caught.value.code == "ami_down"
        assert [action["Action"] for action in server.actions] == [["Originate"], ["Marker"]]


async def test_fault_9_nothing_is_accepted_while_down() -> None:
    """An action asked for while the link is down is refused at once and never sent later."""
    server = FakeAmi()
    async with server:
        server.replies["Hangup"] = lambda session, action: session.respond(action)
    seen = Seen()
    async with linked(server, seen, wait=False) as link:
        with pytest.raises(PeerError, match="down"):
            await link.ask({"Action": "Hangup", "Channel": "PJSIP/8001-00000001"})
        async with server:
            await until(lambda: link.is_up)
            await link.ask({"Action": "Hangup", "Channel": "PJSIP/8002-00000001"})
            assert [action["Channel"] for action in server.actions] == [["PJSIP/8002-00000001"]]


async def test_fault_10_a_silent_peer_is_noticed() -> None:
    """A peer that stays connected but answers no ping is dropped, and the link comes back."""
    async with FakeAmi() as server:
        seen = Seen()
        async with linked(server, seen):
            pong = server.replies.pop("Ping")
            await until(lambda: seen.downs == ["silent"])
            server.replies["Ping"] = pong
            await until(lambda: seen.ups == 2)


async def test_fault_11_a_refused_login_is_told_once_and_backs_off() -> None:
    """A wrong secret is reported once, not at every attempt; a right one later brings the link up."""
    async with FakeAmi() as server:
        server.secret = "another"
        seen = Seen()
        async with linked(server, seen, wait=False) as link:
            await until(lambda: len(server.sessions) >= 4)
            assert not link.is_up
            assert seen.downs == ["login_refused"]
            server.secret = "right"
            await until(lambda: link.is_up)
        assert seen.ups == 1


async def test_fault_12_a_stopped_link_is_gone() -> None:
    """After cancelling between two attempts, no task and no timer is left that could connect again."""
    server = FakeAmi()
    async with server:
        pass
    seen = Seen()
    tasks, timers = asyncio.all_tasks(), armed_timers()
    async with linked(server, seen, wait=False) as link:
        await until(lambda: seen.downs == ["connect_failed"])
        with pytest.raises(PeerError):
            await link.ask({"Action": "Ping"})
    assert asyncio.all_tasks() == tasks
    assert armed_timers() == timers


def armed_timers() -> set[int]:
    """Timers of the running loop that will still fire."""
    scheduled = asyncio.get_running_loop()._scheduled  # type: ignore[attr-defined]
    return {id(handle) for handle in scheduled if not handle.cancelled()}


async def test_fault_13_a_line_break_is_refused_not_sent() -> None:
    """A value with CR LF raises and nothing of it reaches the peer."""
    async with FakeAmi() as server, linked(server, Seen()) as link:
        with pytest.raises(UsageError) as caught:
            await link.ask({"Action": "QueuePause", "Reason": "lunch\r\n\r\nAction: Logoff"})
        assert caught.value.code == "unsafe_value"
        assert server.actions == []


async def test_fault_14_15_frames_arrive_in_order_one_by_one() -> None:
    """A flood in pieces of odd sizes arrives complete and in order; nothing is keyed by the second."""
    data = "".join(event("Tick", N=str(n), Uniqueid="1700000000.1") for n in range(900)).encode()
    seen = Seen()
    async with FakeAmi() as server, linked(server, seen):
        for start in range(0, len(data), 777):
            server.last.send_bytes(data[start : start + 777])
        await until(lambda: seen.frames.qsize() == 901)
    assert seen.names() == [str(n) for n in range(900)]


async def test_fault_16_originate_response_reaches_the_inbox() -> None:
    """OriginateResponse carries the ActionID of its action and is still a live event, never the answer."""

    def originate(session: FakeSession, action: dict[str, list[str]]) -> None:
        tag = action["ActionID"][0]
        session.send(event("OriginateResponse", ActionID=tag, Response="Failure", N="early"))
        session.respond(action, Message="Originate successfully queued")

    async with FakeAmi() as server:
        server.replies["Originate"] = originate
        seen = Seen()
        async with linked(server, seen) as link:
            response = await link.ask({"Action": "Originate", "Channel": "PJSIP/8001"})
    assert response.get("Message") == "Originate successfully queued"
    assert seen.names() == ["early"]


async def test_fault_17_an_unanswered_question_ends_in_time() -> None:
    """A question has a deadline; its late answer disturbs nothing."""
    late: list[dict[str, list[str]]] = []
    async with FakeAmi() as server:
        server.replies["Getvar"] = lambda session, action: late.append(action)
        seen = Seen()
        async with linked(server, seen) as link:
            with pytest.raises(PeerError) as caught:
                await link.ask({"Action": "Getvar", "Variable": "X"}, timeout_s=0.05)
            assert caught.value.code == "ami_timeout"
            server.last.respond(late[0], Value="late")
            server.last.send(event("QueueMember", ActionID=late[0]["ActionID"][0], N="late item"))
            server.last.send(event("Tick", N="1"))
            await until(lambda: seen.frames.qsize() == 2)
            assert link._wire is not None
            assert link._wire.responses == {}
    assert seen.names() == ["1"]


async def test_a_list_is_collected_up_to_its_own_end() -> None:
    """Items with our ActionID make the list; live events in between go to the inbox."""

    def status(session: FakeSession, action: dict[str, list[str]]) -> None:
        tag = action["ActionID"][0]
        session.respond(action, EventList="start", Message="Queue status will follow")
        session.send(event("QueueParams", ActionID=tag, Queue="general"))
        session.send(event("Tick", N="live"))
        session.send(event("QueueMember", ActionID=tag, Queue="general"))
        session.send(event("QueueStatusComplete", ActionID=tag, EventList="Complete", ListItems="2"))

    async with FakeAmi() as server:
        server.replies["QueueStatus"] = status
        seen = Seen()
        async with linked(server, seen) as link:
            items = await link.ask_list({"Action": "QueueStatus"})
    assert [item.event for item in items] == ["QueueParams", "QueueMember"]
    assert seen.names() == ["live"]


async def test_an_incomplete_list_is_no_list() -> None:
    """If Asterisk counts more items than arrived, the asker is told instead of getting half the truth."""

    def status(session: FakeSession, action: dict[str, list[str]]) -> None:
        session.respond(action, EventList="start")
        end = event("QueueStatusComplete", ActionID=action["ActionID"][0], ListItems="3")
        session.send(end)

    async with FakeAmi() as server:
        server.replies["QueueStatus"] = status
        async with linked(server, Seen()) as link:
            with pytest.raises(PeerError) as caught:
                await link.ask_list({"Action": "QueueStatus"})
    assert caught.value.code == "ami_garbled"


@pytest.mark.parametrize("name", ["QueueStatus", "QueueAdd"])
async def test_a_refusal_is_an_error_with_the_response(name: str) -> None:
    """Asterisk's Error ends a list question as well as a single one, and tells why."""
    async with FakeAmi() as server:
        server.replies[name] = lambda session, action: session.respond(
            action, "Error", Message="Permission denied"
        )
        async with linked(server, Seen()) as link:
            ask = link.ask_list if name == "QueueStatus" else link.ask
            with pytest.raises(AmiRefused) as caught:
                await ask({"Action": name})
    assert caught.value.why == "Permission denied"
    assert str(caught.value) == f"Asterisk refused {name}: Permission denied"
    assert not caught.value.retryable


async def test_the_table_of_lists_decides() -> None:
    """Asking for a list as a single answer, or the other way round, is our own bug and says so."""
    link = AmiLink("test", FakeAmi().address, "u", "s")
    with pytest.raises(OurError):
        await link.ask({"Action": "QueueStatus"})
    with pytest.raises(OurError):
        await link.ask_list({"Action": "QueueAdd"})


async def test_a_forged_block_is_dropped_with_an_alarm() -> None:
    """A block that only a line break inside a value can make is dropped; what follows is read."""
    forged = "Event: Newchannel\r\nChannel: PJSIP/trunk-1\r\nChannelState: 4\r\nCallerIDNum: 1\r\n\r\n"
    seen = Seen()
    async with FakeAmi() as server, linked(server, seen):
        server.last.send(forged + event("Tick", N="1"))
        await until(lambda: seen.frames.qsize() == 2)
    assert seen.names() == ["1"]
    assert seen.alarms == ["snapshot_cut_short"]


async def test_a_full_inbox_cuts_the_link() -> None:
    """What cannot be taken is not dropped silently: the link is cut, and comes back for a resync."""
    seen = Seen(frames=asyncio.Queue(3))
    async with FakeAmi() as server, linked(server, seen):
        server.last.send("".join(event("Tick", N=str(n)) for n in range(10)))
        await until(lambda: seen.downs == ["inbox_full"])
        seen.names()
        await until(lambda: seen.ups == 2)


async def test_an_endless_block_cuts_the_link() -> None:
    """A block without an end does not eat the memory."""
    seen = Seen()
    async with FakeAmi() as server, linked(server, seen):
        server.last.send("Event: X\r\nA: " + "a" * 300_000)
        await until(lambda: seen.downs == ["block_too_long"])


@pytest.mark.parametrize("banner", ["SSH-2.0-OpenSSH_9.2\r\n", "x" * 5000])
async def test_a_stranger_on_the_port_is_no_asterisk(banner: str) -> None:
    """Something else on the port is named as such."""
    async with FakeAmi() as server:
        server.banner = banner
        seen = Seen()
        async with linked(server, seen, wait=False):
            await until(lambda: seen.downs == ["not_asterisk"])


async def test_a_mute_port_is_given_up() -> None:
    """A peer that accepts and never speaks fails the attempt within the limit."""
    async with FakeAmi() as server:
        server.replies.clear()
        seen = Seen()
        quick = Timing(connect_within_s=0.05, backoff_first_s=0.01, backoff_last_s=0.01)
        async with linked(server, seen, timing=quick, wait=False):
            await until(lambda: len(server.sessions) >= 2)
        assert seen.downs == ["ami_timeout"]


async def test_not_up_before_fully_booted() -> None:
    """A link that wants the truth waits until Asterisk has loaded its queues."""
    async with FakeAmi() as server:
        server.boots = False
        seen = Seen()
        async with linked(server, seen, wait=False) as link:
            await until(lambda: server.sessions and server.last.actions)
            assert not link.is_up
            server.last.send(event("FullyBooted", Status="Fully Booted"))
            await until(lambda: link.is_up)


async def test_open_questions_fail_when_the_link_breaks() -> None:
    """Everybody who waits for an answer hears at once that the link is gone."""
    async with FakeAmi() as server, linked(server, Seen()) as link:
        asked = [asyncio.create_task(link.ask({"Action": "Getvar", "Variable": str(n)})) for n in range(5)]
        await until(lambda: len(server.actions) == 5)
        server.last.cut()
        results = await asyncio.gather(*asked, return_exceptions=True)
    assert [isinstance(one, PeerError) and one.code for one in results] == ["ami_down"] * 5


async def test_garbage_between_frames_is_survived() -> None:
    """Random text that is no block raises alarms and nothing else."""
    seen = Seen()
    async with FakeAmi() as server, linked(server, seen) as link:
        server.last.send("no header at all\r\n\r\n: empty\r\n\r\nKey: first\r\nEvent: X\r\n\r\n")
        server.last.send_bytes(b"Event: Tick\r\nN: \xff\xfe\r\n\r\n")
        server.last.send(block(Response="Success", ActionID="nobody", Message="x") + event("Tick", N="1"))
        await until(lambda: seen.frames.qsize() == 3)
        assert link.is_up
    assert seen.names() == ["��", "1"]
    assert seen.alarms == ["not_a_header", "not_a_header", "bad_opening"]
