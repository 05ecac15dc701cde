"""The snapshot, put together from the lists that Asterisk gives."""

import asyncio

import pytest
from fake_ami import FakeAmi, FakeSession, running, until

from callcenter.asterisk.ami import AmiLink
from callcenter.asterisk.frames import Frame
from callcenter.asterisk.resync import assemble, snapshot
from callcenter.core.errors import PeerError
from callcenter.core.ids import ChannelName, ContactId, QueueName, SeatId
from callcenter.core.messages.link import LiveCall, QueueMember, RingingPhone, WaitingCall

pytestmark = pytest.mark.adapters


def channel(name: str, uniqueid: str, linkedid: str, **more: str) -> Frame:
    """An item of CoreShowChannels."""
    headers = {
        "Event": "CoreShowChannel",
        "Channel": name,
        "Uniqueid": uniqueid,
        "Linkedid": linkedid,
        "Exten": "main",
        "Duration": "00:01:05",
        "BridgeId": "",
    }
    return Frame(tuple((headers | more).items()))


def member(seat: str, **more: str) -> Frame:
    """A QueueMember of QueueStatus."""
    headers = {
        "Event": "QueueMember",
        "Queue": "main",
        "Location": f"PJSIP/{seat}",
        "InCall": "0",
        "Status": "1",
        "Paused": "0",
        "PausedReason": "",
    }
    return Frame(tuple((headers | more).items()))


def entry(uniqueid: str, position: int) -> Frame:
    """A QueueEntry of QueueStatus."""
    headers = {
        "Event": "QueueEntry",
        "Queue": "main",
        "Position": str(position),
        "Uniqueid": uniqueid,
        "Wait": "12",
        "Priority": "5",
    }
    return Frame(tuple(headers.items()))


def device(name: str, state: str) -> Frame:
    """An item of DeviceStateList."""
    return Frame((("Event", "DeviceStateChange"), ("Device", name), ("State", state)))


CHANNELS = [
    channel("PJSIP/trunk-00000001", "c-1.1", "c-1.1", BridgeId="b1"),
    channel("PJSIP/8001-00000002", "c-1.2", "c-1.1", BridgeId="b1"),
    channel("PJSIP/trunk-00000003", "c-1.3", "c-1.3", Exten="12345"),
    channel("PJSIP/trunk-00000009", "c-1.9", "c-1.8"),
]


def test_calls_are_joined_with_their_seats() -> None:
    """A citizen's channel is a call; the seat in the same bridge is its seat; outbound legs are none."""
    assert assemble("boot", [], CHANNELS, []).calls == (
        LiveCall(ContactId("c-1.1"), ChannelName("PJSIP/trunk-00000001"), "", 65.0, SeatId("8001")),
        LiveCall(ContactId("c-1.3"), ChannelName("PJSIP/trunk-00000003"), "12345", 65.0, None),
    )


def test_a_conference_tells_who_is_in_it() -> None:
    """The third's channel, which bears an id of ours, is no call, even one over the trunk."""
    room = {"BridgeId": "b1", "Application": "ConfBridge"}
    channels = [
        channel("PJSIP/trunk-00000001", "c-1.1", "c-1.1", **room),
        channel("PJSIP/8001-00000002", "c-1.2", "c-1.1", **room),
        channel("PJSIP/trunk-00000003", "conference-c-1.1", "conference-c-1.1", **room),
    ]
    [call] = assemble("boot", [], channels, []).calls
    assert (call.seat_id, call.conference) == (SeatId("8001"), ("citizen", "8001", "department"))


def test_call_backs_are_calls_too() -> None:
    """The agent's channel bears the id; its seat counts only once the citizen is there."""
    first, second = ContactId("callback-c-1.1-1"), ContactId("callback-c-1.2-1")
    channels = [
        channel("PJSIP/8001-00000001", first, first, Exten="s", BridgeId="b1"),
        channel("PJSIP/trunk-00000002", "c-2.2", first, Exten="", BridgeId="b1"),
        channel("PJSIP/8002-00000003", second, second, Exten="s"),
        channel("PJSIP/trunk-00000004", "c-2.4", second, Exten="s"),
    ]
    assert assemble("boot", [], channels, []).calls == (
        LiveCall(first, ChannelName("PJSIP/8001-00000001"), "", 65.0, SeatId("8001")),
        LiveCall(second, ChannelName("PJSIP/8002-00000003"), "", 65.0, None),
    )


def test_waiting_callers_are_found_by_their_channels() -> None:
    """A queue entry has no Linkedid: it is looked up; one whose channel is already gone is dropped."""
    waiting = assemble("boot", [entry("c-1.3", 1), entry("c-1.7", 2)], CHANNELS, []).waiting
    assert waiting == (WaitingCall(ContactId("c-1.3"), QueueName("main"), 1, 5, 12),)


def test_phones_that_ring_are_told_with_their_callers() -> None:
    """For the queue and for a call-back; not for a transfer."""
    callback = ContactId("callback-c-1.1-1")
    channels = [
        *CHANNELS,
        channel("PJSIP/8002-00000005", "c-1.5", "c-1.3", ChannelState="5"),
        channel("PJSIP/8003-00000006", callback, callback, ChannelState="5"),
        channel("PJSIP/8004-00000007", "c-1.7", "c-1.1", ChannelState="5"),
    ]
    assert assemble("boot", [entry("c-1.3", 1)], channels, []).ringing == (
        RingingPhone(SeatId("8002"), ContactId("c-1.3")),
        RingingPhone(SeatId("8003"), callback),
    )


def test_members_and_who_is_registered() -> None:
    """Membership comes from the queues; registration from the device states, else from the members."""
    items = [
        member("8001", InCall="1", Status="3"),
        member("8002", Paused="1", PausedReason="break", Status="5"),
        member("8003", Location="Local/1@x"),
        member("8004", Status="1"),
    ]
    devices = [
        device("PJSIP/8001", "BUSY"),
        device("PJSIP/8002", "NOT_INUSE"),
        device("PJSIP/8005", "UNAVAILABLE"),
        device("Queue:main", "RINGING"),
    ]
    truth = assemble("boot", items, [], devices)
    assert truth.members == (
        QueueMember(SeatId("8001"), QueueName("main"), False, "", True),
        QueueMember(SeatId("8002"), QueueName("main"), True, "break", False),
        QueueMember(SeatId("8004"), QueueName("main"), False, "", False),
    )
    assert truth.reachable == {"8001", "8002", "8004"}
    assert assemble("boot", items, [], []).reachable == {"8001", "8004"}


def test_half_a_truth_is_none() -> None:
    """A list item without its facts makes the whole snapshot fail."""
    with pytest.raises(PeerError):
        assemble("boot", [], [channel("PJSIP/trunk-00000001", "1", "1", Duration="soon")], [])


async def test_the_snapshot_is_asked_for() -> None:
    """Five questions make a snapshot; without the device state module the members' states are used."""
    async with FakeAmi() as server:
        server.replies |= {
            "CoreSettings": lambda session, action: session.respond(action, SystemName="cc1"),
            "CoreStatus": lambda session, action: session.respond(
                action, CoreStartupDate="2026-11-22", CoreStartupTime="03:57:37"
            ),
            "QueueStatus": _queue_status,
            "CoreShowChannels": lambda session, action: session.respond_list(
                action, "CoreShowChannelsComplete"
            ),
            "DeviceStateList": lambda session, action: session.respond(
                action, "Error", Message="Invalid/unknown command"
            ),
        }
        link = AmiLink("test", server.address, "observer", "right")
        async with running(asyncio.create_task(link.run())):
            await until(lambda: link.is_up)
            truth = await snapshot(link)
    assert truth.boot_id == "cc1@2026-11-22T03:57:37"
    assert truth.reachable == {"8001"}
    assert truth.calls == ()
    assert truth.waiting == ()


def _queue_status(session: FakeSession, action: dict[str, list[str]]) -> None:
    item = dict(member("8001").pairs[1:])
    session.respond_list(action, "QueueStatusComplete", ("QueueMember", item))
