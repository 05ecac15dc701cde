"""Accounts and one-time codes: made, changed, locked out; a code beside the password, once."""

from collections.abc import AsyncIterator
from pathlib import Path

import pyotp
import pytest
from web_fakes import PASSWORD, Browser, House, browsing, sign_in

from callcenter.settings import Settings
from callcenter.web.roles import Role
from callcenter.web.second_factor import STEP_S, used_step

pytestmark = pytest.mark.web

ZHANG = {"name": "zhang", "role": "agent", "seat_id": "8001", "why": "新员工"}


@pytest.fixture
def house(tmp_path: Path) -> House:
    """A house of fakes."""
    return House(tmp_path)


@pytest.fixture
async def admin(house: House) -> AsyncIterator[Browser]:
    """An administrator's browser."""
    async with browsing(house, Role.ADMIN) as browser:
        yield browser


async def enter(browser: Browser, name: str, password: str, code: str = "") -> tuple[int, str]:
    """Status and error of a sign-in."""
    status, answer = await browser.post("/session", {"name": name, "password": password, "code": code})
    return status, answer.get("error_id", "")


async def bind(house: House, browser: Browser) -> pyotp.TOTP:
    """Bind an authenticator app to who is signed in."""
    _, told = await browser.post("/accounts/me/second-factor")
    app = pyotp.TOTP(told["secret"])
    assert told["address"].startswith("otpauth://totp/12345:")
    code = {"code": app.at(house.clock.at())}
    status, account = await browser.post("/accounts/me/second-factor/confirm", code)
    assert (status, account["has_second_factor"]) == (200, True)
    return app


async def test_an_account_is_made_with_a_password_told_once(house: House, admin: Browser) -> None:
    """It signs in and must change it; the list and the audit know no secret; a taken name is refused."""
    status, made = await admin.post("/accounts", ZHANG)
    assert status == 200
    assert await enter(admin, "zhang", made["password"]) == (201, "")
    assert (await admin.post("/accounts", ZHANG))[1]["error_id"] == "wrong_account_state"
    _, listed = await admin.get("/accounts")
    assert made["password"] not in str(listed)
    assert {"account.made"} <= {entry.action for entry in house.audit.entries}
    assert made["password"] not in str(house.audit.entries)


async def test_who_is_locked_out_is_out_at_once(house: House, admin: Browser) -> None:
    """Running sessions end, and the right password opens nothing."""
    _, made = await admin.post("/accounts", ZHANG)
    async with browsing(house) as other:
        _, opened = await other.post("/session", {"name": "zhang", "password": made["password"]})
        other.headers["Authorization"] = f"Bearer {opened['token']}"
        assert (await other.get("/status"))[0] == 200
        body = {"role": "agent", "disabled": True, "why": "离职"}
        assert (await admin.ask("PUT", "/accounts/zhang", json=body))[0] == 200
        assert (await other.get("/status"))[0] == 401
        assert await enter(other, "zhang", made["password"]) == (401, "wrong_credentials")


async def test_the_house_keeps_an_administrator(admin: Browser) -> None:
    """The last one can neither be demoted nor locked out."""
    for change in ({"role": "agent"}, {"role": "admin", "disabled": True}):
        status, answer = await admin.ask("PUT", "/accounts/admin", json={**change, "why": "test"})
        assert (status, answer["error_id"]) == (400, "last_admin")


async def test_a_code_is_asked_for_and_good_once(house: House, admin: Browser) -> None:
    """Without it, with a wrong one, with a used one: refused; the next step's opens. A reset takes it away."""
    app = await bind(house, admin)
    assert await enter(admin, "admin", PASSWORD) == (401, "code_needed")
    assert await enter(admin, "admin", PASSWORD, "000000") == (401, "wrong_code")
    assert await enter(admin, "admin", PASSWORD, app.at(house.clock.at())) == (401, "wrong_code")
    house.clock.advance(STEP_S)
    assert await enter(admin, "admin", PASSWORD, app.at(house.clock.at())) == (201, "")
    assert await enter(admin, "admin", "wrong", "000000") == (401, "wrong_credentials")
    _, reset = await admin.post("/accounts/admin/reset", {"why": "手机丢失"})
    assert await enter(admin, "admin", reset["password"]) == (201, "")


async def test_codes_are_not_guessed(house: House, admin: Browser) -> None:
    """Wrong codes count as tries, though the password was right."""
    await bind(house, admin)
    answers = [await enter(admin, "admin", PASSWORD, "000000") for _ in range(12)]
    assert (429, "too_many_tries") in answers


async def test_a_house_may_demand_it_of_managers(tmp_path: Path) -> None:
    """Until it is bound a manager can do nothing else; an agent is not asked."""
    house = House(tmp_path)
    house.settings = Settings.model_validate(
        {"home": str(tmp_path / "home"), "sign_in": {"managers_need_code": True}}
    )
    async with browsing(house, Role.SHIFT_MANAGER) as manager:
        assert (await manager.get("/session/me"))[1]["must_bind"] is True
        assert (await manager.get("/status"))[0] == 403
        await bind(house, manager)
        assert (await manager.get("/status"))[0] == 200
        await sign_in(house, manager, Role.AGENT)
        assert (await manager.get("/status"))[0] == 200


@pytest.mark.parametrize(("drift", "is_right"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_clock_may_be_a_step_off(house: House, drift: int, is_right: bool) -> None:
    """One step to either side; RFC 6238, 5.2."""
    secret = pyotp.random_base32()
    now = house.clock.at()
    step = int(now.timestamp()) // STEP_S
    found = used_step(secret, pyotp.TOTP(secret).at((step + drift) * STEP_S), now, 0)
    assert found == (step + drift if is_right else None)
