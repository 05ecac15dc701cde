"""What changes under a telephone in the page: its computer sleeps, its headset, permission or seat is taken away."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from agent_house import CALL, AgentHouse
from browser import Desk
from headsets import Headsets
from page_desk import REGISTERED, SEAT, at_phone
from real_asterisk import until
from sip_socket import SipSocket
from web_fakes import START

from callcenter.core.messages.seats import SeatState

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(120),
]

TALKING = ".line[data-state=talking]"
LIVE = "[data-link=live]"
NIGHT = "08:00:00"
LATER = timedelta(minutes=1)


@asynccontextmanager
async def talking(calls: AgentHouse, sip: SipSocket) -> AsyncIterator[Desk]:
    """The agent has picked up by key; nobody's voice is there."""
    async with at_phone(calls, sip) as desk:
        await desk.page.wait_for_selector(REGISTERED)
        sip.ring()
        await desk.page.wait_for_selector(".line[data-state=ringing]")
        calls.moves(SeatState.TALKING, contact_id=CALL)
        await desk.page.wait_for_selector(".line:has-text('138****')")
        await desk.page.keyboard.press("c")
        await desk.page.wait_for_selector(TALKING)
        yield desk


async def test_a_computer_that_slept_asks_the_house_anew(calls: AgentHouse) -> None:
    """It registers at once, opens a new event stream, and says what became of the talk; ``u`` says that this is known."""
    sip = SipSocket()
    async with talking(calls, sip) as desk:
        page = desk.page
        before = sip.count("REGISTER")
        await page.clock.install()
        async with page.expect_websocket(lambda opened: "/events" in opened.url):
            await page.clock.fast_forward(NIGHT)
        await until(lambda: sip.count("REGISTER") > before, "it registers again")
        await page.wait_for_selector(LIVE)
        calls.moves(SeatState.READY, contact_id=None, call={"state": "talking", "seat_id": "8002"})
        await page.wait_for_selector(".trouble:has-text('8002')")
        await page.wait_for_selector(".line", state="detached")
        await desk.shot("phone-passed-on-zh-light")
        calls.moves(SeatState.READY, contact_id=None)
        await page.wait_for_selector(".trouble:has-text('休眠')")
        await page.keyboard.press("u")
        await page.wait_for_selector(".trouble", state="detached")


async def test_a_citizen_who_is_brought_back_replaces_the_talk_that_broke(calls: AgentHouse) -> None:
    """What the page still takes for a talk is over when the house brings the same citizen again, answered without a key."""
    sip = SipSocket()
    async with talking(calls, sip) as desk:
        sip.ring("X-Auto-Answer: back\r\n")
        await until(lambda: sip.count("BYE") == 1, "the old line is hung up")
        await desk.page.wait_for_selector(TALKING)
        assert await desk.page.locator(".line").count() == 1


async def test_a_talk_goes_on_with_another_headset(calls: AgentHouse) -> None:
    """The microphone is pulled out: the page says what to do, takes the next one by itself, and names it."""
    sip = SipSocket()
    async with talking(calls, sip) as desk:
        page, headsets = desk.page, Headsets(desk.page)
        await headsets.take_part()
        await headsets.unplug()
        await page.wait_for_selector(".trouble:has-text('对方现在听不到您'):has-text('没有找到麦克风')")
        await desk.shot("phone-unplugged-zh-light")
        assert not await desk.barriers()
        await headsets.plug(700)
        await page.wait_for_selector(".trouble", state="detached")
        await page.wait_for_selector(".notes:has-text('现在使用的麦克风')")


async def test_it_rings_where_it_is_wanted(calls: AgentHouse) -> None:
    """Bell and voice have devices of their own, chosen in the check; without the chosen one the system's rings."""
    sip = SipSocket()
    async with at_phone(calls, sip) as desk:
        page, headsets = desk.page, Headsets(desk.page)
        await page.wait_for_selector(REGISTERED)
        await headsets.install()
        await page.keyboard.press("l")
        bells = page.locator("select[name=ring] option:has-text('Fake Audio Output 2')")
        await bells.wait_for(state="attached")
        wanted = await bells.get_attribute("value")
        assert wanted
        await page.select_option("select[name=ring]", wanted)
        await desk.shot("phone-devices-zh-light")
        await page.keyboard.press("Escape")
        sip.ring()
        await until(lambda: _bell(desk), "it rings")
        assert await _bell(desk) == [wanted]
        await page.keyboard.press("x")
        await page.wait_for_selector(".line", state="detached")
        await headsets.lose_loudspeaker("Output 2")
        sip.ring()
        await page.wait_for_selector(".line")

        async def is_system() -> bool:
            return await _bell(desk) == [""]

        await until(is_system, "the system's loudspeaker rings")


async def _bell(desk: Desk) -> list[str]:
    """Where it rings now."""
    rings: list[str] = await desk.page.evaluate(
        "[...document.querySelectorAll('audio[data-bell]')].filter((it) => !it.paused).map((it) => it.sinkId)"
    )
    return rings


async def test_a_permission_that_is_taken_away_is_noticed(calls: AgentHouse) -> None:
    """The agent forbids the microphone in a talk: the page says how to allow it, and goes on by itself when he has."""
    sip = SipSocket()
    async with talking(calls, sip) as desk:
        page = desk.page
        await page.context.clear_permissions()
        await page.wait_for_selector(".trouble:has-text('对方现在听不到您'):has-text('浏览器没有放行麦克风')")
        await desk.shot("phone-forbidden-zh-light")
        await page.context.grant_permissions(["microphone"])
        await page.wait_for_selector(".trouble", state="detached")


async def test_a_seat_that_is_taken_in_a_talk_keeps_the_talk(calls: AgentHouse) -> None:
    """Another computer registers as this seat: the page says so and registers no more, but keeps its call; ``u`` takes it back."""
    sip = SipSocket()
    async with talking(calls, sip) as desk:
        page = desk.page

        calls.events.append("cloud.phone_changed", seat_id=SEAT)  # as its own registration was told

        async def is_taken() -> bool:
            calls.events.append("cloud.phone_changed", at=START + LATER, seat_id=SEAT)
            return await page.locator(".phone[data-status=taken]").count() == 1

        await until(is_taken, "the page knows that it is not the phone any more")
        await page.wait_for_selector(".trouble:has-text('正在进行的通话留在本窗口')")
        await desk.shot("phone-taken-zh-light")
        assert await page.is_visible(TALKING)
        await page.keyboard.press("o")
        await until(lambda: sip.count("INVITE") == 1, "hold is asked of the house")
        await page.keyboard.press("x")
        await page.wait_for_selector(".line", state="detached")
        calls.moves(SeatState.READY, contact_id=None)
        before = sip.count("REGISTER")
        await page.keyboard.press("u")
        await page.wait_for_selector(REGISTERED)
        assert sip.count("REGISTER") > before


async def test_only_a_call_asks_before_the_page_is_left(calls: AgentHouse) -> None:
    """Who closes the page in a talk is asked whether he means it, and nobody else is."""
    sip = SipSocket()
    async with talking(calls, sip) as desk:
        page = desk.page
        async with page.expect_event("dialog") as asked:
            await page.close(run_before_unload=True)
        question = await asked.value
        assert question.type == "beforeunload"
        await question.dismiss()
        assert await page.is_visible(TALKING)
        await page.keyboard.press("x")
        await page.wait_for_selector(".line", state="detached")
        async with page.expect_event("close"):
            await page.close(run_before_unload=True)
