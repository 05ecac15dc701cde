"""Beside a talk from the board: chosen on the seat map, by key alone, and the agent is told."""

from pathlib import Path

import pytest
from browser import at_desk
from busy_house import BusyHouse
from web_fakes import House

from callcenter.core.messages.beside import Mode
from callcenter.web.roles import Role
from callcenter.web.views.board import BesideView

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(120),
]

WHY = "新坐席带教"
LEADER = Role.TEAM_LEADER.value


@pytest.fixture
def busy(tmp_path: Path) -> BusyHouse:
    """A house in a surge; the leader sits at 8016, seat 8001 talks."""
    house = BusyHouse(tmp_path)
    house.add_account(Role.TEAM_LEADER, seat_id="8016")
    return house


def beside(house: BusyHouse, mode: Mode, *, is_there: bool = True) -> None:
    """The leader is beside the talk of 8001."""
    house.floor.beside["8001"] = BesideView(by=LEADER, mode=mode, is_there=is_there)


@pytest.mark.parametrize(("language", "scheme"), [("zh", "light"), ("en", "dark")])
async def test_a_leader_listens_whispers_and_leaves(busy: BusyHouse, language: str, scheme: str) -> None:
    """One reason for all modes of one listening; each is asked of the server, which audits it."""
    contact = next(call.contact_id for call in busy.floor.status().calls if call.seat_id == "8001")
    async with at_desk(busy, Role.TEAM_LEADER, language=language, scheme=scheme) as desk:
        await desk.open("/board")
        await desk.page.click("[data-seat='8001'] .listen")
        await desk.page.fill("dialog input[name=why]", WHY)
        await desk.shot(f"beside-choose-{language}-{scheme}")
        assert not await desk.barriers()
        await desk.page.click("dialog button.primary")
        await desk.page.wait_for_selector("dialog", state="detached")
        beside(busy, Mode.LISTEN, is_there=False)
        await desk.page.wait_for_selector(".beside .own")
        beside(busy, Mode.LISTEN)
        await desk.page.wait_for_selector(".beside [aria-pressed=true]")
        await desk.page.keyboard.press("W")
        beside(busy, Mode.WHISPER)
        await desk.page.wait_for_selector(".beside [aria-pressed=true]:nth-child(2)")
        await desk.shot(f"beside-{language}-{scheme}")
        assert not await desk.barriers()
        await desk.page.keyboard.press("X")
        busy.floor.beside.clear()
        await desk.page.wait_for_selector(".beside", state="detached")
    assert busy.beside.asked == [(contact, "listen", "8016", LEADER), (contact, "whisper", "8016", LEADER)]
    assert busy.beside.ended == [(contact, LEADER)]
    reasons = {entry.why for entry in busy.audit.entries if entry.action.startswith("call.beside_")}
    assert reasons == {WHY, ""}


async def test_the_agent_is_told_who_is_beside(tmp_path: Path) -> None:
    """By name and mode, in one line at the own desk, and never has a button for it."""
    house = House(tmp_path)
    house.add_account(Role.AGENT, seat_id="8002")
    house.board.beside = BesideView(by="王班长", mode=Mode.WHISPER, is_there=True)
    async with at_desk(house, Role.AGENT) as desk:
        await desk.page.wait_for_selector(".told:has-text('王班长')")
        await desk.shot("beside-told-zh-light")
        await desk.open("/board")
        await desk.page.wait_for_selector(".seats li")
        assert await desk.page.locator(".listen").count() == 0
