"""The phones of the demo and the tests, called by one another: no server needed."""

import asyncio
import threading
from collections.abc import AsyncIterator

import pytest
from loopback import free_port
from tones import level, silence, strongest, tone, tone_seconds

from callcenter.phones import Call, CallState, Phone, PhoneBox, PhoneError
from callcenter.sections import Address

pytestmark = pytest.mark.adapters


@pytest.fixture
async def box() -> AsyncIterator[PhoneBox]:
    """Phones whose server is their own stack: whom one dials, another is."""
    port = free_port()
    async with PhoneBox(Address("127.0.0.1", port), sip_port=port) as box:
        yield box


async def talking(box: PhoneBox) -> tuple[Call, Call]:
    """A citizen and a seat in a call: their two ends of it."""
    citizen, seat = await box.citizen("13900000001"), await box.citizen("8001")
    return await connected(citizen, seat)


async def connected(caller: Phone, callee: Phone) -> tuple[Call, Call]:
    """Both ends of a call between two phones."""
    near = await caller.dial(callee.number, {"X-Trunk": "demo"})
    far = await (await callee.ringing()).answer()
    await near.established()
    return near, far


async def test_both_hear_each_other(box: PhoneBox) -> None:
    """What the citizen says reaches the agent and the other way round, in real time and clearly."""
    citizen, agent = await talking(box)
    _, _, at_agent, at_citizen = await asyncio.gather(
        citizen.play(tone(700, 1.5)), agent.play(tone(1000, 1.5)), agent.listen(1.5), citizen.listen(1.5)
    )
    assert strongest(at_agent[4000:8000]) == 700
    assert strongest(at_citizen[4000:8000]) == 1000


async def test_everything_that_was_said_is_heard(box: PhoneBox) -> None:
    """Two seconds of tone arrive as two seconds of tone, with nothing missing in between."""
    citizen, agent = await talking(box)
    await citizen.play(tone(1500, 2.0))
    await agent.listen(0.3)
    assert 1.8 <= tone_seconds(agent.heard(), 1500) <= 2.1
    assert level(agent.heard(last_s=0.1)) < 100


async def test_falls_silent_when_cancelled(box: PhoneBox) -> None:
    """A speaker that is interrupted stops at once, and the next one is heard alone."""
    citizen, agent = await talking(box)
    speech = asyncio.create_task(citizen.play(tone(700, 30)))
    assert strongest((await agent.listen(1.0))[4000:]) == 700
    speech.cancel()
    await asyncio.gather(speech, return_exceptions=True)
    await citizen.play(tone(1500, 1.0))
    assert strongest(agent.heard(last_s=0.3)) == 1500


async def test_keys_arrive_in_order(box: PhoneBox) -> None:
    """Pressed keys are reported by the far end once each, in order."""
    citizen, agent = await talking(box)
    await citizen.dtmf("12*0#")
    assert await agent.pressed(5) == "12*0#"


async def test_hold_and_resume(box: PhoneBox) -> None:
    """On hold nothing is heard; after it, audio flows again."""
    citizen, agent = await talking(box)
    await citizen.listen(0.2)
    await agent.hold()
    await agent.resume()
    await agent.play(silence(0.2))
    speech = asyncio.create_task(agent.play(tone(1000, 3.0)))
    await citizen.listen(1.0)
    assert strongest(citizen.heard(last_s=0.3)) == 1000
    speech.cancel()
    await asyncio.gather(speech, return_exceptions=True)


@pytest.mark.parametrize("who", ["citizen", "agent"])
async def test_either_side_may_hang_up(box: PhoneBox, who: str) -> None:
    """The other side learns of it, and hanging up once more is no error."""
    citizen, agent = await talking(box)
    one, other = (citizen, agent) if who == "citizen" else (agent, citizen)
    await one.hangup()
    await other.ended(5)
    await one.ended(5)
    await other.hangup()
    assert one.state is other.state is CallState.ENDED
    with pytest.raises(PhoneError, match="ended") as caught:
        await other.play(tone(700, 1))
    assert caught.value.code == "call_ended"


async def test_busy_is_told_with_its_status(box: PhoneBox) -> None:
    """A refused call says which SIP answer refused it."""
    citizen, seat = await box.citizen("13900000001"), await box.citizen("8001")
    call = await citizen.dial("8001")
    await (await seat.ringing()).reject()
    with pytest.raises(PhoneError) as caught:
        await call.established()
    assert (caught.value.code, caught.value.status) == ("call_refused", 486)


async def test_unknown_number_is_refused(box: PhoneBox) -> None:
    """A number that nobody has is refused by the server, not waited for."""
    call = await (await box.citizen("13900000001")).dial("999")
    with pytest.raises(PhoneError) as caught:
        await call.established(5)
    assert (caught.value.code, caught.value.status) == ("call_refused", 404)


async def test_unanswered_call_is_given_up(box: PhoneBox) -> None:
    """Who waits for an answer in vain gives up, and the phone that rang is told."""
    citizen, seat = await box.citizen("13900000001"), await box.citizen("8001")
    call = await citizen.dial("8001")
    incoming = await seat.ringing()
    with pytest.raises(PhoneError) as caught:
        await call.established(limit_s=0.3)
    assert caught.value.code == "call_timeout"
    await call.ended(5)
    await incoming.canceled(5)
    with pytest.raises(PhoneError) as caught:
        await incoming.answer()
    assert caught.value.code == "call_ended"


async def test_registration_without_a_registrar_fails(box: PhoneBox) -> None:
    """A seat that cannot register says so in its own words, without the account's secret."""
    seat = await box.seat("8009", "top-secret-0123456789")
    with pytest.raises(PhoneError) as caught:
        await seat.register()
    assert caught.value.code == "register_failed"
    assert "secret-0123" not in str(caught.value)


@pytest.mark.parametrize("number", ["", "1\r\n2", "a@b"])
async def test_impossible_numbers_are_refused(box: PhoneBox, number: str) -> None:
    """What SIP cannot carry makes no phone."""
    with pytest.raises(PhoneError) as caught:
        await box.citizen(number)
    assert caught.value.code == "phone_refused"


async def test_many_calls_at_once(box: PhoneBox) -> None:
    """Eight calls at once in one stack: each pair hears its own tone."""
    callers = [await box.citizen(f"1390000000{n}") for n in range(8)]
    callees = [await box.citizen(f"800{n}") for n in range(8)]
    calls = [await connected(a, b) for a, b in zip(callers, callees, strict=True)]
    tones = [700 + 100 * n for n in range(8)]
    await asyncio.gather(*(near.play(tone(hz, 1.0)) for (near, _), hz in zip(calls, tones, strict=True)))
    for (_, far), hz in zip(calls, tones, strict=True):
        assert strongest(far.heard(last_s=0.6), tuple(tones)) == hz


async def test_closing_the_box_leaves_nothing() -> None:
    """With a call still up, closing ends it and leaves no task and no thread of the stack."""
    port = free_port()
    before = asyncio.all_tasks()
    async with PhoneBox(Address("127.0.0.1", port), sip_port=port) as box:
        citizen, agent = await talking(box)
    assert citizen.state is agent.state is CallState.ENDED
    assert asyncio.all_tasks() == before
    assert not [thread.name for thread in threading.enumerate() if thread.name.startswith("baresip")]


async def test_one_box_at_a_time(box: PhoneBox) -> None:
    """The stack is process-global: a second box is refused, and the first one goes on."""
    with pytest.raises(PhoneError) as caught:
        async with PhoneBox(Address("127.0.0.1", free_port())):
            pass
    assert caught.value.code == "phones_down"
    citizen, _ = await talking(box)
    assert citizen.state is CallState.TALKING
