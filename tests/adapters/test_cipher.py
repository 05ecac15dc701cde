"""Recordings at rest: any part can be read and is proved; nothing that was changed is ever given out."""

import os
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.core.errors import PeerError
from recordings.cipher import HEADER_BYTES, TAG_BYTES, Header, Opened, encrypted, parse_header

pytestmark = pytest.mark.adapters

KEY = bytes(range(32))
ID = "cell1-1795305600.3"
CHUNK = 1 << 10


def _stored(plain: bytes, recording_id: str = ID, key: bytes = KEY, block: int = 700) -> bytes:
    header = Header("2026-11", len(plain), os.urandom(32), CHUNK)
    return b"".join(encrypted(_blocks(plain, block), header, key, recording_id))


def _blocks(plain: bytes, size: int) -> Iterator[bytes]:
    yield from (plain[start : start + size] for start in range(0, len(plain), size))


def _opened(stored: bytes, recording_id: str = ID, key: bytes = KEY) -> Opened:
    return Opened(lambda at, length: stored[at : at + length], len(stored), lambda _: key, recording_id)


@given(st.integers(0, 5 * CHUNK), st.integers(0, 6 * CHUNK), st.integers(0, 6 * CHUNK), st.integers(1, 3000))
def test_any_part_is_what_was_sealed(size: int, offset: int, length: int, block: int) -> None:
    """Whatever the length, the place and the pieces in which it came."""
    plain = os.urandom(size)
    stored = _stored(plain, block=block)
    assert len(stored) == parse_header(stored).stored_bytes
    assert _opened(stored).read(offset, length) == plain[offset : offset + length]


@given(st.integers(1, 3 * CHUNK), st.data())
def test_every_flipped_bit_shows(size: int, data: st.DataObject) -> None:
    """In header, sound or tag: reading what it belongs to fails, and tells no byte of it."""
    stored = bytearray(_stored(bytes(size)))
    place = data.draw(st.integers(0, len(stored) - 1))
    stored[place] ^= 1 << data.draw(st.integers(0, 7))
    chunk = max(0, place - HEADER_BYTES) // (CHUNK + TAG_BYTES)
    with pytest.raises(PeerError) as caught:
        _opened(bytes(stored)).read(chunk * CHUNK, CHUNK)
    assert caught.value.code == "recording_damaged"


def test_only_the_damaged_part_is_lost() -> None:
    """The chunks beside it can still be heard."""
    plain = os.urandom(3 * CHUNK)
    stored = bytearray(_stored(plain))
    stored[HEADER_BYTES + CHUNK + TAG_BYTES] ^= 1
    sound = _opened(bytes(stored))
    assert sound.read(0, CHUNK) == plain[:CHUNK]
    assert sound.read(2 * CHUNK, CHUNK) == plain[2 * CHUNK :]
    with pytest.raises(PeerError):
        sound.read(CHUNK - 1, 2)


@pytest.mark.parametrize("cut", [1, TAG_BYTES, CHUNK, CHUNK + TAG_BYTES])
def test_a_cut_or_longer_file_is_refused(cut: int) -> None:
    """The header says how long it is, and the header is proved."""
    stored = _stored(bytes(3 * CHUNK))
    for other in (stored[:-cut], stored + bytes(cut), stored[: HEADER_BYTES - 1], b""):
        with pytest.raises(PeerError):
            _opened(other)


def test_chunks_have_their_place() -> None:
    """Exchanged, repeated, or taken from another recording under the same key: refused."""
    step = CHUNK + TAG_BYTES
    stored, other = _stored(os.urandom(2 * CHUNK)), _stored(os.urandom(2 * CHUNK))
    head, first, second = stored[:HEADER_BYTES], stored[HEADER_BYTES:][:step], stored[HEADER_BYTES + step :]
    for forged in (head + second + first, head + first + first, head + other[HEADER_BYTES:]):
        with pytest.raises(PeerError):
            _opened(forged).read(0, 2 * CHUNK)


def test_a_recording_is_bound_to_its_id_and_key() -> None:
    """Renamed to another call's, or opened with another key, it says nothing."""
    stored = _stored(bytes(CHUNK))
    for sound in (_opened(stored, recording_id="cell1-1795305600.4"), _opened(stored, key=bytes(32))):
        with pytest.raises(PeerError):
            sound.read(0, 1)


def test_no_two_files_are_alike() -> None:
    """The same sound twice shows nothing to who sees both."""
    one, other = _stored(bytes(CHUNK)), _stored(bytes(CHUNK))
    assert one[HEADER_BYTES:] != other[HEADER_BYTES:]


@given(st.binary(max_size=200))
def test_noise_is_no_header(noise: bytes) -> None:
    """Any bytes are refused with a code, never with a crash."""
    with pytest.raises(PeerError):
        parse_header(noise)
