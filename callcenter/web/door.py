"""Every API request comes in through this door: who are you, may you, what do you want, was it asked before.

Invariants: a handler runs only for an identity that holds the operation's permission; a call authenticated by
cookie changes nothing without the session's CSRF token; the same idempotency key is never carried out twice.
"""

import asyncio
import hashlib
import hmac
from urllib.parse import urlsplit
from weakref import WeakValueDictionary

import structlog
from aiohttp import web

from callcenter.web.identity import COOKIE, OPERATOR, Identity, Via
from callcenter.web.ports.accounts import KeptAnswer
from callcenter.web.refusals import Refusal
from callcenter.web.routes import Call, Operation, parse_body, parse_query, render
from callcenter.web.services import Services

log = structlog.get_logger()

CSRF_HEADER = "X-CSRF-Token"
KEY_HEADER = "Idempotency-Key"
REPLAYED_HEADER = "Idempotency-Replayed"
KEY_MAX = 200
TOKEN_MAX = 200
BODY_TIMEOUT_S = 10.0


class Door:
    """Guards the operations. ``is_control``: this is the control socket, and who comes is the operator."""

    def __init__(self, services: Services, *, is_control: bool) -> None:
        self._services = services
        self._is_control = is_control
        self._in_hand: WeakValueDictionary[tuple[str, str], asyncio.Lock] = WeakValueDictionary()

    async def enter(self, operation: Operation, request: web.Request) -> web.StreamResponse:
        """Carry out one request.

        Raises:
            CallcenterError: refused or failed; the error layer answers.
        """
        identity = await self._identify(request)
        _admit(operation, identity, request)
        raw = await _read(request, operation.body_max_bytes)
        key = request.headers.get(KEY_HEADER)
        if key is None or identity is None or not (operation.is_mutating and operation.keeps_answer):
            return await self._carry_out(operation, request, identity, raw)
        return await self._once(operation, request, identity, raw, _checked_key(key))

    async def _identify(self, request: web.Request) -> Identity | None:
        if self._is_control:
            return OPERATOR
        scheme, _, bearer = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            return await self._recognize(bearer.strip(), Via.BEARER)
        cookie = request.cookies.get(COOKIE)
        return await self._recognize(cookie, Via.COOKIE) if cookie else None

    async def _recognize(self, token: str, via: Via) -> Identity | None:
        if not token or len(token) > TOKEN_MAX:
            return None
        return await self._services.signin.recognize(token, via)

    async def _carry_out(
        self, operation: Operation, request: web.Request, identity: Identity | None, raw: bytes
    ) -> web.StreamResponse:
        query, body = parse_query(operation, request), parse_body(operation, raw)
        result = await operation.handler(Call(request, self._services, query, body, identity))
        if operation.is_mutating and identity is not None:
            log.info(
                "request done", operation=operation.name, account_pii=identity.name, via=identity.via.value
            )
        return render(operation, result, is_secure=request.secure)

    async def _once(
        self, operation: Operation, request: web.Request, identity: Identity, raw: bytes, key: str
    ) -> web.StreamResponse:
        asked = _digest(request, raw)
        lock = self._in_hand.setdefault((identity.name, key), asyncio.Lock())
        async with lock:
            kept = await self._services.ports.answers.find(identity.name, key)
            if kept is not None:
                return _again(kept, asked)
            answer = await self._carry_out(operation, request, identity, raw)
            if isinstance(answer, web.Response):
                fresh = KeptAnswer(asked, answer.status, answer.text or "")
                await self._services.ports.answers.keep(
                    identity.name, key, fresh, self._services.ports.clock.at()
                )
            return answer


def _admit(operation: Operation, identity: Identity | None, request: web.Request) -> None:
    if operation.is_mutating or operation.path == "/events":
        _refuse_foreign_origin(request)
    if operation.may is None:
        return
    if identity is None:
        raise Refusal(401, "not_signed_in", "sign in first", headers={"WWW-Authenticate": "Bearer"})
    if not identity.has(operation.may):
        raise Refusal(403, "forbidden", "your role does not allow this")
    if operation.is_mutating and identity.via is Via.COOKIE:
        shown = request.headers.get(CSRF_HEADER, "")
        if not hmac.compare_digest(shown.encode(), identity.csrf.encode()):
            raise Refusal(403, "bad_csrf", f"header {CSRF_HEADER} is missing or wrong")


def _refuse_foreign_origin(request: web.Request) -> None:
    """Another site's page must not act in a browser that is signed in here."""
    origin = request.headers.get("Origin")
    if origin is not None and urlsplit(origin).netloc != request.host:
        raise Refusal(403, "foreign_origin", "requests from other sites are refused")


async def _read(request: web.Request, max_bytes: int) -> bytes:
    if not request.can_read_body:
        return b""
    if request.content_type != "application/json":
        raise Refusal(415, "not_json", "a body must be application/json")
    try:
        async with asyncio.timeout(BODY_TIMEOUT_S):
            return await request.clone(client_max_size=max_bytes).read()
    except TimeoutError:
        raise Refusal(408, "too_slow", "the body did not arrive in time") from None


def _checked_key(key: str) -> str:
    if not (1 <= len(key) <= KEY_MAX and key.isascii() and key.isprintable()):
        raise Refusal(422, "bad_key", f"{KEY_HEADER} has 1 to {KEY_MAX} printable ASCII characters")
    return key


def _digest(request: web.Request, raw: bytes) -> str:
    asked = f"{request.method} {request.raw_path}\n".encode() + raw
    return hashlib.sha256(asked).hexdigest()


def _again(kept: KeptAnswer, asked: str) -> web.Response:
    if kept.request_sha256 != asked:
        raise Refusal(409, "key_reused", f"this {KEY_HEADER} was used for another request")
    headers = {REPLAYED_HEADER: "true"}
    if kept.status == 204:
        return web.Response(status=204, headers=headers)
    return web.Response(status=kept.status, text=kept.body, content_type="application/json", headers=headers)
