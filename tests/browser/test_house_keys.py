"""The house by keyboard alone: each room's actions have keys, ``?`` tells them, none is wanted twice."""

import pytest
from browser import at_desk
from web_fakes import House

from callcenter.web.roles import Role

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(120),
]

ROOMS = {
    "accounts": "jknrsxp",
    "settings": "jke/u",
    "seats": "jkg",
    "flows": "jko",
    "prompts": "jk/lr",
    "notices": "nw",
    "calendar": ",.hwfu",
    "departments": "",
    "roles": "",
    "sessions": "jkxa",
    "audit": "/p,.",
}
"""Each room's keys, in the order in which ``]`` opens them."""


async def test_every_room_of_the_house_tells_its_keys(house: House) -> None:
    """From room to room by one key; what ``?`` tells is what the room can do, beside the pages' digits."""
    async with at_desk(house, Role.ADMIN) as desk:
        page = desk.page
        await desk.open("/house/accounts")
        for number, (room, keys) in enumerate(ROOMS.items()):
            if number:
                await page.keyboard.press("]")
            await page.wait_for_selector(f"nav a.here[href$='/house/{room}']")
            await page.wait_for_load_state("networkidle")
            if keys:
                await page.wait_for_selector(".room section")
            await page.keyboard.press("?")
            await page.wait_for_selector("dialog kbd")
            told = await page.locator("dialog kbd").all_inner_texts()
            assert set(keys) <= set(told), room
            assert len(told) == len(set(told)), room
            await page.keyboard.press("Escape")
            await page.wait_for_selector("dialog", state="detached")


async def test_a_row_is_in_hand_and_changed_by_keys(house: House) -> None:
    """An account is locked out and a setting's box opened without a mouse."""
    house.add_account(Role.AGENT, seat_id="8001")
    async with at_desk(house, Role.ADMIN) as desk:
        page = desk.page
        await desk.open("/house/accounts")
        await page.wait_for_selector("tr:has-text('agent')")
        await page.locator("tr:has-text('agent')").first.focus()
        await page.keyboard.press("x")
        await page.fill("dialog input", "离职")
        await page.keyboard.press("Enter")
        await page.wait_for_selector("tr:has-text('停用')")
        await desk.open("/house/settings")
        await page.wait_for_selector("tr:has-text('surge.offer_ewt_s')")
        await page.keyboard.press("j")
        await page.keyboard.press("e")
        await page.wait_for_selector("dialog form")
    assert house.accounts.by_name["agent"].is_disabled
