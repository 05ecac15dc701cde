"""Hot-topic notices by HTTP: the shift manager's alone to change, audited with their words."""

from pathlib import Path

import pytest
from web_fakes import House, browsing

from callcenter.core.errors import PeerError, UsageError
from callcenter.web.roles import Role
from callcenter.web.views.notices import TEXT_MAX

pytestmark = pytest.mark.web

TEXT = "东风路停水。"


@pytest.fixture
def house(tmp_path: Path) -> House:
    """A house of fakes."""
    return House(tmp_path)


async def test_a_notice_is_put_and_listed(house: House) -> None:
    """For four hours unless another time is named; its words stand in the audit."""
    async with browsing(house, Role.SHIFT_MANAGER) as browser:
        status, notice = await browser.post("/notices", {"text": TEXT})
        assert status == 200
        assert (notice["text"], notice["by"], notice["state"]) == (TEXT, "shift_manager", "on_air")
        assert notice["until_at"].startswith("2026-11-22T13:00")
        _, page = await browser.get("/notices")
    assert [row["id"] for row in page["items"]] == [1]
    entry = house.audit.entries[-1]
    assert (entry.by, entry.action, entry.why) == ("shift_manager", "notice.put", TEXT)


async def test_it_is_withdrawn_once(house: House) -> None:
    """The second time is a conflict, an unknown one is not found; both stand in the audit."""
    async with browsing(house, Role.ADMIN) as browser:
        await browser.post("/notices", {"text": TEXT, "hours": 1.5})
        status, notice = await browser.ask("DELETE", "/notices/1")
        assert (status, notice["withdrawn_by"]) == (200, "admin")
        assert (await browser.ask("DELETE", "/notices/1"))[0] == 409
        assert (await browser.ask("DELETE", "/notices/7"))[0] == 404
    assert [entry.resource for entry in house.audit.entries[-3:]] == ["notice/1", "notice/1", "notice/7"]


async def test_only_who_steers_may_change_it(house: House) -> None:
    """Everybody who sees the board may read it."""
    async with browsing(house, Role.AGENT) as browser:
        assert (await browser.get("/notices"))[0] == 200
        assert (await browser.post("/notices", {"text": TEXT}))[0] == 403
        assert (await browser.ask("DELETE", "/notices/1"))[0] == 403
    assert house.notices.kept == []


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"text": ""},
        {"text": "停" * (TEXT_MAX + 1)},
        {"text": TEXT, "hours": 0},
        {"text": TEXT, "hours": 73},
    ],
)
async def test_bad_bodies_are_refused(house: House, body: dict[str, object]) -> None:
    """By their field."""
    async with browsing(house, Role.SHIFT_MANAGER) as browser:
        status, answer = await browser.post("/notices", body)
    assert (status, answer["error_id"]) == (422, "bad_body")


async def test_what_the_voice_refuses_is_told(house: House) -> None:
    """With its reason; a voice that failed is our trouble."""
    async with browsing(house, Role.SHIFT_MANAGER) as browser:
        house.notices.error = UsageError("语音读不出“A”", code="unspeakable")
        status, answer = await browser.post("/notices", {"text": "A"})
        assert (status, answer["error_id"], answer["message"]) == (400, "unspeakable", "语音读不出“A”")
        house.notices.error = PeerError("slow", code="voice_failed")
        status, answer = await browser.post("/notices", {"text": TEXT})
        assert (status, answer["error_id"]) == (503, "voice_failed")
