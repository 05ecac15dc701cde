"""The waveform of a recording: loudest samples, parts that add up to the whole."""

import numpy as np
import pytest

from recordings.core.peaks import Peaks, peaks

pytestmark = pytest.mark.core

RATE = 8000


def test_parts_add_up() -> None:
    """A recording may be measured piece by piece; the last tenth of a second need not be full."""
    frames = np.random.default_rng(1).integers(-32768, 32768, (10 * RATE + 17, 2)).astype(np.int16)
    cut = 6 * RATE
    assert peaks(frames[:cut], RATE) + peaks(frames[cut:], RATE) == peaks(frames, RATE)
    assert len(peaks(frames, RATE).agent) == 101


def test_the_loudest_sample_counts() -> None:
    """Above and below zero alike; silence is 0, as loud as it gets is 255."""
    frames = np.zeros((2400, 2), np.int16)
    frames[800, 0], frames[1599, 1] = -32768, 1280
    assert peaks(frames, RATE) == Peaks(bytes([0, 255, 0]), bytes([0, 10, 0]))


def test_one_channel_and_nothing() -> None:
    """One channel is the citizen's; no sound is no waveform."""
    assert peaks(np.full((800, 1), 128, np.int16), RATE) == Peaks(b"\1", b"")
    assert peaks(np.zeros((0, 2), np.int16), RATE) == Peaks()
