"""Beside a talk by HTTP: on the own telephone only, never without a reason; agents see it unless the settings hide it."""

from pathlib import Path
from typing import Any

import pytest
from web_fakes import House, browsing

from callcenter.beside.section import Beside
from callcenter.core.messages.beside import Mode
from callcenter.web.roles import Role
from callcenter.web.views.board import BesideView

pytestmark = pytest.mark.web

WHY = "新坐席带教"


async def test_a_team_leader_listens_switches_and_leaves(tmp_path: Path) -> None:
    """On the own seat; each mode is audited with its reason."""
    house = House(tmp_path)
    house.add_account(Role.TEAM_LEADER, seat_id="8016")
    async with browsing(house, Role.TEAM_LEADER) as browser:
        first = await browser.post("/calls/c-1/beside", {"mode": "listen", "why": WHY})
        await browser.post("/calls/c-1/beside", {"mode": "whisper", "from": "8016", "why": WHY})
        left, _ = await browser.ask("DELETE", "/calls/c-1/beside")
    assert first == (200, {"contact_id": "c-1", "mode": "listen", "phone": "8016"})
    assert left == 204
    name = Role.TEAM_LEADER.value
    assert house.beside.asked == [("c-1", "listen", "8016", name), ("c-1", "whisper", "8016", name)]
    assert house.beside.ended == [("c-1", name)]
    noted = [(entry.action, entry.resource, entry.why) for entry in house.audit.entries[1:]]
    assert noted == [
        ("call.beside_listen", "contact/c-1", WHY),
        ("call.beside_whisper", "contact/c-1", WHY),
        ("call.beside_end_asked", "contact/c-1", ""),
    ]


@pytest.mark.parametrize(
    ("body", "status", "error_id"),
    [
        ({"mode": "listen"}, 422, "why_missing"),
        ({"mode": "listen", "from": "8001", "why": WHY}, 403, "not_your_seat"),
        ({"mode": "listen", "from": "13800138000", "why": WHY}, 422, "bad_body"),
        ({"mode": "shout", "why": WHY}, 422, "bad_body"),
        ({"why": WHY}, 422, "bad_body"),
    ],
)
async def test_what_may_not_be_rings_nobody(
    tmp_path: Path, body: dict[str, str], status: int, error_id: str
) -> None:
    """No reason, somebody else's seat, any number, no mode."""
    house = House(tmp_path)
    house.add_account(Role.SHIFT_MANAGER, seat_id="8016")
    async with browsing(house, Role.SHIFT_MANAGER) as browser:
        told, answer = await browser.post("/calls/c-1/beside", body)
    assert (told, answer["error_id"]) == (status, error_id)
    assert house.beside.asked == []


async def test_who_has_no_seat_is_told_what_to_do(tmp_path: Path) -> None:
    """The registered telephone is the other way."""
    house = House(tmp_path)
    async with browsing(house, Role.SHIFT_MANAGER) as browser:
        status, answer = await browser.post("/calls/c-1/beside", {"mode": "listen", "why": WHY})
        assert (status, answer["error_id"]) == (409, "no_own_seat")
        body = {"mode": "join", "from": "telephone", "why": WHY}
        assert (await browser.post("/calls/c-1/beside", body))[0] == 200
        assert (await browser.post("/calls/c-9/beside", body))[0] == 409


@pytest.mark.parametrize("role", [Role.AGENT, Role.TEAM_LEADER, Role.AUDITOR])
@pytest.mark.parametrize("agents_are_told", [True, False])
async def test_agents_see_it_unless_the_settings_hide_it(
    tmp_path: Path, role: Role, agents_are_told: bool
) -> None:
    """On the board, in its live frames and in the events; the order of events has no hole."""
    house = House(tmp_path)
    house.settings = house.settings.model_copy(update={"beside": Beside(agents_are_told=agents_are_told)})
    house.board.beside = BesideView(by="值班长", mode=Mode.WHISPER, is_there=True)
    house.events.append("beside.changed", {"by": "值班长"})
    sees = agents_are_told or role is not Role.AGENT
    async with browsing(house, role) as browser:
        _, status = await browser.get("/status")
        _, events = await browser.get("/events/list")
        frame = await first_frame(browser)
    assert [call["beside"] is not None for call in (*status["calls"], *frame["calls"])] == [sees, sees]
    [event] = events["items"]
    assert ("值班长" in str(event)) is sees
    assert event["type"] == ("beside.changed" if sees else "stream.withheld")


async def first_frame(browser: Any) -> dict[str, Any]:
    """The live board, whole."""
    url = browser.server.make_url("/api/v1/events?types=board.changed")
    async with browser.http.ws_connect(url, headers=browser.headers) as socket:
        frame: dict[str, Any] = await socket.receive_json(timeout=20)
        return frame
