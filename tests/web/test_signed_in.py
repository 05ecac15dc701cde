"""Who is signed in, and how that ends; what each role may do, as the server tells it; filters of the audit."""

from pathlib import Path

import pytest
from web_fakes import PASSWORD, House, browsing, sign_in

from callcenter.web.programs import program_name
from callcenter.web.roles import GRANTS, Permission, Role

pytestmark = pytest.mark.web

WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36"


@pytest.mark.parametrize(
    ("told", "name"),
    [
        (WINDOWS, "Chrome 126 / Windows"),
        (WINDOWS + " Edg/127.0", "Edge 127 / Windows"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0", "Firefox 128 / Linux"),
        ("curl/8.5.0", "curl/8.5.0"),
        ("<script>\x07", "?"),
        ("", "?"),
    ],
)
def test_a_browser_is_named_in_a_few_words(told: str, name: str) -> None:
    """What is not printable is not kept."""
    assert program_name(told) == name


async def test_everybody_sees_the_own_sessions_and_ends_one(tmp_path: Path) -> None:
    """With when and whence; another's is neither seen nor ended; an ended one is refused at once."""
    house = House(tmp_path)
    house.add_account(Role.ADMIN)
    async with browsing(house, Role.AGENT) as browser:
        name, first = Role.AGENT.value, dict(browser.headers)
        headers = {"User-Agent": WINDOWS}
        credentials = {"name": name, "password": PASSWORD}
        await browser.ask("POST", "/session", json=credentials, headers=headers)
        await sign_in(house, browser, Role.ADMIN)
        browser.headers |= first
        _, seen = await browser.get("/sessions")
        assert [it["account"] for it in seen["items"]] == [name, name]
        (here,) = [it for it in seen["items"] if it["is_this"]]
        (there,) = [it for it in seen["items"] if not it["is_this"]]
        assert (there["program"], there["address"]) == ("Chrome 126 / Windows", "127.0.0.1")
        assert (await browser.get("/sessions?everybody=true"))[0] == 403
        (admin,) = [it for it in house.sessions.open_ if house.sessions.open_[it].account == "admin"]
        assert (await browser.post(f"/sessions/{admin[:16]}/end"))[0] == 404
        assert (await browser.post(f"/sessions/{there['session_id']}/end"))[0] == 204
        assert (await browser.post(f"/sessions/{here['session_id']}/end"))[0] == 204
        assert (await browser.get("/sessions"))[0] == 401


async def test_an_administrator_ends_anybodys_session_and_says_why(tmp_path: Path) -> None:
    """Without a reason it is refused; with one it stands in the audit."""
    house = House(tmp_path)
    async with browsing(house, Role.AGENT) as browser:
        await sign_in(house, browser, Role.ADMIN)
        _, seen = await browser.get("/sessions?everybody=true")
        (other,) = [it for it in seen["items"] if it["account"] == "agent"]
        path = f"/sessions/{other['session_id']}/end"
        assert (await browser.post(path))[1]["error_id"] == "why_missing"
        assert (await browser.post(path, {"why": "电脑没有锁屏"}))[0] == 204
    entry = house.audit.entries[-1]
    assert (entry.by, entry.action, entry.resource, entry.why) == (
        "admin",
        "session.ended",
        "agent",
        "电脑没有锁屏",
    )
    assert {session.account for session in house.sessions.open_.values()} == {"admin"}


async def test_the_table_of_roles_is_the_servers_own(tmp_path: Path) -> None:
    """Every permission with exactly the roles that hold it."""
    async with browsing(House(tmp_path), Role.AUDITOR) as browser:
        _, told = await browser.get("/roles")
    assert {grant["permission"]: set(grant["roles"]) for grant in told["grants"]} == {
        it: {role for role in Role if it in GRANTS[role]} for it in Permission
    }


async def test_the_audit_is_filtered(tmp_path: Path) -> None:
    """By who and by what; what is no kind of action is refused."""
    house = House(tmp_path)
    async with browsing(house, Role.AUDITOR) as browser:
        _, page = await browser.get("/audit?by=auditor&action=session.&limit=1")
        assert [entry["action"] for entry in page["items"]] == ["session.opened"]
        assert house.audit.asked[-1].by == "auditor"
        assert (await browser.get("/audit?action=SELECT%20*"))[0] == 422
