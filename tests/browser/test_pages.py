"""Every page of every role in a real browser: it opens, says what it should, keeps nobody out, and complains of nothing."""

import pytest
from browser import AXE, WALL, at_desk
from desk_pages import PAGES
from web_fakes import House

from callcenter.web.roles import Role

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(120),
]


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("role", PAGES)
async def test_every_page_opens_for_everybody(house: House, role: Role, language: str) -> None:
    """In both languages, light and dark; axe finds nothing serious, and in the dark no color that is too faint."""
    assert AXE.exists()
    async with at_desk(house, role, language=language) as desk:
        for path, mark in PAGES[role].items():
            await desk.open(path)
            await desk.page.wait_for_selector(mark)
            name = f"{role.value}{path.replace('/', '-')}-{language}"
            await desk.shot(f"{name}-light")
            assert not await desk.barriers(), path
            await desk.page.emulate_media(color_scheme="dark")
            await desk.shot(f"{name}-dark")
            assert not await desk.barriers(only="color-contrast"), path
            await desk.page.emulate_media(color_scheme="light")


async def test_the_board_fills_a_wall(house: House) -> None:
    """A big screen shows the board without a scroll bar across."""
    async with at_desk(house, Role.SHIFT_MANAGER, size=WALL) as desk:
        await desk.page.wait_for_selector(".seats li")
        wide: int = await desk.page.evaluate("document.documentElement.scrollWidth")
        assert wide <= WALL[0]
        await desk.shot("wall-zh-light")
