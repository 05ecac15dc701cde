"""Ordinary bad days of a desk: the server goes away and comes back, and nobody has to reload."""

from pathlib import Path

import pytest
from agent_house import AgentHouse
from browser import Desk, Language, at_desk, opened
from busy_house import HOME, BusyHouse, part
from loopback import free_port
from web_fakes import CHEAP, House

from callcenter.core.messages.seats import SeatState
from callcenter.settings import Settings
from callcenter.web.passwords import Passwords
from callcenter.web.roles import Role
from callcenter.web.server import serving

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(120),
]

STALE = "main.stale [role=alert]"
LIVE = "[data-link=live]"


async def test_a_restart_of_the_server_needs_no_reload(tmp_path_factory: pytest.TempPathFactory) -> None:
    """The board says since when it is the past, shows on, and is live again by itself; the language and the page stay."""
    home = tmp_path_factory.mktemp("h")
    house = BusyHouse(home)
    house.add_account(Role.SHIFT_MANAGER)
    settings = Settings(home=str(home), http=f"127.0.0.1:{free_port()}")
    passwords = Passwords(CHEAP)
    async with opened(f"http://{settings.http}") as desk:
        async with serving(house.ports, settings, passwords=passwords):
            await desk.sign_in(Role.SHIFT_MANAGER)
            await desk.page.wait_for_selector(f"{LIVE}")
            await desk.page.wait_for_selector(".seats li")
            before = await _seats(desk)
            assert set(HOME) <= set(before)
        await desk.page.wait_for_selector(STALE)
        assert await _seats(desk) == before, "what was known stays to be seen"
        await desk.shot("board-stale-zh-light")
        async with serving(house.ports, settings, passwords=passwords):
            await desk.page.wait_for_selector(LIVE)
            await desk.page.wait_for_selector(STALE, state="detached")
            assert await _seats(desk) == before


async def _seats(desk: Desk) -> list[str]:
    return await desk.page.locator(".seats li b, .seats li strong").all_inner_texts()


async def test_a_wrong_clock_makes_no_ticket_older(house: House) -> None:
    """Whatever day this computer believes it is (the fakes' is another one), ages are counted by the server's clock."""
    async with at_desk(house, Role.SHIFT_MANAGER) as desk:
        await desk.open("/tickets")
        await desk.page.wait_for_selector(".cards-list time:has-text('刚刚')")
        house.clock.advance(3 * 3600)
        await desk.page.wait_for_selector(".cards-list time:has-text('3 小时前')")


@pytest.mark.parametrize(("language", "told"), [("zh", "请告诉值班长"), ("en", "tell the shift manager")])
async def test_an_agent_is_told_what_to_do_while_asterisk_is_away(
    tmp_path: Path, language: Language, told: str
) -> None:
    """Whatever telephone he has; the line goes by itself once Asterisk is back, and nothing that he typed with it."""
    house = AgentHouse(tmp_path)
    house.moves(SeatState.TALKING)
    async with at_desk(house, Role.AGENT, language=language) as desk:
        await desk.page.fill("textarea[name=note]", "说到一半")
        house.floor.components_ = [part("asterisk", "down")]
        await desk.page.wait_for_selector(f".exchange[role=alert]:has-text('{told}')")
        await desk.shot(f"agent-asterisk-away-{language}-light")
        assert not await desk.barriers()
        house.floor.components_ = [part("asterisk")]
        await desk.page.wait_for_selector(".exchange", state="detached")
        assert await desk.page.input_value("textarea[name=note]") == "说到一半"


async def test_the_shift_manager_is_told_what_to_do_while_asterisk_is_away(tmp_path: Path) -> None:
    """The first of the alarms, on the board and on the wall; gone by itself when Asterisk is back."""
    house = BusyHouse(tmp_path)
    well = house.floor.components_
    async with at_desk(house, Role.SHIFT_MANAGER) as desk:
        house.floor.components_ = [part("asterisk", "down")]
        for page in ("/board", "/wall"):
            await desk.open(page)
            await desk.page.wait_for_selector(".alarms li:first-child:has-text('callcenter doctor')")
        house.floor.components_ = well
        await desk.page.wait_for_selector(".alarms li:has-text('callcenter doctor')", state="detached")
