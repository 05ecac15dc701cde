"""The own phone by HTTP: told to nobody else, audited; its line is checked on request; the page may connect to it."""

from pathlib import Path

import pytest
from web_fakes import House, browsing

from callcenter.web.roles import Role

pytestmark = pytest.mark.web


async def test_a_page_is_told_how_to_be_the_phone_of_its_own_seat(tmp_path: Path) -> None:
    """Address and credentials come once asked, and the audit keeps who asked."""
    house = House(tmp_path)
    house.add_account(Role.AGENT, seat_id="8017")
    async with browsing(house, Role.AGENT) as browser:
        status, phone = await browser.get("/seats/8017/phone")
    assert (status, phone["kind"], phone["user"], phone["realm"]) == (200, "browser", "8017", "asterisk")
    assert phone["url"] == house.phones.url
    assert phone["uri"] == "sip:8017@127.0.0.1"
    assert (house.audit.entries[-1].action, house.audit.entries[-1].resource) == (
        "seat.phone_told",
        "seat/8017",
    )


@pytest.mark.parametrize("role", [Role.AGENT, Role.SHIFT_MANAGER, Role.ADMIN])
async def test_nobody_is_told_of_a_seat_that_is_not_his_own(role: Role, tmp_path: Path) -> None:
    """Not even who may speak for every seat: its phone is a person's."""
    house = House(tmp_path)
    house.add_account(role, seat_id="8001")
    async with browsing(house, role) as browser:
        for method, path in (("GET", "/seats/8017/phone"), ("POST", "/seats/8017/line-check")):
            status, answer = await browser.ask(method, path)
            assert (status, answer["error_id"]) == (403, "not_your_seat")
    assert house.phones.checked == []


async def test_the_own_line_is_checked(tmp_path: Path) -> None:
    """The answer says what was measured; a phone that is not there is a conflict."""
    house = House(tmp_path)
    house.add_account(Role.AGENT, seat_id="8017")
    async with browsing(house, Role.AGENT) as browser:
        status, line = await browser.post("/seats/8017/line-check")
    assert (status, line["is_good"], line["delay_ms"]) == (200, True, 18.0)
    assert house.phones.checked == [("8017", "agent")]
    house.add_account(Role.AGENT, seat_id="8009")
    async with browsing(house, Role.AGENT) as browser:
        status, answer = await browser.post("/seats/8009/line-check")
    assert (status, answer["error_id"]) == (409, "wrong_seat_state")


async def test_only_the_desks_may_hear_and_connect_to_the_phones(tmp_path: Path) -> None:
    """Microphone and the WebSocket's origin are allowed to the page of the desks and to nothing else."""
    house = House(tmp_path)
    async with browsing(house) as browser:
        desks = await browser.http.get(browser.server.make_url("/desk/"))
        other = await browser.http.get(browser.server.make_url("/"))
    if desks.status == 200:  # they are built
        assert "connect-src 'self' ws://127.0.0.1:30088" in desks.headers["Content-Security-Policy"]
        assert "microphone=(self)" in desks.headers["Permissions-Policy"]
    assert "connect-src" not in other.headers["Content-Security-Policy"]
    assert "microphone=()" in other.headers["Permissions-Policy"]
