"""Prompts that a test can recognize: each has noise of its own, found again in what a telephone heard.

Invariant: pure arithmetic; the same prompt always sounds the same.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from zlib import crc32

import numpy as np
from numpy.typing import NDArray
from scipy.signal import butter, fftconvolve, sosfilt
from tones import SAMPLE_RATE, SILENCE_LEVEL, Samples, level

from callcenter.speech import audio

PIECE_S = 0.15
PIECES = 3
"""A prompt is known by any of so many pieces of its begin: a telephone may lose a moment."""

COVERED = 0.7
"""The share of a speech that must be heard."""

LIKE = 0.5
"""Correlation from which it is the prompt: strangers stay below 0.2, a telephone's coding above 0.9."""


PIECE = round(PIECE_S * SAMPLE_RATE)

Sound = NDArray[np.float64]


def signature(prompt: str, seconds: float) -> Samples:
    """The sound of a prompt."""
    noise = np.random.default_rng(crc32(prompt.encode())).normal(size=round(seconds * SAMPLE_RATE))
    voice = sosfilt(butter(4, (400, 3000), "bandpass", fs=SAMPLE_RATE, output="sos"), noise)
    sound: Samples = (voice / np.abs(voice).max() * 12000).astype(np.int16)
    return sound


def write_prompts(folder: Path, prompts: Iterable[str], seconds: float, longer: Iterable[str] = ()) -> None:
    """Sound files, ``longer`` ones five times as long."""
    long = set(longer)
    for prompt in prompts:
        sound = signature(prompt, seconds * (5 if prompt in long else 1))
        audio.write_wav(folder / f"{prompt}.wav", sound)


def heard_in(samples: Samples, prompts: Iterable[str]) -> list[str]:
    """Which of the prompts were heard, in order; one that was heard twice stands there twice."""
    heard = samples.astype(np.float64)
    if len(heard) < PIECE:
        return []
    found = [(at, prompt) for prompt in set(prompts) for at in _begins(heard, prompt)]
    return [prompt for _, prompt in sorted(found)]


def _begins(heard: Sound, prompt: str) -> list[int]:
    """Where it begins, in samples."""
    whole = signature(prompt, PIECE_S * PIECES).astype(np.float64)
    found = {
        int(at) - number * PIECE
        for number in range(PIECES)
        for at in np.flatnonzero(_likeness(heard, whole[number * PIECE : (number + 1) * PIECE]) > LIKE)
    }
    begins: list[int] = []
    for at in sorted(found):
        if not begins or at - begins[-1] > PIECE * PIECES:
            begins.append(at)
    return begins


def _likeness(heard: Sound, piece: Sound) -> Sound:
    """How much each moment is like the piece, -1 to 1."""
    sums = np.concatenate(([0.0], np.cumsum(np.square(heard))))
    norms = np.sqrt(np.maximum(sums[len(piece) :] - sums[: -len(piece)], 1.0))
    likeness: Sound = fftconvolve(heard, piece[::-1], "valid") / (norms * np.linalg.norm(piece))
    return likeness


def best_of(samples: Samples, sounds: Mapping[str, Samples]) -> str:
    """Which speech was heard, all of it but a moment: of those that begin alike the longest.

    Raises:
        AssertionError: none.
    """
    heard = samples.astype(np.float64)
    whole = [name for name, sound in sounds.items() if _covered(heard, sound) >= COVERED]
    assert whole, "nothing of this was heard"
    return max(whole, key=lambda name: len(sounds[name]))


def _covered(heard: Sound, sound: Samples) -> float:
    """The share of a sound's pieces, silent ones left out, that were heard."""
    pieces = [
        sound[at : at + 2 * PIECE].astype(np.float64) for at in range(0, len(sound) - 2 * PIECE, 2 * PIECE)
    ]
    loud = [piece for piece in pieces if level(piece.astype(np.int16)) > SILENCE_LEVEL]
    return sum(bool(np.max(_likeness(heard, piece)) > LIKE) for piece in loud) / len(loud)
