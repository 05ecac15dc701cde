"""Citizens' matters over HTTP: the outbox, satisfaction, PINs of tickets, and the page on which a talk is rated."""

import asyncio
from pathlib import Path

import pytest
from web_fakes import MASKED, NUMBER, TICKET, Browser, House, browsing
from web_fakes.citizens import TOKEN

from callcenter.core.ids import SeatId
from callcenter.web.rating_page import WINDOW_S, WRONG_LINKS
from callcenter.web.roles import Role

pytestmark = pytest.mark.web

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
LINK = f"/r/{TOKEN}"


@pytest.fixture
def house(tmp_path: Path) -> House:
    """A house with its fakes."""
    return House(tmp_path)


async def visit(browser: Browser, path: str, form: str | None = None, **headers: str) -> tuple[int, str]:
    """Status and page; with ``form``: sent to it."""
    method = "GET" if form is None else "POST"
    answer = await browser.http.request(
        method, browser.server.make_url(path), data=form, headers={**FORM, **headers} if form else None
    )
    return answer.status, await answer.text()


async def test_the_outbox_tells_no_text(house: House) -> None:
    """Numbers masked, what is said never shown: it may hold a PIN; that no gateway is set is told."""
    async with browsing(house, Role.AGENT) as browser:
        status, answer = await browser.get("/outbox")
        assert status == 200
        assert (answer["gateway"], answer["waiting"]) == ("none", 1)
        failed, waiting = answer["items"]
        assert (failed["citizen"], failed["failed"], failed["can_retry"]) == (MASKED, "gateway_500", True)
        assert (waiting["state"], waiting["due_at"] is not None) == ("waiting", True)
        assert not {"123456", NUMBER} & set(str(answer).split())
        _, answer = await browser.get("/outbox?state=failed&limit=1")
        assert [item["id"] for item in answer["items"]] == [2]
        assert (await browser.get("/outbox?state=lost"))[0] == 422


async def test_a_shift_manager_has_it_tried_again(house: House) -> None:
    """Audited; an agent may not, and what is not there cannot."""
    async with browsing(house, Role.SHIFT_MANAGER) as browser:
        assert await browser.post("/outbox/retry", {"id": 2}) == (200, {"id": 2, "state": "waiting"})
        assert (await browser.post("/outbox/retry", {"id": 3}))[0] == 404
    assert house.outbox.retried == [2]
    assert [entry.action for entry in house.audit.entries][-2:] == ["message.retried"] * 2
    async with browsing(house, Role.AGENT) as browser:
        assert (await browser.post("/outbox/retry", {"id": 2}))[0] == 403


async def test_satisfaction_has_its_parts(house: House) -> None:
    """Rates with numerator, denominator and interval; who said nothing is told and counts as nothing."""
    async with browsing(house, Role.AGENT) as browser:
        status, answer = await browser.get("/ratings?window=7d")
        assert status == 200
        assert (await browser.get("/ratings/seats"))[0] == 403
    figures = {row["formula"]: (row["numerator"], row["denominator"]) for row in answer["figures"]}
    assert figures == {"satisfy_rate@1": (9, 10), "survey_rate@1": (10, 20), "default_good_share@1": (0, 9)}
    assert answer["interval"]["low"] == pytest.approx(0.596, abs=1e-3)
    assert (answer["due"], answer["silent"], answer["grades"]["4"], answer["by"]["link"]) == (20, 10, 3, 3)
    assert answer["window"]["time_zone"] == "Asia/Shanghai"
    assert house.ratings.windows == ["7d"]


async def test_seats_are_listed_without_ranking(house: House) -> None:
    """By number, each with its interval, for those who look after quality."""
    async with browsing(house, Role.QA_REVIEWER) as browser:
        _, answer = await browser.get("/ratings/seats")
    assert [(seat["seat_id"], seat["rated"], seat["due"]) for seat in answer["seats"]] == [
        ("8001", 4, 14),
        ("8002", 6, 6),
    ]


async def test_an_agent_tells_a_new_pin(house: House) -> None:
    """Of a ticket of his own seat, audited, a new one each time, never from a kept answer."""
    house.add_account(Role.AGENT, seat_id="8001")
    async with browsing(house, Role.AGENT) as browser:
        path = f"/tickets/{TICKET}/pin"
        assert await browser.post(path) == (200, {"ticket_no": TICKET, "pin": "123451"})
        for expected in ("123452", "123453"):
            _, answer = await browser.post(path, None, Idempotency_Key="again")
            assert answer["pin"] == expected
        assert (await browser.post("/tickets/20261122-000009/pin"))[0] == 404
    assert house.audit.entries[-1].resource == f"ticket/{TICKET}"
    assert house.audit.entries[-1].action == "ticket.pin_told"


async def test_no_pin_of_anothers_ticket(house: House) -> None:
    """Another seat's agent gets none, nor does who only reads."""
    house.add_account(Role.AGENT, seat_id=SeatId("8002"))
    for role in (Role.AGENT, Role.AUDITOR):
        async with browsing(house, role) as browser:
            assert (await browser.post(f"/tickets/{TICKET}/pin"))[0] == 403
    assert house.pins.made == 0


async def test_a_citizen_rates_by_link(house: House) -> None:
    """Without signing in, without cookie or script; looking uses nothing up, rating does."""
    async with browsing(house) as browser:
        for _ in range(2):
            status, page = await visit(browser, LINK)
            assert status == 200
            assert page.index("您对刚才那次通话") < page.index("How satisfied")
            assert "<script" not in page
            assert "c-1" not in page
        answer = await browser.http.get(browser.server.make_url(LINK))
        assert not answer.cookies
        assert "form-action 'self'" in answer.headers["Content-Security-Policy"]
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert (await visit(browser, LINK, "grade=4"))[0] == 200
        assert house.ratings.given == [("c-1", 4)]
        for form in (None, "grade=1"):
            status, page = await visit(browser, LINK, form)
            assert (status, "链接已失效" in page) == (404, True)
    assert house.ratings.given == [("c-1", 4)]


@pytest.mark.parametrize(
    "form",
    [
        "",
        "grade=",
        "grade=0",
        "grade=6",
        "grade=05",
        "grade=%EF%BC%94",
        "grade=4&grade=5",
        "stars=5",
        "x=1&" * 500,
    ],
)
async def test_nonsense_is_no_rating(house: House, form: str) -> None:
    """The page is shown again; nothing is kept and nothing breaks."""
    async with browsing(house) as browser:
        status, page = await visit(browser, LINK, form)
        assert (status, "服务评价" in page) == (422, True)
        answer = await browser.http.post(browser.server.make_url(LINK), json={"grade": 5})
        assert answer.status == 422
        big = await browser.http.post(
            browser.server.make_url(LINK), data="grade=5&x=" + "y" * 100_000, headers=FORM
        )
        assert big.status == 413
    assert house.ratings.given == []


async def test_guessing_links_is_slowed_down(house: House) -> None:
    """After so many wrong links a minute this address must wait, also with a right one."""
    async with browsing(house) as browser:
        wrong = [visit(browser, f"/r/{number:016}") for number in range(WRONG_LINKS)]
        assert {status for status, _ in await asyncio.gather(*wrong)} == {404}
        assert (await visit(browser, LINK))[0] == 429
        house.clock.advance(WINDOW_S + 1)
        assert (await visit(browser, LINK))[0] == 200
        assert (await visit(browser, "/r/" + "x" * 65))[0] == 404
        assert (await visit(browser, "/r/..%2f..%2fetc"))[0] == 404
