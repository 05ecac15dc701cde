"""ID tokens: what is believed, and every way in which one is not."""

import hashlib
import hmac
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from identity_provider import CLIENT, EcKey, Key, RsaKey, b64, token_of

from callcenter.web.id_tokens import Expected, TokenRefused, verified

pytestmark = pytest.mark.web

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
AT = NOW.timestamp()
ISSUER = "https://id.example"
EXPECTED = Expected(ISSUER, CLIENT, "n-1", NOW)
CLAIMS: dict[str, Any] = {
    "iss": ISSUER, "aud": CLIENT, "nonce": "n-1", "iat": AT - 5, "exp": AT + 300, "sub": "p-7",
}  # fmt: skip
RSA, EC = RsaKey("r"), EcKey("e")
KEYS = [RSA.jwk(), EC.jwk()]


@pytest.mark.parametrize("key", [RSA, EC])
def test_a_right_token_is_believed(key: Key) -> None:
    """RS256 and ES256, each with the key that its header names."""
    assert verified(token_of(key, CLAIMS), KEYS, EXPECTED)["sub"] == "p-7"


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"iss": "https://id.example/"}, "oidc_wrong_issuer"),
        ({"iss": None}, "oidc_wrong_issuer"),
        ({"aud": "another"}, "oidc_wrong_audience"),
        ({"aud": [CLIENT, "another"]}, "oidc_wrong_audience"),
        ({"aud": [CLIENT], "azp": "another"}, "oidc_wrong_audience"),
        ({"aud": None}, "oidc_wrong_audience"),
        ({"nonce": "n-2"}, "oidc_wrong_nonce"),
        ({"nonce": None}, "oidc_wrong_nonce"),
        ({"exp": AT - 61}, "oidc_expired"),
        ({"exp": None}, "oidc_bad_token"),
        ({"exp": True}, "oidc_bad_token"),
        ({"iat": AT + 61}, "oidc_expired"),
        ({"nbf": AT + 61}, "oidc_expired"),
        ({"sub": ""}, "oidc_bad_token"),
        ({"sub": "x" * 256}, "oidc_bad_token"),
    ],
)
def test_a_claim_that_is_not_right_is_refused(changed: dict[str, Any], code: str) -> None:
    """Issuer, audience, nonce, times, subject: each must be there and right."""
    with pytest.raises(TokenRefused) as caught:
        verified(token_of(RSA, CLAIMS | changed), KEYS, EXPECTED)
    assert caught.value.code == code


def test_several_audiences_need_the_party_that_asked() -> None:
    """OpenID Connect Core 3.1.3.7, rules 3 to 5."""
    claims = CLAIMS | {"aud": [CLIENT, "another"], "azp": CLIENT}
    assert verified(token_of(RSA, claims), KEYS, EXPECTED)["azp"] == CLIENT


def _unsigned() -> str:
    head = b64(json.dumps({"alg": "none"}).encode())
    return f"{head}.{b64(json.dumps(CLAIMS).encode())}."


def _signed_with_the_public_key() -> str:
    """The classic confusion: HMAC keyed with what everybody knows."""
    head = b64(json.dumps({"alg": "HS256", "kid": "r"}).encode())
    signed = f"{head}.{b64(json.dumps(CLAIMS).encode())}"
    secret = json.dumps(RSA.jwk()).encode()
    return f"{signed}.{b64(hmac.digest(secret, signed.encode(), hashlib.sha256))}"


def _tampered() -> str:
    head, _, signature = token_of(RSA, CLAIMS).split(".")
    return f"{head}.{b64(json.dumps(CLAIMS | {'sub': 'p-8'}).encode())}.{signature}"


@pytest.mark.parametrize(
    ("token", "code"),
    [
        (_unsigned(), "oidc_bad_algorithm"),
        (_signed_with_the_public_key(), "oidc_bad_algorithm"),
        (token_of(RSA, CLAIMS, alg="RS512"), "oidc_bad_algorithm"),
        (token_of(RSA, CLAIMS, crit=["exp"]), "oidc_bad_algorithm"),
        (token_of(RSA, CLAIMS, alg="ES256"), "oidc_unknown_key"),
        (token_of(EC, CLAIMS, alg="ES256", kid="r"), "oidc_unknown_key"),
        (token_of(RSA, CLAIMS, kid="new"), "oidc_unknown_key"),
        (token_of(RsaKey("r"), CLAIMS), "oidc_bad_signature"),
        (token_of(EcKey("e"), CLAIMS), "oidc_bad_signature"),
        (_tampered(), "oidc_bad_signature"),
        (token_of(RSA, CLAIMS) + "!", "oidc_bad_token"),
        ("a.b", "oidc_bad_token"),
        ("é.b.c", "oidc_bad_token"),
        ("x" * 20_000, "oidc_bad_token"),
        ("", "oidc_bad_token"),
        (f"{b64(b'[]')}.{b64(b'{}')}.x", "oidc_bad_token"),
        (f"{b64(b'[' * 100_000)[:9000]}.e30.x", "oidc_bad_token"),
    ],
)
def test_a_token_of_another_making_is_refused(token: str, code: str) -> None:
    """No algorithm but two, no key but of its kind, no changed word."""
    with pytest.raises(TokenRefused) as caught:
        verified(token, KEYS, EXPECTED)
    assert caught.value.code == code


def test_a_short_key_is_not_trusted() -> None:
    """RSA below 2048 bits."""
    weak = RsaKey("weak", bits=1024)
    with pytest.raises(TokenRefused) as caught:
        verified(token_of(weak, CLAIMS), [weak.jwk()], EXPECTED)
    assert caught.value.code == "oidc_bad_signature"


def test_one_key_needs_no_name_and_several_do() -> None:
    """A header without kid."""
    assert verified(token_of(RSA, CLAIMS, kid=None), KEYS, EXPECTED)["sub"] == "p-7"
    with pytest.raises(TokenRefused):
        verified(token_of(RSA, CLAIMS, kid=None), [*KEYS, RsaKey("other").jwk()], EXPECTED)
