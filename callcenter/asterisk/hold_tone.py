"""A quiet tone of our own for callers who wait: computed, so no license question arises.

Invariant: 8 kHz, 16 bit, one channel, and the end joins the beginning without a click.
"""

import wave
from pathlib import Path

import numpy

RATE_HZ = 8000
BARS = ((392.0, 493.88), (440.0, 523.25), (349.23, 440.0), (392.0, 587.33))
"""Pairs of notes (Hz), one pair a bar."""
BAR_S = 2.5
ROUND_S = 10
"""All bars once."""
PEAK = 1600
"""Of 32767: about -26 dB, well below a prompt."""


def write_hold_tone(path: Path) -> None:
    """Write the tone as a WAV file, unless it is there."""
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    samples = numpy.concatenate([_bar(notes) for notes in BARS]).astype("<i2")
    draft = path.with_suffix(".part")
    with wave.open(str(draft), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(RATE_HZ)
        out.writeframes(samples.tobytes())
    draft.replace(path)


def _bar(notes: tuple[float, ...]) -> "numpy.typing.NDArray[numpy.float64]":
    """One bar that swells and fades to silence at both ends."""
    t = numpy.arange(int(BAR_S * RATE_HZ)) / RATE_HZ
    swell = numpy.sin(numpy.pi * t / BAR_S) ** 2
    return PEAK / len(notes) * swell * sum(numpy.sin(2 * numpy.pi * hz * t) for hz in notes)
