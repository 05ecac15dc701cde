"""The partner's API as it may be: prompt, silent, garbled, forged, endless. An offer has its answer each time."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from callcenter.clocks import SystemClock
from callcenter.core.ids import ContactId
from callcenter.core.messages import partner
from callcenter.core.messages.base import Message
from callcenter.partner.edge import PartnerEdge
from callcenter.partner.section import Partner
from callcenter.partner.signing import Signer
from callcenter.partner.wire import BODY_MAX_BYTES, CAPACITY, OFFERS, Answer, Capacity, Offer

pytestmark = pytest.mark.adapters

KEY = bytes(range(32))
TOKEN = "1234567890123456"
BO = partner.OfferCaller(ContactId("c-1"), "13800000002", True, 41.27, "intake.person stated")
ACCEPTED = Answer(accepted=True, token=TOKEN).model_dump_json().encode()

Serve = Callable[[web.Request], Awaitable[web.StreamResponse]]


def sealed(request: web.Request, body: bytes, key: bytes = KEY, status: int = 200) -> web.Response:
    """An answer that belongs to its request."""
    return web.Response(body=body, status=status, headers=Signer(key).seal(request.headers, body))


@asynccontextmanager
async def city(serve: Serve, wants: bool = False) -> AsyncIterator[tuple[PartnerEdge, list[Message]]]:
    """A partner that answers by ``serve``, our edge to it, and what it posts."""
    app = web.Application()
    app.router.add_route("*", OFFERS, serve)
    app.router.add_route("*", CAPACITY, serve)
    posted: list[Message] = []
    async with TestServer(app) as server:
        agreed = Partner(
            name="铜川", url=str(server.make_url("")), sip="127.0.0.1:5060", answer_s=0.5, poll_s=1
        )
        edge = PartnerEdge(agreed, "延安", Signer(KEY), SystemClock(), posted.append, lambda now: wants)
        try:
            yield edge, posted
        finally:
            await edge.close()


async def answer(serve: Serve) -> tuple[str, str]:
    """Token and reason that an offer ends with."""
    async with city(serve) as (edge, posted):
        await edge.offer(BO)
    (told,) = posted
    assert isinstance(told, partner.OfferAnswered)
    assert told.contact_id == "c-1"
    return told.token, told.reason


async def test_an_accepted_offer_brings_its_token() -> None:
    """The partner gets the caller's record, signed, with no hop behind him."""
    seen: list[Offer] = []

    async def serve(request: web.Request) -> web.Response:
        raw = await request.read()
        Signer(KEY).check("POST", OFFERS, raw, request.headers, SystemClock().at().timestamp())
        seen.append(Offer.model_validate_json(raw))
        return sealed(request, ACCEPTED)

    assert await answer(serve) == (TOKEN, "")
    assert seen == [
        Offer(
            record="c-1",
            origin="延安",
            caller="13800000002",
            urgent=True,
            waited_s=41.3,
            hops=0,
            collected="intake.person stated",
        )
    ]


async def test_a_declined_offer_brings_its_reason() -> None:
    """As the partner says it."""
    body = Answer(accepted=False, reason="reserve").model_dump_json().encode()

    async def serve(request: web.Request) -> web.Response:
        return sealed(request, body)

    assert await answer(serve) == ("", "reserve")


@pytest.mark.parametrize(
    ("body", "key", "status", "reason"),
    [
        (ACCEPTED, bytes(32), 200, "unauthorized"),
        (ACCEPTED, KEY, 401, "unauthorized"),
        (ACCEPTED, KEY, 429, "busy"),
        (ACCEPTED, KEY, 500, "garbled"),
        (ACCEPTED, KEY, 302, "garbled"),
        (b"", KEY, 200, "garbled"),
        (b"<html>", KEY, 200, "garbled"),
        (b'{"accepted":true}', KEY, 200, "garbled"),
        (b'{"accepted":true,"token":"911"}', KEY, 200, "garbled"),
        (b'{"accepted":true,"token":"1234567890123456","x":1}', KEY, 200, "garbled"),
        (b'{"accepted":false,"reason":"' + b"a" * 99 + b'"}', KEY, 200, "garbled"),
        (b" " * (BODY_MAX_BYTES + 1), KEY, 200, "garbled"),
    ],
)
async def test_a_strange_answer_is_a_decline(body: bytes, key: bytes, status: int, reason: str) -> None:
    """Forged, refused, redirected, empty, garbled, dialable elsewhere, too long: never believed, always answered."""

    async def serve(request: web.Request) -> web.Response:
        return sealed(request, body, key, status)

    assert await answer(serve) == ("", reason)


async def test_silence_is_a_decline() -> None:
    """A partner that thinks for too long, and one that stops in the middle of its answer."""
    over = asyncio.Event()

    async def think(request: web.Request) -> web.Response:
        await over.wait()
        return sealed(request, ACCEPTED)

    async def creep(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        await response.write(b"{")
        await over.wait()
        return response

    asyncio.get_running_loop().call_later(3.0, over.set)  # else the server would wait for its handlers
    both = list(await asyncio.gather(answer(think), answer(creep)))
    assert both == [("", "silent"), ("", "silent")]


async def test_nobody_there_is_a_decline() -> None:
    """No server at all."""
    posted: list[Message] = []
    agreed = Partner(name="铜川", url="http://127.0.0.1:9", sip="127.0.0.1:5060")
    edge = PartnerEdge(agreed, "延安", Signer(KEY), SystemClock(), posted.append, lambda now: False)
    await edge.offer(BO)
    await edge.close()
    assert posted == [partner.OfferAnswered(ContactId("c-1"), "", "silent")]


async def test_capacity_is_asked_for_while_it_matters() -> None:
    """What it says is posted; nothing is posted of garbage."""
    bodies = [b"many", b'{"free":-1}', Capacity(free=4).model_dump_json().encode()]

    async def serve(request: web.Request) -> web.Response:
        return sealed(request, bodies.pop(0))

    async with city(serve, wants=True) as (edge, posted):
        assert [await edge._look() for _ in range(3)] == [False, False, True]
    assert posted == [partner.CapacitySeen(4)]
    async with city(serve) as (edge, posted):
        assert await edge._look()
    assert posted == []
