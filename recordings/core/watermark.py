"""A mark in sound that leaves the house: who downloaded it and when, in the samples and in the file's header.

The mark is faint noise of a known pattern, 34 dB below what is spoken, and never weaker than the steps of a telephone's
A-law in silence: it sounds like a slightly noisy line. It says 80 bits, over and over every 2.56 s: the second of the
download, a fingerprint of the account, a checksum. Which account it was is found by comparing the accounts of the house.

It survives copying, cutting, mixing down to one channel, louder and softer, A-law and µ-law. Some ten seconds of a call are
enough, less where somebody pauses. It does not survive a change of speed, a recording through the air, codecs that model
speech (GSM, Opus at low rates), or somebody who has this program and wants to remove it: it is a reminder and a lead, no proof.

Invariants: pure; samples are little-endian 16 bit at 8 kHz, frames of all channels; a part of a file is marked as it is
marked within the whole.
"""

import hashlib
import struct
from binascii import crc_hqx
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import numpy as np
from numpy.typing import NDArray

from callcenter.core.errors import OurError

STEP: Final = 160
"""Frames whose loudness is measured together, 20 ms; parts to be marked begin at a multiple of it."""

_BITS: Final = 80
_PERIOD: Final = _BITS * 256
_SHARE: Final = 0.02
_WEAKEST, _STRONGEST = 24.0, 600.0
_CERTAIN: Final = 6.0
"""Standard deviations by which the right place must stand out among all others."""
_LOUD: Final = 3.0
_CHECK_BEGIN: Final = 0xFFFF

Frames = NDArray[np.int16]
"""Samples, one row for each moment, one column for each channel."""


@dataclass(frozen=True, slots=True)
class Mark:
    """What the samples say. ``account``: its fingerprint; ``at``: to the second."""

    account: int
    at: datetime


def mark_of(account: str, at: datetime) -> Mark:
    """The mark for a download by this account."""
    return Mark(fingerprint(account), at.astimezone(UTC).replace(microsecond=0))


def fingerprint(account: str) -> int:
    """32 bits that stand for an account's name."""
    return int.from_bytes(hashlib.sha256(account.encode()).digest()[:4], "big")


def embed(frames: Frames, first: int, mark: Mark) -> Frames:
    """Put the mark into a part of a recording that begins at frame ``first``.

    Raises:
        OurError: ``first`` is no multiple of ``STEP``.
    """
    if first % STEP:
        raise OurError("a part to be marked begins in the middle of a step", code="bad_part")
    places = np.arange(first, first + len(frames)) % _PERIOD
    pattern = (_chips() * np.tile(_signs(mark), _PERIOD // _BITS))[places]
    sound = frames.astype(np.float64)
    strength = np.clip(_SHARE * _loudness(sound), _WEAKEST, _STRONGEST)
    marked = np.rint(sound + strength * pattern[:, None])
    return np.clip(marked, -32768, 32767).astype("<i2")


def find(frames: Frames) -> Mark | None:
    """The mark in these samples, wherever they were cut; ``None`` when there is none or too little of it."""
    if len(frames) < _PERIOD // 4:
        return None
    scores = _scores(_folded(frames))
    by_place = np.abs(scores).sum(axis=0)
    place = int(by_place.argmax())
    if by_place[place] <= by_place.mean() + _CERTAIN * by_place.std():
        return None
    bits = np.packbits(scores[:, place] > 0).tobytes()
    account, at, check = struct.unpack(">IIH", bits)
    if crc_hqx(bits[:8], _CHECK_BEGIN) != check:
        return None
    return Mark(account, datetime.fromtimestamp(at, UTC))


def header(data_bytes: int, channels: int, rate: int, told: Mapping[str, str]) -> bytes:
    """A WAV header for 16-bit samples that tells, in a LIST/INFO chunk, what ``told`` says by INFO key (``ICMT`` ...)."""
    info = b"INFO" + b"".join(
        _chunk(key.encode("ascii"), text.encode() + b"\0") for key, text in told.items()
    )
    frame_bytes = channels * 2
    form = struct.pack("<HHIIHH", 1, channels, rate, rate * frame_bytes, frame_bytes, 16)
    chunks = b"WAVE" + _chunk(b"fmt ", form) + _chunk(b"LIST", info)
    size = len(chunks) + 8 + data_bytes
    return b"RIFF" + struct.pack("<I", size) + chunks + b"data" + struct.pack("<I", data_bytes)


def _chunk(name: bytes, content: bytes) -> bytes:
    return name + struct.pack("<I", len(content)) + content + b"\0" * (len(content) % 2)


def _chips() -> NDArray[np.float64]:
    """The pattern: +1 and -1, as many as a period has samples."""
    noise = hashlib.shake_256(b"callcenter watermark 1").digest(_PERIOD // 8)
    return _one_or_minus_one(noise)


def _signs(mark: Mark) -> NDArray[np.float64]:
    content = struct.pack(">II", mark.account, int(mark.at.timestamp()))
    bits = content + struct.pack(">H", crc_hqx(content, _CHECK_BEGIN))
    return _one_or_minus_one(bits)


def _one_or_minus_one(content: bytes) -> NDArray[np.float64]:
    return np.unpackbits(np.frombuffer(content, np.uint8)).astype(np.float64) * 2.0 - 1.0


def _loudness(sound: NDArray[np.float64]) -> NDArray[np.float64]:
    """For each sample the loudness of its step, channel by channel."""
    steps, channels = -(-len(sound) // STEP), sound.shape[1]
    padded = np.zeros((steps * STEP, channels))
    padded[: len(sound)] = sound
    power = (padded.reshape(steps, STEP, channels) ** 2).mean(axis=1)
    return np.repeat(np.sqrt(power), STEP, axis=0)[: len(sound)]


def _folded(frames: Frames) -> NDArray[np.float64]:
    """All periods and channels on top of one another, speech made as even as noise first: its bass and its loud moments weigh little."""
    sharp = np.diff(frames.astype(np.float64), axis=0, prepend=0.0)
    even = np.clip(sharp / (_loudness(sharp) + 1.0), -_LOUD, _LOUD).sum(axis=1)
    padded = np.zeros(-(-len(even) // _PERIOD) * _PERIOD)
    padded[: len(even)] = even
    folded: NDArray[np.float64] = padded.reshape(-1, _PERIOD).sum(axis=0)
    return folded - np.roll(folded, -1)


def _scores(folded: NDArray[np.float64]) -> NDArray[np.float64]:
    """For each bit and each place at which the pattern may begin how surely the bit is 1 (above 0) or 0 (below)."""
    of_bit = np.arange(_PERIOD) % _BITS == np.arange(_BITS)[:, None]
    patterns = np.fft.rfft(_chips() * of_bit, axis=1)
    found: NDArray[np.float64] = np.fft.irfft(np.fft.rfft(folded) * patterns.conj(), n=_PERIOD, axis=1)
    return found
