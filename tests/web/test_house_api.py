"""Settings over HTTP: who reads, who changes, what is audited."""

from pathlib import Path

import pytest
from web_fakes import House, browsing

from callcenter.web.roles import Role

pytestmark = pytest.mark.web


async def test_a_setting_is_changed_and_undone(tmp_path: Path) -> None:
    """With a reason only; both stand in the audit and in the history."""
    house = House(tmp_path)
    async with browsing(house, Role.SHIFT_MANAGER) as browser:
        path = "/settings/rest.rest_s"
        assert (await browser.ask("PUT", path, json={"value": 240}))[1]["error_id"] == "why_missing"
        status, change = await browser.ask("PUT", path, json={"value": 240, "why": "冬季"})
        assert (status, change["old"], change["new"], change["is_newest"]) == (200, None, 240, True)
        _, shown = await browser.get("/settings")
        (rest,) = [it for it in shown["changeable"] if it["key"] == "rest.rest_s"]
        assert (rest["value"], rest["configured"], rest["origin"]) == (240, 300, "page")
        status, _ = await browser.post(f"{path}/undo", {"version": change["version"], "why": "误改"})
        assert status == 200
        again = {"version": change["version"], "why": "x2"}
        assert (await browser.post(f"{path}/undo", again))[1]["error_id"] == "wrong_setting_state"
        _, history = await browser.get("/settings/history?key=rest.rest_s")
    assert [(it["new"], it["is_newest"]) for it in history["items"]] == [(None, True), (240, False)]
    done = [(it.action, it.resource) for it in house.audit.entries if it.action.startswith("settings.")]
    assert done[:2] == [
        ("settings.changed", "setting/rest.rest_s"),
        ("settings.undone", "setting/rest.rest_s"),
    ]


@pytest.mark.parametrize(
    ("key", "value", "status"),
    [
        ("rest.rest_s", 0, 400),
        ("rest.rest_s", True, 422),
        ("menus.night", "a\nb", 422),
        ("menus.holidays", ["x"] * 201, 422),
        ("home", "/tmp", 404),
        ("recordings.master_key", "x", 404),
    ],
)
async def test_nonsense_is_refused(tmp_path: Path, key: str, value: object, status: int) -> None:
    """What no check lets pass, and what is not changed here."""
    async with browsing(House(tmp_path), Role.ADMIN) as browser:
        found, _ = await browser.ask("PUT", f"/settings/{key}", json={"value": value, "why": "try"})
    assert found == status
