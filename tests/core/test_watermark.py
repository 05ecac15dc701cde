"""The mark in sound that leaves the house: read back after a telephone's A-law, after cutting, from one channel."""

from datetime import UTC, datetime

import numpy as np
import pytest
from numpy.typing import NDArray

from callcenter.core.errors import OurError
from recordings.core.watermark import STEP, Frames, Mark, embed, find, fingerprint, mark_of

pytestmark = pytest.mark.core

MARK = mark_of("wang", datetime(2026, 11, 22, 4, 0, 30, 999, tzinfo=UTC))
RATE = 8000


def talk(seconds: int, seed: int = 1) -> Frames:
    """Two who take turns every two seconds, each in noise as loud, as deep and as restless as speech; else silence."""
    chance = np.random.default_rng(seed)
    noise = chance.normal(size=(seconds * RATE, 2))
    for _ in range(3):  # telephone speech has most of its power below 1 kHz
        noise = noise + np.roll(noise, 1, axis=0)
    syllables = np.repeat(chance.uniform(0.1, 1.5, size=(seconds * 5, 2)), RATE // 5, axis=0)
    turn = np.arange(seconds * RATE) // (2 * RATE) % 2
    speaks = np.stack([turn == 0, turn == 1], axis=1)
    spoken: NDArray[np.float64] = np.clip(noise * syllables * speaks * 800, -32768, 32767)
    return spoken.astype(np.int16)


def through_alaw(frames: Frames) -> Frames:
    """G.711 A-law and back: 13-bit magnitudes in eight segments of sixteen steps."""
    size = np.minimum(np.abs(frames.astype(np.int64)) >> 3, 4095)
    segment = np.clip(np.floor(np.log2(np.maximum(size, 1))).astype(np.int64) - 4, 1, 7)
    step = 1 << segment
    middle = size // step * step + step // 2
    back: NDArray[np.int64] = np.where(frames < 0, -middle, middle) * 8
    return back.astype(np.int16)


def test_the_mark_is_read_back() -> None:
    """Account and second come back out of the samples."""
    assert find(embed(talk(10), 0, MARK)) == MARK
    assert Mark(fingerprint("wang"), datetime(2026, 11, 22, 4, 0, 30, tzinfo=UTC)) == MARK


def test_the_mark_survives_a_telephone() -> None:
    """Eight bits of A-law and back leave it readable."""
    assert find(through_alaw(embed(talk(12), 0, MARK))) == MARK


def test_the_mark_survives_cutting_and_mixing() -> None:
    """A part of a copy is enough, one channel too, also mixed down, softer, through A-law."""
    marked = embed(talk(30), 0, MARK)
    assert find(through_alaw(marked[54_321 : 54_321 + 12 * RATE])) == MARK
    assert find(through_alaw(marked[:, 1:])) == MARK
    mixed = (marked.sum(axis=1, keepdims=True) * 0.4).astype(np.int16)
    assert find(through_alaw(mixed[777:])) == MARK


def test_a_part_is_marked_like_the_whole() -> None:
    """Downloads by ranges give the same samples."""
    sound = talk(6)
    whole = embed(sound, 0, MARK)
    cut = 37 * STEP
    parts = np.concatenate([embed(sound[:cut], 0, MARK), embed(sound[cut:], cut, MARK)])
    assert np.array_equal(whole, parts)
    with pytest.raises(OurError):
        embed(sound[1:], 1, MARK)


def test_without_a_mark_none_is_found() -> None:
    """Sound of the house, silence, hum, next to nothing: no mark, and no error."""
    hum = np.tile((np.sin(np.arange(RATE) / 10) * 9000).astype(np.int16)[:, None], (10, 2))
    for sound in (
        talk(10),
        talk(10, seed=2),
        np.zeros((80_000, 2), np.int16),
        hum,
        talk(1)[:100],
        talk(1)[:0],
    ):
        assert find(sound) is None


def test_the_mark_is_faint() -> None:
    """34 dB below speech, and in silence as weak as a line's noise; never over the edge."""
    sound = talk(10)
    added = embed(sound, 0, MARK).astype(float) - sound
    spoken = np.abs(sound).max(axis=1) > 0
    assert (
        np.sqrt((added[spoken] ** 2).mean()) < 0.03 * np.sqrt((sound[spoken].astype(float) ** 2).mean()) + 24
    )
    assert np.abs(embed(np.zeros((800, 2), np.int16), 0, MARK)).max() == 24
    loudest = np.full((RATE, 2), 32767, np.int16)
    assert embed(loudest, 0, MARK).min() > 0
