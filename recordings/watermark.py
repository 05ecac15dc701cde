"""A recording as it may leave the house: the sealed sound with a mark in its samples and its header.

Invariant: the sealed recording is only read. Any part of the marked file can be had by itself, so nothing is copied first.
"""

from datetime import datetime
from typing import Final

import numpy as np

from recordings import wav
from recordings.core import watermark
from recordings.core.watermark import STEP, Mark, mark_of
from recordings.sound import Sound


def marked(sound: Sound, recording_id: str, account: str, at: datetime, why: str) -> Sound:
    """The sound as a WAV file that says who downloaded it when and why; closing it closes ``sound``.

    Raises:
        UsageError: ``not_wav``: the recording is no WAV file of 16-bit samples.
    """
    layout = sound.layout()
    local = at.isoformat(timespec="seconds")
    told = {
        "INAM": recording_id,
        "ITCH": account,
        "ICRD": local,
        "ISBJ": why,
        "ICMT": f"仅供 {account} 工作使用，{local} 下载，含水印 / downloaded by {account} at {local}, watermarked",
    }
    head = watermark.header(layout.data_bytes, layout.channels, layout.rate, told)
    samples = _Samples(sound, layout, mark_of(account, at))

    def read(offset: int, length: int) -> bytes:
        end = min(offset + length, len(head) + layout.data_bytes)
        begin = max(0, offset - len(head))
        return head[offset:end] + samples.read(begin, max(begin, end - len(head)))

    return Sound(read, len(head) + layout.data_bytes, sound.close)


class _Samples:
    """The samples of a recording, marked as they are read."""

    def __init__(self, sound: Sound, layout: wav.Layout, mark: Mark):
        self._sound, self._layout, self._mark = sound, layout, mark
        self._step_bytes: Final = STEP * layout.frame_bytes

    def read(self, begin: int, end: int) -> bytes:
        """Bytes ``[begin, end)`` of the samples; whole steps are read and marked around them."""
        first = begin // self._step_bytes
        low = first * self._step_bytes
        high = min(-(-end // self._step_bytes) * self._step_bytes, self._layout.data_bytes)
        content = self._sound.read(self._layout.data_offset + low, high - low)
        frames = np.frombuffer(content, "<i2").reshape(-1, self._layout.channels)
        return watermark.embed(frames, first * STEP, self._mark).tobytes()[begin - low : end - low]
