"""Signing in by an identity provider, against a real one on this machine."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from identity_provider import CLIENT, SECRET, IdentityProvider, RsaKey, identity_provider
from pydantic import ValidationError
from web_fakes import START, Browser, House, browsing

from callcenter.settings import Settings
from callcenter.web.roles import Role

pytestmark = pytest.mark.web

FIRST, SECOND = RsaKey("first"), RsaKey("second")
LI = {"sub": "p-7", "preferred_username": "li", "groups": ["12345-agents", "canteen"], "seat": "8001"}


@pytest.fixture
async def provider() -> AsyncIterator[IdentityProvider]:
    """Of the house's own time."""
    at = START.timestamp()
    async with identity_provider(FIRST, (at, at + 300)) as running:
        running.claims = dict(LI)
        yield running


@pytest.fixture
def house(provider: IdentityProvider, tmp_path: Path) -> House:
    """Set to this provider."""
    (tmp_path / "secret").write_text(SECRET + "\n")
    made = House(tmp_path)
    oidc = {
        "issuer": provider.issuer,
        "client_id": CLIENT,
        "secret_file": str(tmp_path / "secret"),
        "roles": {"12345-managers": "shift_manager", "12345-agents": "agent"},
        "seat_claim": "seat",
    }
    made.settings = Settings.model_validate({"home": str(tmp_path / "home"), "sign_in": {"oidc": oidc}})
    return made


async def come(browser: Browser) -> tuple[str, Any]:
    """Press the button, follow the way there and back: where it ends, and who is signed in then."""
    answer = await browser.http.get(browser.server.make_url("/sign-in/oidc"), allow_redirects=True)
    _, me = await browser.get("/session/me")
    return answer.url.path_qs, me


async def test_a_person_comes_in_with_role_and_seat(house: House) -> None:
    """The account is made at the first sign-in and brought up to date at the next; no password opens it."""
    async with browsing(house) as browser:
        _, ways = await browser.get("/sign-in")
        assert (ways["oidc"], ways["at"]) == ("统一身份认证", START.isoformat().replace("+00:00", "Z"))
        path, me = await come(browser)
        assert path == "/desk/"
        assert (me["name"], me["role"], me["seat_id"], me["must_change_password"]) == (
            "li",
            "agent",
            "8001",
            False,
        )
        status, refused = await browser.post("/session", {"name": "li", "password": ""})
        assert (status, refused["error_id"]) == (401, "wrong_credentials")
    (session,) = house.sessions.open_.values()
    assert (session.account, session.address) == ("li", "127.0.0.1")
    assert [entry.action for entry in house.audit.entries] == ["session.opened"]


async def test_what_the_provider_changes_holds_from_the_next_sign_in(
    house: House, provider: IdentityProvider
) -> None:
    """Another role; sessions of the old one end."""
    async with browsing(house) as browser:
        await come(browser)
        provider.claims |= {"groups": "12345-managers", "seat": "9999"}
        _, me = await come(browser)
    assert (me["role"], me["seat_id"]) == ("shift_manager", None)
    assert len(house.sessions.open_) == 1


@pytest.mark.parametrize(
    ("claims", "problem"),
    [
        ({"groups": ["canteen"]}, "oidc_no_role"),
        ({"groups": None}, "oidc_no_role"),
        ({"preferred_username": "../x"}, "oidc_bad_name"),
        ({"preferred_username": "admin"}, "oidc_name_taken"),
        ({"aud": "another"}, "oidc_wrong_audience"),
        ({"nonce": "another"}, "oidc_wrong_nonce"),
        ({"exp": START.timestamp() - 120}, "oidc_expired"),
    ],
)
async def test_who_is_not_let_in_is_told_why(
    house: House, provider: IdentityProvider, claims: dict[str, Any], problem: str
) -> None:
    """Nobody is signed in, nothing of a local account is changed."""
    house.add_account(Role.ADMIN)
    before = dict(house.accounts.by_name)
    provider.claims |= claims
    async with browsing(house) as browser:
        path, me = await come(browser)
    assert (path, me["error_id"]) == (f"/desk/?problem={problem}", "not_signed_in")
    assert house.accounts.by_name == before


async def test_a_new_key_of_the_provider_is_learned(house: House, provider: IdentityProvider) -> None:
    """Once it is due; a token with a made-up key name does not make us ask again and again."""
    async with browsing(house) as browser:
        await come(browser)
        provider.key = SECOND
        assert (await come(browser))[0] == "/desk/?problem=oidc_unknown_key"
        assert provider.key_reads == 1
        house.clock.advance(31.0)
        assert (await come(browser))[0] == "/desk/"
    assert provider.key_reads == 2


async def test_an_answer_counts_once_and_for_the_browser_that_asked(
    house: House, provider: IdentityProvider
) -> None:
    """Another browser, a second time, later than ten minutes: the sign-in is over."""
    async with browsing(house) as browser:
        start = browser.server.make_url("/sign-in/oidc")
        away = await browser.http.get(start, allow_redirects=False)
        there = await browser.http.get(away.headers["Location"], allow_redirects=False)
        back = there.headers["Location"]
        async with browsing(house) as stranger:
            other = await stranger.http.get(back, allow_redirects=False)
            assert other.headers["Location"].endswith("oidc_stale")
        first = await browser.http.get(back, allow_redirects=False)
        assert first.headers["Location"] == "/desk/"
        again = await browser.http.get(back, allow_redirects=False)
        assert again.headers["Location"].endswith("oidc_stale")
        away = await browser.http.get(start, allow_redirects=False)
        there = await browser.http.get(away.headers["Location"], allow_redirects=False)
        house.clock.advance(601.0)
        late = await browser.http.get(there.headers["Location"], allow_redirects=False)
        assert late.headers["Location"].endswith("oidc_stale")


async def test_a_locked_out_person_stays_out(house: House) -> None:
    """An administrator's word counts more than the provider's."""
    async with browsing(house) as browser:
        await come(browser)
        known = house.accounts.by_name["li"]
        house.accounts.by_name["li"] = type(known)(**{**vars_of(known), "is_disabled": True})
        assert (await come(browser))[0] == "/desk/?problem=oidc_locked_out"


def vars_of(account: Any) -> dict[str, Any]:
    """The fields of a slotted dataclass."""
    return {name: getattr(account, name) for name in account.__slots__}


async def test_a_provider_that_is_gone_or_lies_is_told(house: House, provider: IdentityProvider) -> None:
    """The password still opens the house."""
    issuer, provider.issuer = provider.issuer, "https://another.example"
    async with browsing(house) as browser:
        assert (await come(browser))[0] == "/desk/?problem=oidc_wrong_issuer"
    provider.issuer = issuer


async def test_without_a_provider_there_is_no_such_address(tmp_path: Path) -> None:
    """And no button."""
    async with browsing(House(tmp_path)) as browser:
        answer = await browser.http.get(browser.server.make_url("/sign-in/oidc"))
        _, ways = await browser.get("/sign-in")
    assert (answer.status, ways["oidc"]) == (404, "")


@pytest.mark.parametrize(
    "oidc",
    [
        {"issuer": "http://id.example", "client_id": "x", "roles": {"a": "agent"}},
        {"issuer": "https://user@id.example", "client_id": "x", "roles": {"a": "agent"}},
        {"issuer": "https://id.example", "roles": {"a": "agent"}},
        {"issuer": "https://id.example", "client_id": "x"},
        {"issuer": "https://id.example", "client_id": "x", "roles": {"a": "king"}},
        {
            "issuer": "https://id.example",
            "client_id": "x",
            "roles": {"a": "agent"},
            "base_url": "https://h/x",
        },
    ],
)
def test_settings_that_could_not_work_are_refused(oidc: dict[str, Any]) -> None:
    """Plain HTTP to elsewhere, half a client, no role."""
    with pytest.raises(ValidationError):
        Settings.model_validate({"sign_in": {"oidc": oidc}})
