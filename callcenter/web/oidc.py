"""Signing in by an identity provider: the authorization code flow with PKCE (RFC 7636), server to server.

Invariants: an answer counts once, for the browser that asked and within minutes; what the provider says is bounded in size
and time, and believed only through :mod:`callcenter.web.id_tokens`; no token or secret leaves this module.
"""

import asyncio
import base64
import hashlib
import json
import secrets
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

import aiohttp
import structlog

from callcenter.core.clock import Clock, Instant
from callcenter.core.errors import PeerError
from callcenter.sign_in_section import Oidc, is_safe_url
from callcenter.web.id_tokens import Expected, TokenRefused, UnknownKey, verified

log = structlog.get_logger()

PENDING_S: Final = 600.0
PENDING_MAX: Final = 1000
METADATA_S: Final = 3600.0
KEYS_AGAIN_S: Final = 30.0
"""New keys are asked for at most so often: a token with a made-up key name costs the provider nothing."""
ANSWER_BYTES_MAX: Final = 256 * 1024
TIMEOUT: Final = aiohttp.ClientTimeout(total=10.0)
SCOPE: Final = "openid profile"


@dataclass(frozen=True, slots=True)
class Pending:
    """A browser that was sent to the provider."""

    verifier: str
    nonce: str
    back: str
    since: Instant


@dataclass(frozen=True, slots=True)
class Provider:
    """What the provider told about itself."""

    authorize: str
    token: str
    keys: str
    since: Instant


class OidcClient:
    """Sends browsers to the provider and learns who came back."""

    def __init__(self, settings: Oidc, clock: Clock) -> None:
        self._settings, self._clock = settings, clock
        self._pending: OrderedDict[str, Pending] = OrderedDict()
        self._provider: Provider | None = None
        self._keys: list[dict[str, Any]] = []
        self._keys_at: Instant | None = None
        self._asking = asyncio.Lock()

    async def begin(self, back: str) -> tuple[str, str]:
        """Where to send a browser, and the state by which it is known when it comes ``back``.

        Raises:
            PeerError: ``oidc_unreachable``.
        """
        provider = await self._metadata()
        state, verifier, nonce = (secrets.token_urlsafe(32) for _ in range(3))
        self._pending[state] = Pending(verifier, nonce, back, self._clock.instant())
        if len(self._pending) > PENDING_MAX:
            self._pending.popitem(last=False)
        asked = {
            "response_type": "code",
            "client_id": self._settings.client_id,
            "redirect_uri": back,
            "scope": SCOPE,
            "state": state,
            "nonce": nonce,
            "code_challenge": challenge(verifier),
            "code_challenge_method": "S256",
        }
        return f"{provider.authorize}?{urlencode(asked)}", state

    async def finish(self, state: str, code: str) -> dict[str, Any]:
        """The claims of who came back.

        Raises:
            PeerError: ``oidc_stale``: nobody waits under this state; ``oidc_unreachable``; or the token is not believed.
        """
        pending = self._pending.pop(state, None)
        if pending is None or self._clock.instant() - pending.since > PENDING_S:
            raise PeerError("this sign-in is over", code="oidc_stale")
        token = await self._redeem(code, pending)
        expected = Expected(self._settings.issuer, self._settings.client_id, pending.nonce, self._clock.at())
        try:
            return verified(token, await self._known_keys(), expected)
        except UnknownKey:
            return verified(token, await self._known_keys(is_anew=True), expected)

    async def _redeem(self, code: str, pending: Pending) -> str:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": pending.back,
            "client_id": self._settings.client_id,
            "code_verifier": pending.verifier,
        }
        if self._settings.secret_file:
            form["client_secret"] = await asyncio.to_thread(_secret, self._settings.secret_file)
        provider = await self._metadata()
        answer = await self._ask(provider.token, form)
        token = answer.get("id_token")
        if not isinstance(token, str):
            raise TokenRefused("oidc_bad_token")
        return token

    async def _metadata(self) -> Provider:
        async with self._asking:
            known = self._provider
            if known is not None and self._clock.instant() - known.since < METADATA_S:
                return known
            issuer = self._settings.issuer
            told = await self._ask(f"{issuer.rstrip('/')}/.well-known/openid-configuration")
            authorize, token, keys = (
                str(told.get(name)) for name in ("authorization_endpoint", "token_endpoint", "jwks_uri")
            )
            if told.get("issuer") != issuer or not all(map(is_safe_url, (authorize, token, keys))):
                raise TokenRefused("oidc_wrong_issuer")
            self._provider = Provider(authorize, token, keys, self._clock.instant())
            return self._provider

    async def _known_keys(self, *, is_anew: bool = False) -> list[dict[str, Any]]:
        now, at = self._clock.instant(), self._keys_at
        is_due = at is None or now - at >= METADATA_S or (is_anew and now - at >= KEYS_AGAIN_S)
        if is_due:
            answer = await self._ask((await self._metadata()).keys)
            keys = answer.get("keys")
            self._keys = [key for key in keys if isinstance(key, dict)] if isinstance(keys, list) else []
            self._keys_at = now
        return self._keys

    async def _ask(self, url: str, form: dict[str, str] | None = None) -> dict[str, Any]:
        """The JSON answer of the provider. Redirects are not followed: they would carry code and secret elsewhere."""
        method = "GET" if form is None else "POST"
        headers = {"Accept": "application/json"}
        try:
            async with (
                aiohttp.ClientSession(timeout=TIMEOUT) as session,
                session.request(method, url, data=form, headers=headers, allow_redirects=False) as answer,
            ):
                raw = await answer.content.read(ANSWER_BYTES_MAX + 1)
                while len(raw) <= ANSWER_BYTES_MAX and (more := await answer.content.read(ANSWER_BYTES_MAX)):
                    raw += more
                status = answer.status
        except (aiohttp.ClientError, TimeoutError, OSError):
            raise PeerError("the identity provider does not answer", code="oidc_unreachable") from None
        if status != 200 or len(raw) > ANSWER_BYTES_MAX:
            log.warning("the identity provider refused", status=status)
            raise PeerError("the identity provider refused", code="oidc_refused")
        try:
            told = json.loads(raw)
        except (ValueError, RecursionError):
            told = None
        if not isinstance(told, dict):
            raise PeerError("the identity provider answered nonsense", code="oidc_refused")
        return told


def challenge(verifier: str) -> str:
    """S256 of a PKCE verifier (RFC 7636, 4.2)."""
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def _secret(path: str) -> str:
    try:
        return Path(path).read_text("utf-8").strip()
    except OSError:
        raise PeerError(
            "the client secret cannot be read: see sign_in.oidc.secret_file", code="oidc_no_secret"
        ) from None
