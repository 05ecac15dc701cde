"""Signing in, CSRF, revocation, guessing, passwords, the first administrator."""

import stat
from pathlib import Path

import pytest
from web_fakes import CHEAP, PASSWORD, House, browsing, sign_in
from web_fakes.access import FakeAccounts

from callcenter.core.errors import PeerError
from callcenter.web.passwords import Passwords
from callcenter.web.roles import Role
from callcenter.web.signin import TRIES_PER_ACCOUNT, WINDOW_S, ensure_admin

pytestmark = pytest.mark.web

WRONG = {"name": "admin", "password": "not the password"}
RIGHT = {"name": "admin", "password": PASSWORD}


@pytest.fixture
def house(tmp_path: Path) -> House:
    """A house with an administrator."""
    house = House(tmp_path)
    house.add_account(Role.ADMIN)
    return house


async def test_wrong_name_and_wrong_password_look_alike(house: House) -> None:
    """Nobody learns from the answer which accounts exist."""
    async with browsing(house) as browser:
        wrong_password = await browser.post("/session", WRONG)
        wrong_name = await browser.post("/session", {**WRONG, "name": "nobody"})
    assert wrong_password == wrong_name
    assert wrong_password[0] == 401


async def test_guessing_one_account_is_slowed_down(house: House) -> None:
    """After so many tries even the right password waits, and then works again."""
    async with browsing(house) as browser:
        for _ in range(TRIES_PER_ACCOUNT):
            assert (await browser.post("/session", WRONG))[0] == 401
        status, answer = await browser.post("/session", RIGHT)
        assert (status, answer["error_id"]) == (429, "too_many_tries")
        assert 0 < answer["details"]["wait_s"] <= WINDOW_S
        house.clock.advance(WINDOW_S + 1)
        assert (await browser.post("/session", RIGHT))[0] == 201


async def test_guessing_many_accounts_from_one_address_is_slowed_down(house: House) -> None:
    """Trying one password on many names ends at the address's bound."""
    async with browsing(house) as browser:
        statuses = [
            (await browser.post("/session", {"name": f"name{n}", "password": "x"}))[0] for n in range(51)
        ]
    assert statuses == [401] * 50 + [429]


async def test_a_whole_shift_may_sign_in_through_one_proxy(house: House) -> None:
    """Honest sign-ins from one address are not taken for guesses."""
    async with browsing(house) as browser:
        statuses = [(await browser.post("/session", RIGHT))[0] for _ in range(60)]
    assert set(statuses) == {201}


async def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(house: House) -> None:
    """The session cookie is HttpOnly and SameSite=Strict, and its token is in no body."""
    async with browsing(house) as browser:
        answer = await browser.raw("POST", "/session", json={**RIGHT, "kind": "cookie"})
        body = await answer.json()
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert body["token"] == ""
    assert answer.cookies["callcenter_session"].value not in await answer.text()


async def test_tokens_are_kept_hashed(house: House) -> None:
    """What the store keeps cannot be used to come in."""
    async with browsing(house, Role.ADMIN) as browser:
        token = browser.headers["Authorization"].removeprefix("Bearer ")
        assert token not in house.sessions.open_
        browser.headers["Authorization"] = f"Bearer {next(iter(house.sessions.open_))}"
        assert (await browser.get("/session/me"))[0] == 401


async def test_a_cookie_alone_changes_nothing(house: House) -> None:
    """Mutating by cookie needs the session's CSRF token; reading does not."""
    async with browsing(house, Role.ADMIN, by="cookie") as browser:
        right = browser.headers.pop("X-CSRF-Token")
        assert (await browser.get("/status"))[0] == 200
        status, answer = await browser.post("/seats/8001/login")
        assert (status, answer["error_id"]) == (403, "bad_csrf")
        assert (await browser.post("/seats/8001/login", X_CSRF_Token="0" * 64))[0] == 403
        assert (await browser.post("/seats/8001/login", X_CSRF_Token=right))[0] == 200
    assert len(house.seats.asked) == 1


async def test_the_csrf_token_can_be_had_again(house: House) -> None:
    """A reloaded page asks who is signed in and gets the same CSRF token."""
    async with browsing(house, Role.ADMIN, by="cookie") as browser:
        _, me = await browser.get("/session/me")
        assert me["csrf"] == browser.headers["X-CSRF-Token"]


async def test_another_sites_page_is_refused(house: House) -> None:
    """A foreign Origin is refused before anything is looked at, at sign-in and at the event stream too."""
    async with browsing(house, Role.ADMIN) as browser:
        for method, path, body in (
            ("POST", "/session", RIGHT),
            ("POST", "/seats/8001/login", None),
            ("GET", "/events", None),
        ):
            status, answer = await browser.ask(
                method, path, json=body, headers={"Origin": "https://elsewhere.example"}
            )
            assert (status, answer["error_id"]) == (403, "foreign_origin"), path


async def test_signing_out_ends_the_session(house: House) -> None:
    """A token is worth nothing after its session was closed."""
    async with browsing(house, Role.ADMIN) as browser:
        assert (await browser.ask("DELETE", "/session"))[0] == 204
        assert (await browser.get("/session/me"))[0] == 401


async def test_a_session_ends_with_the_shift(house: House) -> None:
    """Twelve hours later one signs in again."""
    async with browsing(house, Role.ADMIN) as browser:
        house.clock.advance(12 * 3600)
        assert (await browser.get("/session/me"))[0] == 401


async def test_a_new_password_ends_the_other_sessions(house: House) -> None:
    """Who changes the password stays in; whoever else came in with the old one is out."""
    async with browsing(house, Role.ADMIN) as mine, browsing(house, Role.ADMIN) as other:
        change = {"old": PASSWORD, "new": "quite another phrase"}
        assert (await mine.post("/accounts/me/password", change))[0] == 204
        assert (await mine.get("/session/me"))[0] == 200
        assert (await other.get("/session/me"))[0] == 401
        assert (await other.post("/session", RIGHT))[0] == 401
        assert (await other.post("/session", {**RIGHT, "password": "quite another phrase"}))[0] == 201
    assert [entry.action for entry in house.audit.entries].count("password.changed") == 1


@pytest.mark.parametrize("weak", ["short", "aaaaaaaaaaaaaaaa", "my admin password", "x" * 257])
async def test_weak_passwords_are_refused(weak: str, house: House) -> None:
    """Too short, too long, too simple, or made of the name."""
    async with browsing(house, Role.ADMIN) as browser:
        status, answer = await browser.post("/accounts/me/password", {"old": PASSWORD, "new": weak})
    assert status in {400, 422}
    assert weak not in str(answer)


async def test_the_first_administrator_gets_a_one_time_password(tmp_path: Path) -> None:
    """It is made once, readable by the owner only, must be changed, and its file goes when it was."""
    house = House(tmp_path)
    secrets = house.settings.secrets_path
    password = await ensure_admin(house.accounts, secrets, Passwords(CHEAP))
    file = secrets / "admin.txt"
    assert password is not None
    assert len(password) >= 24
    assert file.read_text().strip() == password
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert await ensure_admin(house.accounts, secrets, Passwords(CHEAP)) is None
    async with browsing(house) as browser:
        _, answer = await browser.post("/session", {"name": "admin", "password": password})
        assert answer["must_change_password"] is True
        browser.headers["Authorization"] = f"Bearer {answer['token']}"
        change = {"old": password, "new": "quite another phrase"}
        assert (await browser.post("/accounts/me/password", change))[0] == 204
        assert (await browser.get("/session/me"))[1]["must_change_password"] is False
    assert not file.exists()


async def test_a_crash_between_file_and_account_is_healed(tmp_path: Path) -> None:
    """A left-over password file is replaced by the one that works."""
    (tmp_path / "admin.txt").write_text("old\n")
    password = await ensure_admin(FakeAccounts(), tmp_path, Passwords(CHEAP))
    assert (tmp_path / "admin.txt").read_text().strip() == password


async def test_a_lost_database_is_no_wrong_password(house: House) -> None:
    """When sessions cannot be looked up the answer is 503 with a time to retry, not 401."""
    async with browsing(house, Role.ADMIN) as browser:
        house.sessions.error = PeerError("secret host name", code="database_unreachable")
        answer = await browser.raw("GET", "/session/me")
        body = await answer.json()
    assert answer.status == 503
    assert body["error_id"] == "database_unreachable"
    assert "secret" not in str(body)
    assert "Retry-After" in answer.headers


async def test_refused_sign_ins_are_counted(house: House) -> None:
    """The counter names nobody."""
    async with browsing(house) as browser:
        await browser.post("/session", WRONG)
        await sign_in(house, browser, Role.ADMIN)
        _, text = await browser.get("/metrics")
    assert "callcenter_sign_ins_refused_total 1.0" in text
    assert "admin" not in text
