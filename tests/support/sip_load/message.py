"""SIP as text: messages parsed, digests answered (RFC 3261, RFC 2617)."""

import hashlib
import itertools
import re
import secrets
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SipMessage:
    """A parsed message; header names in lower case, repeated ones in order."""

    start: str
    headers: Mapping[str, list[str]]
    body: str

    def first(self, name: str) -> str:
        """The first header of that name, or ``""``."""
        return next(iter(self.headers.get(name, [])), "")

    @property
    def status(self) -> int:
        """The status of a response, 0 for a request."""
        return int(self.start.split()[1]) if self.start.startswith("SIP/2.0 ") else 0

    @property
    def method(self) -> str:
        """The method of the request, or of the one that is answered."""
        return self.first("cseq").split()[-1]

    @property
    def user(self) -> str:
        """The user of the request URI."""
        found = re.match(r"\S+ sips?:([^@;>]*)@", self.start)
        return found[1] if found else ""


def parse(datagram: bytes) -> SipMessage | None:
    """A datagram as a message; ``None`` for keep-alives and garbage."""
    head, _, body = datagram.decode("utf-8", "replace").partition("\r\n\r\n")
    start, *lines = head.split("\r\n")
    headers: dict[str, list[str]] = defaultdict(list)
    for line in lines:
        name, _, value = line.partition(":")
        headers[name.strip().lower()].append(value.strip())
    if "SIP/2.0" not in start or not headers.get("cseq") or not headers.get("call-id"):
        return None
    return SipMessage(start, headers, body)


_nonce_count = itertools.count(1)


def authorization(challenge: SipMessage, method: str, uri: str, user: str, secret: str) -> str:
    """The header that answers a digest challenge (RFC 2617, MD5, with and without qop)."""
    given = dict(re.findall(r'(\w+)="?([^",]+)"?', challenge.first("www-authenticate").partition(" ")[2]))
    realm, nonce = given.get("realm", ""), given.get("nonce", "")
    secret_hash, request_hash = _md5(f"{user}:{realm}:{secret}"), _md5(f"{method}:{uri}")
    parts = {"username": user, "realm": realm, "nonce": nonce, "uri": uri}
    if "qop" in given:
        count, client = f"{next(_nonce_count):08x}", secrets.token_hex(4)
        parts["response"] = _md5(f"{secret_hash}:{nonce}:{count}:{client}:auth:{request_hash}")
        tail = f", algorithm=MD5, qop=auth, nc={count}"
        parts["cnonce"] = client
    else:
        parts["response"] = _md5(f"{secret_hash}:{nonce}:{request_hash}")
        tail = ", algorithm=MD5"
    if "opaque" in given:
        parts["opaque"] = given["opaque"]
    return (
        "Authorization: Digest "
        + ", ".join(f'{key}="{value}"' for key, value in parts.items())
        + tail
        + "\r\n"
    )


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
