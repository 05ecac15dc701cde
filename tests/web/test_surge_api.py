"""Steering by HTTP: the surge level, the line, what is owed, skills and rests. Who, when and why is always kept."""

from pathlib import Path

import pytest
from web_fakes import MASKED, NUMBER, House, browsing

from callcenter.web.ports.callbacks import CallbackFilter
from callcenter.web.roles import Role
from callcenter.web.views import ErrorView

pytestmark = pytest.mark.web


@pytest.fixture
def house(tmp_path: Path) -> House:
    """A house of fakes."""
    return House(tmp_path)


def audited(house: House) -> tuple[str, str, str, str]:
    """Who did what to which thing, and why, at last."""
    entry = house.audit.entries[-1]
    return entry.by, entry.action, entry.resource, entry.why


async def test_the_surge_is_told_with_its_figures(house: House) -> None:
    """Level by number and name, who holds it, what it allows, the figures, a proposal, what is owed."""
    async with browsing(house, Role.QA_REVIEWER) as browser:
        status, surge = await browser.get("/surge")
    assert status == 200
    assert (surge["level"], surge["level_name"], surge["mode"], surge["proposal"]) == (
        0,
        "平时",
        "automatic",
        2,
    )
    assert surge["profile"]["callbacks"] is True
    assert surge["profile"]["wrap_up_cap_s"] is None
    assert (surge["load"], surge["ewt_s"], surge["waiting"]) == (1.4, 312.5, 12)
    assert (surge["staffed"], surge["free"]) == (17, 0)
    assert surge["owed"] == {"missed": 3, "accepted": 2, "message": 1}


async def test_a_level_is_declared_and_handed_back(house: House) -> None:
    """The answer shows what holds afterwards; both stand in the audit with their reason."""
    async with browsing(house, Role.SHIFT_MANAGER) as browser:
        _, declared = await browser.post("/surge", {"level": 2, "why": "暴雨停水"})
        assert (declared["level_name"], declared["mode"], declared["proposal"]) == ("高峰", "declared", None)
        assert audited(house) == ("shift_manager", "surge.level_asked", "surge/2", "暴雨停水")
        _, back = await browser.post("/surge", {"level": None, "why": "恢复正常"})
        assert back["mode"] == "automatic"
        assert audited(house) == ("shift_manager", "surge.level_asked", "surge/auto", "恢复正常")
    assert house.surge.asked == [
        (2, False, "shift_manager", "暴雨停水"),
        (None, False, "shift_manager", "恢复正常"),
    ]


async def test_the_last_switch_is_undone(house: House) -> None:
    """One request brings back what held before; with nothing to undo it is refused."""
    async with browsing(house, Role.ADMIN) as browser:
        status, answer = await browser.post("/surge/undo", {"why": "too early"})
        assert (status, answer["error_id"]) == (400, "nothing_to_undo")
        await browser.post("/surge", {"level": 3, "why": "storm"})
        assert (await browser.post("/surge/undo", {"why": "mistake"}))[1]["level"] == 0
    assert audited(house) == ("admin", "surge.undo_asked", "surge", "mistake")


async def test_the_log_of_switches_is_newest_first(house: House) -> None:
    """Who, when, why and the figures; at most as many as asked for."""
    async with browsing(house, Role.ADMIN) as browser:
        for level in (1, 2, 3):
            await browser.post("/surge", {"level": level, "why": "storm"})
        _, page = await browser.get("/surge/switches?limit=2")
    assert [(row["old"], row["new"], row["new_name"]) for row in page["items"]] == [
        (2, 3, "过载"),
        (1, 2, "高峰"),
    ]
    row = page["items"][0]
    assert (row["by"], row["why"], row["applied"], row["waiting"]) == ("admin", "storm", True, 12)
    assert row["at"].startswith("2026-11-22T09:00:00")


async def test_a_switch_asked_twice_with_one_key_happens_once(house: House) -> None:
    """A repeated click changes nothing a second time."""
    async with browsing(house, Role.ADMIN) as browser:
        body = {"level": 2, "why": "storm"}
        first = await browser.post("/surge", body, Idempotency_Key="k1")
        assert await browser.post("/surge", body, Idempotency_Key="k1") == first
    assert len(house.surge.asked) == 1


async def test_todays_roster_is_told_and_changed(house: House) -> None:
    """Everybody sees the plan; a shift manager changes it with a reason."""
    async with browsing(house, Role.AGENT) as browser:
        _, usual = await browser.get("/day")
        assert (usual["roster"][:9], usual["is_usual_roster"]) == ([4] * 8 + [17], True)
        roster = {"roster": [3] * 24, "why": "两人病假"}
        assert (await browser.ask("PUT", "/day/roster", json=roster))[0] == 403
    async with browsing(house, Role.SHIFT_MANAGER) as browser:
        _, changed = await browser.ask("PUT", "/day/roster", json=roster)
    assert (changed["roster"], changed["is_usual_roster"]) == ([3] * 24, False)
    assert audited(house) == ("shift_manager", "day.roster_changed", "day", "两人病假")
    assert house.day.asked == [("shift_manager", "两人病假")]


async def test_a_waiting_caller_is_moved(house: House) -> None:
    """To the head and back, each time with its reason."""
    path = "/queues/general/waiting/c-1/priority"
    async with browsing(house, Role.SHIFT_MANAGER) as browser:
        status, answer = await browser.post(path, {"urgent": True, "why": "老人独居断电"})
        assert (status, answer) == (200, {"contact_id": "c-1", "queue": "general", "urgent": True})
        assert audited(house) == ("shift_manager", "line.priority_asked", "contact/c-1", "老人独居断电")
        await browser.post(path, {"urgent": False, "why": "mistake"})
    assert [moved[:2] for moved in house.line.moved] == [("c-1", True), ("c-1", False)]


async def test_what_is_owed_is_listed_by_number(house: House) -> None:
    """Attempts merged, tries counted, number masked; filters reach the reader."""
    async with browsing(house, Role.AGENT) as browser:
        _, page = await browser.get("/callbacks?state=open&ground=missed&limit=10&offset=0")
    (missed,) = page["items"]
    assert (missed["citizen"], missed["attempts"], missed["tries"]) == (MASKED, 4, 1)
    assert (page["total"], page["filtered"]) == (2, 1)
    assert house.callbacks.asked == [CallbackFilter("open", "missed")]


async def test_a_number_owed_is_shown_for_a_reason_only(house: House) -> None:
    """As with contacts: permission, reason, audit; a list never shows one."""
    async with browsing(house, Role.SHIFT_MANAGER) as browser:
        assert (await browser.get("/callbacks/c-2"))[1]["citizen"] == MASKED
        assert (await browser.get("/callbacks/c-2?unmask=1"))[1]["error_id"] == "why_missing"
        assert (await browser.get("/callbacks/c-2?unmask=1&why=call+back"))[1]["citizen"] == NUMBER
        assert (await browser.get("/callbacks?unmask=1&why=call+back"))[0] == 422
    assert audited(house) == ("shift_manager", "number.unmasked", "callback/c-2", "call back")
    async with browsing(house, Role.AGENT) as browser:
        assert (await browser.get("/callbacks/c-2?unmask=1&why=curious"))[0] == 403


async def test_a_message_becomes_a_ticket(house: House) -> None:
    """The agent who made the ticket says so, and whether the citizen is to be called."""
    async with browsing(house, Role.AGENT) as browser:
        status, answer = await browser.post("/callbacks/messages/c-1/reviewed", {"needs_call": True})
    assert (status, answer) == (200, {"contact_id": "c-1", "needs_call": True})
    assert house.callbacks.reviews == [("c-1", True, "agent")]
    assert audited(house)[:3] == ("agent", "message.reviewed", "contact/c-1")


async def test_what_is_owed_is_closed_or_put_off_by_hand(house: House) -> None:
    """By a shift manager with a reason that is kept; others may not."""
    async with browsing(house, Role.SHIFT_MANAGER) as browser:
        status, answer = await browser.post("/callbacks/c-2/close", {"why": "已由社区当面答复"})
        assert (status, answer) == (200, {"contact_id": "c-2"})
        assert audited(house) == ("shift_manager", "callback.closed", "callback/c-2", "已由社区当面答复")
        status, answer = await browser.post("/callbacks/c-2/postpone", {"minutes": 90, "why": "下午方便"})
        assert (status, answer["contact_id"]) == (200, "c-2")
        assert answer["not_before"].startswith("2026-11-22T10:30:00")
        assert audited(house) == ("shift_manager", "callback.postponed", "callback/c-2", "下午方便")
    assert house.callbacks.closed == [("c-2", "shift_manager", "已由社区当面答复")]
    assert house.callbacks.postponed == [("c-2", 5400.0, "shift_manager", "下午方便")]
    async with browsing(house, Role.AGENT) as browser:
        assert (await browser.post("/callbacks/c-2/close", {"why": "done"}))[0] == 403


async def test_a_seat_rests_after_abuse(house: House) -> None:
    """Now, or after the call; an agent reports it for the own seat only."""
    house.add_account(Role.AGENT, seat_id="8002")
    async with browsing(house, Role.AGENT) as browser:
        assert (await browser.post("/seats/8002/abuse"))[1]["takes_effect"] == "after_call"
        assert (await browser.post("/seats/8001/abuse"))[1]["error_id"] == "not_your_seat"
    assert house.care.rested == [("8002", "agent")]
    assert audited(house)[:3] == ("agent", "seat.abuse_reported", "seat/8002")


async def test_skills_are_assigned_and_taken_back(house: House) -> None:
    """Named twice counts once; an empty list means every queue alike."""
    async with browsing(house, Role.SHIFT_MANAGER) as browser:
        skills = {"skills": ["enterprise", "enterprise", "general"], "why": "new training"}
        _, answer = await browser.ask("PUT", "/seats/8001/skills", json=skills)
        assert answer == {"seat_id": "8001", "skills": ["enterprise", "general"]}
        assert audited(house) == ("shift_manager", "seat.skills_assigned", "seat/8001", "new training")
        assert (await browser.ask("PUT", "/seats/8001/skills", json={"skills": []}))[1]["skills"] == []
    assert [assigned[1] for assigned in house.care.assigned] == [("enterprise", "general"), ()]


async def test_seats_tell_skills_and_occupancy(house: House) -> None:
    """Both are there; what is unknown is null."""
    async with browsing(house, Role.AGENT) as browser:
        seat = (await browser.get("/seats"))[1]["items"][0]
    assert (seat["skills"], seat["occupancy"]) == ([], None)


PRIORITY = "/queues/general/waiting/c-1/priority"
REVIEWED = "/callbacks/messages/c-1/reviewed"


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "error_id"),
    [
        ("POST", "/surge", {"level": 4, "why": "storm"}, 422, "bad_body"),
        ("POST", "/surge", {"level": -1, "why": "storm"}, 422, "bad_body"),
        ("POST", "/surge", {"level": "2", "why": "storm"}, 422, "bad_body"),
        ("POST", "/surge", {"level": True, "why": "storm"}, 422, "bad_body"),
        ("POST", "/surge", {"why": "storm"}, 422, "bad_body"),
        ("POST", "/surge", {"level": 2}, 422, "why_missing"),
        ("POST", "/surge", {"level": 2, "why": "  "}, 422, "why_missing"),
        ("POST", "/surge", {"level": 2, "why": "a\nb"}, 422, "bad_body"),
        ("POST", "/surge", {"level": 2, "why": "x" * 201}, 422, "bad_body"),
        ("POST", "/surge/undo", {}, 422, "why_missing"),
        ("PUT", "/day/roster", {"roster": [3] * 24}, 422, "why_missing"),
        ("PUT", "/day/roster", {"roster": [0] * 24, "why": "night"}, 422, "bad_body"),
        ("PUT", "/day/roster", {"roster": [3] * 23, "why": "night"}, 422, "bad_body"),
        ("PUT", "/day/roster", {"roster": [-1] * 24, "why": "night"}, 422, "bad_body"),
        ("GET", "/surge/switches?limit=0", None, 422, "bad_query"),
        ("POST", PRIORITY, {"urgent": True}, 422, "why_missing"),
        ("POST", PRIORITY, {"why": "alone"}, 422, "bad_body"),
        ("POST", PRIORITY.replace("c-1", "c-9"), {"urgent": True, "why": "alone"}, 404, "unknown_contact"),
        ("POST", PRIORITY.replace("general", "x"), {"urgent": True, "why": "alone"}, 404, "unknown_queue"),
        ("GET", "/callbacks?state=lost", None, 422, "bad_query"),
        ("GET", "/callbacks?ground=love", None, 422, "bad_query"),
        ("GET", "/callbacks/c-9", None, 404, "unknown_callback"),
        ("POST", "/callbacks/c-2/close", {}, 422, "why_missing"),
        ("POST", "/callbacks/c-9/close", {"why": "done"}, 404, "unknown_callback"),
        ("POST", "/callbacks/c-2/postpone", {"minutes": 5}, 422, "why_missing"),
        ("POST", "/callbacks/c-2/postpone", {"minutes": 0, "why": "later"}, 422, "bad_body"),
        ("POST", "/callbacks/c-2/postpone", {"minutes": 10081, "why": "later"}, 422, "bad_body"),
        ("POST", REVIEWED, {}, 422, "bad_body"),
        ("POST", REVIEWED.replace("c-1", "c-2"), {"needs_call": False}, 404, "unknown_message"),
        ("POST", REVIEWED.replace("c-1", "c-9"), {"needs_call": False}, 404, "unknown_message"),
        ("POST", "/seats/8009/abuse", None, 404, "unknown_seat"),
        ("PUT", "/seats/8001/skills", {}, 422, "bad_body"),
        ("PUT", "/seats/8001/skills", {"skills": ["a b"]}, 422, "bad_body"),
        ("PUT", "/seats/8001/skills", {"skills": ["general"] * 21}, 422, "bad_body"),
        ("PUT", "/seats/8001/skills", {"skills": ["cooking"]}, 404, "unknown_queue"),
        ("PUT", "/seats/8009/skills", {"skills": []}, 404, "unknown_seat"),
    ],
)
async def test_what_does_not_fit_is_refused(
    house: House, method: str, path: str, body: dict[str, object] | None, status: int, error_id: str
) -> None:
    """A wrong level, no reason, nobody of that id: a 4xx that says what, and nothing happens."""
    async with browsing(house, Role.ADMIN) as browser:
        found, answer = await browser.ask(method, path, json=body)
    assert (found, ErrorView.model_validate(answer).error_id) == (status, error_id)
    assert (house.surge.asked, house.line.moved, house.callbacks.reviews) == ([], [], [])
    assert (house.callbacks.closed, house.callbacks.postponed, house.day.asked) == ([], [], [])
    assert (house.care.rested, house.care.assigned) == ([], [])
