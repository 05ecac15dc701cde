"""Signing in and the house in a real browser: what is shown for a moment only, what ends, what stays."""

from datetime import timedelta

import aiohttp
import pytest
from browser import Language, Scheme, at_desk, opened
from playwright.async_api import expect
from web_fakes import MASKED, NUMBER, PASSWORD, House, browsing

from callcenter.settings import Settings
from callcenter.web.ports.accounts import Session
from callcenter.web.roles import Role

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(120),
]

HALF_A_MINUTE_MS = 31_000


async def test_a_number_is_shown_with_a_reason_and_only_for_a_while(house: House) -> None:
    """Audited; after half a minute it is stars again. Who may not has no button."""
    async with at_desk(house, Role.SHIFT_MANAGER) as desk:
        await desk.page.clock.install()
        await desk.open("/tickets/20261122-000001")
        await desk.page.click(".unmask button")
        await desk.page.fill("dialog input", "核对回拨号码")
        await desk.page.click("dialog button.primary")
        shown = desk.page.locator(".unmask output")
        await desk.page.wait_for_selector(f".unmask output:text-is('{NUMBER}')")
        await desk.shot("unmasked-zh-light")
        await desk.page.clock.fast_forward(HALF_A_MINUTE_MS)
        await desk.page.wait_for_selector(".unmask output:empty", state="attached")
        assert await shown.text_content() == ""
        assert MASKED in await desk.page.inner_text(".ticket h2")
    (entry,) = [it for it in house.audit.entries if it.action == "number.unmasked"]
    assert (entry.by, entry.resource, entry.why) == ("shift_manager", "contact/c-1", "核对回拨号码")
    async with at_desk(house, Role.TEAM_LEADER) as desk:
        await desk.open("/tickets/20261122-000001")
        await desk.page.wait_for_selector(".ticket h2")
        assert await desk.page.locator(".unmask").count() == 0


async def test_an_administrator_ends_a_session(house: House) -> None:
    """The other's session is in the list with its browser; after a reason it is gone."""
    house.add_account(Role.AUDITOR)
    async with at_desk(house, Role.ADMIN) as desk:
        at = house.clock.at()
        other = Session("b" * 64, "auditor", at, at + timedelta(hours=8), "192.0.2.7", "Chrome 126 / Windows")
        await house.sessions.open(other)
        await desk.open("/house/sessions")
        await desk.page.click("tr:has-text('192.0.2.7') button")
        await desk.page.fill("dialog input", "电脑没有锁屏")
        await desk.page.click("dialog button.primary")
        await desk.page.wait_for_selector("tr:has-text('192.0.2.7')", state="detached")
        await desk.page.wait_for_selector(".notes li")
    assert house.audit.entries[-1].action == "session.ended"


async def test_a_setting_is_changed_with_a_reason_and_undone(house: House) -> None:
    """What no check lets pass is told in the box; a change stands in the history with old and new, and is undone there."""
    async with at_desk(house, Role.SHIFT_MANAGER) as desk:
        page = desk.page
        await desk.open("/house/settings")
        await page.click("tr:has-text('callback.from_hour') button")
        await page.fill("dialog input[type=number]", "22")
        await page.fill("dialog input[maxlength='200']", "冬季作息")
        await page.click("dialog button.primary")
        await page.wait_for_selector("dialog .problem:has-text('早于')")
        await desk.shot("setting-refused-zh-light")
        await page.fill("dialog input[type=number]", "9")
        await page.click("dialog button.primary")
        await page.wait_for_selector(".changes tr:has-text('冬季作息')")
        await page.wait_for_selector("tr.changed:has-text('callback.from_hour')")
        await desk.shot("setting-changed-zh-light")
        assert not await desk.barriers()
        await page.click(".changes tbody button")
        await page.fill("dialog input", "误改")
        await page.click("dialog button.primary")
        await page.wait_for_selector("tr.changed", state="detached")
        desk.problems[:] = [told for told in desk.problems if "400" not in told]  # the refusal above
    assert [change.new for change in house.house.changes] == [9, None]


async def end_sessions(house: House, url: str, name: str) -> None:
    """An administrator elsewhere ends all sessions of an account."""
    house.add_account(Role.ADMIN)
    api = f"{url}/api/v1"
    async with aiohttp.ClientSession() as http:
        me = await (await http.post(f"{api}/session", json={"name": "admin", "password": PASSWORD})).json()
        headers = {"Authorization": f"Bearer {me['token']}"}
        seen = await (await http.get(f"{api}/sessions?everybody=true", headers=headers)).json()
        for own in [it for it in seen["items"] if it["account"] == name]:
            path = f"{api}/sessions/{own['session_id']}/end"
            (await http.post(path, json={"why": "试一试"}, headers=headers)).raise_for_status()


async def test_an_expired_session_loses_nothing(house: House) -> None:
    """The dialog comes at once; after signing in again in place, the call's panel and what was typed are still there."""
    house.add_account(Role.AGENT, seat_id="8002")
    async with at_desk(house, Role.AGENT) as desk:
        page = desk.page
        await page.wait_for_selector(".caller")
        note = page.locator(".fields textarea")
        await note.fill("东风路三号楼")
        await end_sessions(house, desk.url, "agent")
        await page.wait_for_selector("dialog form.sign-in")
        assert await page.locator(".caller").count() == 1
        await page.fill("dialog input[name=password]", PASSWORD)
        await page.click("dialog button.primary")
        await page.wait_for_selector("dialog form.sign-in", state="detached")
        await page.wait_for_selector("[data-link=live]")
        await expect(note).to_have_value("东风路三号楼")
        assert await page.locator(".caller").count() == 1


async def test_two_people_on_one_seat_are_told(house: House) -> None:
    """The second sees who sits there and takes over; the first sees by whom and why."""
    async with at_desk(house, Role.AGENT) as first, opened(first.url) as second:
        await second.page.goto(f"{second.url}/desk/")
        await second.page.fill("input[name=name]", "agent")
        await second.page.fill("input[name=password]", PASSWORD)
        await second.page.click("main button.primary")
        await second.page.wait_for_selector("dialog li:has-text('127.0.0.1')")
        await second.shot("seat-taken-zh-light")
        assert not await second.barriers()
        await second.page.fill("dialog input", "换班")
        await second.page.click("dialog button.primary")
        await second.page.wait_for_selector("dialog", state="detached")
        await first.page.wait_for_selector("dialog h2:has-text('换班')")
        await first.shot("seat-taken-over-zh-light")
        assert second.problems == []


@pytest.mark.parametrize(("language", "scheme"), [("zh", "light"), ("en", "dark")])
async def test_the_sign_in_page_offers_the_provider_and_checks_the_clock(
    house: House, language: Language, scheme: Scheme
) -> None:
    """A button with the city's name for it; what went wrong there is said; a clock that is off is told (the fake's is)."""
    oidc = {"issuer": "https://id.example", "client_id": "x", "roles": {"a": "agent"}}
    house.settings = Settings.model_validate({"home": house.settings.home, "sign_in": {"oidc": oidc}})
    async with browsing(house) as served:
        url = str(served.server.make_url("")).rstrip("/")
        async with opened(url, language=language, scheme=scheme) as desk:
            await desk.page.goto(f"{url}/desk/?problem=oidc_no_role")
            await desk.page.wait_for_selector("a.provider:has-text('统一身份认证')")
            await desk.page.wait_for_selector(".clock")
            await desk.page.wait_for_selector(".problem:not(:empty)")
            await desk.shot(f"sign-in-{language}-{scheme}")
            assert not await desk.barriers()
            assert "problem" not in desk.page.url
