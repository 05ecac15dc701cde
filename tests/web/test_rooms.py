"""How the house is furnished: seats and their people, special days, prompts, flows drawn and checked."""

from datetime import date
from pathlib import Path

import pytest
from web_fakes import House, browsing

from callcenter.flow_desk import prompt_texts
from callcenter.house.rooms import HouseRooms
from callcenter.house.values import overlaid
from callcenter.settings import Settings
from callcenter.web.roles import Role
from ivr.flows import Shelf

pytestmark = pytest.mark.web


async def test_seats_tell_their_people(tmp_path: Path) -> None:
    """Whose it is, who is there now, and what its phone is; who is locked out is nobody's."""
    house = House(tmp_path)
    house.add_account(Role.AGENT, seat_id="8001")
    async with browsing(house, Role.ADMIN) as browser:
        _, credentials = await browser.post("/session", {"name": "agent", "password": "a long enough secret"})
        stream = browser.server.make_url("/api/v1/events?types=house.*")
        headers = {"Authorization": f"Bearer {credentials['token']}"}
        async with browser.http.ws_connect(stream, headers=headers):
            _, told = await browser.get("/house/seats")
    first, second = told["items"]
    assert (first["seat_id"], first["phone"], first["accounts"], first["here"]) == (
        "8001",
        "browser",
        ["agent"],
        ["agent"],
    )
    assert (second["phone"], second["accounts"]) == ("sip", [])


async def test_prompts_are_heard_and_missing_ones_said(tmp_path: Path) -> None:
    """A sound is WAV; what is not there says so."""
    async with browsing(House(tmp_path), Role.SHIFT_MANAGER) as browser:
        answer = await browser.raw("GET", "/prompts/greeting/sound")
        assert (answer.status, answer.content_type) == (200, "audio/wav")
        assert (await browser.get("/prompts/goodbye/sound"))[0] == 503
        assert (await browser.get("/prompts/nothing/sound"))[0] == 404
        _, listed = await browser.get("/prompts")
    assert [it["source"] for it in listed["items"]] == ["own", "missing"]


async def test_a_draft_is_checked_and_a_flow_drawn(tmp_path: Path) -> None:
    """The picture runs nothing: it is served under the strict policy of all pages."""
    async with browsing(House(tmp_path), Role.SHIFT_MANAGER) as browser:
        _, wrong = await browser.post("/flows/intake/check", {"text": "broken"})
        _, right = await browser.post("/flows/intake/check", {"text": "title"})
        picture = await browser.raw("GET", "/flows/intake/picture")
        assert (await browser.get("/flows/nothing/picture"))[0] == 404
    assert (wrong["mistake"], right["mistake"]) == ("intake.toml:3: 死路 / dead end", "")
    assert picture.content_type == "image/svg+xml"
    assert "default-src 'self'" in picture.headers["Content-Security-Policy"]


def test_the_real_rooms_know_the_country_and_what_was_added(tmp_path: Path) -> None:
    """National Day is known; an added day says so; a shipped flow is drawn; a mistake names its line."""
    settings = Settings(home=str(tmp_path))
    shelf = Shelf(settings)
    shelf.take_up([])
    changed = overlaid(settings, {"calendar.holidays": ["2026-11-23 建城日"]})
    rooms = HouseRooms(lambda: changed, shelf, prompt_texts(settings))
    days = {it.day: it for it in rooms.calendar(2026).days}
    assert not days[date(2026, 10, 1)].is_added
    assert (days[date(2026, 11, 23)].name, days[date(2026, 11, 23)].is_added) == ("建城日", True)
    picture = rooms.picture("intake")
    assert picture is not None
    assert picture.startswith("<svg")
    assert rooms.picture("nothing") is None
    assert "intake.toml" in rooms.mistake("intake", "title = 1")
    assert all(it.zh for it in rooms.prompts())
    assert {it.source for it in rooms.prompts()} == {"missing"}
