"""Ordinary bad days of a desk: the server goes away and comes back, and nobody has to reload."""

import pytest
from browser import Desk, at_desk, opened
from busy_house import HOME, BusyHouse
from loopback import free_port
from web_fakes import CHEAP, House

from callcenter.settings import Settings
from callcenter.web.desks import BUILT
from callcenter.web.passwords import Passwords
from callcenter.web.roles import Role
from callcenter.web.server import serving

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(120),
    pytest.mark.skipif(not (BUILT / "index.html").exists(), reason="the desks are not built: make setup"),
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
