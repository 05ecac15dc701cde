"""Cloud seats by HTTP: the shift manager's alone to change, audited; a link is good once and tells nothing to others."""

from pathlib import Path

import pytest
from web_fakes import MASKED, NUMBER, House, browsing
from web_fakes.cloud import JOIN_TOKEN, NO_SEAT, SEAT, SECRET

from callcenter.core.messages.cloud import CloudRequest, CloudState
from callcenter.web.join_page import WINDOW_S, WRONG_LINKS
from callcenter.web.roles import Role

pytestmark = pytest.mark.web

WHY = {"why": "暴雨"}
PAGE = f"/join/{JOIN_TOKEN}"


@pytest.fixture
def house(tmp_path: Path) -> House:
    """A house of fakes."""
    return House(tmp_path)


async def test_everybody_sees_the_roll(house: House) -> None:
    """With states, what was measured, and why a seat was refused."""
    async with browsing(house, Role.AGENT) as browser:
        status, cloud = await browser.get("/cloud")
    assert status == 200
    (seat,) = cloud["seats"]
    assert (seat["state"], seat["measured"]["loss_in"]) == ("refused", 0.31)
    assert seat["reason"].startswith("丢包 31 %")
    assert cloud["proposal"] == 4


async def test_a_manager_invites(house: House) -> None:
    """So many, with a reason that stands in the audit."""
    async with browsing(house, Role.SHIFT_MANAGER) as browser:
        status, cloud = await browser.post("/cloud/invite", {"seats": 6, **WHY})
        assert (status, cloud["call"]["target"]) == (200, 6)
        assert (await browser.post("/cloud/invite", {"seats": 6}))[1]["error_id"] == "why_missing"
        assert (await browser.post("/cloud/invite", {"seats": 0, **WHY}))[0] == 422
    assert house.cloud.asked == [("invite", 6, "shift_manager", "暴雨")]
    entry = house.audit.entries[-1]
    assert (entry.action, entry.resource, entry.why) == ("cloud.invited", "cloud/6", "暴雨")


async def test_a_proposal_is_answered_once(house: House) -> None:
    """Applied by one action; the second finds none."""
    async with browsing(house, Role.SHIFT_MANAGER) as browser:
        assert (await browser.post("/cloud/apply", WHY))[0] == 200
        house.cloud.proposal = None
        status, answer = await browser.post("/cloud/decline", WHY)
    assert (status, answer["error_id"]) == (400, "no_proposal")
    assert house.cloud.asked == [("answer", True, "shift_manager", "暴雨")]


async def test_a_call_for_help_is_taken_back(house: House) -> None:
    """With the reason, into the audit."""
    async with browsing(house, Role.SHIFT_MANAGER) as browser:
        status, _ = await browser.post("/cloud/call-off", {"why": "雨停了"})
    assert (status, house.cloud.asked) == (200, [("call_off", "shift_manager", "雨停了")])
    assert house.audit.entries[-1].action == "cloud.called_off"


@pytest.mark.parametrize("request_", [request.value for request in CloudRequest])
async def test_what_is_asked_of_a_seat(house: House, request_: str) -> None:
    """Each is audited before it happens, and says when it takes effect."""
    async with browsing(house, Role.SHIFT_MANAGER) as browser:
        status, answer = await browser.post(f"/cloud/{SEAT}/{request_}", WHY)
        assert (status, answer["takes_effect"]) == (200, "after_call")
        assert (await browser.post(f"/cloud/{NO_SEAT}/{request_}", WHY))[0] == 404
    assert f"cloud.{request_}_asked" in [entry.action for entry in house.audit.entries]
    assert house.cloud.asked == [(CloudRequest(request_), SEAT, "shift_manager", "暴雨")]


@pytest.mark.parametrize("role", [Role.AGENT, Role.TEAM_LEADER, Role.AUDITOR, Role.QA_REVIEWER])
async def test_nobody_else_may(house: House, role: Role) -> None:
    """Who does not steer changes nothing and sees no people."""
    async with browsing(house, role) as browser:
        for path in ("invite", "apply", "decline", f"{SEAT}/lock", f"{SEAT}/link", "people"):
            assert (await browser.post(f"/cloud/{path}", WHY))[0] == 403
        assert (await browser.get("/cloud/people"))[0] == 403
    assert house.cloud.asked == []


async def test_people_are_written_down(house: House) -> None:
    """Numbers come back masked; what is no number is refused by its field."""
    person = {"staff_no": "1023", "name": "王芳", "phone": NUMBER, "seat_id": SEAT}
    async with browsing(house, Role.SHIFT_MANAGER) as browser:
        status, kept = await browser.post("/cloud/people", person)
        assert (status, kept["phone"]) == (200, MASKED)
        _, page = await browser.get("/cloud/people")
        assert [row["phone"] for row in page["items"]] == [MASKED]
        status, answer = await browser.post("/cloud/people", {**person, "phone": "138 0013"})
    assert (status, answer["error_id"]) == (422, "bad_body")


async def test_a_link_is_told_with_its_reason(house: House) -> None:
    """And kept under no idempotency key."""
    async with browsing(house, Role.SHIFT_MANAGER) as browser:
        status, link = await browser.post(f"/cloud/{SEAT}/link", WHY)
    assert (status, link["url"].rsplit("/", 1)[1]) == (200, JOIN_TOKEN)
    assert house.audit.entries[-1].action == "cloud.link_told"


async def test_looking_uses_no_link_up(house: House) -> None:
    """The page names the seat, in Chinese first, and loads nothing from elsewhere."""
    async with browsing(house) as browser:
        url = browser.server.make_url(PAGE)
        async with browser.http.get(url) as first, browser.http.get(url) as answer:
            assert (first.status, answer.status) == (200, 200)
            assert answer.headers["Cache-Control"] == "no-store"
            text = await answer.text()
    assert f"云坐席 {SEAT}" in text
    assert "<button>" in text
    assert "//" not in text.replace("http://www.w3.org", "")
    assert SECRET not in text


async def test_the_account_is_shown_once(house: House) -> None:
    """To who pressed the button; later the page shows the state alone, and the button works no more."""
    async with browsing(house) as browser:
        url = browser.server.make_url(PAGE)
        async with browser.http.post(url) as answer:
            text = await answer.text()
            assert (answer.status, SECRET in text) == (200, True)
            assert "状态&lt;accepted&gt;" in text, "escaped"
        async with browser.http.get(url) as answer:
            later = await answer.text()
            assert (answer.status, SECRET in later, "账号已显示过一次" in later) == (200, False, True)
        async with browser.http.post(url) as answer:
            assert (answer.status, SECRET in await answer.text()) == (409, False)


async def test_the_page_follows_the_check(house: House) -> None:
    """It asks for the state again and again, and who was refused may try again."""
    house.join.is_used, house.join.state_of_seat = True, CloudState.REFUSED
    async with browsing(house) as browser:
        async with browser.http.get(browser.server.make_url(f"{PAGE}/state")) as answer:
            state = await answer.json()
        async with browser.http.post(browser.server.make_url(f"{PAGE}/check")) as answer:
            assert answer.status == 204
    assert (state["state"], state["can_retry"], house.join.retried) == ("refused", True, 1)


async def test_who_guesses_is_slowed_down(house: House) -> None:
    """A wrong link says what an old one says; after ten of them nothing is looked up for a minute, the right one neither."""
    async with browsing(house) as browser:

        async def status(token: str) -> int:
            async with browser.http.get(browser.server.make_url(f"/join/{token}")) as answer:
                assert "链接已失效" in await answer.text() or answer.status == 200
                return answer.status

        assert [await status("wrong") for _ in range(WRONG_LINKS)] == [404] * WRONG_LINKS
        assert await status(JOIN_TOKEN) == 429
        house.clock.advance(WINDOW_S)
        assert await status(JOIN_TOKEN) == 200
