"""ID tokens of an identity provider, verified. Pure: keys and time are arguments.

Strict by intent (OpenID Connect Core 1.0, 3.1.3.7; RFC 8725): only RS256 and ES256, each only with a key of its own kind, so
that no token chooses how it is checked; issuer, audience, nonce and times must all be there and right.
Invariant: claims come out of here only after the signature was right.
"""

import base64
import binascii
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from callcenter.core.errors import PeerError

TOKEN_MAX: Final = 16 * 1024
SKEW_S: Final = 60.0
"""The provider's clock may be so far off ours."""
RSA_BITS_MIN: Final = 2048
EC_BYTES: Final = 32
SUBJECT_MAX: Final = 255
KEY_KINDS: Final[Mapping[str, str]] = {"RS256": "RSA", "ES256": "EC"}


class TokenRefused(PeerError):
    """The token is not believed; ``code`` says why."""

    def __init__(self, code: str):
        super().__init__("the identity provider's token is not believed", code=code, retryable=False)


class UnknownKey(TokenRefused):
    """No key of this name: perhaps the provider has new ones."""

    def __init__(self) -> None:
        super().__init__("oidc_unknown_key")


@dataclass(frozen=True, slots=True)
class Expected:
    """What a token must say. ``nonce``: as it was sent with the browser; ``at``: now."""

    issuer: str
    client_id: str
    nonce: str
    at: datetime


def verified(token: str, keys: Iterable[Mapping[str, Any]], expected: Expected) -> dict[str, Any]:
    """The claims of a token signed with one of ``keys`` (JSON Web Keys).

    Raises:
        TokenRefused: ``oidc_bad_token``, ``oidc_bad_algorithm``, ``oidc_bad_signature``, ``oidc_wrong_issuer``,
            ``oidc_wrong_audience``, ``oidc_wrong_nonce``, ``oidc_expired``.
        UnknownKey: none of the keys has the name that the token says.
    """
    if len(token) > TOKEN_MAX or not token.isascii() or token.count(".") != 2:
        raise TokenRefused("oidc_bad_token")
    signed, _, signature = token.rpartition(".")
    head, _, body = signed.partition(".")
    header = _json(head)
    algorithm = header.get("alg")
    if not isinstance(algorithm, str) or algorithm not in KEY_KINDS or "crit" in header:
        raise TokenRefused("oidc_bad_algorithm")
    key = _key(keys, header.get("kid"), algorithm)
    try:
        _check_signature(key, algorithm, signed.encode(), _bytes(signature))
    except (InvalidSignature, ValueError, TypeError, KeyError):
        raise TokenRefused("oidc_bad_signature") from None
    claims = _json(body)
    _check_claims(claims, expected)
    return claims


def _key(keys: Iterable[Mapping[str, Any]], name: Any, algorithm: str) -> Mapping[str, Any]:
    fitting = [
        key
        for key in keys
        if key.get("kty") == KEY_KINDS[algorithm]
        and key.get("use", "sig") == "sig"
        and key.get("alg", algorithm) == algorithm
        and (name is None or key.get("kid") == name)
    ]
    if len(fitting) != 1:
        raise UnknownKey
    return fitting[0]


def _check_signature(key: Mapping[str, Any], algorithm: str, signed: bytes, signature: bytes) -> None:
    if algorithm == "RS256":
        numbers = rsa.RSAPublicNumbers(_number(key["e"]), _number(key["n"]))
        public = numbers.public_key()
        if public.key_size < RSA_BITS_MIN:
            raise InvalidSignature
        public.verify(signature, signed, padding.PKCS1v15(), hashes.SHA256())
        return
    if key.get("crv") != "P-256" or len(signature) != 2 * EC_BYTES:
        raise InvalidSignature
    point = ec.EllipticCurvePublicNumbers(_number(key["x"]), _number(key["y"]), ec.SECP256R1())
    r, s = (int.from_bytes(half) for half in (signature[:EC_BYTES], signature[EC_BYTES:]))
    point.public_key().verify(encode_dss_signature(r, s), signed, ec.ECDSA(hashes.SHA256()))


def _check_claims(claims: Mapping[str, Any], expected: Expected) -> None:
    if claims.get("iss") != expected.issuer:
        raise TokenRefused("oidc_wrong_issuer")
    told = claims.get("aud")
    audience = told if isinstance(told, list) else [told]
    is_ours = expected.client_id in audience
    party = claims.get("azp", expected.client_id if len(audience) == 1 else None)
    if not is_ours or party != expected.client_id:
        raise TokenRefused("oidc_wrong_audience")
    if not expected.nonce or claims.get("nonce") != expected.nonce:
        raise TokenRefused("oidc_wrong_nonce")
    now = expected.at.timestamp()
    if _time(claims, "exp") <= now - SKEW_S or _time(claims, "iat") > now + SKEW_S:
        raise TokenRefused("oidc_expired")
    if "nbf" in claims and _time(claims, "nbf") > now + SKEW_S:
        raise TokenRefused("oidc_expired")
    subject = claims.get("sub")
    if not isinstance(subject, str) or not 0 < len(subject) <= SUBJECT_MAX:
        raise TokenRefused("oidc_bad_token")


def _time(claims: Mapping[str, Any], name: str) -> float:
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TokenRefused("oidc_bad_token")
    return float(value)


def _json(part: str) -> dict[str, Any]:
    try:
        value = json.loads(_bytes(part))
    except (ValueError, RecursionError):
        raise TokenRefused("oidc_bad_token") from None
    if not isinstance(value, dict):
        raise TokenRefused("oidc_bad_token")
    return value


def _bytes(part: str) -> bytes:
    try:
        return base64.b64decode(part + "=" * (-len(part) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise TokenRefused("oidc_bad_token") from None


def _number(part: Any) -> int:
    return int.from_bytes(_bytes(str(part)))
