"""Real phones on a real Asterisk, with no controller: the dialplan alone brings citizen and seat together."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest
from pbx import Pbx, Witness
from real_asterisk import hand_over
from tones import channels, strongest, tone, tone_seconds

from callcenter.asterisk.render import layout
from callcenter.phones import Call, Phone, PhoneBox, PhoneError

pytestmark = [pytest.mark.asterisk, pytest.mark.timeout(180)]

TRUNK = {"X-Trunk": "demo"}
CITIZEN_HZ, AGENT_HZ, SECOND_AGENT_HZ = 700, 1000, 1500


async def working_seat(phones: PhoneBox, pbx: Pbx, account: str) -> Phone:
    """A seat that is registered and logged in."""
    seat = await phones.seat(account, pbx.secrets.seats[account])
    await seat.register()
    await seat.dial_code("*11")
    return seat


async def answered(phones: PhoneBox, pbx: Pbx) -> tuple[Call, Call]:
    """A citizen's call that seat 8001 has just answered: both ends."""
    seat = await working_seat(phones, pbx, "8001")
    citizen = await (await phones.citizen("13900000001")).dial("12345", TRUNK)
    agent = await (await seat.ringing()).answer()
    await citizen.established()
    return citizen, agent


async def talk(phones: PhoneBox, pbx: Pbx, events: Witness) -> tuple[Call, Call]:
    """A citizen and seat 8001 who hear each other: both ends."""
    citizen, agent = await answered(phones, pbx)
    await events.seen("BridgeEnter", count=2)
    return citizen, agent


def only_recording(pbx: Pbx) -> Callable[[], Path]:
    """Finds the recording made since now."""
    folder = layout(pbx.settings).recordings
    before = set(folder.glob("*.raw"))

    def find() -> Path:
        (made,) = set(folder.glob("*.raw")) - before
        return made

    return find


async def test_citizen_reaches_seat_and_both_are_heard(phones: PhoneBox, pbx: Pbx, events: Witness) -> None:
    """From the dialed number through the line to the seat; both tones arrive, and both are on the recording."""
    recording = only_recording(pbx)
    citizen, agent = await talk(phones, pbx, events)
    await events.seen("QueueCallerJoin", Queue=pbx.settings.line.queues[0])
    await events.seen("AgentConnect", MemberName="8001")
    await asyncio.gather(citizen.play(tone(CITIZEN_HZ, 3)), agent.play(tone(AGENT_HZ, 3)))
    assert strongest(agent.heard(last_s=1.0)) == CITIZEN_HZ
    assert strongest(citizen.heard(last_s=1.0)) == AGENT_HZ
    await citizen.hangup()
    await agent.ended()
    assert await pbx.is_quiet()
    left, right = channels(recording().read_bytes())
    assert tone_seconds(left, CITIZEN_HZ) > 2.5
    assert tone_seconds(left, AGENT_HZ) == 0
    assert tone_seconds(right, AGENT_HZ) > 2.5
    assert tone_seconds(right, CITIZEN_HZ) == 0


async def test_hold_hides_the_agent_and_resume_brings_him_back(
    phones: PhoneBox, pbx: Pbx, events: Witness
) -> None:
    """On hold the citizen hears music and not the agent; afterwards both hear each other as before."""
    citizen, agent = await talk(phones, pbx, events)
    await agent.play(tone(AGENT_HZ, 1))
    await agent.hold()
    await events.seen("Hold")
    held = await citizen.listen(2)
    assert tone_seconds(held[8000:], AGENT_HZ) == 0
    await agent.resume()
    await events.seen("Unhold")
    await asyncio.gather(citizen.play(tone(CITIZEN_HZ, 2)), agent.play(tone(AGENT_HZ, 2)))
    assert strongest(agent.heard(last_s=0.5)) == CITIZEN_HZ
    assert strongest(citizen.heard(last_s=0.5)) == AGENT_HZ
    await agent.hangup()


async def taken_over(agent: Call, to: Phone) -> Call:
    """Transfer the citizen to another seat, which answers."""
    transfer = asyncio.create_task(hand_over(agent, to.number))
    taken = await (await to.ringing()).answer()
    await transfer
    return taken


async def test_every_seat_of_a_transferred_talk_is_recorded(
    phones: PhoneBox, pbx: Pbx, events: Witness
) -> None:
    """Handed on three times, the citizen hears each seat, and one recording holds all of them one after the other.

    Three times, because a recorder that takes a lower RTP sequence number for a late packet is right half the time.
    """
    recording = only_recording(pbx)
    others = [await phones.seat(account, pbx.secrets.seats[account]) for account in ("8002", "8003", "8004")]
    await asyncio.gather(*(seat.register() for seat in others))
    citizen, agent = await talk(phones, pbx, events)
    await asyncio.gather(citizen.play(tone(CITIZEN_HZ, 2)), agent.play(tone(AGENT_HZ, 2)))
    for count, seat in enumerate(others, start=1):
        agent = await taken_over(agent, seat)
        await events.seen("BlindTransfer", count=count, Result="Success")
        await events.seen("BridgeEnter", count=2 + 2 * count)
        await asyncio.gather(citizen.play(tone(CITIZEN_HZ, 2)), agent.play(tone(SECOND_AGENT_HZ, 2)))
        assert strongest(citizen.heard(last_s=0.5)) == SECOND_AGENT_HZ
        assert strongest(agent.heard(last_s=0.5)) == CITIZEN_HZ
    await agent.hangup()
    await citizen.ended()
    assert await pbx.is_quiet()
    left, right = channels(recording().read_bytes())
    assert tone_seconds(left, CITIZEN_HZ) > 4 * 1.7
    assert tone_seconds(right, AGENT_HZ) > 1.7
    assert tone_seconds(right, SECOND_AGENT_HZ) > 3 * 1.7


async def test_nobody_takes_the_transferred_citizen(phones: PhoneBox, pbx: Pbx, events: Witness) -> None:
    """A transfer to a seat without a phone puts the citizen back into the line, and the next seat has him."""
    citizen, agent = await talk(phones, pbx, events)
    second = await working_seat(phones, pbx, "8002")
    with pytest.raises(PhoneError) as caught:
        await citizen.transfer("8002")  # the trunk may not transfer at all
    assert caught.value.code == "transfer_failed"
    await hand_over(agent, "8003")
    taken = await (await second.ringing()).answer()
    await events.seen("AgentConnect", MemberName="8002")
    await events.seen("BridgeEnter", count=4)
    await taken.play(tone(SECOND_AGENT_HZ, 1))
    assert strongest(citizen.heard(last_s=0.5)) == SECOND_AGENT_HZ
    await taken.hangup()
    await citizen.ended()


async def test_keys_reach_the_other_side_once(phones: PhoneBox, pbx: Pbx, events: Witness) -> None:
    """Keys pressed in a talk arrive at the other phone, none twice, none swallowed."""
    citizen, agent = await talk(phones, pbx, events)
    await citizen.dtmf("159#")
    assert await agent.pressed(4) == "159#"
    await agent.dtmf("0*")
    assert await citizen.pressed(2) == "0*"
    await agent.hangup()


@pytest.mark.parametrize(
    ("moment", "count"), [("AgentConnect", 1), ("BridgeEnter", 2)], ids=["at the answer", "in the talk"]
)
@pytest.mark.parametrize(("who", "channel"), [("citizen", "PJSIP/trunk-"), ("agent", "PJSIP/8001-")])
async def test_either_side_ends_the_talk(
    phones: PhoneBox, pbx: Pbx, events: Witness, who: str, channel: str, moment: str, count: int
) -> None:
    """Whoever hangs up, and be it at once, the other is released and the queue books one completed talk.

    Who it was is told by the channel that asked to be hung up. ``AgentComplete`` has a Reason too, but it is a
    guess: the queue begins to listen after AgentConnect, and a seat that hung up before is taken for the caller.
    """
    citizen, agent = await answered(phones, pbx)
    await events.seen(moment, count=count)
    await (citizen if who == "citizen" else agent).hangup()
    await asyncio.gather(citizen.ended(), agent.ended())
    await pbx.settle(events)
    (asked,) = events.all("HangupRequest")
    assert asked.get("Channel").startswith(channel)
    (done,) = events.all("AgentComplete")
    assert done.get("MemberName") == "8001"


async def test_citizen_gives_up_while_the_seat_rings(phones: PhoneBox, pbx: Pbx, events: Witness) -> None:
    """The phone stops ringing at once, and the caller counts as abandoned."""
    seat = await working_seat(phones, pbx, "8001")
    call = await (await phones.citizen("13900000002")).dial("12345", TRUNK)
    incoming = await seat.ringing()
    await call.hangup()
    await incoming.canceled()
    await events.seen("QueueCallerAbandon", Queue=pbx.settings.line.queues[0])


async def test_caller_number_is_no_business_of_the_seat_phone(phones: PhoneBox, pbx: Pbx) -> None:
    """What the citizen's phone claims to be is not passed on by SIP: the desk shows the believable number."""
    seat = await working_seat(phones, pbx, "8001")
    call = await (await phones.citizen("13912345678")).dial("12345", TRUNK)
    incoming = await seat.ringing()
    assert "13912345678" not in incoming.caller
    await call.hangup()
    await incoming.canceled()


async def test_logged_out_seat_is_not_rung(phones: PhoneBox, pbx: Pbx, events: Witness) -> None:
    """After ``*14`` callers wait in the line; after ``*11`` the first of them rings."""
    seat = await working_seat(phones, pbx, "8001")
    await seat.dial_code("*14")
    call = await (await phones.citizen("13900000003")).dial("12345", TRUNK)
    await events.seen("QueueCallerJoin", Queue=pbx.settings.line.queues[0])
    with pytest.raises(PhoneError, match="no call"):
        await seat.ringing(limit_s=1.5)
    await seat.dial_code("*11")
    agent = await (await seat.ringing()).answer()
    await call.hangup()
    await agent.ended()


@pytest.mark.parametrize("number", ["12346", "110", "8001", "*11"])
async def test_trunk_reaches_only_the_hotline(phones: PhoneBox, pbx: Pbx, number: str) -> None:
    """From outside nothing but the hotline's own number can be dialed."""
    call = await (await phones.citizen("13900000004")).dial(number, TRUNK)
    with pytest.raises(PhoneError) as caught:
        await call.established()
    assert (caught.value.code, caught.value.status) == ("call_refused", 404)


async def test_stranger_without_trunk_header_is_refused(phones: PhoneBox, pbx: Pbx) -> None:
    """Who is neither the trunk nor a seat gets no dialplan at all."""
    call = await (await phones.citizen("13900000005")).dial("12345")
    with pytest.raises(PhoneError) as caught:
        await call.established()
    assert caught.value.code == "call_refused"
    assert caught.value.status in (401, 403)


async def test_wrong_secret_cannot_register(phones: PhoneBox, pbx: Pbx) -> None:
    """A seat with a wrong password is not reachable."""
    seat = await phones.seat("8003", "wrong-" * 5)
    with pytest.raises(PhoneError) as caught:
        await seat.register()
    assert caught.value.code == "register_failed"
