"""The telephone on the agent's desk, as far as it needs no sound: what it says of itself, and what it does when told."""

from collections.abc import Sequence

import pytest
from agent_house import CALL, AgentHouse
from page_desk import MICROPHONE, REGISTERED, SEAT, at_phone
from sip_socket import SipSocket

from callcenter.core.messages.seats import SeatState

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(120),
]


async def test_the_board_ends_what_sip_does_not(calls: AgentHouse) -> None:
    """A call rings; the board says that it is over, no CANCEL comes: the line is gone, and the phone refused it."""
    sip = SipSocket()
    async with at_phone(calls, sip) as desk:
        page = desk.page
        await page.wait_for_selector(REGISTERED)
        sip.ring()
        await page.wait_for_selector(".line[data-state=ringing]")
        calls.moves(SeatState.RINGING, contact_id=CALL)
        await page.wait_for_selector(".line:has-text('138****')")  # masked, as the board tells it
        await desk.shot("phone-ringing-zh-light")
        calls.moves(SeatState.READY, contact_id=None)
        await page.wait_for_selector(".line", state="detached")
        assert "SIP/2.0 486 Busy Here" in sip.heard


async def test_a_second_window_says_so_and_takes_over(calls: AgentHouse) -> None:
    """One window is the phone, but not away from a call; the other gets it back when that window is closed."""
    sip = SipSocket()
    async with at_phone(calls, sip) as desk:
        first = desk.page
        await first.wait_for_selector(REGISTERED)
        second = await first.context.new_page()
        await second.goto(f"{desk.url}/desk/#/agent")
        await second.wait_for_selector(".phone[data-status=elsewhere]")
        await second.screenshot(path=await desk.shot("phone-elsewhere-zh-light"))
        sip.ring()
        await first.wait_for_selector(".line")
        await second.click("text=改用本窗口")
        await second.wait_for_selector("text=那个窗口正在通话")
        await first.keyboard.press("x")
        await first.wait_for_selector(".line", state="detached")
        await second.click("text=改用本窗口")
        await second.wait_for_selector(REGISTERED)
        await first.wait_for_selector(".phone[data-status=elsewhere]")
        await second.close()
        await first.wait_for_selector(REGISTERED)


async def test_a_phone_of_another_computer_is_not_taken_unasked(calls: AgentHouse) -> None:
    """The house says that a phone is registered: whoever comes is told, and may take its place."""
    calls.phones.taken.add(SEAT)
    sip = SipSocket()
    async with at_phone(calls, sip) as desk:
        await desk.page.wait_for_selector(".phone[data-status=taken]")
        assert not sip.heard
        await desk.page.click("text=改用本窗口")
        await desk.page.wait_for_selector(REGISTERED)


async def test_a_blocked_socket_says_what_to_do(calls: AgentHouse) -> None:
    """Nobody listens where the phone should connect: address, advice and a way to look oneself, in both languages.

    Without any network that is what is told; ``u`` tries again, and ``?`` says so.
    """
    async with at_phone(calls, None) as desk:
        page = desk.page
        await page.wait_for_selector(".phone[data-status=blocked]")
        await page.wait_for_selector(f".trouble:has-text('{calls.phones.url}')")
        address = calls.phones.url.replace("ws", "http", 1)
        await page.wait_for_selector(f".trouble:has-text('证书') a[href='{address}']")
        await desk.shot("phone-blocked-zh-light")
        await page.click("text=English")
        await page.wait_for_selector(".trouble:has-text('certificate')")
        assert not await desk.barriers()
        await page.keyboard.press("?")
        await page.wait_for_selector("dialog dd:has-text('What the telephone asks for')")
        await page.keyboard.press("Escape")
        await page.context.set_offline(True)
        await page.wait_for_selector(".trouble:has-text('no network')")
        await page.context.set_offline(False)
        await page.wait_for_selector(".trouble:has-text('certificate')")
        sip = SipSocket()
        await sip.serve(page.context, calls.phones.url)
        await page.keyboard.press("u")
        await page.wait_for_selector(REGISTERED)
        await page.wait_for_selector(".trouble", state="detached")
        assert all("WebSocket" in problem for problem in desk.problems), desk.problems
        desk.problems.clear()


@pytest.mark.parametrize(
    ("permissions", "flags", "advice"),
    [(["microphone"], (), "没有找到麦克风"), ([], MICROPHONE, "浏览器没有放行麦克风")],
    ids=["none", "denied"],
)
async def test_without_a_microphone_it_rings_on_and_says_why(
    calls: AgentHouse, permissions: list[str], flags: Sequence[str], advice: str
) -> None:
    """Answering needs a microphone: there is none, or the browser does not allow it."""
    sip = SipSocket()
    async with at_phone(calls, sip, flags=flags, permissions=permissions) as desk:
        await desk.page.wait_for_selector(REGISTERED)
        sip.ring()
        await desk.page.wait_for_selector(".line[data-state=ringing]")
        await desk.page.keyboard.press("c")
        await desk.page.wait_for_selector(f".trouble:has-text('{advice}')")
        assert await desk.page.is_visible(".line[data-state=ringing]")


@pytest.mark.parametrize(("language", "scheme"), [("zh", "light"), ("en", "dark")])
async def test_the_line_is_checked_before_the_first_log_in(
    calls: AgentHouse, language: str, scheme: str
) -> None:
    """The microphone's level is seen, the measured line told in words, and the seat is logged in by itself."""
    calls.moves(SeatState.OFF, contact_id=None)
    async with at_phone(calls, SipSocket(), language=language, scheme=scheme) as desk:
        page = desk.page
        await page.wait_for_selector(REGISTERED)
        await page.keyboard.press("r")
        await page.wait_for_selector("dialog meter")
        await page.wait_for_function("() => document.querySelector('dialog meter').value > 0.01")
        await page.click("dialog button.primary")
        await page.wait_for_selector("dialog .measured.good:has-text('18')")
        await desk.shot(f"phone-check-{language}-{scheme}")
        assert not await desk.barriers()
        assert calls.phones.checked == [(SEAT, "agent")]
        assert [asked[:2] for asked in calls.seats.asked] == [(SEAT, "login")]


@pytest.mark.parametrize(("language", "scheme"), [("zh", "dark"), ("en", "light")])
async def test_a_hardware_phone_leaves_the_desk_what_a_desk_can_do(
    calls: AgentHouse, language: str, scheme: str
) -> None:
    """No ringing here; but a department and the emergency services join the talk from the desk."""
    calls.phones.pages.discard(SEAT)
    calls.moves(SeatState.TALKING, contact_id=CALL)
    async with at_phone(calls, None, language=language, scheme=scheme) as desk:
        page = desk.page
        await page.keyboard.press("t")
        await page.wait_for_selector("dialog li:has-text('051788001234')")
        assert not await desk.barriers()
        await desk.shot(f"phone-transfer-{language}-{scheme}")
        await page.keyboard.press("Escape")
        await page.keyboard.press("e")
        await page.wait_for_selector("dialog .services button:enabled")
        assert await page.locator(".services button:enabled").all_inner_texts() == [
            await page.inner_text(".services button:has-text('120')")
        ]
        await desk.shot(f"phone-emergency-{language}-{scheme}")
        assert not await desk.barriers()
        await page.click(".services button:enabled")
        await page.wait_for_selector(".third:has-text('120')")
        assert calls.conferences.asked == [(SEAT, "120", "agent")]
