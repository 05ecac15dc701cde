"""The AMI link, the translator and the snapshot on a real Asterisk with real phones."""

import asyncio
import contextlib
import tempfile
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from fake_ami import running, until
from pbx import LIMIT_S, Pbx, Witness, running_pbx

from callcenter.asterisk.ami import AmiLink, AmiRefused
from callcenter.asterisk.registrations import Registrations
from callcenter.asterisk.resync import snapshot
from callcenter.asterisk.translate import messages
from callcenter.core.errors import PeerError
from callcenter.core.ids import ContactId, SeatId
from callcenter.core.messages import calls, cloud, seats
from callcenter.core.messages.base import Message
from callcenter.phones import Phone, PhoneBox
from callcenter.sections import Address

pytestmark = [pytest.mark.asterisk, pytest.mark.timeout(180)]

TRUNK = {"X-Trunk": "demo"}
NOW = datetime(2026, 1, 1, tzinfo=UTC)


class Linked:
    """A link, and what it told."""

    def __init__(self, pbx: Pbx, user: str, secret: str | None = None):
        self.up = asyncio.Event()
        self.down = asyncio.Event()
        self.reasons: list[str] = []
        self.alarms: list[str] = []
        self.link = AmiLink(
            user,
            Address("127.0.0.1", pbx.server.ports.ami),
            user,
            pbx.secrets.ami[user] if secret is None else secret,
            on_up=self.up.set,
            on_down=self._on_down,
            on_alarm=self.alarms.append,
            await_boot=user == "observer",
        )

    def _on_down(self, reason: str) -> None:
        self.reasons.append(reason)
        self.down.set()


@contextlib.asynccontextmanager
async def linked(pbx: Pbx, user: str) -> AsyncIterator[AmiLink]:
    """A link that is up; no frame may be flagged while it is."""
    linked = Linked(pbx, user)
    async with running(asyncio.create_task(linked.link.run())):
        await asyncio.wait_for(linked.up.wait(), LIMIT_S)
        yield linked.link
    assert linked.alarms == []


async def registered(phones: PhoneBox, pbx: Pbx, account: str) -> Phone:
    """A seat's phone, registered."""
    seat = await phones.seat(account, pbx.secrets.seats[account])
    await seat.register()
    return seat


def meanings(events: Witness) -> list[Message]:
    """All events so far as messages."""
    return [message for frame in events.frames for message in messages(frame, NOW)]


async def test_a_wrong_secret_is_named(pbx: Pbx) -> None:
    """Asterisk refuses the login, and the link says so once."""
    wrong = Linked(pbx, "observer", "x" * 32)
    async with running(asyncio.create_task(wrong.link.run())):
        await asyncio.wait_for(wrong.down.wait(), LIMIT_S)
        assert not wrong.link.is_up
    assert wrong.reasons == ["login_refused"]


async def test_the_observer_may_look_and_not_act(pbx: Pbx) -> None:
    """The lists of the resync are allowed, actions of other classes are refused with Asterisk's words."""
    async with linked(pbx, "observer") as link:
        for name in (
            "QueueStatus",
            "CoreShowChannels",
            "DeviceStateList",
            "QueueSummary",
            "Status",
            "BridgeList",
        ):
            await link.ask_list({"Action": name})
        for action in ({"Action": "Originate", "Channel": "Local/1@x"}, {"Action": "Hangup", "Channel": "x"}):
            with pytest.raises(AmiRefused) as caught:
                await link.ask(action)
            assert caught.value.why == "Permission denied"


async def test_the_actor_steers_members(pbx: Pbx, events: Witness) -> None:
    """A seat is added, paused with a Chinese reason, resumed and removed; the observer hears each as a message."""
    queue = pbx.settings.line.queues[0]
    member = {"Queue": queue, "Interface": "PJSIP/8005"}
    async with linked(pbx, "actor") as link:
        await link.ask({"Action": "QueueAdd", "MemberName": "8005", **member})
        with pytest.raises(AmiRefused, match="Already there"):
            await link.ask({"Action": "QueueAdd", **member})
        await link.ask({"Action": "QueuePause", "Paused": "true", "Reason": "午休", **member})
        await link.ask({"Action": "QueuePause", "Paused": "false", **member})
        await link.ask({"Action": "QueueRemove", **member})
        with pytest.raises(AmiRefused, match="Not there"):
            await link.ask({"Action": "QueueRemove", **member})
    await events.seen("QueueMemberRemoved", Interface="PJSIP/8005")
    told = [
        message for message in meanings(events) if isinstance(message, seats.SeatPaused | seats.SeatJoined)
    ]
    assert [(message.type, message.paused, message.reason) for message in told] == [
        ("seat.joined", False, ""),
        ("seat.paused", True, "午休"),
        ("seat.paused", False, ""),
    ]


async def test_originate_is_told_to_the_asker_and_to_the_observer(pbx: Pbx, events: Witness) -> None:
    """The response and the later OriginateResponse are two things."""
    async with linked(pbx, "actor") as link:
        await link.ask(
            {
                "Action": "Originate",
                "Channel": "Local/1@nowhere",
                "Application": "Wait",
                "Data": "1",
                "Async": "true",
            }
        )
        response = await events.seen("OriginateResponse")
    assert response.get("Response") == "Failure"


async def test_a_call_is_told_as_messages_in_order(phones: PhoneBox, pbx: Pbx, events: Witness) -> None:
    """From the line to the hang-up, with a hold in between, nothing but what happened.

    The queue tells the end of the talk beside the channel's own end: either may come first.
    """
    seat = await registered(phones, pbx, "8001")
    await seat.dial_code("*11")
    citizen = await (await phones.citizen("13900000001")).dial("12345", TRUNK)
    agent = await (await seat.ringing()).answer()
    await events.seen("BridgeEnter", count=2)
    await agent.hold()
    await events.seen("Hold")
    await agent.resume()
    await events.seen("Unhold")
    await agent.hangup()
    await citizen.ended()
    await pbx.settle(events)
    told = [type(message) for message in meanings(events) if message.type.startswith("call.")]
    assert told[:-2] == [
        calls.CallQueued,
        calls.CallOffered,
        calls.CallLeftQueue,
        calls.CallAnswered,
        calls.CallHeld,
        calls.CallHeld,
    ]
    assert set(told[-2:]) == {calls.TalkEnded, calls.CallEnded}


async def test_an_attended_transfer_is_told(phones: PhoneBox, pbx: Pbx, events: Witness) -> None:
    """The agent asks a colleague and hands the citizen over: contact, seat and target are named."""
    first, second = await registered(phones, pbx, "8001"), await registered(phones, pbx, "8002")
    await first.dial_code("*11")
    citizen = await (await phones.citizen("13900000001")).dial("12345", TRUNK)
    agent = await (await first.ringing()).answer()
    contact = (await events.seen("AgentConnect")).get("Linkedid")
    consultation = await first.dial("8002")
    await (await second.ringing()).answer()
    await consultation.established()
    await events.seen("BridgeEnter", count=4)
    await agent._line.native.attended_transfer(consultation._line.native)
    await events.seen("AttendedTransfer")
    told = [message for message in meanings(events) if isinstance(message, calls.CallTransferred)]
    await citizen.hangup()
    await events.seen("Hangup", Uniqueid=contact)
    assert told == [calls.CallTransferred(ContactId(contact), SeatId("8001"), "8002", joined=True)]
    assert [message.contact_id for message in meanings(events) if isinstance(message, calls.CallEnded)] == [
        contact
    ]


async def test_a_phone_that_moves_stays_reachable(phones: PhoneBox, pbx: Pbx, events: Witness) -> None:
    """A second phone takes over a seat's account: the seat was never gone. It is when the last one leaves."""
    await registered(phones, pbx, "8003")
    last = await registered(phones, pbx, "8003")
    await events.seen("ContactStatus", ContactStatus="Removed", AOR="8003")
    await last.unregister()
    await events.seen("ContactStatus", count=2, ContactStatus="Removed", AOR="8003")
    memory = Registrations()
    told = [message for frame in events.frames for message in memory.see(frame)]
    reachable = [message.reachable for message in told if isinstance(message, seats.SeatReachable)]
    assert all(reachable[:-1])
    assert not reachable[-1]
    assert sum(isinstance(message, cloud.PhoneChanged) for message in told) <= 1


async def test_the_snapshot_is_the_truth(phones: PhoneBox, pbx: Pbx, events: Witness) -> None:
    """One citizen talks, one waits, one seat is on break: the snapshot says exactly that."""
    queue = pbx.settings.line.queues[0]
    first, second = await registered(phones, pbx, "8001"), await registered(phones, pbx, "8002")
    await first.dial_code("*11")
    await second.dial_code("*11")
    await second.dial_code("*12")
    talking = await (await phones.citizen("13900000001")).dial("12345", TRUNK)
    agent = await (await first.ringing()).answer()
    await events.seen("BridgeEnter", count=2)
    waiting = await (await phones.citizen("13900000002")).dial("12345", TRUNK)
    await events.seen("QueueCallerJoin", count=2)
    async with linked(pbx, "observer") as link:
        truth = await snapshot(link)
        again = await snapshot(link)
    assert truth.boot_id == again.boot_id
    assert truth.boot_id.split("@")[0] == truth.calls[0].contact_id.split("-")[0]
    assert {call.seat_id for call in truth.calls} == {"8001", None}
    (entry,) = truth.waiting
    assert (entry.queue, entry.position) == (queue, 1)
    assert entry.contact_id in {call.contact_id for call in truth.calls if call.seat_id is None}
    assert {
        (member.seat_id, member.paused, member.reason, member.in_call)
        for member in truth.members
        if member.queue == queue
    } == {("8001", False, "", True), ("8002", True, "break", False)}
    assert truth.reachable == {"8001", "8002"}
    for call in (waiting, agent, talking):
        with contextlib.suppress(PeerError):
            await call.hangup()


async def test_a_restart_of_asterisk_is_survived() -> None:
    """Asterisk starts anew: the link comes back by itself, and the snapshot names another boot."""
    with tempfile.TemporaryDirectory(prefix="cc-") as home:
        async with running_pbx(Path(home)) as pbx:
            observer = Linked(pbx, "observer")
            async with running(asyncio.create_task(observer.link.run())):
                await asyncio.wait_for(observer.up.wait(), LIMIT_S)
                before = await snapshot(observer.link)
                observer.up.clear()
                await pbx.server.stop()
                await until(lambda: not observer.link.is_up)
                await pbx.server.start(lambda line: None)
                await asyncio.wait_for(observer.up.wait(), LIMIT_S)
                after = await snapshot(observer.link)
    assert observer.reasons[0] in {"closed_by_peer", "silent"}
    assert after.boot_id != before.boot_id


HOSTILE_NAMES = ["'; DROP TABLE contacts; --", "$(touch x)", "${SHELL(id)}", "<b>x</b>", "=1+1", "x" * 700]


@pytest.mark.parametrize("name", HOSTILE_NAMES, ids=range(len(HOSTILE_NAMES)))
async def test_hostile_caller_names_stay_values(
    name: str, phones: PhoneBox, pbx: Pbx, events: Witness
) -> None:
    """Whatever a citizen's SIP client calls itself, the events are read without a flag."""
    async with linked(pbx, "observer"):
        headers = {**TRUNK, "P-Asserted-Identity": f'"{name}" <sip:1@127.0.0.1>'}
        call = await (await phones.citizen("13900000009")).dial("12345", headers)
        joined = await events.seen("QueueCallerJoin")
        await call.hangup()
        await events.seen("Hangup", Uniqueid=joined.get("Uniqueid"))
    assert joined.get("CallerIDNum") == "0"
