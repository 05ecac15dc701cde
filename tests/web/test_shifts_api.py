"""Staff, rosters and swaps by HTTP: whole files or nothing, who may, what is audited, what is masked."""

from base64 import b64encode
from pathlib import Path

import pytest
from web_fakes import House, browsing

from callcenter.core.errors import UsageError
from callcenter.staff.core.roster import Fault, FaultySheet, Place
from callcenter.staff.core.sheet import FILE_MAX_BYTES
from callcenter.web.api.sheets import FAULTS_MAX
from callcenter.web.roles import Role

pytestmark = pytest.mark.web

FILE = b"PK\x03\x04 roster"
BODY = {"content": b64encode(FILE).decode(), "why": "十二月排班"}


@pytest.fixture
def house(tmp_path: Path) -> House:
    """A house of fakes."""
    return House(tmp_path)


async def test_a_roster_is_tried_then_imported(house: House) -> None:
    """The file arrives whole, with the name of who sent it; only the import is audited."""
    async with browsing(house, Role.SHIFT_MANAGER) as browser:
        status, tried = await browser.post("/shifts/import", BODY | {"dry_run": True, "month": "2026-12-01"})
        assert (status, tried["applied"]) == (200, False)
        assert not [entry for entry in house.audit.entries if entry.action == "shifts.imported"]
        status, done = await browser.post("/shifts/import", BODY | {"replace": True})
    assert (status, done["applied"], done["shifts"]) == (200, True, 3)
    assert house.shifts.asked[-1] == ("import", FILE, False, True, None, "shift_manager")
    entry = house.audit.entries[-1]
    assert (entry.by, entry.action, entry.why) == ("shift_manager", "shifts.imported", "十二月排班")


async def test_a_file_of_half_a_megabyte_fits_and_a_larger_one_does_not(house: House) -> None:
    """Other endpoints keep their small bound."""
    async with browsing(house, Role.SHIFT_MANAGER) as browser:
        large = {"content": b64encode(bytes(FILE_MAX_BYTES)).decode(), "why": "排班"}
        assert (await browser.post("/shifts/import", large))[0] == 200
        too_large = {"content": b64encode(bytes(FILE_MAX_BYTES + 8192)).decode(), "why": "排班"}
        assert (await browser.post("/shifts/import", too_large))[0] == 413
        assert (await browser.post("/surge", large))[0] == 413


async def test_faults_are_told_at_once(house: House) -> None:
    """The first fifty with their places, and how many there are."""
    faults = [Fault(Place("排班", row, "A"), "9999", "没有工号 / unknown") for row in range(2, 80)]
    house.shifts.error = FaultySheet(faults)
    async with browsing(house, Role.SHIFT_MANAGER) as browser:
        status, answer = await browser.post("/shifts/import", BODY)
    assert (status, answer["error_id"], answer["details"]["total"]) == (422, "faulty_sheet", 78)
    assert len(answer["details"]["faults"]) == FAULTS_MAX
    assert answer["details"]["faults"][0] == {
        "sheet": "排班", "row": 2, "column": "A", "value": "9999", "problem": "没有工号 / unknown",
    }  # fmt: skip


async def test_an_agent_proposes_for_himself_and_a_manager_approves(house: House) -> None:
    """Each deed is audited with its reason; an agent approves nothing."""
    async with browsing(house, Role.AGENT) as browser:
        wish = {"first_id": 1, "with_staff_no": "1002", "why": "家里有事"}
        assert (await browser.post("/shifts/swaps", wish))[0] == 200
        assert (await browser.post("/shifts/swaps/1/approve", {"why": "可以"}))[0] == 403
        assert (await browser.post("/shifts/swaps", wish | {"second_id": 2}))[0] == 422
    assert house.shifts.asked[-1] == ("propose", 1, None, "1002", "agent", True)
    async with browsing(house, Role.SHIFT_MANAGER) as browser:
        _, swap = await browser.post("/shifts/swaps/1/approve", {"why": "可以"})
        assert swap["state"] == "approved"
        house.shifts.error = UsageError("班次已经开始", code="wrong_shift_state")
        status, answer = await browser.post("/shifts/swaps/1/undo", {"why": "误批"})
    assert (status, answer["message"]) == (409, "班次已经开始")
    deeds = [entry.action for entry in house.audit.entries]
    assert [deed for deed in deeds if deed.startswith("shifts.")] == [
        "shifts.swap_proposed",
        "shifts.swap_approved",
        "shifts.swap_undone",
    ]


async def test_a_shift_is_cancelled_with_its_reason(house: House) -> None:
    """By the shift manager; audited, and an agent may not."""
    async with browsing(house, Role.SHIFT_MANAGER) as browser:
        _, gone = await browser.post("/shifts/1/cancel", {"why": "产假"})
    assert gone["state"] == "cancelled"
    assert house.shifts.asked[-1] == ("cancel", 1, "shift_manager")
    deed = house.audit.entries[-1]
    assert (deed.action, deed.resource, deed.why) == ("shifts.cancelled", "shift/1", "产假")


async def test_phones_of_the_staff_are_masked(house: House) -> None:
    """For everybody who may see the list, and agents may not."""
    async with browsing(house, Role.SHIFT_MANAGER) as browser:
        person = {"name": "张三", "phone": "13812345678", "why": "新来"}
        status, kept = await browser.ask("PUT", "/staff/1001", json=person)
        assert (status, kept["phone"]) == (200, "138****5678")
        _, page = await browser.get("/staff")
        assert [row["phone"] for row in page["items"]] == ["138****5678"]
    async with browsing(house, Role.AGENT) as browser:
        assert (await browser.get("/staff"))[0] == 403


async def test_presence_names_its_formula_and_its_parts(house: House) -> None:
    """A day that has not begun is refused; so are days in disorder."""
    async with browsing(house, Role.AUDITOR) as browser:
        _, seen = await browser.get("/presence?day=2026-11-22")
        assert (seen["formula"], seen["total"]["due"], len(seen["hours"])) == (
            "seat_presence_rate@1",
            48.0,
            24,
        )
        assert (await browser.get("/presence?day=2026-11-23"))[0] == 400
        assert (await browser.get("/shifts/duty"))[1]["missing"] == 2
        assert (await browser.get("/shifts?from_day=2026-12-02&to_day=2026-12-01"))[0] == 422
        assert (await browser.get("/shifts"))[1]["items"][0]["name"] == "张三"
