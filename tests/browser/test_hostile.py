"""Hostile callers are certain: every text that the server tells carries markup here, and none of it may become any."""

import json
import re
from typing import Any

import pytest
from browser import at_desk
from desk_pages import PAGES
from playwright.async_api import Route, WebSocketRoute
from web_fakes import House

from callcenter.web.roles import Role

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(120),
]

MARK = '<img src=x onerror="window.hit=1"><svg onload=window.hit=1>{{window.hit=1}}${window.hit=1}javascript:window.hit=1'
WRITTEN_BY_PEOPLE = re.compile(r"[\u4e00-\u9fff]")
FREE = {
    "text",
    "name",
    "note",
    "why",
    "told",
    "detail",
    "reason",
    "comment",
    "statement",
    "title",
    "citizen",
    "place",
    "unit",
    "by",
}
"""Fields whose words come from people; those with Chinese in them do too."""


def spoiled(value: Any, name: str = "") -> Any:
    """The same answer with markup in all that people wrote."""
    if isinstance(value, dict):
        return {key: spoiled(one, key) for key, one in value.items()}
    if isinstance(value, list):
        return [spoiled(one, name) for one in value]
    if isinstance(value, str) and value and (name in FREE or WRITTEN_BY_PEOPLE.search(value)):
        return value + MARK
    return value


async def spoil(route: Route) -> None:
    """Spoil an answer on its way to the page."""
    answer = await route.fetch()
    if "application/json" not in answer.headers.get("content-type", ""):
        return await route.fulfill(response=answer)
    return await route.fulfill(response=answer, json=spoiled(await answer.json()))


def spoil_stream(socket: WebSocketRoute) -> None:
    """Spoil the frames of the event stream as well."""
    server = socket.connect_to_server()
    server.on_message(lambda frame: socket.send(json.dumps(spoiled(json.loads(frame)), ensure_ascii=False)))


@pytest.mark.parametrize("role", PAGES)
async def test_no_text_becomes_markup(house: House, role: Role) -> None:
    """On every page of every role: what was written is shown as it was written, and nothing of it runs."""
    async with at_desk(house, role) as desk:
        await desk.page.route(re.compile(r"/api/v1/(?!session)"), spoil)
        await desk.page.route_web_socket(re.compile(r"/api/v1/events"), spoil_stream)
        await desk.page.reload()
        shown = 0
        for path, mark in PAGES[role].items():
            await desk.open(path)
            await desk.page.wait_for_selector(mark)
            await desk.page.wait_for_load_state("networkidle")
            shown += await desk.page.get_by_text("onerror=").count()
            assert await desk.page.locator("img[src=x], svg[onload]").count() == 0, path
            assert await desk.page.evaluate("window.hit") is None, path
        assert shown, "nothing hostile was shown: this proves nothing"
