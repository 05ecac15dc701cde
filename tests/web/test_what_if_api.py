"""What-ifs by HTTP: asked by who steers, read by everybody, audited, rounded, beside what happened."""

from dataclasses import replace
from pathlib import Path

import pytest
from web_fakes import House, browsing
from web_fakes.foresight import WITH, FakeWhatIf

from callcenter.web.roles import Role
from queues.core.what_if import Change

pytestmark = pytest.mark.web


@pytest.fixture
def what_if() -> FakeWhatIf:
    """Who answers."""
    return FakeWhatIf()


@pytest.fixture
def house(tmp_path: Path, what_if: FakeWhatIf) -> House:
    """A house of fakes that looks ahead."""
    made = House(tmp_path)
    made.ports = replace(made.ports, what_if=what_if)
    return made


async def test_six_more_cloud_seats_for_two_hours(house: House, what_if: FakeWhatIf) -> None:
    """Both variants, the error of the difference, how many futures, how long it took; who asked stands in the audit."""
    async with browsing(house, Role.SHIFT_MANAGER) as browser:
        status, told = await browser.post("/what-if", {"cloud_seats": 6, "hours": 2})
    assert status == 200
    assert what_if.asked == [(Change(6, 0, 2.0), "shift_manager")]
    assert told["change"] == {"cloud_seats": 6, "seats": 0, "hours": 2.0, "wrap_up_cap_s": 0.0, "level": None}
    assert (told["without"]["answered"], told["with_change"]["answered"]) == (150, 210)
    assert (told["without"]["answered_share"], told["without"]["occupancy"]) == (0.3457, None)
    assert (told["spread"]["answered"], told["spread"]["seats"]) == (2.1235, None)
    assert (told["runs"], told["took_s"], told["real"]) == (6, 0.612, None)
    entry = house.audit.entries[-1]
    assert (entry.by, entry.action, entry.resource) == (
        "shift_manager",
        "what_if.asked",
        "what-if/cloud=6,seats=0",
    )


async def test_shorter_after_call_work_and_a_level(house: House, what_if: FakeWhatIf) -> None:
    """Both may be asked about; the audit tells what was."""
    async with browsing(house, Role.SHIFT_MANAGER) as browser:
        _, told = await browser.post("/what-if", {"wrap_up_cap_s": 45})
        await browser.post("/what-if", {"level": 3})
    assert told["change"]["wrap_up_cap_s"] == 45
    assert [change for change, _ in what_if.asked] == [Change(wrap_up_cap_s=45), Change(level=3)]
    assert house.audit.entries[-1].resource == "what-if/cloud=0,seats=0,level=3"


async def test_predictions_stand_beside_what_happened(house: House, what_if: FakeWhatIf) -> None:
    """Everybody may read them; the variant that came true is told by the seats that were there."""
    what_if.asked.append((Change(6), "lead"))
    what_if.real = replace(WITH, answered=199, seats=22.5)
    async with browsing(house, Role.AGENT) as browser:
        _, page = await browser.get("/what-if?limit=1")
    [told] = page["items"]
    assert (told["real"]["answered"], told["came_true"], told["by"]) == (199, "with", "lead")


@pytest.mark.parametrize(
    "body",
    [
        {"hours": 0},
        {"hours": 13},
        {"hours": "NaN"},
        {"cloud_seats": 501},
        {"seats": 1.5},
        {"seat": 1},
        {"wrap_up_cap_s": -1},
        {"level": 4},
    ],
)
async def test_nonsense_is_refused(house: House, what_if: FakeWhatIf, body: dict[str, object]) -> None:
    """Before anybody is asked."""
    async with browsing(house, Role.SHIFT_MANAGER) as browser:
        status, _ = await browser.post("/what-if", body)
    assert (status, what_if.asked) == (422, [])


async def test_only_who_steers_may_ask(house: House, what_if: FakeWhatIf) -> None:
    """Simulating costs the machine something."""
    async with browsing(house, Role.AGENT) as browser:
        status, _ = await browser.post("/what-if", {})
    assert (status, what_if.asked) == (403, [])


async def test_a_busy_house_says_so(house: House, what_if: FakeWhatIf) -> None:
    """The one who asks may try again."""
    what_if.is_busy = True
    async with browsing(house, Role.SHIFT_MANAGER) as browser:
        status, answer = await browser.post("/what-if", {})
    assert (status, answer["error_id"]) == (503, "what_if_busy")
