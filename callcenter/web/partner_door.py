"""Where the partner city's requests come in: offers of callers, and the question for free seats.

Invariants: nothing is parsed before its signature is believed; guesses and floods are slowed down before that; an answer is
sealed, so that nobody on the way can make one.
"""

import asyncio

from aiohttp import web
from pydantic import ValidationError

from callcenter.core.errors import UsageError
from callcenter.partner.wire import BODY_MAX_BYTES, CAPACITY, OFFERS, Offer, Wire
from callcenter.web.limiter import Limiter
from callcenter.web.ports import Ports
from callcenter.web.refusals import Refusal

BODY_TIMEOUT_S = 2.0
REQUESTS_MAX, WINDOW_S = 600, 10.0
"""Believed requests, from the partner as a whole; a surge hour offers a few a second."""
GUESSES_MAX, GUESS_WINDOW_S = 20, 60.0
"""Requests from one address that were not believed."""


class PartnerDoor:
    """Serves ``/api/partner/v1``."""

    def __init__(self, ports: Ports) -> None:
        self._partner, self._clock = ports.partner, ports.clock
        self._believed = Limiter(REQUESTS_MAX, WINDOW_S)
        self._guesses = Limiter(GUESSES_MAX, GUESS_WINDOW_S)

    def add_routes(self, router: web.UrlDispatcher) -> None:
        """Serve offers and capacity."""
        router.add_post(OFFERS, self._offer)
        router.add_get(CAPACITY, self._capacity)

    async def _offer(self, request: web.Request) -> web.Response:
        body = await self._believe(request)
        try:
            offer = Offer.model_validate_json(body)
        except ValidationError:
            raise Refusal(422, "bad_offer", "the offer does not fit") from None
        return self._answer(request, await self._partner.decide(offer))

    async def _capacity(self, request: web.Request) -> web.Response:
        await self._believe(request)
        return self._answer(request, self._partner.capacity())

    def _answer(self, request: web.Request, told: Wire) -> web.Response:
        body = told.model_dump_json().encode()
        sealed = dict(self._partner.seal(request.headers, body))
        return web.Response(body=body, content_type="application/json", headers=sealed)

    async def _believe(self, request: web.Request) -> bytes:
        """The body of a request that is the partner's.

        Raises:
            Refusal: 404 without a partner, 429, 413, 408, or 401 when it is not believed.
        """
        if not self._partner.exists:
            raise Refusal(404, "unknown_partner", "there is no partner city here")
        address = request.remote or ""
        self._slow_down(self._guesses, address)
        self._slow_down(self._believed, "")
        body = await _read(request)
        try:
            self._partner.check(request.method, request.raw_path, body, request.headers)
        except UsageError as error:
            self._guesses.note(address, self._clock.instant())
            raise Refusal(401, error.code, str(error)) from None
        self._believed.note("", self._clock.instant())
        return body

    def _slow_down(self, limiter: Limiter, key: str) -> None:
        wait_s = limiter.wait_s(key, self._clock.instant())
        if wait_s > 0:
            raise Refusal(429, "too_many", "too many requests", headers={"Retry-After": str(int(wait_s) + 1)})


async def _read(request: web.Request) -> bytes:
    try:
        async with asyncio.timeout(BODY_TIMEOUT_S):
            body = await request.content.read(BODY_MAX_BYTES + 1)
            while len(body) <= BODY_MAX_BYTES and (more := await request.content.read(BODY_MAX_BYTES)):
                body += more
    except TimeoutError:
        raise Refusal(408, "too_slow", "the body did not arrive in time") from None
    if len(body) > BODY_MAX_BYTES:
        raise Refusal(413, "too_big", "the body is too big")
    return body
