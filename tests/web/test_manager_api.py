"""What the manager's board asks beside the live state: proposals, alarms, quarter hours."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from busy_house import BusyHouse, part
from web_fakes import House, browsing

from callcenter.core.errors import PeerError
from callcenter.web.alarms import FRESH_S
from callcenter.web.roles import Role
from callcenter.web.views.ledger import GapView

pytestmark = pytest.mark.web


@pytest.fixture
def busy(tmp_path: Path) -> BusyHouse:
    """A house in a surge."""
    return BusyHouse(tmp_path, level=2)


async def test_proposals_of_a_surge(busy: BusyHouse) -> None:
    """The level that the figures ask for, and the cloud seats; each with the change to ask a what-if about."""
    async with browsing(busy, Role.SHIFT_MANAGER) as browser:
        _, told = await browser.get("/proposals")
        level, cloud = told["proposals"][:2]
        status, effect = await browser.post("/what-if", cloud["change"])
    assert (level["id"], level["level"]) == ("level-3", 3)
    assert (cloud["id"], cloud["amount"], cloud["change"]["cloud_seats"]) == ("cloud-6", 6, 6)
    assert status == 200
    assert effect["with_change"]["served_within_share"] > effect["without"]["served_within_share"]


async def test_a_paused_partner_is_proposed_with_the_best_that_can_come(busy: BusyHouse) -> None:
    """Its seats are not simulated, so what is told is an upper bound."""
    busy.partner.done.append((True, "lin", "calm"))
    async with browsing(busy, Role.SHIFT_MANAGER) as browser:
        _, told = await browser.get("/proposals")
    [partner] = [each for each in told["proposals"] if each["kind"] == "partner"]
    assert (partner["amount"], partner["is_upper_bound"]) == (5, True)


async def test_seats_on_surveys_come_with_their_version(house: House) -> None:
    """So that whoever moved one meanwhile is told."""
    async with browsing(house, Role.SHIFT_MANAGER) as browser:
        _, told = await browser.get("/proposals")
    [inbound] = [each for each in told["proposals"] if each["kind"] == "inbound"]
    assert inbound["seats"] == [{"seat_id": "8004", "version": 0}]


async def test_alarms_the_worst_first_and_who_has_seen_them(busy: BusyHouse) -> None:
    """Acknowledged ones name who looks after them; one that is over is forgotten, and asked about anew."""
    busy.floor.components_ = [
        part("database", "down", "database_down"),
        part("disk", "degraded", "80 MB free"),
    ]
    async with browsing(busy, Role.SHIFT_MANAGER) as browser:
        _, told = await browser.get("/alarms")
        assert [alarm["id"] for alarm in told["alarms"]] == [
            "database",
            "disk",
            "dead_phones",
            "link_gap_over",
        ]
        assert told["alarms"][2]["values"] == {"count": 1, "seats": "8016"}
        status, told = await browser.post("/alarms/disk/acknowledge")
        assert (status, told["alarms"][1]["seen"]["by"]) == (200, "shift_manager")
        assert busy.audit.entries[-1].resource == "alarm/disk"
        busy.floor.components_ = []
        await browser.get("/alarms")
        busy.floor.components_ = [part("disk", "degraded", "80 MB free")]
        _, told = await browser.get("/alarms")
        assert told["alarms"][0]["seen"] is None
        status, refused = await browser.post("/alarms/database/acknowledge")
    assert (status, refused["error_id"]) == (404, "unknown_alarm")


async def test_a_store_that_is_away_hides_no_other_alarm(busy: BusyHouse) -> None:
    """Nor is it asked by every board: what it told is good for a quarter of a minute."""
    asked: list[int] = []

    class Away:
        async def list(self, limit: int) -> list[GapView]:
            asked.append(limit)
            raise PeerError("the database is away", code="database_down")

    busy.ports = replace(busy.ports, gaps=Away())
    async with browsing(busy, Role.AGENT) as browser:
        _, told = await browser.get("/alarms")
        await browser.get("/alarms")
        assert len(asked) == 1
        busy.clock.advance(FRESH_S)
        await browser.get("/alarms")
    assert [alarm["id"] for alarm in told["alarms"]] == ["dead_phones"]
    assert len(asked) == 2


async def test_quarter_hours_with_who_was_in_line(busy: BusyHouse) -> None:
    """Sixteen of four hours, the last one running; in the surge somebody waits at the end of each."""
    async with browsing(busy, Role.AGENT) as browser:
        _, told = await browser.get("/figures/quarters?hours=4")
        status, _ = await browser.get("/figures/quarters?hours=25")
    quarters = told["quarters"]
    assert (len(quarters), status) == (16, 422)
    assert quarters[-1]["from_at"] == "2026-11-22T17:00:00+08:00"
    busiest = max(quarters, key=lambda each: each["attempts"])
    assert busiest["attempts"] == busiest["answered"] + busiest["abandoned"] + busiest["diverted"]
    assert busiest["waiting"] > 0


@pytest.fixture
def house(tmp_path: Path) -> House:
    """A quiet house of fakes."""
    made = House(tmp_path)
    made.clock.advance(timedelta(minutes=5).total_seconds())
    return made
