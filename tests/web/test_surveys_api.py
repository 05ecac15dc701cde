"""Survey calls by HTTP: the next citizen for one's own seat, a grade once; numbers masked."""

from pathlib import Path

import pytest
from web_fakes import MASKED, House, browsing

from callcenter.web.roles import Role

pytestmark = pytest.mark.web


@pytest.fixture
def house(tmp_path: Path) -> House:
    """A house of fakes, with an agent at seat 8004."""
    house = House(tmp_path)
    house.add_account(Role.AGENT, seat_id="8004")
    return house


async def test_an_agent_surveys_from_his_own_seat(house: House) -> None:
    """He is shown whom he calls, masked, and enters the grade once."""
    async with browsing(house, Role.AGENT) as browser:
        assert (await browser.post("/surveys/next", {"seat_id": "8001"}))[0] == 403
        status, call = await browser.post("/surveys/next", {"seat_id": "8004"})
        assert (status, call["citizen"], call["contact_id"]) == (200, MASKED, "c-1")
        assert (await browser.post("/surveys/next", {"seat_id": "8004"}))[0] == 404
        status, answer = await browser.post("/surveys/c-1/grade", {"grade": 4})
        assert (status, answer) == (200, {"contact_id": "c-1", "answer": "rated", "grade": 4})
        assert (await browser.post("/surveys/c-1/declined"))[0] == 409
        _, found = await browser.get("/surveys")
    assert found["stopped"] == "surge"
    assert found["asked"][0]["citizen"] == MASKED
    assert house.surveys.answers == [("c-1", 4)]
    assert house.audit.entries[-1].resource == "contact/c-1"


async def test_nobody_answers_for_another_seat(house: House) -> None:
    """Nor about a talk that nobody asked about; grades go from 1 to 5."""
    async with browsing(house, Role.SHIFT_MANAGER) as browser:
        await browser.post("/surveys/next", {"seat_id": "8005"})
    async with browsing(house, Role.AGENT) as browser:
        assert (await browser.post("/surveys/c-1/grade", {"grade": 4}))[0] == 403
        assert (await browser.post("/surveys/c-9/grade", {"grade": 4}))[0] == 404
        assert (await browser.post("/surveys/c-1/grade", {"grade": 6}))[0] == 422
    assert house.surveys.answers == []
