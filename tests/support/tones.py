"""Tones, and the measuring of them: how a test hears that audio really went through.

Invariant: pure arithmetic on ``int16`` samples at 8 kHz. Use 700, 1000 and 1500 Hz: they lie outside the
tone plans of every country (440 Hz is the American, 450 Hz the Chinese ring tone).
"""

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.int16]

SAMPLE_RATE = 8000
SILENCE_LEVEL = 100.0
"""Root mean square below which a-law noise counts as silence."""


def tone(hz: float, seconds: float, peak: int = 8000) -> Samples:
    """A sine of ``hz`` and ``seconds``, with the given peak (at most 32767)."""
    t = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    return np.round(peak * np.sin(2 * np.pi * hz * t)).astype(np.int16)


def silence(seconds: float) -> Samples:
    """Nothing, for ``seconds``."""
    return np.zeros(round(seconds * SAMPLE_RATE), dtype=np.int16)


def level(samples: Samples) -> float:
    """Root mean square, 0..32768; 0 for no samples at all."""
    return float(np.sqrt(np.mean(np.square(samples.astype(np.float64))))) if len(samples) else 0.0


def tone_ratio(samples: Samples, hz: float) -> float:
    """The share of the energy that lies at ``hz``, 0..1 (Goertzel 1958, one frequency of the spectrum).

    About 1 for a pure tone, 0 for silence and for other tones at least a few hertz away.
    """
    x = samples.astype(np.float64)
    energy = float(np.sum(np.square(x)))
    if not energy:
        return 0.0
    t = np.arange(len(x)) / SAMPLE_RATE
    projection = np.abs(np.sum(x * np.exp(-2j * np.pi * hz * t))) ** 2
    return float(min(1.0, 2 * projection / (len(x) * energy)))


def strongest(samples: Samples, of_hz: tuple[float, ...] = (700, 1000, 1500)) -> float | None:
    """Which of the tones fills most of the samples, or ``None`` when none fills half of them."""
    ratios = {hz: tone_ratio(samples, hz) for hz in of_hz}
    best = max(ratios, key=lambda hz: ratios[hz])
    return best if ratios[best] > 0.5 else None


def tone_seconds(samples: Samples, hz: float, window_s: float = 0.1) -> float:
    """For how long, in windows of ``window_s``, the tone fills more than half of what is heard."""
    return window_s * sum(
        level(piece) > SILENCE_LEVEL and tone_ratio(piece, hz) > 0.5 for piece in _windows(samples, window_s)
    )


def onset_s(samples: Samples, above: float = SILENCE_LEVEL, window_s: float = 0.02) -> float | None:
    """When the first sound begins, in seconds, or ``None`` for silence throughout."""
    for index, piece in enumerate(_windows(samples, window_s)):
        if level(piece) > above:
            return index * window_s
    return None


def channels(interleaved: bytes) -> tuple[Samples, Samples]:
    """Left (citizen) and right (agent) of a headerless two-channel recording; a torn last frame is cut."""
    frames = np.frombuffer(interleaved[: len(interleaved) // 4 * 4], dtype=np.int16).reshape(-1, 2)
    return frames[:, 0].copy(), frames[:, 1].copy()


def _windows(samples: Samples, window_s: float) -> list[Samples]:
    size = round(window_s * SAMPLE_RATE)
    return [samples[start : start + size] for start in range(0, len(samples) - size + 1, size)]
