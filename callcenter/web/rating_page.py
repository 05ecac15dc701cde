"""The page on which a citizen rates a talk, for whoever has its link.

Invariants: it shows nothing of the talk or the citizen, sets no cookie and needs no script; looking at it uses nothing up;
who guesses links is slowed down before the database is asked.
"""

import asyncio
from collections.abc import Mapping
from urllib.parse import parse_qs

from aiohttp import web

from callcenter.core.ids import ContactId
from callcenter.core.messages.flows import GRADES
from callcenter.web.limiter import Limiter
from callcenter.web.pages import Pages
from callcenter.web.ports import Ports

PATH = "/r/{token:[A-Za-z0-9_-]{1,64}}"
BODY_TIMEOUT_S = 10.0
WRONG_LINKS, WINDOW_S = 30, 60.0
"""So many wrong links a minute from one address."""
FIELDS_MAX = 10
FORM = "application/x-www-form-urlencoded"
NOT_FOUND, TOO_MANY, BAD = 404, 429, 422
GRADE_KEYS: Mapping[str, int] = {str(grade): grade for grade in GRADES}


class RatingPage:
    """Asks for a grade and takes it."""

    def __init__(self, ports: Ports, pages: Pages) -> None:
        self._desk, self._clock, self._pages = ports.rating_desk, ports.clock, pages
        self._wrong = Limiter(WRONG_LINKS, WINDOW_S)

    def add_routes(self, router: web.UrlDispatcher) -> None:
        """Serve ``/r/TOKEN``."""
        router.add_get(PATH, self._ask)
        router.add_post(PATH, self._take)

    async def _ask(self, request: web.Request) -> web.Response:
        found = await self._find(request)
        return found if isinstance(found, web.Response) else self._pages.answer("rate.html")

    async def _take(self, request: web.Request) -> web.Response:
        found = await self._find(request)
        if isinstance(found, web.Response):
            return found
        grade = await _grade(request)
        if grade is None:
            return self._pages.answer("rate.html", BAD)
        await self._desk.rate(found, grade)
        return self._pages.answer("rated.html")

    async def _find(self, request: web.Request) -> ContactId | web.Response:
        """The talk of this link, or the page that says that it is over."""
        address, now = request.remote or "", self._clock.instant()
        wait_s = self._wrong.wait_s(address, now)
        if wait_s > 0:
            return self._pages.answer("rate_over.html", TOO_MANY, {"Retry-After": str(int(wait_s) + 1)})
        contact_id = await self._desk.linked(request.match_info["token"])
        if contact_id is None:
            self._wrong.note(address, now)
        return contact_id or self._pages.answer("rate_over.html", NOT_FOUND)


async def _grade(request: web.Request) -> int | None:
    """The grade of the form; ``None``: there is none."""
    if request.content_type != FORM:
        return None
    try:
        async with asyncio.timeout(BODY_TIMEOUT_S):
            text = await request.text()
        given = parse_qs(text, max_num_fields=FIELDS_MAX).get("grade", [])
    except (TimeoutError, LookupError, ValueError):
        return None
    return GRADE_KEYS.get(given[0]) if len(given) == 1 else None
