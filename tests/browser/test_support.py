"""Help from elsewhere and shifts in a real browser: what is pressed reaches the house, with its reason."""

import pytest
from browser import Desk, at_desk
from playwright.async_api import FilePayload
from web_fakes import START, House

from callcenter.core.messages.cloud import CloudRequest
from callcenter.staff.core.roster import Fault, FaultySheet, Place
from callcenter.web.roles import Role

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(120),
]

MANAGER = Role.SHIFT_MANAGER.value
WHY = "来电激增"


async def give_reason(desk: Desk) -> None:
    """Why, and off it goes."""
    await desk.page.fill("dialog input", WHY)
    await desk.page.click("dialog button.primary")


async def done(desk: Desk) -> None:
    """The question for the reason is answered."""
    await desk.page.wait_for_selector("dialog", state="detached")


async def test_cloud_seats_are_invited_checked_and_linked(house: House) -> None:
    """The number by key; the proposal; a seat's line again; a link that is shown once."""
    async with at_desk(house, Role.SHIFT_MANAGER) as desk:
        await desk.open("/support")
        await desk.page.wait_for_selector("[data-seat='8101']")
        await desk.page.keyboard.press("i")
        await desk.page.keyboard.type("12")
        await desk.page.fill("input[name=seats]", "5")
        await desk.page.keyboard.press("Enter")
        await give_reason(desk)
        await done(desk)
        await desk.page.click(".proposal button.primary")
        await give_reason(desk)
        await done(desk)
        await desk.page.click("[data-seat='8101'] [data-deed=check]")
        await give_reason(desk)
        await done(desk)
        assert house.cloud.asked == [
            ("invite", 5, MANAGER, WHY),
            ("answer", True, MANAGER, WHY),
            (CloudRequest.CHECK, "8101", MANAGER, WHY),
        ]
        await desk.page.fill("input[name=staff_no]", "1024")
        await desk.page.fill("input[name=name]", "赵敏")
        await desk.page.click(".person button")
        await desk.page.wait_for_selector(".notes li:has-text('赵敏')")
    assert house.cloud.asked[-1] == ("add", "1024", "赵敏", "", None)


async def test_the_partner_is_paused_and_a_caller_given_back(house: House) -> None:
    """By key; then the page says so."""
    async with at_desk(house, Role.SHIFT_MANAGER) as desk:
        await desk.open("/support")
        await desk.page.wait_for_selector("h2:has-text('铜川 · 协作中')")
        await desk.page.keyboard.press("p")
        await give_reason(desk)
        await desk.page.wait_for_selector("h2:has-text('铜川 · 已暂停')")
    assert house.partner.done == [(True, MANAGER, WHY)]


async def test_a_team_leader_looks_and_steers_nothing(house: House) -> None:
    """The roll is there; no button asks anything of it."""
    async with at_desk(house, Role.TEAM_LEADER) as desk:
        await desk.open("/support")
        await desk.page.wait_for_selector("[data-seat='8101']")
        assert await desk.page.locator("[data-deed], input[name=seats], .proposal button").count() == 0


async def test_a_swap_is_proposed_and_approved(house: House) -> None:
    """An agent proposes, by the number of who takes the shift; the shift manager approves. Who is missing is on top."""
    async with at_desk(house, Role.AGENT) as desk:
        await desk.open("/duty")
        await desk.page.wait_for_selector("select[name=first] option[value='1']", state="attached")
        await desk.page.select_option("select[name=first]", "1")
        await desk.page.fill("input[name=taker]", "1002")
        await desk.page.keyboard.press("Enter")
        await give_reason(desk)
        await done(desk)
        assert await desk.page.locator("[data-swap] button").count() == 0
    async with at_desk(house, Role.SHIFT_MANAGER) as desk:
        await desk.open("/duty")
        assert "8001" in await desk.page.inner_text(".no-show")
        await desk.page.click("[data-swap='1'] button.primary")
        await give_reason(desk)
        await done(desk)
    wishes = [asked for asked in house.shifts.asked if asked[0] != "between"]
    assert wishes == [("propose", 1, None, "1002", "agent", True), ("decide", 1, True, MANAGER)]


async def test_a_roster_is_checked_before_it_is_imported(house: House) -> None:
    """Mistakes by sheet, row and column, and nothing imported; then the effect, then all of it."""
    text = "工号,日期\n1001,2026-11-30\n".encode()
    file = FilePayload(name="班表.csv", mimeType="text/csv", buffer=text)
    fault = Fault(Place("表1", 2, "日期"), "11-31", "没有这一天 / no such day")
    async with at_desk(house, Role.SHIFT_MANAGER) as desk:
        await desk.open("/duty")
        house.shifts.error = FaultySheet([fault])
        await desk.page.set_input_files("input[type=file]", files=file)
        await desk.page.click("form:has(input[type=file]) button[type=submit]")
        desk.problems.clear()
        await desk.page.wait_for_selector("[role=alert] li:has-text('11-31')")
        await desk.shot("duty-faults-zh-light", whole=True)
        house.shifts.error = None
        await desk.page.click("form:has(input[type=file]) button[type=submit]")
        await desk.page.wait_for_selector("ul.told li")
        await desk.page.click("form:has(input[type=file]) button.primary")
        await give_reason(desk)
        await desk.page.wait_for_selector(".notes li:not(.problem)")
        desk.problems[:] = [it for it in desk.problems if "422" not in it]
    imports = [asked for asked in house.shifts.asked if asked[0] == "import"]
    assert [asked[2] for asked in imports] == [True, False]
    assert imports[1][1] == text


async def test_a_call_day_is_opened_followed_up_and_closed(house: House) -> None:
    """By key; its tickets are listed; closing asks once more."""
    async with at_desk(house, Role.SHIFT_MANAGER) as desk:
        await desk.open("/duty/guests")
        await desk.page.wait_for_selector("input[name=guest]")
        await desk.page.keyboard.press("n")
        for name, text in {"guest": "李市长", "position": "市长", "seat": "8017", "helper": "8016"}.items():
            await desk.page.fill(f"input[name={name}]", text)
        day = START.date().isoformat()
        await desk.page.fill("input[name=from]", f"{day}T09:00")
        await desk.page.fill("input[name=to]", f"{day}T11:00")
        await desk.page.keyboard.press("Enter")
        await desk.page.click("[data-day='1'] button")
        await desk.page.wait_for_selector(".follow-ups q")
        await desk.shot("guests-zh-light")
        await desk.page.click("[data-day='1'] button:nth-of-type(2)")
        await desk.page.click("dialog button.primary")
        await desk.page.wait_for_selector("[data-day='1']:has-text('已结束')")
    (kept,) = house.guests.kept
    assert (kept.name, kept.seat_id, kept.helper_seat_id, kept.closed_by) == (
        "李市长",
        "8017",
        "8016",
        MANAGER,
    )
