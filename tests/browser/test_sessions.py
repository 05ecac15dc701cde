"""Sessions that end or begin anew under an open desk, and streams that were cut: nothing typed and nothing told is lost."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from agent_house import AgentHouse
from aiohttp.test_utils import TestServer
from browser import Desk, at_desk, opened
from playwright.async_api import Page, Route, WebSocketRoute, expect
from rows import until
from web_fakes import PASSWORD

from callcenter.core.errors import PeerError, UsageError
from callcenter.core.messages.seats import SeatState
from callcenter.tickets.core.work import Standing
from callcenter.web.roles import Role

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(120),
]

NOTE = "textarea[name=note]"
AGAIN = "dialog form.sign-in"
LIVE = "[data-link=live]"
IN_ANOTHER_TAB = """secret => fetch('/api/v1/session', {
    method: 'POST', headers: {'Content-Type': 'application/json'},
    body: JSON.stringify({name: 'agent', password: secret, kind: 'cookie'})}).then(answer => answer.status)"""


@pytest.fixture
def calls(tmp_path: Path) -> AgentHouse:
    """A talk at seat 8001, whose desk has no notes yet."""
    made = AgentHouse(tmp_path)
    made.moves(SeatState.TALKING)
    return made


async def end_all(house: AgentHouse) -> None:
    """All sessions end, as at their time; the next sign of life notices."""
    await house.sessions.revoke_all(Role.AGENT.value)


async def sign_in_again(page: Page) -> None:
    """By the dialog over the desk."""
    await page.fill("dialog input[name=password]", PASSWORD)
    await page.click("dialog button.primary")
    await page.wait_for_selector(AGAIN, state="detached")


async def test_what_is_typed_while_another_tab_signs_in_is_saved(calls: AgentHouse) -> None:
    """The browser holds a newer session than the page knows: the page learns it, and saves, without a word."""
    async with at_desk(calls, Role.AGENT) as desk:
        await desk.page.wait_for_selector(NOTE)
        assert await desk.page.evaluate(IN_ANOTHER_TAB, PASSWORD) == 201
        await desk.page.fill(NOTE, "东风路三号楼")
        await until(lambda: calls.ticket_desk.work.note == "东风路三号楼")
        await expect(desk.page.locator(NOTE)).to_have_value("东风路三号楼")
        assert await desk.page.locator(".notes .problem").count() == 0
        desk.problems = [told for told in desk.problems if "403" not in told]


async def test_whoever_signed_in_in_another_tab_need_not_again(calls: AgentHouse) -> None:
    """The dialog stays whatever key is pressed, and goes when the person comes back signed in."""
    async with at_desk(calls, Role.AGENT) as desk:
        page = desk.page
        await page.fill(NOTE, "记到一半")
        await end_all(calls)
        await page.fill(NOTE, "记到一半，接着记")
        await page.wait_for_selector(AGAIN)
        for _ in range(3):
            await page.keyboard.press("Escape")
        await page.wait_for_selector(f"dialog[open] {AGAIN.split()[1]}")
        await desk.shot("session-again-zh-light")
        assert await page.evaluate(IN_ANOTHER_TAB, PASSWORD) == 201
        await page.evaluate("dispatchEvent(new Event('focus'))")
        await page.wait_for_selector(AGAIN, state="detached")
        await until(lambda: calls.ticket_desk.work.note == "记到一半，接着记")


async def test_a_session_that_ended_while_the_server_was_away_is_asked_for(calls: AgentHouse) -> None:
    """As after a night: the stream alone would only be refused; the desk asks for the password, and nothing is lost."""
    first = TestServer(calls.build())
    await first.start_server()
    port = first.port
    async with opened(str(first.make_url("")).rstrip("/")) as desk:
        await desk.sign_in(Role.AGENT)
        await desk.page.wait_for_selector(NOTE)
        await first.close()
        await desk.page.wait_for_selector("main.stale")
        await end_all(calls)
        async with TestServer(calls.build(), port=port):
            await desk.page.wait_for_selector(AGAIN)
            await sign_in_again(desk.page)
            await desk.page.wait_for_selector(LIVE)
            await desk.page.fill(NOTE, "第二天")
            await until(lambda: calls.ticket_desk.work.note == "第二天")


async def test_a_ticket_ends_with_all_that_was_typed_or_not_yet(calls: AgentHouse) -> None:
    """The server does not take the words: the ticket stays open, and the page says why; once it does, one key ends it."""
    async with at_desk(calls, Role.AGENT) as desk:
        page = desk.page
        await page.wait_for_selector(NOTE)
        calls.ticket_desk.error = PeerError("the database does not answer", code="database_unreachable")
        await page.fill(NOTE, "已答复")
        await page.keyboard.press("Escape")
        await page.keyboard.press("a")
        await page.wait_for_selector(".notes .problem:has-text('已暂存本页')")
        assert calls.ticket_desk.work.standing is Standing.OPEN
        calls.ticket_desk.error = UsageError("not a word of ours", code="bad_words")
        await page.wait_for_selector(".saved.away:has-text('not a word of ours')")
        await expect(page.locator(NOTE)).to_have_value("已答复")
        calls.ticket_desk.error = None
        await page.fill(NOTE, "已答复市民")
        await until(lambda: calls.ticket_desk.work.note == "已答复市民")
        desk.problems = [told for told in desk.problems if "503" not in told and "400" not in told]


@asynccontextmanager
async def cut(desk: Desk) -> AsyncIterator[None]:
    """The stream of a desk is cut while the block runs, and comes back afterwards."""
    links: list[WebSocketRoute] = []
    is_cut = False

    async def lead(link: WebSocketRoute) -> None:
        links.append(link)
        if is_cut:
            await link.close()
        else:
            link.connect_to_server()

    await desk.page.route_web_socket("**/api/v1/events*", lead)
    await desk.page.reload()
    await desk.page.wait_for_selector(LIVE)
    is_cut = True
    await links[-1].close()
    await desk.page.wait_for_selector("main.stale")
    yield
    is_cut = False
    await desk.page.wait_for_selector(LIVE)


@pytest.mark.parametrize("is_kept", [True, False], ids=["replayed", "gone"])
async def test_what_happened_in_a_gap_is_on_the_page_after_it(calls: AgentHouse, is_kept: bool) -> None:
    """A ticket was drafted meanwhile: its event is replayed; if it is kept no longer everything is asked anew."""
    calls.drafts.is_there = False
    async with at_desk(calls, Role.AGENT) as desk:
        async with cut(desk):
            assert await desk.page.locator(NOTE).count() == 0
            calls.drafts.is_there = True
            for _ in range(3):
                calls.events.append("ticket.drafted" if is_kept else "seat.paused")
            if not is_kept:
                calls.events.oldest = 3
        await desk.page.wait_for_selector(NOTE)
        desk.problems = [told for told in desk.problems if "410" not in told and "WebSocket" not in told]


async def test_an_answer_that_was_overtaken_counts_no_more(calls: AgentHouse) -> None:
    """The first question is answered last, from before the ticket was there: the form stays."""
    answered = asyncio.Event()
    is_first = True
    calls.drafts.is_there = False
    async with at_desk(calls, Role.AGENT) as desk:
        await desk.page.wait_for_selector("text=/来电/")

        async def lead(route: Route) -> None:
            nonlocal is_first
            if not is_first:
                await route.continue_()
                return
            is_first = False
            old = await route.fetch()
            await answered.wait()
            await route.fulfill(response=old)

        await desk.page.route("**/api/v1/tickets?*", lead)
        calls.events.append("ticket.drafted")
        await until(lambda: not is_first)
        calls.drafts.is_there = True
        calls.events.append("ticket.drafted")
        await desk.page.wait_for_selector(NOTE)
        async with desk.page.expect_response("**/api/v1/tickets?*"):
            answered.set()
        await desk.page.fill(NOTE, "还在")
        await until(lambda: calls.ticket_desk.work.note == "还在")
        await expect(desk.page.locator(NOTE)).to_have_value("还在")
