"""Sound as numbers: 8 kHz mono, ``int16`` on the outside, ``float32`` within calculations.

Invariant: pure functions of arrays; chance comes in as a generator.
"""

import math
import wave
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray

RATE = 8000
"""Samples per second of everything that a telephone carries."""

Samples = NDArray[np.int16]
Wave = NDArray[np.float32]

_FULL_SCALE = 32767


def to_int16(sound: Wave) -> Samples:
    """Clip to 16 bits."""
    return np.clip(np.rint(sound), -_FULL_SCALE, _FULL_SCALE).astype(np.int16)


def down_to_8k(sound: Wave) -> Samples:
    """24 kHz in -1..1 -> 8 kHz 16-bit, without aliasing."""
    from scipy import signal  # slow

    return to_int16(signal.resample_poly(sound, 1, 3).astype(np.float32) * _FULL_SCALE)


def to_8k(sound: Wave, rate: int) -> Samples:
    """Any rate, in -1..1 -> 8 kHz 16-bit, without aliasing: what lies above 4 kHz is left out of its spectrum."""
    if rate == RATE:
        return to_int16(sound * _FULL_SCALE)
    wanted = round(len(sound) * RATE / rate)
    spectrum = np.fft.rfft(sound)[: wanted // 2 + 1]
    return to_int16((np.fft.irfft(spectrum, wanted) * (wanted / len(sound)) * _FULL_SCALE).astype(np.float32))


def silence(seconds: float) -> Samples:
    """Nothing, for so long."""
    return np.zeros(int(seconds * RATE), np.int16)


def tone(hertz: float, seconds: float, dbfs: float = -15.0) -> Samples:
    """A sine of that RMS level, with 10 ms of fade at both ends."""
    time = np.arange(int(seconds * RATE)) / RATE
    fade = np.minimum(1, np.minimum(time, time[::-1]) / 0.01)
    amplitude = _FULL_SCALE * 10 ** (dbfs / 20) * math.sqrt(2)
    return to_int16((amplitude * fade * np.sin(2 * np.pi * hertz * time)).astype(np.float32))


def rms_dbfs(samples: Samples) -> float:
    """RMS level against full scale, in dB; ``-inf`` of silence."""
    if not len(samples):
        return -math.inf
    power = float(np.mean(np.square(samples.astype(np.float64))))
    return 10 * math.log10(power / _FULL_SCALE**2) if power else -math.inf


def normalize(samples: Samples, dbfs: float = -20.0) -> Samples:
    """Scaled to that RMS level, less where peaks would clip; silence stays silence."""
    level = rms_dbfs(samples)
    if level == -math.inf:
        return samples
    headroom = _FULL_SCALE / float(np.max(np.abs(samples.astype(np.float32))))
    gain = min(10 ** ((dbfs - level) / 20), headroom)
    return to_int16(samples.astype(np.float32) * gain)


def through_telephone(sound: Wave) -> Wave:
    """300-3400 Hz, as a trunk passes it."""
    from scipy import signal  # slow

    band = signal.butter(4, (300, 3400), "bandpass", fs=RATE, output="sos")
    passed: Wave = signal.sosfilt(band, sound).astype(np.float32)
    return passed


def through_alaw(sound: Wave) -> Wave:
    """What is left after G.711 A-law coding: the nearest of its 256 levels."""
    levels: Wave = _ALAW_LEVELS[np.searchsorted(_ALAW_EDGES, sound)]
    return levels


def alaw_bytes(samples: Samples) -> bytes:
    """G.711 A-law, one byte a sample: what a trunk speaks, so that playing it costs no conversion."""
    index = np.searchsorted(_ALAW_EDGES, samples.astype(np.float32))
    codes = np.where(index < 128, 127 - index, index)  # below the middle: negative, counted from zero
    return bytes((codes.astype(np.uint8) ^ 0x55).tobytes())


def stretch(sound: Wave, factor: float) -> Wave:
    """``factor`` times as long, lower in pitch accordingly (speed perturbation)."""
    from scipy import signal  # slow

    longer: Wave = signal.resample_poly(sound, round(factor * 100), 100).astype(np.float32)
    return longer


def write_wav(file: Path | IO[bytes], samples: Samples) -> None:
    """Write 8 kHz 16-bit mono WAV."""
    with wave.open(str(file) if isinstance(file, Path) else file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(RATE)
        out.writeframes(samples.astype("<i2").tobytes())


def read_wav(file: Path | IO[bytes]) -> Samples:
    """The samples of an 8 kHz 16-bit mono WAV file."""
    with wave.open(str(file) if isinstance(file, Path) else file, "rb") as sound:
        return np.frombuffer(sound.readframes(sound.getnframes()), "<i2").astype(np.int16)


def _alaw_levels() -> Wave:
    """The decoder's output levels (ITU-T G.711, table 1), ascending, on the 16-bit scale."""
    positive = []
    for code in range(128):
        exponent, mantissa = code >> 4, code & 15
        step = (mantissa << 4) + 8
        positive.append(step if exponent == 0 else (step + 256) << (exponent - 1))
    return np.array(sorted([-v for v in positive] + positive), np.float32)


_ALAW_LEVELS = _alaw_levels()
_ALAW_EDGES = (_ALAW_LEVELS[1:] + _ALAW_LEVELS[:-1]) / 2
