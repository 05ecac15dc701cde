"""The agent desk as a telephone: real calls in a real browser, both directions measured."""

import os
import signal
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from time import monotonic

import pytest
import pytest_asyncio
from browser_phone import AGENT_HZ, CITIZEN_HZ, OWN_SEAT, SECRET, BrowserHouse, BrowserSeat, browser_house
from calls import both_hear, calling, hears, speaking
from headsets import Headsets
from real_asterisk import until
from system import START_S
from tones import SILENCE_LEVEL, channels, level, tone_ratio, tone_seconds

from callcenter.phones import Call, Phone, PhoneBox

pytestmark = [pytest.mark.asterisk, pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(180)]

MASKED = "138****8000"
OTHER_SEAT = "8002"
COLLEAGUE_HZ = 1000.0
AT_ONCE_S = 4.0
"""A second is promised, and more is left to a machine that does other things; by itself the page would notice after six."""
RESCUE_S = 20.0
"""Ten seconds are promised."""
CUT_S = 3.0
NAP_S = 3.0
LISTENED_S = 5.0
"""Longer than the house listens to a phone whose registration has changed."""
MEASURED_S = 1.0


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def house() -> AsyncIterator[BrowserHouse]:
    """One running instance for all tests of this module."""
    with tempfile.TemporaryDirectory(prefix="cc-") as home:
        async with browser_house(Path(home)) as house:
            yield house


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def desk(house: BrowserHouse) -> AsyncIterator[BrowserSeat]:
    """One agent, who stays at his desk."""
    async with house.seat() as seat:
        yield seat


@pytest_asyncio.fixture(loop_scope="session")
async def phones(house: BrowserHouse) -> AsyncIterator[PhoneBox]:
    """Phones that have this instance for a server; afterwards nobody is logged in and the books agree."""
    await house.system.mark()
    async with PhoneBox(house.system.settings.sip_address) as box:
        yield box
    house.wire.mend()
    await house.system.settle()


async def colleague(house: BrowserHouse, box: PhoneBox) -> Phone:
    """Another seat, with a SIP phone, registered."""
    phone = await box.seat(OTHER_SEAT, house.system.pbx.secrets.seats[OTHER_SEAT])
    await phone.register()
    return phone


async def ready_colleague(house: BrowserHouse, box: PhoneBox) -> Phone:
    """He is logged in and free."""
    phone = await colleague(house, box)
    await phone.dial_code("*11")
    await house.system.event("seat.state_changed", seat_id=OTHER_SEAT, new="ready")
    return phone


async def both_talk(colleague: Call, citizen: Call) -> None:
    """Wait until colleague and citizen hear each other."""
    async with speaking(colleague, COLLEAGUE_HZ):
        await hears(citizen, COLLEAGUE_HZ)
        await hears(colleague, CITIZEN_HZ)


def is_music(call: Call) -> bool:
    """Whether the music of who is held fills the last moment."""
    heard = call.heard(last_s=0.5)
    return level(heard) > SILENCE_LEVEL and all(
        tone_ratio(heard, hz) < 0.05 for hz in (AGENT_HZ, COLLEAGUE_HZ)
    )


async def talking(house: BrowserHouse, desk: BrowserSeat, call: Call) -> str:
    """The agent has picked up, both hear each other; whose contact it is."""
    await desk.answer()
    await both_hear(desk, call)
    answered = await house.system.event("call.answered", seat_id=OWN_SEAT)
    return str(answered["subject"]["contact_id"])


async def test_a_call_is_answered_by_key_and_both_hear_each_other(
    house: BrowserHouse, desk: BrowserSeat, phones: PhoneBox
) -> None:
    """The number is masked, both channels of the recording bear the right voice; hold, mute and keys do what they say.

    At the end the citizen hangs up, and the desk is in its after-call work.
    """
    desk.desk.problems.clear()  # of wires that other stories have cut
    await desk.ready()
    async with calling(phones) as call:
        await desk.sees(".line[data-state=ringing]")
        await desk.sees(f".line[data-state=ringing]:has-text('{MASKED}')")
        await desk.sees(f".caller:has-text('{MASKED}')")
        await desk.sees(".seat-bar[data-state=ringing]")
        await desk.desk.shot("agent-call-ringing")
        contact_id = await talking(house, desk, call)
        await desk.desk.shot("agent-call-talking")
        await is_held_and_taken_back(desk, call)
        await is_muted_and_heard_again(desk, call)
        await desk.press("k")
        await desk.sees(".pad")
        for key in "12#":
            await desk.press(key)
        assert await call.pressed(3) == "12#"
        await desk.press("Escape")
        await both_hear(desk, call)
        raw = house.system.settings.recordings_path / "incoming" / f"{contact_id}.raw"
        citizen, agent = channels(raw.read_bytes())
        assert tone_seconds(citizen, CITIZEN_HZ) > MEASURED_S
        assert tone_seconds(agent, AGENT_HZ) > MEASURED_S
        assert not tone_seconds(citizen, AGENT_HZ)
        assert not tone_seconds(agent, CITIZEN_HZ)
        await call.hangup()
    await desk.sees_no(".line", AT_ONCE_S)
    await house.system.event("seat.state_changed", seat_id=OWN_SEAT, new="wrap_up")
    await desk.desk.shot("agent-call-after")
    assert not desk.desk.problems


async def is_held_and_taken_back(desk: BrowserSeat, call: Call) -> None:
    """The citizen hears music and no agent, then the agent again."""
    await desk.press("o")
    await desk.sees(".line[data-state=held]")
    await until(lambda: is_music(call), "the citizen hears music")
    await desk.desk.shot("agent-call-held")
    await desk.press("o")
    await desk.sees(".line[data-state=talking]")
    await both_hear(desk, call)


async def is_muted_and_heard_again(desk: BrowserSeat, call: Call) -> None:
    """The citizen hears nothing, the agent hears him all the same."""
    await desk.press("m")
    await until(lambda: level(call.heard(last_s=0.3)) < SILENCE_LEVEL, "the citizen hears nothing")
    await desk.hears(CITIZEN_HZ)
    await desk.press("m")
    await both_hear(desk, call)


async def test_a_dropped_websocket_takes_no_sound(
    house: BrowserHouse, desk: BrowserSeat, phones: PhoneBox
) -> None:
    """For seconds there is no way for SIP: both go on talking, and when it is back the page holds as ever, with any headset.

    It drops once more, and the citizen hangs up: no BYE can arrive, so the page learns it from the board.
    """
    await desk.ready()
    async with calling(phones) as call:
        await talking(house, desk, call)
        house.wire.cut()
        await desk.sees_no(".phone[data-status=registered]")
        heard = await call.listen(CUT_S)
        assert tone_seconds(heard, AGENT_HZ) > 0.8 * CUT_S
        await desk.hears(CITIZEN_HZ)
        house.wire.mend()
        await desk.registered()
        await is_held_and_taken_back(desk, call)
        await is_heard_by_another_headset(desk, call)
        house.wire.cut()
        await desk.sees_no(".phone[data-status=registered]")
        await call.hangup()
        began = monotonic()
        await desk.sees_no(".line", AT_ONCE_S)
        print(f"the page ended {monotonic() - began:.2f} s after the hang-up")
    house.wire.mend()
    await desk.registered()


async def is_heard_by_another_headset(desk: BrowserSeat, call: Call) -> None:
    """Pulled out, the page says that nobody hears the agent; with the next one the citizen hears what that one hears."""
    headsets = Headsets(desk.page)
    await headsets.take_part()
    await headsets.unplug()
    await desk.sees(".trouble:has-text('没有找到麦克风')")
    await headsets.plug(COLLEAGUE_HZ)
    await desk.sees_no(".trouble")
    await hears(call, COLLEAGUE_HZ)
    await desk.hears(CITIZEN_HZ)
    await headsets.plug()
    await both_hear(desk, call)


async def test_a_reloaded_page_gets_its_citizen_back(
    house: BrowserHouse, desk: BrowserSeat, phones: PhoneBox
) -> None:
    """The page is loaded anew in a talk: the citizen comes back to the same seat, answered without a key."""
    await desk.ready()
    async with calling(phones) as call:
        contact_id = await talking(house, desk, call)
        began = monotonic()
        await desk.reload()
        await desk.sees(".line[data-state=talking]", RESCUE_S)
        await both_hear(desk, call)
        print(f"both hear each other {monotonic() - began:.1f} s after the reload")
        await house.system.event("call.talk_broken", contact_id, seat_id=OWN_SEAT)
        await call.hangup()
    await desk.sees_no(".line")


async def test_a_computer_that_slept_says_where_its_citizen_is(
    house: BrowserHouse, desk: BrowserSeat, phones: PhoneBox
) -> None:
    """A nap costs the talk nothing. After a sleep he is with a colleague, the page says so, and its phone is back by itself."""
    await desk.ready()
    async with calling(phones) as call:
        contact_id = await talking(house, desk, call)
        with desk.asleep():
            await call.listen(NAP_S)
        await both_hear(desk, call)
        await desk.registered()
        other = await ready_colleague(house, phones)
        began = monotonic()
        with desk.asleep():
            talk = await (await other.ringing(RESCUE_S)).answer()
            print(f"the next seat rang {monotonic() - began:.1f} s after the computer fell asleep")
            await house.system.event("call.talk_broken", contact_id, seat_id=OWN_SEAT)
            await both_talk(talk, call)
        began = monotonic()
        await desk.sees_no(".line", AT_ONCE_S)
        await desk.sees(f".trouble:has-text('{OTHER_SEAT}')")
        await desk.registered()
        print(f"the page knew it {monotonic() - began:.1f} s after waking up")
        await desk.desk.shot("agent-call-passed-on")
        await desk.press("u")
        await desk.sees_no(".trouble")
        await call.hangup()


async def test_who_takes_the_seat_in_a_talk_does_not_take_the_talk(
    house: BrowserHouse, desk: BrowserSeat, phones: PhoneBox
) -> None:
    """Another computer signs in at the seat and becomes its phone: the first one is told, and talks on to the end.

    Then it signs in again, and takes the phone back.
    """
    await desk.ready()
    async with calling(phones) as call:
        await talking(house, desk, call)
        async with house.seat(is_taken=True) as second:
            await second.page.fill("dialog input", "换电脑")
            await second.press("Enter")
            await desk.sees("dialog:has-text('换电脑')")
            await desk.sees(".phone[data-status=taken]")
            await second.sees_no("dialog")
            await second.press("u")
            await second.registered()
            heard = await call.listen(LISTENED_S)
            assert tone_seconds(heard, AGENT_HZ) > 0.8 * LISTENED_S
            await both_hear(desk, call)
            await call.hangup()
            await desk.sees_no(".line")
            await desk.page.fill("dialog input[name=password]", SECRET)
            await desk.press("Enter")
            await desk.sees_no("dialog input[name=password]")
            await desk.press("Escape")  # somebody sits there: the phone is enough
            await desk.sees_no("dialog")
            await desk.press("u")
            await desk.registered()
            await second.sees(".phone[data-status=taken]")


async def test_a_citizen_is_handed_to_a_colleague_at_once(
    house: BrowserHouse, desk: BrowserSeat, phones: PhoneBox
) -> None:
    """Blind transfer from the page: the colleague's phone rings, and the desk is in its after-call work."""
    await desk.ready()
    async with calling(phones) as call:
        contact_id = await talking(house, desk, call)
        other = await ready_colleague(house, phones)
        await desk.press("t")
        await desk.sees("dialog .whom")
        await desk.desk.shot("agent-call-transfer")
        await desk.page.click(f".whom li:has-text('{OTHER_SEAT}') button:has-text('直接转')")
        talk = await (await other.ringing()).answer()
        await desk.sees_no(".line", AT_ONCE_S)
        await both_talk(talk, call)
        await house.system.event("call.transferred", contact_id, to=OTHER_SEAT)
        await call.hangup()


async def test_a_colleague_is_asked_first_and_then_has_the_citizen(
    house: BrowserHouse, desk: BrowserSeat, phones: PhoneBox
) -> None:
    """The citizen hears music while the two talk; after the transfer he has the colleague, and the desk no line."""
    await desk.ready()
    async with calling(phones) as call:
        contact_id = await talking(house, desk, call)
        other = await ready_colleague(house, phones)
        await desk.press("t")
        await desk.page.click(f".whom li:has-text('{OTHER_SEAT}') button:has-text('先咨询')")
        talk = await (await other.ringing()).answer()
        async with speaking(talk, COLLEAGUE_HZ):
            await hears(talk, AGENT_HZ)
            await desk.hears(COLLEAGUE_HZ)
            await until(lambda: is_music(call), "the citizen hears music")
            await desk.desk.shot("agent-call-consulting")
            await desk.press("f")
            await hears(call, COLLEAGUE_HZ)
        await both_talk(talk, call)
        await desk.sees_no(".line")
        await house.system.event("call.transferred", contact_id, to=OTHER_SEAT)
        await call.hangup()


async def test_an_expired_session_ends_no_call(
    house: BrowserHouse, desk: BrowserSeat, phones: PhoneBox
) -> None:
    """Both go on talking while the agent signs in again in place; then the desk is as it was, the call still on it."""
    await desk.ready()
    async with calling(phones) as call:
        await talking(house, desk, call)
        await house.end_sessions()
        await desk.sees("dialog input[name=password]")
        await both_hear(desk, call)
        await desk.desk.shot("agent-call-session-expired")
        await desk.page.fill("dialog input[name=password]", SECRET)
        await desk.press("Enter")
        await desk.sees_no("dialog")
        await desk.sees(".line[data-state=talking]")
        await both_hear(desk, call)
        await desk.press("x")
        await desk.sees_no(".line")
        await house.system.event("call.talk_ended", seat_id=OWN_SEAT)
        await call.hangup()


@pytest.mark.parametrize("is_held", [False, True], ids=["talking", "held"])
async def test_the_citizen_of_a_killed_browser_is_with_another_seat_soon(
    house: BrowserHouse, desk: BrowserSeat, phones: PhoneBox, is_held: bool
) -> None:
    """The computer dies in a talk, on hold or not: the citizen is first in the line again, and the next seat has him."""
    async with desk.away(), house.seat() as dying:
        await dying.ready()
        async with calling(phones) as call:
            contact_id = await talking(house, dying, call)
            other = await colleague(house, phones)
            await other.dial_code("*11")
            if is_held:
                await dying.press("o")
                await dying.sees(".line[data-state=held]")
            began = monotonic()
            dying.kill()
            talk = await (await other.ringing(RESCUE_S)).answer()
            print(f"the next seat rang {monotonic() - began:.1f} s after the death")
            await house.system.event("call.talk_broken", contact_id, seat_id=OWN_SEAT)
            await both_talk(talk, call)
            await call.hangup()


async def test_the_desk_comes_back_after_asterisk(
    house: BrowserHouse, desk: BrowserSeat, phones: PhoneBox
) -> None:
    """Asterisk dies under an open desk: the page says that its phone is gone, registers again, and takes the next call."""
    await desk.ready()
    await is_called_and_left(
        desk, phones
    )  # Asterisk writes down within a second that the seat is in its queues
    pid = house.system.pbx.server.pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    await desk.sees_no(".phone[data-status=registered]")
    await desk.desk.shot("agent-phone-gone")
    await desk.registered(START_S)
    await house.system.ready()
    await desk.sees(".seat-bar[data-state=ready]")
    await is_called_and_left(desk, phones)


async def is_called_and_left(desk: BrowserSeat, box: PhoneBox) -> None:
    """A short talk; afterwards the seat is ready again."""
    async with calling(box) as call:
        await desk.answer()
        await both_hear(desk, call)
        await call.hangup()
    await desk.sees_no(".line")
    await desk.sees(".seat-bar[data-state=ready]")
