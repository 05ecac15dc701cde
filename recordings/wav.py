"""WAV files: wrapping Asterisk's headerless sound, and repairing headers that a crash left behind.

Invariant: a file under its final name is whole, flushed to the disk and hashed; the raw file is never touched.
Asterisk's ``MixMonitor(x.raw,bD)`` leaves 16-bit 8 kHz samples, citizen and agent in turn.
"""

import errno
import hashlib
import os
import struct
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from callcenter.core.errors import PeerError, UsageError

RATE = 8000
CHANNELS = 2
SAMPLE_BYTES = 2
FRAME_BYTES = CHANNELS * SAMPLE_BYTES
LONGEST_BYTES = 2**32 - 2**16
"""What the 32-bit sizes of a WAV file can tell: 37 hours of a call."""

_BLOCK = 1 << 20
_PCM = 1
_DISK_FULL = frozenset([errno.ENOSPC, errno.EDQUOT, errno.EFBIG])


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


@dataclass(frozen=True, slots=True)
class Wrapped:
    """A finished WAV file. ``sha256`` is of the whole file."""

    sha256: str
    seconds: float


def wrap(raw: Path, out: Path) -> Wrapped:
    """Copy raw two-channel sound into a WAV file that appears whole or not at all.

    Raises:
        PeerError: ``disk_full``, or ``recording_io`` when a file cannot be read or written.
    """
    with disk_errors():
        out.parent.mkdir(parents=True, exist_ok=True)
        with raw.open("rb") as source, _appearing(out) as target:
            size = os.fstat(source.fileno()).st_size
            length = min(size - size % FRAME_BYTES, LONGEST_BYTES)
            digest = hashlib.sha256()
            for block in _blocks(header(length), source, length):
                digest.update(block)
                target.write(block)
    return Wrapped(digest.hexdigest(), length / (FRAME_BYTES * RATE))


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
        size = os.fstat(file.fileno()).st_size
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


def repair_header(path: Path) -> bool:
    """Make the sizes in the header those of the file; half a sample at the end is cut off. Whether it was wrong.

    Raises:
        UsageError: ``not_wav``.
        PeerError: the file cannot be read or written.
    """
    layout = inspect(path)
    if layout.is_header_right:
        return False
    end = layout.data_offset + layout.data_bytes
    with disk_errors(), path.open("r+b") as file:
        file.truncate(end)
        file.seek(4)
        file.write(struct.pack("<I", end - 8))
        file.seek(layout.data_offset - 4)
        file.write(struct.pack("<I", layout.data_bytes))
        _flush(file)
    return True


def sha256_of(path: Path) -> str:
    """SHA-256 of a file.

    Raises:
        PeerError: the file cannot be read.
    """
    with disk_errors(), path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_whole(path: Path, content: bytes) -> None:
    """Write a small file that appears whole or not at all.

    Raises:
        PeerError: ``disk_full`` or ``recording_io``.
    """
    with disk_errors():
        path.parent.mkdir(parents=True, exist_ok=True)
        with _appearing(path) as target:
            target.write(content)


@contextmanager
def disk_errors() -> Iterator[None]:
    """Turn what the disk says into errors with a code."""
    try:
        yield
    except OSError as error:
        if error.errno in _DISK_FULL:
            raise PeerError("the disk is full", code="disk_full") from None
        cause = errno.errorcode.get(error.errno or 0, "unknown")
        raise PeerError(f"cannot read or write a recording ({cause})", code="recording_io") from None


@contextmanager
def _appearing(path: Path) -> Iterator[BinaryIO]:
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".part-")
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
            _flush(file)
        Path(name).replace(path)
        flush_folder(path.parent)
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


def _blocks(start: bytes, source: BinaryIO, length: int) -> Iterator[bytes]:
    yield start
    left = length
    while left:
        block = source.read(min(left, _BLOCK))
        if not block:
            raise OSError(errno.EIO, "the raw file shrank")
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
