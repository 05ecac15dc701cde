"""How two cities know each other: every request is signed with the key that both hold (HMAC-SHA256, RFC 2104).

Invariants: what is signed covers method, path, body, time and a nonce, so nothing can be changed, replayed or kept for later;
comparing takes the same time whatever is wrong; memory is bounded.
"""

import hashlib
import hmac
import re
import secrets
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from callcenter.core.errors import UsageError
from callcenter.private_files import write_private
from callcenter.settings import Settings

SKEW_S = 30.0
"""How far the clocks of two cities may be apart."""
NONCES_MAX = 20_000
"""Nonces remembered; beyond, requests are refused rather than forgotten."""
KEY_BYTES = 32
TIME, NONCE, SIGNATURE = "X-Partner-Time", "X-Partner-Nonce", "X-Partner-Signature"

_KEY = re.compile(r"[0-9a-f]{64}")
_TIME = re.compile(r"[0-9]{10,11}(\.[0-9]{1,6})?")
_NONCE = re.compile(r"[0-9a-f]{32}")


def key_path(settings: Settings) -> Path:
    """Where the shared key is."""
    chosen = settings.partner.key_file
    return Path(chosen).absolute() if chosen else settings.secrets_path / "partner.key"


def make_key(path: Path) -> bool:
    """Make the key, readable by this user alone; whether it was made, for one that is there stays.

    Raises:
        UsageError: as :func:`load_key`.
    """
    if path.exists():
        load_key(path)
        return False
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    write_private(path, secrets.token_hex(KEY_BYTES) + "\n")
    return True


def load_key(path: Path) -> bytes:
    """The shared key.

    Raises:
        UsageError: there is none, others may read it, or it is none of ours.
    """
    try:
        if path.stat().st_mode & 0o077:
            raise UsageError(f"others may read {path}: chmod 600 it", code="bad_partner_key")
        text = path.read_text("ascii", errors="replace").strip()
    except OSError:
        raise UsageError(
            f"no key for the partner city in {path}: make it with `callcenter partner key`, or copy the partner's",
            code="no_partner_key",
        ) from None
    if not _KEY.fullmatch(text):
        raise UsageError(
            f"{path} holds no key: copy the partner's file, 64 hexadecimal digits", code="bad_partner_key"
        )
    return bytes.fromhex(text)


def tag_of(key: bytes) -> str:
    """By which a city's calls are known: derived from the key, which it does not give away."""
    return hmac.new(key, b"sip", hashlib.sha256).hexdigest()[:32]


@dataclass
class Signer:
    """Signs our requests and checks the partner's."""

    key: bytes = field(repr=False)
    _seen: OrderedDict[str, float] = field(default_factory=OrderedDict)

    def headers(self, method: str, path: str, body: bytes, now_s: float) -> dict[str, str]:
        """What a request carries. ``path``: with query; ``now_s``: seconds since the epoch."""
        at, nonce = f"{now_s:.3f}", secrets.token_hex(16)
        return {TIME: at, NONCE: nonce, SIGNATURE: self._sign(method, path, body, at, nonce)}

    def check(self, method: str, path: str, body: bytes, headers: Mapping[str, str], now_s: float) -> None:
        """Believe a request, once.

        Raises:
            UsageError: ``unsigned``, ``bad_signature``, ``stale`` or ``replayed``.
        """
        at, nonce, shown = (headers.get(name, "") for name in (TIME, NONCE, SIGNATURE))
        if not (_TIME.fullmatch(at) and _NONCE.fullmatch(nonce) and shown):
            raise UsageError("the request is not signed", code="unsigned")
        expected = self._sign(method, path, body, at, nonce)
        if not hmac.compare_digest(expected.encode(), shown.encode("utf-8", "replace")):
            raise UsageError(
                "the signature is wrong: do both cities hold the same key?", code="bad_signature"
            )
        if abs(now_s - float(at)) > SKEW_S:
            raise UsageError("the request is too old or from the future: compare the clocks", code="stale")
        self._forget(now_s)
        if nonce in self._seen or len(self._seen) >= NONCES_MAX:
            raise UsageError("the request was made before", code="replayed")
        self._seen[nonce] = now_s

    def seal(self, headers: Mapping[str, str], body: bytes) -> dict[str, str]:
        """What our answer to a believed request carries: it belongs to that request and no other."""
        return {SIGNATURE: self._sign("ANSWER", "", body, headers.get(TIME, ""), headers.get(NONCE, ""))}

    def is_sealed(self, asked: Mapping[str, str], body: bytes, headers: Mapping[str, str]) -> bool:
        """Whether an answer to the request with the headers ``asked`` is the partner's."""
        expected = self.seal(asked, body)[SIGNATURE]
        return hmac.compare_digest(expected.encode(), headers.get(SIGNATURE, "").encode("utf-8", "replace"))

    def _forget(self, now_s: float) -> None:
        """Whose time has passed can no longer be replayed: it is stale."""
        while self._seen and now_s - next(iter(self._seen.values())) > 2 * SKEW_S:
            self._seen.popitem(last=False)

    def _sign(self, method: str, path: str, body: bytes, at: str, nonce: str) -> str:
        digest = hashlib.sha256(body).hexdigest()
        text = f"{method.upper()}\n{path}\n{digest}\n{at}\n{nonce}"
        return hmac.new(self.key, text.encode(), hashlib.sha256).hexdigest()
