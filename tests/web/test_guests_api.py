"""Call days by HTTP: opened and closed by who steers, refused clearly; the follow-up list is masked."""

from pathlib import Path
from typing import Any

import pytest
from web_fakes import MASKED, NUMBER, House, browsing

from callcenter.web.roles import Role

pytestmark = pytest.mark.web

BODY = {
    "name": "李市长",
    "title": "市长",
    "seat_id": "8017",
    "helper_seat_id": "8016",
    "from_at": "2026-11-22T17:00:00+08:00",
    "to_at": "2026-11-22T19:00:00+08:00",
}


@pytest.fixture
def house(tmp_path: Path) -> House:
    """A house of fakes."""
    return House(tmp_path)


async def test_a_call_day_is_opened_listed_and_closed(house: House) -> None:
    """With the guest's own record; who did it stands in the audit."""
    async with browsing(house, Role.SHIFT_MANAGER) as browser:
        status, day = await browser.post("/guests", BODY)
        assert (status, day["id"], day["by"], day["helper_seat_id"]) == (200, 1, "shift_manager", "8016")
        assert (await browser.post("/guests", BODY))[0] == 409
        _, page = await browser.get("/guests")
        assert [(row["calls"], row["grade"]) for row in page["items"]] == [(4, 4.5)]
        status, day = await browser.ask("DELETE", "/guests/1")
        assert (status, day["state"], day["closed_by"]) == (200, "over", "shift_manager")
        assert (await browser.ask("DELETE", "/guests/7"))[0] == 404
    entries = [(entry.action, entry.resource, entry.why) for entry in house.audit.entries[1:]]
    assert entries[0] == ("guest.opened", "seat/8017", "市长李市长")
    assert ("guest.closed", "guest_day/1", "") in entries


async def test_follow_ups_are_masked(house: House) -> None:
    """Numbers are shown for a reason only, and that is audited."""
    async with browsing(house, Role.SHIFT_MANAGER) as browser:
        await browser.post("/guests", BODY)
        _, found = await browser.get("/guests/1/follow-ups")
        (item,) = found["items"]
        assert (item["citizen"], item["department"], item["promised"]) == (MASKED, "供暖", ["三天内答复您"])
        assert (await browser.get("/guests/1/follow-ups?unmask=1"))[0] == 422
        _, found = await browser.get("/guests/1/follow-ups?unmask=1&why=回访")
        assert found["items"][0]["citizen"] == NUMBER
        assert (await browser.get("/guests/9/follow-ups"))[0] == 404
    assert house.audit.entries[-1].action == "number.unmasked"


async def test_only_who_steers_may_open(house: House) -> None:
    """Everybody sees the board."""
    async with browsing(house, Role.AGENT) as browser:
        assert (await browser.get("/guests"))[0] == 200
        assert (await browser.post("/guests", BODY))[0] == 403
        assert (await browser.ask("DELETE", "/guests/1"))[0] == 403


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"to_at": "2026-11-22T16:00:00+08:00"}, 400),
        ({"from_at": "2026-11-22T17:00:00"}, 422),
        ({"seat_id": "17"}, 422),
        ({"name": ""}, 422),
        ({"name": "李\n市长"}, 422),
    ],
)
async def test_what_cannot_be_is_refused(house: House, change: dict[str, Any], status: int) -> None:
    """Times without a zone mean nothing; names are one line."""
    async with browsing(house, Role.SHIFT_MANAGER) as browser:
        assert (await browser.post("/guests", BODY | change))[0] == status
    assert house.guests.kept == []
