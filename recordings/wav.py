"""WAV files: what Asterisk's headerless sound becomes, and headers that a crash left behind.

Invariant: a file under its final name is whole and flushed to the disk; the file that sound is taken from is never touched.
Asterisk's ``MixMonitor(x.raw,bD)`` leaves 16-bit 8 kHz samples, citizen and agent in turn.
"""

import errno
import os
import struct
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from callcenter.core.errors import PeerError, UsageError, is_disk_full

RATE = 8000
CHANNELS = 2
SAMPLE_BYTES = 2
FRAME_BYTES = CHANNELS * SAMPLE_BYTES
LONGEST_BYTES = 2**32 - 2**16
"""What the 32-bit sizes of a WAV file can tell: 37 hours of a call."""

DRAFT_PREFIX = ".part-"
"""Files that a crash may leave behind begin with this."""

_BLOCK = 1 << 20
_PCM = 1


@dataclass(frozen=True, slots=True)
class Layout:
    """What a WAV file holds, judged by its bytes and not by the sizes in its header."""

    channels: int
    rate: int
    sample_bytes: int
    data_offset: int
    data_bytes: int
    is_header_right: bool

    @property
    def frame_bytes(self) -> int:
        """Bytes of one sample of all channels."""
        return self.channels * self.sample_bytes

    @property
    def seconds(self) -> float:
        """Length of the sound."""
        return self.data_bytes / (self.frame_bytes * self.rate)

    def second_at(self, place: int) -> float:
        """The second of the sound to which byte ``place`` of the file belongs."""
        inside = min(max(place - self.data_offset, 0), self.data_bytes)
        return inside / (self.frame_bytes * self.rate)


@dataclass(frozen=True, slots=True)
class Wave:
    """A WAV file to be: ``size`` bytes, ``seconds`` of sound, and its bytes in order, as often as asked.

    Reading raises OSError; ``recording_io`` inside :func:`disk_errors`.
    """

    size: int
    seconds: float
    blocks: Callable[[], Iterator[bytes]]


def of_raw(path: Path) -> Wave:
    """The WAV file of Asterisk's raw two-channel sound; half a sample at its end is left out.

    Raises:
        PeerError: ``recording_io``.
    """
    with disk_errors():
        size = path.stat().st_size
    return _part(path, 0, min(size - size % FRAME_BYTES, LONGEST_BYTES), CHANNELS, RATE)


def of_file(path: Path) -> Wave:
    """A WAV file as it should be: its sound behind a header that tells the truth, without foreign chunks.

    Raises:
        UsageError: ``not_wav``.
        PeerError: ``recording_io``.
    """
    layout = inspect(path)
    return _part(path, layout.data_offset, layout.data_bytes, layout.channels, layout.rate)


def as_it_is(path: Path) -> Wave:
    """A WAV file byte for byte.

    Raises:
        UsageError: ``not_wav``.
        PeerError: ``recording_io``.
    """
    seconds = inspect(path).seconds
    with disk_errors():
        size = path.stat().st_size
    return Wave(size, seconds, lambda: _blocks(b"", path, 0, size))


def _part(path: Path, offset: int, length: int, channels: int, rate: int) -> Wave:
    start = header(length, channels, rate)
    seconds = length / (channels * SAMPLE_BYTES * rate)
    return Wave(len(start) + length, seconds, lambda: _blocks(start, path, offset, length))


def header(data_bytes: int, channels: int = CHANNELS, rate: int = RATE) -> bytes:
    """The 44 bytes before 16-bit samples."""
    frame_bytes = channels * SAMPLE_BYTES
    form = struct.pack("<HHIIHH", _PCM, channels, rate, rate * frame_bytes, frame_bytes, 8 * SAMPLE_BYTES)
    return (
        b"RIFF" + struct.pack("<I", 36 + data_bytes) + b"WAVEfmt " + struct.pack("<I", 16) + form
        + b"data" + struct.pack("<I", data_bytes)
    )  # fmt: skip


def inspect(path: Path) -> Layout:
    """What the file holds. Data sizes of zero, or beyond the end of the file, mean: up to the end.

    Raises:
        UsageError: ``not_wav``: not a WAV file of uncompressed samples.
        PeerError: the file cannot be read.
    """
    with disk_errors(), path.open("rb") as file:
        return inspect_open(file, os.fstat(file.fileno()).st_size)


def inspect_open(file: BinaryIO, size: int) -> Layout:
    """The same of an open file of ``size`` bytes, from its beginning.

    Raises:
        UsageError: ``not_wav``.
    """
    start = file.read(12)
    if len(start) < 12 or start[:4] != b"RIFF" or start[8:] != b"WAVE":
        raise _not_wav()
    form, offset, told = _find_data(file)
    kind, channels, rate, _, _, bits = struct.unpack("<HHIIHH", form[:16])
    if kind != _PCM or not channels or not rate or bits != 8 * SAMPLE_BYTES:
        raise _not_wav()
    present = size - offset
    usable = told if 0 < told <= present else present
    whole = usable - usable % (channels * SAMPLE_BYTES)
    riff_size = struct.unpack("<I", start[4:8])[0]
    return Layout(channels, rate, SAMPLE_BYTES, offset, whole, told == whole and riff_size == size - 8)


def write_whole(path: Path, content: bytes) -> None:
    """Write a small file that appears whole or not at all.

    Raises:
        PeerError: ``disk_full`` or ``recording_io``.
    """
    with disk_errors():
        path.parent.mkdir(parents=True, exist_ok=True)
        with appearing(path) as target:
            target.write(content)


@contextmanager
def disk_errors() -> Iterator[None]:
    """Turn what the disk says into errors with a code."""
    try:
        yield
    except OSError as error:
        if is_disk_full(error):
            raise PeerError("the disk is full", code="disk_full") from None
        cause = errno.errorcode.get(error.errno or 0, "unknown")
        raise PeerError(f"cannot read or write a recording ({cause})", code="recording_io") from None


@contextmanager
def appearing(path: Path) -> Iterator[BinaryIO]:
    """A file that appears under ``path`` when the body is done, whole and flushed, or not at all. Raises OSError."""
    with draft_beside(path) as draft:
        with draft.open("r+b") as file:
            yield file
            _flush(file)
        draft.replace(path)
        flush_folder(path.parent)


@contextmanager
def draft_beside(path: Path) -> Iterator[Path]:
    """An empty private file (mode 600) in the folder of ``path``; gone afterwards unless it was renamed. Raises OSError."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=DRAFT_PREFIX)
    os.close(handle)
    try:
        yield Path(name)
    finally:
        Path(name).unlink(missing_ok=True)


def flush_folder(folder: Path) -> None:
    """Make names in this folder survive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _flush(file: BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())


def _blocks(start: bytes, path: Path, offset: int, length: int) -> Iterator[bytes]:
    yield start
    with path.open("rb") as source:
        source.seek(offset)
        left = length
        while left:
            block = source.read(min(left, _BLOCK))
            if not block:
                raise OSError(errno.EIO, "the file shrank")
            left -= len(block)
            yield block


def _find_data(file: BinaryIO) -> tuple[bytes, int, int]:
    """(format chunk, offset of the samples, their size as told); bounded by the file's length."""
    form = b""
    while len(head := file.read(8)) == 8:
        name, size = head[:4], struct.unpack("<I", head[4:])[0]
        if name == b"data":
            if len(form) < 16:
                break
            return form, file.tell(), size
        if name == b"fmt ":
            form = file.read(min(size, 64))
            file.seek(max(0, size - 64) + size % 2, os.SEEK_CUR)
        else:
            file.seek(size + size % 2, os.SEEK_CUR)
    raise _not_wav()


def _not_wav() -> UsageError:
    return UsageError("not a WAV file with 16-bit samples", code="not_wav")
