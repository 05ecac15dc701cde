"""A third asked into a talk by HTTP: by the own seat only, audited with whom."""

from pathlib import Path

import pytest
from web_fakes import House, browsing

from callcenter.web.roles import Role

pytestmark = pytest.mark.web


async def test_an_agent_asks_for_the_own_talk_only(tmp_path: Path) -> None:
    """The answer names the third; the audit keeps who was asked."""
    house = House(tmp_path)
    house.add_account(Role.AGENT, seat_id="8001")
    async with browsing(house, Role.AGENT) as browser:
        told = await browser.post("/seats/8001/conference", {"with": "水务局"})
        status, answer = await browser.post("/seats/8002/conference", {"with": "8003"})
    assert (told[0], told[1]["third"]) == (200, "水务局")
    assert (status, answer["error_id"]) == (403, "not_your_seat")
    assert house.conferences.asked == [("8001", "水务局", "agent")]
    noted = [(entry.action, entry.resource, entry.why) for entry in house.audit.entries]
    assert noted[1:] == [("seat.conference_asked", "seat/8001", "水务局")]


@pytest.mark.parametrize(
    "body", [{}, {"with": ""}, {"with": "8003\r\nAction: x"}, {"with": "x" * 41}, {"third": "8003"}]
)
async def test_bad_bodies_are_refused(tmp_path: Path, body: dict[str, str]) -> None:
    """Nothing unprintable gets any further."""
    house = House(tmp_path)
    async with browsing(house, Role.SHIFT_MANAGER) as browser:
        assert (await browser.post("/seats/8001/conference", body))[0] == 422
    assert house.conferences.asked == []


async def test_what_cannot_be_is_a_conflict(tmp_path: Path) -> None:
    """A seat that talks with nobody."""
    house = House(tmp_path)
    async with browsing(house, Role.SHIFT_MANAGER) as browser:
        status, answer = await browser.post("/seats/8009/conference", {"with": "8003"})
    assert (status, answer["error_id"]) == (409, "wrong_seat_state")


async def test_the_directory_is_told_to_seats(tmp_path: Path) -> None:
    """Names and numbers of who can be asked, for agents and those who lead them."""
    house = House(tmp_path)
    async with browsing(house, Role.AGENT) as browser:
        status, answer = await browser.get("/departments")
    assert (status, answer["total"]) == (200, 2)
    assert answer["items"][1] == {"name": "急救", "number": "120"}
