"""The sound of a recording, opened: proved bytes from any place.

Invariant: nothing here opens a recording's file; only the vault does.
"""

import os
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from types import TracebackType
from typing import Self

from recordings import wav
from recordings.wav import disk_errors

_HEAD_BYTES = 1 << 16
"""Bytes among which the header of a WAV file ends."""
_BLOCK = 1 << 20


class Sound:
    """The WAV file of a recording, opened: proved bytes from any place. Close it."""

    def __init__(self, read: Callable[[int, int], bytes], size: int, close: Callable[[], None]):
        self._read = read
        self._close = close
        self.size = size

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def read(self, offset: int, length: int) -> bytes:
        """Bytes from ``offset``; fewer than ``length`` only at the end.

        Raises:
            PeerError: ``recording_damaged``, ``recording_io``, or the remote storage fails.
        """
        with disk_errors():
            return self._read(offset, length)

    def blocks(self) -> Iterator[bytes]:
        """All of it, in pieces of a mebibyte."""
        for offset in range(0, self.size, _BLOCK):
            yield self.read(offset, _BLOCK)

    def layout(self) -> wav.Layout:
        """What it holds.

        Raises:
            UsageError: ``not_wav``.
        """
        return wav.inspect_open(BytesIO(self.read(0, _HEAD_BYTES)), self.size)

    def close(self) -> None:
        """Let go of it."""
        self._close()


class PlainCopy:
    """A decrypted recording in memory, with a path that other processes of this user can open while it is kept.

    It never touches a disk, and is gone with this process whatever kills it.
    """

    def __init__(self, sound: Sound):
        self._file = os.fdopen(os.memfd_create("recording", os.MFD_CLOEXEC), "w+b")
        self.path = Path(f"/proc/{os.getpid()}/fd/{self._file.fileno()}")
        try:
            for block in sound.blocks():
                self._file.write(block)
            self._file.flush()
        except BaseException:
            self._file.close()
            raise

    def __enter__(self) -> Path:
        return self.path

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()
