"""Moving seats by HTTP: previewed, applied with the version that was seen, undone; audited with who and why."""

from pathlib import Path
from typing import Any

import pytest
from web_fakes import House, browsing

from callcenter.core.messages.duty import Duty, SeatMove
from callcenter.web.roles import Role

pytestmark = pytest.mark.web

TO_FIRMS = {"seat_id": "8001", "skills": ["enterprise", "enterprise"], "duty": "inbound", "version": 3}
TO_SURVEYS = {"seat_id": "8004", "duty": "surveys", "version": 3}


@pytest.fixture
def house(tmp_path: Path) -> House:
    """A house of fakes."""
    return House(tmp_path)


async def test_a_plan_is_previewed(house: House) -> None:
    """What is to be expected before and after, with the version of each seat; nothing is audited or moved."""
    async with browsing(house, Role.SHIFT_MANAGER) as browser:
        status, plan = await browser.post("/rebalance/preview", {"moves": [TO_FIRMS], "hours": 2})
    assert status == 200
    assert plan["seats"][0]["version"] == 3
    assert plan["effect"]["hours"] == 2
    assert plan["effect"]["groups"][0]["after"] == {"wait_s": 55.5, "within_share": 0.6}
    assert house.rebalance.asked == []
    assert [entry.action for entry in house.audit.entries] == ["session.opened"]


async def test_moves_are_applied_and_undone(house: House) -> None:
    """One record, with the name of who moved and the reason; it is listed."""
    async with browsing(house, Role.SHIFT_MANAGER) as browser:
        body = {"moves": [TO_FIRMS, TO_SURVEYS], "why": "企业专席排队"}
        status, done = await browser.post("/rebalance/apply", body)
        assert (status, done["by"], done["why"]) == (200, "shift_manager", "企业专席排队")
        status, undone = await browser.post("/rebalance/undo", {"why": "误操作"})
        assert (status, undone["undoes"]) == (200, done["id"])
        assert undone["not_undone"][0]["seat_id"] == "8002"
        _, found = await browser.get("/rebalance")
    assert [row["id"] for row in found["items"]] == [undone["id"], done["id"]]
    assert found["wanted_back"] == ["8004"]
    assert house.rebalance.asked[0][0] == (
        SeatMove("8001", ("enterprise",), Duty.INBOUND, 3),  # type: ignore[arg-type]  # plain words compare equal
        SeatMove("8004", None, Duty.SURVEYS, 3),  # type: ignore[arg-type]
    )
    _, first, second = house.audit.entries
    assert (first.action, first.resource, first.why) == ("seats.moved", "seats/8001 8004", "企业专席排队")
    assert (second.action, second.why) == ("seats.moved_back", "误操作")


async def test_who_was_overtaken_is_told_by_whom(house: House) -> None:
    """409, with the name."""
    async with browsing(house, Role.SHIFT_MANAGER) as browser:
        body = {"moves": [TO_FIRMS | {"version": 2}], "why": "高峰"}
        status, answer = await browser.post("/rebalance/apply", body)
    assert (status, answer["error_id"]) == (409, "wrong_seat_version")
    assert "王某" in answer["message"]


async def test_only_who_steers_moves(house: House) -> None:
    """A team leader reads; an agent too."""
    for role in (Role.TEAM_LEADER, Role.AGENT):
        async with browsing(house, role) as browser:
            assert (await browser.get("/rebalance"))[0] == 200
            for path, body in (
                ("preview", {"moves": [TO_FIRMS]}),
                ("apply", {"moves": [TO_FIRMS], "why": "高峰"}),
                ("undo", {"why": "高峰"}),
            ):
                assert (await browser.post(f"/rebalance/{path}", body))[0] == 403


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"moves": [], "why": "高峰"},
        {"moves": [TO_FIRMS | {"seat_id": "80"}], "why": "高峰"},
        {"moves": [TO_FIRMS | {"duty": "helping"}], "why": "高峰"},
        {"moves": [TO_FIRMS | {"skills": ["No Such"]}], "why": "高峰"},
        {"moves": [TO_FIRMS], "why": "高峰", "hours": 13},
        {"moves": [TO_FIRMS], "why": ""},
    ],
)
async def test_bad_bodies_are_refused(house: House, body: dict[str, Any]) -> None:
    """Before anything is asked of the house."""
    async with browsing(house, Role.SHIFT_MANAGER) as browser:
        status, _ = await browser.post("/rebalance/apply", body)
    assert status == 422
    assert house.rebalance.asked == []


async def test_an_unknown_rebalancing_cannot_be_undone(house: House) -> None:
    """404."""
    async with browsing(house, Role.SHIFT_MANAGER) as browser:
        assert (await browser.post("/rebalance/undo", {"why": "误操作"}))[0] == 404
