"""Asks the partner city over HTTP: whether it takes a caller, and whether it has free seats.

Invariants: every offer is answered into the inbox, whatever happens; nothing that the partner says is believed beyond its
bounds; silence, slowness and garbage are a decline with its reason.
"""

import asyncio
from collections.abc import Callable
from typing import TypeVar

import aiohttp
import structlog
from pydantic import BaseModel, ValidationError

from callcenter.core.clock import Clock, Instant
from callcenter.core.errors import PeerError
from callcenter.core.messages import partner
from callcenter.core.messages.base import Message
from callcenter.partner.section import Partner
from callcenter.partner.signing import Signer
from callcenter.partner.wire import BODY_MAX_BYTES, CAPACITY, OFFERS, Answer, Capacity, Offer

log = structlog.get_logger()

CONNECTIONS_MAX = 8
REFUSED, BUSY = (401, 403), 429
POLL_REST_MAX_S = 60.0

M = TypeVar("M", bound=BaseModel)


class PartnerFailed(PeerError):
    """The partner did not answer as agreed; ``code`` is one of the reasons of a decline."""

    code = "silent"


class PartnerEdge:
    """The partner's API. ``city``: our own name; ``wants_capacity``: whether free seats matter right now."""

    def __init__(
        self,
        agreed: Partner,
        city: str,
        signer: Signer,
        clock: Clock,
        post: Callable[[Message], None],
        wants_capacity: Callable[[Instant], bool],
    ) -> None:
        self._agreed = agreed
        self._city = city
        self._signer = signer
        self._clock = clock
        self._post = post
        self._wants_capacity = wants_capacity
        self._http: aiohttp.ClientSession | None = None

    async def offer(self, effect: partner.OfferCaller) -> None:
        """Offer a caller; the answer, or why there is none, is posted as ``OfferAnswered``."""
        asked = Offer(
            record=effect.contact_id,
            origin=self._city,
            caller=effect.caller,
            urgent=effect.urgent,
            waited_s=round(effect.waited_s, 1),
            hops=0,
            collected=effect.collected,
        )
        try:
            answer = await self._ask("POST", OFFERS, asked.model_dump_json().encode(), Answer)
        except PartnerFailed as failure:
            log.info("offer to the partner failed", contact_id=effect.contact_id, code=failure.code)
            answer = Answer(accepted=False, reason=failure.code)
        self._post(partner.OfferAnswered(effect.contact_id, answer.token, answer.reason))

    async def run(self) -> None:
        """Ask for free seats again and again while our line is long; until canceled."""
        rest_s = self._agreed.poll_s
        try:
            while True:
                await asyncio.sleep(rest_s)
                rest_s = self._agreed.poll_s if await self._look() else min(2 * rest_s, POLL_REST_MAX_S)
        finally:
            await self.close()

    async def close(self) -> None:
        """Close the connections."""
        if self._http is not None:
            await self._http.close()
            self._http = None

    async def _look(self) -> bool:
        """Whether the partner answered, or was not asked at all."""
        if not self._wants_capacity(self._clock.instant()):
            return True
        try:
            seen = await self._ask("GET", CAPACITY, b"", Capacity)
        except PartnerFailed:
            return False
        self._post(partner.CapacitySeen(seen.free))
        return True

    async def _ask(self, method: str, path: str, body: bytes, kind: type[M]) -> M:
        """One request.

        Raises:
            PartnerFailed: ``silent``, ``unauthorized``, ``busy`` or ``garbled``.
        """
        signed = self._signer.headers(method, path, body, self._clock.at().timestamp())
        try:
            async with (
                asyncio.timeout(self._agreed.answer_s),
                self._session().request(
                    method,
                    self._agreed.url + path,
                    data=body or None,
                    headers=signed | {"Content-Type": "application/json"},
                    allow_redirects=False,
                ) as response,
            ):
                _require_well(response.status)
                raw = await _read(response)
                is_sealed = self._signer.is_sealed(signed, raw, response.headers)
        except (TimeoutError, aiohttp.ClientError, OSError):
            raise PartnerFailed("the partner city did not answer in time", code="silent") from None
        if not is_sealed:
            raise PartnerFailed("the partner's answer is not signed by it", code="unauthorized")
        try:
            return kind.model_validate_json(raw)
        except ValidationError:
            raise PartnerFailed("the partner's answer makes no sense", code="garbled") from None

    def _session(self) -> aiohttp.ClientSession:
        if self._http is None:
            self._http = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=CONNECTIONS_MAX))
        return self._http


def _require_well(status: int) -> None:
    if status in REFUSED:
        raise PartnerFailed("the partner does not believe our signature", code="unauthorized")
    if status == BUSY:
        raise PartnerFailed("the partner was asked too often", code="busy")
    if status != 200:
        raise PartnerFailed("the partner refused the request itself", code="garbled")


async def _read(response: aiohttp.ClientResponse) -> bytes:
    raw = bytearray()
    async for piece in response.content.iter_chunked(BODY_MAX_BYTES):
        raw += piece
        if len(raw) > BODY_MAX_BYTES:
            raise PartnerFailed("the partner's answer is too long", code="garbled")
    return bytes(raw)
