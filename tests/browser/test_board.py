"""The shift manager's board in a real browser: what is applied, undone, moved and acknowledged there reaches the house."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from browser import Desk, at_desk
from busy_house import BusyHouse, part
from playwright.async_api import WebSocketRoute

from callcenter.core.messages.duty import SeatMove
from callcenter.web.roles import Role
from queues.core.what_if import Change

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(120),
]

FAR = (3840, 2160)
NEAR = (1920, 1080)


@pytest.fixture
def busy(tmp_path: Path) -> BusyHouse:
    """A house in a surge of level 2: the figures ask for level 3 and for six cloud seats."""
    return BusyHouse(tmp_path, level=2)


@asynccontextmanager
async def at_board(busy: BusyHouse, **look: Any) -> AsyncIterator[Desk]:
    """The board, with its seats on it."""
    async with at_desk(busy, Role.SHIFT_MANAGER, **look) as desk:
        await desk.open("/board")
        await desk.page.wait_for_selector("[data-group=main] [data-seat='8001']")
        yield desk


async def give_reason(desk: Desk, why: str) -> None:
    """Fill in the reason and confirm; the dialog closes when it is done."""
    await desk.page.fill("dialog[open] input", why)
    await desk.page.click("dialog[open] button.primary:enabled")
    await desk.page.wait_for_selector("dialog[open]", state="detached")


async def test_a_proposal_tells_its_effect_is_applied_and_undone(busy: BusyHouse) -> None:
    """Six cloud seats: 41 % -> 63 % with its range; one press applies, one takes the invitation back."""
    async with at_board(busy) as desk:
        card = ".proposals li[data-kind=cloud]"
        await desk.page.wait_for_selector(f"{card} b:has-text('41 % → 63 %')")
        assert "（57" in await desk.page.inner_text(card)
        assert (Change(cloud_seats=6), "shift_manager") in busy.what_if.asked
        await desk.page.click(f"{card} button.primary")
        await give_reason(desk, "暴雨，来电激增")
        assert ("answer", True, "shift_manager", "暴雨，来电激增") in busy.cloud.asked
        await desk.page.click(".proposals li.done button")
        await give_reason(desk, "雨停了")
        assert ("call_off", "shift_manager", "雨停了") in busy.cloud.asked
        await desk.page.wait_for_selector(".proposals li.undone")


async def test_the_level_is_switched_and_undone_by_keyboard_alone(busy: BusyHouse) -> None:
    """P applies the first proposal, u takes back what was applied last."""
    async with at_board(busy) as desk:
        await desk.page.wait_for_selector(".proposals li[data-kind=level] .effect b")
        for key, why in (("p", "过载"), ("u", "误操作")):
            await desk.page.keyboard.press(key)
            await desk.page.wait_for_selector("dialog[open] input:focus")
            await desk.page.keyboard.type(why)
            await desk.page.keyboard.press("Enter")
            await desk.page.wait_for_selector("dialog[open]", state="detached")
    assert busy.surge.asked == [(3, False, "shift_manager", "过载"), (None, True, "shift_manager", "误操作")]


async def test_a_seat_is_dragged_to_another_group_and_back(busy: BusyHouse) -> None:
    """With a real mouse: the preview comes first, then it is moved; the list beside it undoes the move."""
    async with at_board(busy) as desk:
        await desk.page.click("[data-seat='8001'] button:not(.tile)")
        await desk.page.wait_for_selector("dialog[open]")
        assert await desk.page.query_selector("form.move") is None, "listening is no move"
        await desk.page.keyboard.press("Escape")
        await desk.page.drag_and_drop("[data-seat='8014']", "[data-group=enterprise] h3")
        await desk.page.wait_for_selector("dialog[open] .effect b:has-text('0:20 → 0:55')")
        await desk.shot("board-move-zh-light")
        assert busy.rebalance.asked == []
        await give_reason(desk, "企业专席忙")
        assert busy.rebalance.asked == [
            ((SeatMove("8014", ("enterprise",), None, 3),), "shift_manager", "企业专席忙")  # type: ignore[arg-type]
        ]
        await desk.page.wait_for_selector("[data-group=enterprise] [data-seat='8014']")
        await desk.page.click("table .row-buttons button")
        await give_reason(desk, "企业专席闲")
        await desk.page.wait_for_selector("[data-group=''] [data-seat='8014']")


async def test_a_seat_is_moved_by_keyboard_alone(busy: BusyHouse) -> None:
    """M chooses a seat, Enter opens it, the arrow keys choose the group."""
    async with at_board(busy) as desk:
        await desk.page.keyboard.press("m")
        await desk.page.keyboard.press("Enter")
        await desk.page.wait_for_selector("dialog[open] .effect b")
        await desk.page.focus("dialog[open] select")
        await desk.page.keyboard.press("ArrowDown")
        await desk.page.wait_for_selector("dialog[open] button.primary:enabled")
        await desk.page.keyboard.press("Tab")
        await desk.page.keyboard.type("平衡忙闲")
        await desk.page.keyboard.press("Enter")
        await desk.page.wait_for_selector("dialog[open]", state="detached")
    [(moves, by, why)] = busy.rebalance.asked
    assert (moves[0].seat_id, moves[0].skills, by, why) == ("8001", (), "shift_manager", "平衡忙闲")


async def test_a_move_of_a_seat_that_somebody_moved_since_says_so(busy: BusyHouse) -> None:
    """Nothing is moved, the dialog stays, and the note names who was faster."""
    async with at_desk(busy, Role.SHIFT_MANAGER) as desk:
        busy.rebalance.version = 4
        await desk.open("/board")
        await desk.page.click("[data-seat='8001']")
        await desk.page.wait_for_selector("dialog[open] .effect b")
        busy.rebalance.version = 5
        await desk.page.fill("dialog[open] input", "平衡")
        await desk.page.click("dialog[open] button.primary:enabled")
        await desk.page.wait_for_selector(".notes .problem")
        assert await desk.page.is_visible("dialog[open]")
        desk.problems.clear()  # the console tells of the refusal too


async def test_what_if_by_hand(busy: BusyHouse) -> None:
    """Ten more cloud seats for two hours and 45 s of after-call work, answered on the page and kept in the list."""
    async with at_board(busy) as desk:
        await desk.page.keyboard.press("i")
        await desk.page.wait_for_selector(".what-if input:focus")
        for nth, value in enumerate(("10", "0", "45")):
            await desk.page.fill(f".what-if label:nth-of-type({nth + 1}) input", value)
        await desk.page.select_option(".what-if select", "2")
        await desk.page.click(".what-if button.primary")
        await desk.page.wait_for_selector(".outlook td b")
        assert (Change(10, 0, 2.0, 45.0), "shift_manager") in busy.what_if.asked
        await desk.page.wait_for_selector("td:has-text('云坐席 +10')")


async def test_alarms_say_what_to_do_and_who_looks_after_them(busy: BusyHouse) -> None:
    """A disk that fills appears by itself, is taken with one key, and names who took it; in English too."""
    async with at_board(busy, language="en") as desk:
        busy.floor.components_ = [part("disk", "degraded", "80 MB free"), *busy.floor.components_[:-1]]
        alarm = ".alarms li[data-severity=major]"
        await desk.page.wait_for_selector(f"{alarm}:has-text('Make room at once')")
        await desk.page.wait_for_selector(
            "li[data-state=degraded]"
        )  # the board has seen it, not the list alone
        await desk.page.keyboard.press("a")
        await desk.page.wait_for_selector(f"{alarm}:has-text('shift_manager looks after it')")
        busy.floor.components_ = [part("disk"), *busy.floor.components_[1:]]
        await desk.page.wait_for_selector(alarm, state="detached")
    assert [entry.resource for entry in busy.audit.entries if entry.action == "alarm.acknowledged"] == [
        "alarm/disk"
    ]


async def test_who_may_not_steer_sees_and_presses_nothing(busy: BusyHouse) -> None:
    """A team leader: the map is there, no seat can be dragged, no effect is asked for."""
    async with at_desk(busy, Role.TEAM_LEADER) as desk:
        await desk.open("/board")
        await desk.page.wait_for_selector("[data-seat='8001']")
        await desk.page.wait_for_selector(".proposals h3")
        assert (
            await desk.page.query_selector(".seats button.tile, .proposals button, [draggable=true]") is None
        )
    assert busy.what_if.asked == []


@pytest.mark.parametrize(("size", "scheme"), [(NEAR, "dark"), (FAR, "light")])
async def test_a_wall_shows_all_at_once(busy: BusyHouse, size: tuple[int, int], scheme: str) -> None:
    """No frame, nothing to scroll, the longest wait a twentieth of the screen high; it grows with the screen."""
    busy.floor.components_ = [part("disk", "degraded", "80 MB free"), *busy.floor.components_[:-1]]
    async with at_desk(busy, Role.SHIFT_MANAGER, size=size, scheme=scheme) as desk:
        await desk.open("/wall")
        await desk.page.wait_for_selector(".seats li")
        await desk.page.wait_for_selector(".alarms li")
        await desk.page.wait_for_selector(".band[points]")
        await desk.page.wait_for_load_state("networkidle")
        wide, high = await desk.page.evaluate(
            "[document.documentElement.scrollWidth, document.documentElement.scrollHeight]"
        )
        assert (wide, high) <= size
        assert await desk.page.query_selector("nav.pages") is None
        figure = await desk.page.locator(".figures .big dd").first.bounding_box()
        assert figure is not None
        assert figure["height"] > size[1] / 20
        await desk.shot(f"wall-busy-{size[0]}-{scheme}")
        await desk.page.keyboard.press("Escape")
        await desk.page.wait_for_selector("nav.pages")


async def test_a_wall_says_when_it_shows_the_past(busy: BusyHouse) -> None:
    """Its link is cut: it says since when, and goes on by itself once the link is back."""
    links: list[WebSocketRoute] = []
    is_cut = False

    async def lead(link: WebSocketRoute) -> None:
        links.append(link)
        if is_cut:
            await link.close()
        else:
            link.connect_to_server()

    async with at_desk(busy, Role.SHIFT_MANAGER, size=NEAR) as desk:
        await desk.page.route_web_socket("**/api/v1/events*", lead)
        await desk.page.reload()
        await desk.open("/wall")
        await desk.page.wait_for_selector(".seats li")
        is_cut = True
        await links[-1].close()
        await desk.page.wait_for_selector(".banner[role=alert]:has-text('数据停在')")
        is_cut = False
        await desk.page.wait_for_selector(".banner[role=alert]", state="detached")


async def test_what_is_owed_is_worked_through_by_keyboard(busy: BusyHouse) -> None:
    """J goes down the list, t puts off, c closes; who should have been called by now is marked late."""
    async with at_desk(busy, Role.SHIFT_MANAGER) as desk:
        await desk.open("/owed")
        await desk.page.wait_for_selector("tr.late")
        for keys, why in (("jt", "市民请求稍后"), ("jc", "已书面答复")):
            for key in keys:
                await desk.page.keyboard.press(key)
            await desk.page.wait_for_selector("dialog[open] input:focus")
            await desk.page.keyboard.type(why)
            await desk.page.keyboard.press("Enter")
            await desk.page.wait_for_selector("dialog[open]", state="detached")
        await desk.shot("owed-busy-zh-light")
    assert [(who, why) for who, _, _, why in busy.callbacks.postponed] == [("o-0", "市民请求稍后")]
    assert [(who, why) for who, _, why in busy.callbacks.closed] == [("o-1", "已书面答复")]


async def test_a_wall_stays_as_large_as_it_was(busy: BusyHouse) -> None:
    """However much changes on it: no element is left behind."""
    async with at_desk(busy, Role.SHIFT_MANAGER, size=NEAR) as desk:
        await desk.open("/wall")
        await desk.page.wait_for_selector(".seats li")
        await desk.page.wait_for_load_state("networkidle")
        count = "document.querySelectorAll('*').length"
        sizes: list[int] = []
        for turn in range(1, 8):
            busy.floor.waiting_ = 38 + turn
            for _ in range(20):
                busy.events.append("call.ended", {"contact_id": "c-1"})
            await desk.page.wait_for_selector(f".figures dd:text-is('{38 + turn}')")
            await desk.page.wait_for_load_state("networkidle")
            sizes.append(await desk.page.evaluate(count))
        assert sizes[-1] <= max(sizes[:3]) + 2, sizes  # charts come a moment after the rest
