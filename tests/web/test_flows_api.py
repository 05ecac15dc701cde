"""Flows by HTTP: read by everybody, published by who steers, with the reason in the audit."""

from pathlib import Path

import pytest
from web_fakes import House, browsing

from callcenter.web.roles import Role

pytestmark = pytest.mark.web


@pytest.fixture
def house(tmp_path: Path) -> House:
    """A house of fakes."""
    return House(tmp_path)


async def test_flows_are_read_with_text_and_picture(house: House) -> None:
    """What is in force, one of them whole; what does not exist is not found."""
    async with browsing(house, Role.AGENT) as browser:
        _, page = await browser.get("/flows")
        assert [flow["flow"] for flow in page["items"]] == ["intake"]
        _, flow = await browser.get("/flows/intake")
        assert flow["drawing"].startswith("flowchart")
        assert (await browser.get("/flows/nothing"))[0] == 404
        assert (await browser.ask("PUT", "/flows/intake", json={"text": "x", "why": "because"}))[0] == 403


async def test_a_version_is_published_with_its_reason(house: House) -> None:
    """Who, which flow and why stand in the audit; the versions are told, newest first."""
    async with browsing(house, Role.SHIFT_MANAGER) as browser:
        status, version = await browser.ask(
            "PUT", "/flows/intake", json={"text": "a = 1\nb = 2", "why": "方言"}
        )
        assert (status, version["version"], version["by"]) == (200, 1, "shift_manager")
        await browser.ask("PUT", "/flows/intake", json={"text": "a = 2", "why": "方言二"})
        _, page = await browser.get("/flows/intake/versions")
    assert [row["version"] for row in page["items"]] == [2, 1]
    assert page["items"][1]["text"] == "a = 1\nb = 2"
    entry = house.audit.entries[-1]
    assert (entry.action, entry.resource, entry.why) == ("flow.published", "flow/intake", "方言二")


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"text": "a = 1"}, 422, "why_missing"),
        ({"text": "", "why": "because"}, 422, "bad_body"),
        ({"text": "x" * 70_000, "why": "because"}, 413, "request_entity_too_large"),
        ({"text": "broken", "why": "because"}, 400, "bad_flow"),
    ],
)
async def test_what_cannot_be_published_changes_nothing(
    house: House, body: dict[str, str], status: int, code: str
) -> None:
    """No reason, no text, too much of it, or a mistake, which is told with its line."""
    async with browsing(house, Role.SHIFT_MANAGER) as browser:
        answered, refusal = await browser.ask("PUT", "/flows/intake", json=body)
    assert (answered, refusal["error_id"]) == (status, code)
    assert house.flows.published == []


async def test_walks_are_counted(house: House) -> None:
    """By flow and version; exceptions from the norm are marked."""
    async with browsing(house, Role.AUDITOR) as browser:
        _, page = await browser.get("/flow-counts?since=2026-11-22T00:00:00Z")
    assert page["items"] == [
        {"flow": "night", "version": 0, "is_exception": True, "walks": 3, "exits": {"line": 2, "left": 1}}
    ]
