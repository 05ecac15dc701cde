"""A small real identity provider on a free port: metadata, keys, sign-in without a form, tokens against code and verifier."""

import base64
import json
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from aiohttp import web
from aiohttp.test_utils import TestServer
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from callcenter.web.oidc import challenge

CLIENT = "hotline"
SECRET = "between two machines"


def b64(raw: bytes) -> str:
    """Base64url without padding."""
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def number(value: int, size: int = 0) -> str:
    """A big number as keys have it."""
    return b64(value.to_bytes(size or (value.bit_length() + 7) // 8))


class RsaKey:
    """A key that signs RS256."""

    algorithm = "RS256"

    def __init__(self, kid: str, bits: int = 2048) -> None:
        self.kid = kid
        self._key = rsa.generate_private_key(65537, bits)

    def jwk(self) -> dict[str, Any]:
        """The public half."""
        numbers = self._key.public_key().public_numbers()
        return {"kty": "RSA", "kid": self.kid, "use": "sig", "n": number(numbers.n), "e": number(numbers.e)}

    def sign(self, signed: bytes) -> bytes:
        """PKCS1 v1.5 over SHA-256."""
        return self._key.sign(signed, padding.PKCS1v15(), hashes.SHA256())


class EcKey:
    """A key that signs ES256."""

    algorithm = "ES256"

    def __init__(self, kid: str) -> None:
        self.kid = kid
        self._key = ec.generate_private_key(ec.SECP256R1())

    def jwk(self) -> dict[str, Any]:
        """The public half."""
        numbers = self._key.public_key().public_numbers()
        point = {"x": number(numbers.x, 32), "y": number(numbers.y, 32)}
        return {"kty": "EC", "crv": "P-256", "kid": self.kid, "alg": "ES256", **point}

    def sign(self, signed: bytes) -> bytes:
        """Both numbers of the signature, 32 bytes each."""
        r, s = decode_dss_signature(self._key.sign(signed, ec.ECDSA(hashes.SHA256())))
        return r.to_bytes(32) + s.to_bytes(32)


Key = RsaKey | EcKey


def token_of(key: Key, claims: dict[str, Any], **header: Any) -> str:
    """A signed token."""
    head = {"alg": key.algorithm, "kid": key.kid, "typ": "JWT"} | header
    signed = f"{b64(json.dumps(head).encode())}.{b64(json.dumps(claims).encode())}"
    return f"{signed}.{b64(key.sign(signed.encode()))}"


@dataclass
class IdentityProvider:
    """Lets everybody in as ``claims`` says. ``times``: issued at and expiring at, seconds since 1970."""

    key: Key
    times: tuple[float, float]
    claims: dict[str, Any] = field(default_factory=dict)
    issuer: str = ""
    asked: dict[str, dict[str, str]] = field(default_factory=dict)
    key_reads: int = 0

    async def metadata(self, request: web.Request) -> web.Response:
        """Where everything is."""
        ends = {"authorization_endpoint": "authorize", "token_endpoint": "token", "jwks_uri": "keys"}
        told = {name: f"{self.issuer}/{path}" for name, path in ends.items()}
        return web.json_response({"issuer": self.issuer, **told})

    async def keys(self, request: web.Request) -> web.Response:
        """The key in use."""
        self.key_reads += 1
        return web.json_response({"keys": [self.key.jwk()]})

    async def authorize(self, request: web.Request) -> web.Response:
        """The person is known already: back with a code."""
        code = secrets.token_urlsafe(8)
        self.asked[code] = dict(request.query)
        back = urlencode({"code": code, "state": request.query["state"]})
        return web.Response(status=302, headers={"Location": f"{request.query['redirect_uri']}?{back}"})

    async def token(self, request: web.Request) -> web.Response:
        """A token for a code, once, to who knows secret and verifier."""
        form = await request.post()
        asked = self.asked.pop(str(form["code"]), None)
        is_right = (
            asked is not None
            and challenge(str(form["code_verifier"])) == asked["code_challenge"]
            and (form["client_secret"], form["redirect_uri"]) == (SECRET, asked["redirect_uri"])
        )
        if asked is None or not is_right:
            return web.json_response({"error": "invalid_grant"}, status=400)
        issued, expires = self.times
        claims = {"iss": self.issuer, "aud": CLIENT, "iat": issued, "exp": expires, "nonce": asked["nonce"]}
        return web.json_response({"id_token": token_of(self.key, claims | self.claims)})


@asynccontextmanager
async def identity_provider(key: Key, times: tuple[float, float]) -> AsyncIterator[IdentityProvider]:
    """A running one."""
    provider = IdentityProvider(key, times)
    app = web.Application()
    app.router.add_get("/.well-known/openid-configuration", provider.metadata)
    app.router.add_get("/keys", provider.keys)
    app.router.add_get("/authorize", provider.authorize)
    app.router.add_post("/token", provider.token)
    async with TestServer(app) as server:
        provider.issuer = str(server.make_url("")).rstrip("/")
        yield provider
