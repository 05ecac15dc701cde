"""The page on which somebody joins a cloud seat (云坐席), for whoever has its link.

Invariants: looking at it uses nothing up; the account's password is shown once, to who pressed the button; it sets no
cookie; who guesses links is slowed down before the database is asked, and learns nothing.
"""

from html import escape

from aiohttp import web

from callcenter.web.limiter import Limiter
from callcenter.web.pages import Pages
from callcenter.web.ports import Ports
from callcenter.web.views.cloud import JoinView, SipAccount

PATH = "/join/{token:[A-Za-z0-9_-]{1,64}}"
WRONG_LINKS, WINDOW_S = 10, 60.0
"""So many wrong links a minute from one address."""
NOT_FOUND, OVER, TOO_MANY = 404, 409, 429
TOLD_ONCE = (
    "<p>账号已显示过一次；丢失请向值班长要新链接。<br>"
    '<small lang="en">The account was shown once; if it is lost, ask the shift manager for a new link.</small></p>'
)


class JoinPage:
    """Asks, accepts, and tells how far it is."""

    def __init__(self, ports: Ports, pages: Pages) -> None:
        self._door, self._clock, self._pages = ports.join, ports.clock, pages
        self._wrong = Limiter(WRONG_LINKS, WINDOW_S)

    def add_routes(self, router: web.UrlDispatcher) -> None:
        """Serve ``/join/TOKEN`` and what its script asks for."""
        router.add_get(PATH, self._show)
        router.add_post(PATH, self._join)
        router.add_get(f"{PATH}/state", self._state)
        router.add_post(f"{PATH}/check", self._check)

    async def _show(self, request: web.Request) -> web.Response:
        found = await self._find(request)
        if isinstance(found, web.Response):
            return found
        return self._answer("joined.html" if found.is_used else "join.html", found, None)

    async def _join(self, request: web.Request) -> web.Response:
        found = await self._find(request)
        if isinstance(found, web.Response):
            return found
        account = await self._door.join(request.match_info["token"])
        if account is None:
            return self._pages.answer("join_over.html", OVER)
        now = await self._door.state(request.match_info["token"])
        return self._answer("joined.html", now or found, account)

    async def _state(self, request: web.Request) -> web.Response:
        found = await self._find(request)
        if isinstance(found, web.Response):
            return found
        return web.json_response(found.model_dump(mode="json"))

    async def _check(self, request: web.Request) -> web.Response:
        found = await self._find(request)
        if isinstance(found, web.Response):
            return found
        await self._door.retry(request.match_info["token"])
        return web.Response(status=204)

    async def _find(self, request: web.Request) -> JoinView | web.Response:
        """How far he is, or the page that says that it is over."""
        address, now = request.remote or "", self._clock.instant()
        wait_s = self._wrong.wait_s(address, now)
        if wait_s > 0:
            return self._pages.answer("join_over.html", TOO_MANY, {"Retry-After": str(int(wait_s) + 1)})
        found = await self._door.state(request.match_info["token"])
        if found is None:
            self._wrong.note(address, now)
            return self._pages.answer("join_over.html", NOT_FOUND)
        return found

    def _answer(self, name: str, found: JoinView, account: SipAccount | None) -> web.Response:
        """A page with his seat, the state and, once, the account."""
        page = self._pages.answer(name)
        assert isinstance(page.body, bytes)  # noqa: S101  the pages are read from files
        shown = page.body.replace(b"{{seat}}", _html(found.seat_id)).replace(b"{{state}}", _html(found.text))
        page.body = shown.replace(b"{{account}}", _account(account))
        return page


def _account(account: SipAccount | None) -> bytes:
    if account is None:
        return TOLD_ONCE.encode()
    rows = (
        ("SIP 地址 / address", account.address),
        ("账号 / account", account.account),
        ("口令 / password", account.secret),
    )
    cells = "".join(f"<dt>{label}</dt><dd><code>{escape(value)}</code></dd>" for label, value in rows)
    return f"<dl>{cells}</dl>".encode()


def _html(text: str) -> bytes:
    return escape(text).encode()
