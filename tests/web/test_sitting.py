"""Two people on one seat: the second is told, takes over with a reason; the first one sees it at once."""

from pathlib import Path

import pytest
from web_fakes import PASSWORD, Browser, House, browsing

from callcenter.web.roles import Role

pytestmark = pytest.mark.web


async def come(browser: Browser, name: str) -> dict[str, str]:
    """Headers of a new session."""
    _, answer = await browser.post("/session", {"name": name, "password": PASSWORD})
    return {"Authorization": f"Bearer {answer['token']}"}


async def test_who_comes_second_is_told_and_takes_over(tmp_path: Path) -> None:
    """A session without an open desk sits nowhere; the desk of the first ends with who and why."""
    house = House(tmp_path)
    house.add_account(Role.AGENT, seat_id="8001")
    async with browsing(house) as browser:
        first, second = await come(browser, "agent"), await come(browser, "agent")
        _, nobody = await browser.ask("GET", "/seats/8001/sitters", headers=second)
        assert nobody["items"] == []
        stream = browser.server.make_url("/api/v1/events?types=house.*")
        async with browser.http.ws_connect(stream, headers=first) as desk:
            _, seen = await browser.ask("GET", "/seats/8001/sitters", headers=second)
            assert [it["account"] for it in seen["items"]] == ["agent"]
            take = "/seats/8001/take-over"
            _, refused = await browser.ask("POST", take, json={}, headers=second)
            assert refused["error_id"] == "why_missing"
            status, _ = await browser.ask("POST", take, json={"why": "换班"}, headers=second)
            assert status == 204
            frame = await desk.receive_json()
            assert (frame["type"], frame["seat_id"], frame["by"], frame["why"]) == (
                "session.taken_over",
                "8001",
                "agent",
                "换班",
            )
            await desk.receive()
            assert desk.close_code == 4401
        assert (await browser.ask("GET", "/session/me", headers=first))[0] == 401
        assert (await browser.ask("GET", "/session/me", headers=second))[0] == 200
        _, nobody = await browser.ask("GET", "/seats/8001/sitters", headers=second)
        assert nobody["items"] == []
    assert [it.why for it in house.audit.entries if it.action == "seat.taken_over"] == ["换班"]


async def test_another_seat_is_nobodys_business(tmp_path: Path) -> None:
    """Nor is the own one of who has none."""
    house = House(tmp_path)
    house.add_account(Role.AGENT, seat_id="8001")
    async with browsing(house, Role.AGENT) as browser:
        assert (await browser.get("/seats/8002/sitters"))[1]["error_id"] == "not_your_seat"
        assert (await browser.post("/seats/8002/take-over", {"why": "me"}))[1]["error_id"] == "not_your_seat"
