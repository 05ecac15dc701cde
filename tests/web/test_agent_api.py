"""An agent's own call and day over HTTP: proposals from what is heard, own figures, nobody else's."""

from dataclasses import replace
from pathlib import Path

import pytest
from web_fakes import NUMBER, House, browsing

from callcenter.core.ids import SeatId
from callcenter.web.roles import Role

pytestmark = pytest.mark.web


@pytest.fixture
def house(tmp_path: Path) -> House:
    """With an agent at seat 8001, and a citizen who has said something."""
    made = House(tmp_path)
    made.add_account(Role.AGENT, seat_id="8001")
    made.suggestions.said = ["枣园小区暖气不热", "我的电话是13812345678，帮我解决"]
    return made


async def test_what_is_heard_fills_the_form(house: House) -> None:
    """Value, name, words and certainty by field, and the due day; numbers of persons are stars."""
    async with browsing(house, Role.AGENT) as browser:
        status, told = await browser.get("/tickets/20261122-000001/suggestions")
    by_field = {item["field"]: item for item in told["items"]}
    assert (status, told["source"], told["due_workdays"]) == (200, "captions", 3)
    assert (by_field["topic"]["value"], by_field["topic"]["name"]) == ("heating", "供暖")
    assert by_field["place"]["words"] == ["枣园小区"]
    assert "13812345678" not in str(told)
    assert "***" in by_field["note"]["value"]


async def test_an_unknown_ticket_is_404(house: House) -> None:
    """As everywhere."""
    async with browsing(house, Role.AGENT) as browser:
        assert (await browser.get("/tickets/20261122-999999/suggestions"))[0] == 404


async def test_a_day_is_for_its_own_seat_alone(house: House) -> None:
    """Not for a colleague, not for the manager: figures of the own day are no means to watch people."""
    async with browsing(house, Role.AGENT) as browser:
        status, day = await browser.get("/seats/8001/day")
        assert (status, day["figures"][0]["own"], day["figures"][1]["middle"]) == (200, 31.0, None)
        assert (await browser.get("/seats/8002/day"))[0] == 403
    async with browsing(house, Role.ADMIN) as browser:
        assert (await browser.get("/seats/8001/day"))[0] == 403


async def test_an_article_goes_to_the_number_that_called(house: House) -> None:
    """By the seat of the call, audited; whether it will be sent is told; no other seat's caller is written to."""
    async with browsing(house, Role.AGENT) as browser:
        path, body = "/calls/c-1/article", {"article_id": "social_card"}
        assert (await browser.post(path, body))[1] == {"is_sent": True}
        assert (await browser.post(path, body))[1] == {"is_sent": False}
        assert (await browser.post(path, {"article_id": "weather"}))[0] == 404
        assert (await browser.post("/calls/c-9/article", body))[0] == 404
    assert house.article_post.sent[0] == (NUMBER, "social_card")
    assert [entry.action for entry in house.audit.entries].count("article.sent") == 3
    house.accounts.by_name["agent"] = replace(house.accounts.by_name["agent"], seat_id=SeatId("8002"))
    async with browsing(house, Role.AGENT) as browser:
        assert (await browser.post("/calls/c-1/article", body))[0] == 403
