"""The waveform of a recording as a player draws it: how loud each voice is, ten times a second.

Invariant: pure; a part of a recording gives the part of the whole's peaks.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

PER_S: Final = 10
"""Peaks a second: a call of four minutes is 2,400 for each voice, more than a screen is wide."""
_LEVEL: Final = 128
"""Sample values of one level; 255 is as loud as it gets."""


@dataclass(frozen=True, slots=True)
class Peaks:
    """The largest sample of each tenth of a second, 0..255, one byte each. Left citizen, right agent."""

    citizen: bytes = b""
    agent: bytes = b""

    def __add__(self, later: "Peaks") -> "Peaks":
        return Peaks(self.citizen + later.citizen, self.agent + later.agent)


def peaks(frames: NDArray[np.int16], rate: int) -> Peaks:
    """Peaks of frames (a row a moment); what is said on one channel only is the citizen's.

    A last bucket that is not full counts. Parts to be added must be whole buckets, ``rate // PER_S`` frames.
    """
    size = max(1, rate // PER_S)
    if not len(frames):
        return Peaks()
    loud = np.abs(frames.astype(np.int32))
    largest = np.maximum.reduceat(loud, np.arange(0, len(loud), size), axis=0)
    levels = np.minimum(largest // _LEVEL, 255).astype(np.uint8)
    return Peaks(*(levels[:, channel].tobytes() for channel in range(min(2, levels.shape[1]))))
