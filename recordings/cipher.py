"""Recordings at rest: AES-256-GCM in chunks, so that a part can be read and proved without the rest.

Layout: a header of fixed size, then chunks of ``CHUNK_BYTES`` plain bytes (the last one shorter), each with its tag.
Invariants: every file has a key of its own (HKDF-SHA256 of the month's data key, salted anew for each file and bound to
the recording's id), so a nonce is simply the chunk's number and never repeats under a key; header and number are
authenticated with every chunk, so none can be moved, cut off, or taken from another recording.
"""

import os
import struct
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from callcenter.core.errors import PeerError

CHUNK_BYTES = 1 << 16
"""Two seconds of a call."""

KEY_BYTES = 32
TAG_BYTES = 16

_MAGIC = b"CCVAULT1"
_SALT_BYTES = 32
_HEADER = struct.Struct("<8sIQ32s32s")
_CHUNK_RANGE = range(1 << 10, (1 << 24) + 1)

HEADER_BYTES = _HEADER.size

ReadAt = Callable[[int, int], bytes]
"""(offset, length) -> stored bytes; fewer only at the end."""


@dataclass(frozen=True, slots=True)
class Header:
    """What stands before the chunks. ``key_id``: the month's data key; ``plain_bytes``: length of the sound's file."""

    key_id: str
    plain_bytes: int
    salt: bytes
    chunk_bytes: int = CHUNK_BYTES

    @classmethod
    def new(cls, key_id: str, plain_bytes: int) -> "Header":
        """With a salt from the system's random source."""
        return cls(key_id, plain_bytes, os.urandom(_SALT_BYTES))

    def render(self) -> bytes:
        """The bytes at the beginning of the file."""
        return _HEADER.pack(
            _MAGIC, self.chunk_bytes, self.plain_bytes, self.salt, self.key_id.encode("ascii")
        )

    @property
    def chunks(self) -> int:
        """How many follow; also an empty file has one, which proves that it is empty."""
        return max(1, -(-self.plain_bytes // self.chunk_bytes))

    @property
    def stored_bytes(self) -> int:
        """Length of the whole file."""
        return HEADER_BYTES + self.plain_bytes + self.chunks * TAG_BYTES


def parse_header(start: bytes) -> Header:
    """The header of a stored file.

    Raises:
        PeerError: ``recording_damaged``: these bytes are none.
    """
    if len(start) < HEADER_BYTES:
        raise _damaged()
    magic, chunk_bytes, plain_bytes, salt, name = _HEADER.unpack(start[:HEADER_BYTES])
    key_id = name.rstrip(b"\0")
    if magic != _MAGIC or chunk_bytes not in _CHUNK_RANGE or not key_id.isascii():
        raise _damaged()
    return Header(key_id.decode("ascii"), plain_bytes, salt, chunk_bytes)


class ChunkCipher:
    """Seals and opens the chunks of one recording. ``data_key``: the month's, 32 bytes."""

    def __init__(self, data_key: bytes, header: Header, recording_id: str):
        self._header = header
        bound = _MAGIC + recording_id.encode()
        self._aead = AESGCM(HKDF(SHA256(), KEY_BYTES, header.salt, bound).derive(data_key))
        self._proved = header.render() + recording_id.encode()

    def seal(self, number: int, plain: bytes) -> bytes:
        """Chunk ``number`` (from 0) as it is stored."""
        return self._aead.encrypt(_nonce(number), plain, self._proved)

    def open(self, number: int, stored: bytes) -> bytes:
        """What chunk ``number`` holds.

        Raises:
            PeerError: ``recording_damaged``: a bit is not as it was, or it is another chunk or another key.
        """
        try:
            return self._aead.decrypt(_nonce(number), stored, self._proved)
        except InvalidTag:
            raise _damaged() from None


def encrypted(blocks: Iterable[bytes], header: Header, data_key: bytes, recording_id: str) -> Iterator[bytes]:
    """The stored file of a sound whose bytes come in ``blocks``, ``header.plain_bytes`` in all."""
    cipher = ChunkCipher(data_key, header, recording_id)
    yield header.render()
    for number, chunk in enumerate(_chunks(blocks, header.chunk_bytes)):
        yield cipher.seal(number, chunk)


class Opened:
    """A stored file, opened for reading at any place.

    ``stored_bytes``: its length; ``find_key``: key id -> data key (raises PeerError).

    Raises:
        PeerError: ``recording_damaged``: the header is none, or its length is not that of the file.
    """

    def __init__(
        self, read_at: ReadAt, stored_bytes: int, find_key: Callable[[str], bytes], recording_id: str
    ) -> None:
        self._read_at = read_at
        self._header = parse_header(read_at(0, HEADER_BYTES))
        if self._header.stored_bytes != stored_bytes:
            raise _damaged()
        self._cipher = ChunkCipher(find_key(self._header.key_id), self._header, recording_id)
        self.size = self._header.plain_bytes

    def read(self, offset: int, length: int) -> bytes:
        """Plain bytes from ``offset``; fewer than ``length`` only at the end. All that is returned is proved.

        Raises:
            PeerError: ``recording_damaged``, or what reading the stored bytes raises.
        """
        end = min(offset + length, self.size)
        if offset >= end:
            return b""
        size = self._header.chunk_bytes
        first, last = offset // size, (end - 1) // size
        plain = b"".join(self._chunks(first, last))
        return plain[offset - first * size : end - first * size]

    def _chunks(self, first: int, last: int) -> Iterator[bytes]:
        """One read of the store for all of them."""
        step = self._header.chunk_bytes + TAG_BYTES
        stored = self._read_at(HEADER_BYTES + first * step, (last - first + 1) * step)
        for number in range(first, last + 1):
            start = (number - first) * step
            yield self._cipher.open(number, stored[start : start + step])


def _chunks(blocks: Iterable[bytes], size: int) -> Iterator[bytes]:
    """The same bytes in pieces of ``size``; at least one piece."""
    pending = bytearray()
    is_first = True
    for block in blocks:
        pending += block
        while len(pending) > size:
            yield bytes(pending[:size])
            del pending[:size]
            is_first = False
    if pending or is_first:
        yield bytes(pending)


def _nonce(number: int) -> bytes:
    return number.to_bytes(12, "big")


def _damaged() -> PeerError:
    return PeerError(
        "the recording is damaged or was tampered with: run 'callcenter vault verify'",
        code="recording_damaged",
        retryable=False,
    )
