"""A real Chromium on a real server: sign in, look, press, and nothing may complain in the console.

Screenshots go to ``tests/output/screens/`` by name; ``CALLCENTER_SCREENS`` names another folder.
"""

import os
import shutil
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractContextManager, AsyncExitStack, asynccontextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal

import pytest
from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page, Playwright, async_playwright
from web_fakes import PASSWORD, House, browsing

from callcenter.web.desks import BUILT
from callcenter.web.roles import Role

SCREENS: Final = Path(os.environ.get("CALLCENTER_SCREENS", Path(__file__).parents[1] / "output" / "screens"))
AXE: Final = BUILT.parent / "node_modules" / "axe-core" / "axe.min.js"
SMALL: Final = (1366, 768)
WALL: Final = (1920, 1080)
WAIT_MS: Final = 20_000
FLAGS: Final = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
    "--no-first-run",
    "--autoplay-policy=no-user-gesture-required",
]

Language = Literal["zh", "en"]
Scheme = Literal["light", "dark"]


def chromium() -> str:
    """The system's Chromium; without one the test is skipped and says what to install."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if found := shutil.which(name):
            return found
    pytest.skip("no Chromium on PATH: apt install chromium fonts-noto-cjk")


def require_desks() -> None:
    """Without the built desks the test is skipped and says what to do."""
    if not (BUILT / "index.html").exists():
        pytest.skip("the desks are not built: make setup")


@dataclass
class Desk:
    """One page of one person, with all that it complained about."""

    page: Page
    url: str
    problems: list[str] = field(default_factory=list)

    async def sign_in(self, role: Role, secret: str = PASSWORD) -> None:
        """Open the desks and sign in as the account named like the role."""
        await self.page.goto(f"{self.url}/desk/")
        await self.page.fill("input[name=name]", role.value)
        await self.page.fill("input[name=password]", secret)
        await self.page.click("main button.primary")
        await self.page.wait_for_selector("nav.pages")

    async def open(self, path: str) -> None:
        """Go to a page of the desks by its path, as ``/board``."""
        await self.page.evaluate("path => { location.hash = path }", path)

    async def shot(self, name: str, *, whole: bool = False) -> Path:
        """A picture of what is seen, kept by name."""
        SCREENS.mkdir(parents=True, exist_ok=True)
        path = SCREENS / f"{name}.png"
        await self.page.screenshot(path=path, full_page=whole, animations="disabled")
        return path

    async def barriers(self, only: str = "") -> list[str]:
        """What axe finds that keeps people out, serious or worse: ``rule: element``. ``only``: one of its rules."""
        if not await self.page.evaluate("'axe' in window"):
            await self.page.evaluate(AXE.read_text("utf-8"))
        rules = {"runOnly": [only]} if only else {}
        found: dict[str, Any] = await self.page.evaluate(
            "rules => axe.run({ resultTypes: ['violations'], ...rules })", rules
        )
        return [
            f"{finding['id']}: {node['html'][:200]}"
            for finding in found["violations"]
            if finding["impact"] in ("serious", "critical")
            for node in finding["nodes"]
        ]


@dataclass
class Chromiums:
    """Browsers that stories share, each in a context of its own: one for each set of flags, started when first asked for."""

    playwright: Playwright
    _running: dict[tuple[str, ...], Browser] = field(default_factory=dict)

    async def get(self, flags: Sequence[str]) -> Browser:
        """The one with these flags; one that died is replaced."""
        running = self._running.get(tuple(flags))
        if running is None or not running.is_connected():
            running = await launched(self.playwright, flags)
            self._running[tuple(flags)] = running
        return running


_shared: Chromiums | None = None


@asynccontextmanager
async def shared_chromiums() -> AsyncIterator[None]:
    """All desks that are opened inside the block, on this event loop, share their browsers."""
    global _shared  # noqa: PLW0603
    async with async_playwright() as playwright:
        _shared = Chromiums(playwright)
        try:
            yield
        finally:
            _shared = None  # the browsers end with their driver


async def launched(playwright: Playwright, flags: Sequence[str]) -> Browser:
    """The system's Chromium with these flags beside the usual ones."""
    require_desks()
    return await playwright.chromium.launch(executable_path=chromium(), args=[*FLAGS, *flags])


@asynccontextmanager
async def _browser(
    flags: Sequence[str], place: AbstractContextManager[None] | None
) -> AsyncIterator[Browser]:
    """A shared one, else one for this story alone."""
    if _shared is not None and place is None:
        yield await _shared.get(flags)
        return
    async with AsyncExitStack() as stack:
        with place or nullcontext():
            playwright = await stack.enter_async_context(async_playwright())
        browser = await launched(playwright, flags)
        try:
            yield browser
        finally:
            await browser.close()


@asynccontextmanager
async def opened(
    url: str,
    *,
    flags: Sequence[str] = (),
    size: tuple[int, int] = SMALL,
    scheme: Scheme = "light",
    language: Language = "zh",
    permissions: Sequence[str] = (),
    place: AbstractContextManager[None] | None = None,
) -> AsyncIterator[Desk]:
    """A desk before its sign-in. Errors of the page are in ``problems``. ``place``: where a browser of its own is started."""
    async with _browser(flags, place) as browser:
        context = await browser.new_context(
            viewport={"width": size[0], "height": size[1]},
            color_scheme=scheme,
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            permissions=[*permissions],
        )
        try:
            await context.add_init_script(
                f"localStorage.getItem('language') ?? localStorage.setItem('language', '{language}')"
            )
            yield await _listening(context, url)
        finally:
            await context.close()


@asynccontextmanager
async def at_desk(house: House, role: Role, **look: Any) -> AsyncIterator[Desk]:
    """A desk of a served house of fakes, signed in. At the end nothing may have gone wrong in the page."""
    if role.value not in house.accounts.by_name:
        house.add_account(role)
    async with browsing(house) as served, opened(str(served.server.make_url("")).rstrip("/"), **look) as desk:
        await desk.sign_in(role)
        yield desk
        assert not desk.problems, desk.problems


async def _listening(context: BrowserContext, url: str) -> Desk:
    context.set_default_timeout(WAIT_MS)
    page = await context.new_page()
    desk = Desk(page, url)

    def hear(message: ConsoleMessage) -> None:
        if message.type == "error" and "401" not in message.text:  # who is signed in? nobody yet
            desk.problems.append(message.text)

    page.on("console", hear)
    page.on("pageerror", lambda error: desk.problems.append(str(error)))
    return desk
