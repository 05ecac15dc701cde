"""The manifest's file: see :mod:`recordings.core.manifest`.

Invariant: lines are only ever added, each under a file lock and flushed to the disk before it counts. A line torn by a
crash was never counted: it is cut.
"""

import errno
import fcntl
import os
from collections.abc import Callable, Container, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from callcenter.core.errors import OurError
from callcenter.core.ids import RecordingId
from recordings.core import manifest
from recordings.core.manifest import Entry
from recordings.wav import disk_errors

_TAIL = 1 << 16
"""Bytes from the end among which the last line is looked for."""


class Manifest:
    """``manifest.jsonl``."""

    def __init__(self, path: Path):
        self.path = path

    @contextmanager
    def turn(self) -> Iterator[Callable[[Entry], Entry]]:
        """Alone with the manifest: nobody else adds meanwhile. Gives what adds a line and returns it, linked.

        Raises:
            PeerError: ``disk_full`` or ``recording_io``; the line was not added.
        """
        with disk_errors():
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self.path.open("a+b", buffering=0) as file:
                fcntl.flock(file, fcntl.LOCK_EX)
                yield lambda entry: _add(file, entry)

    def append(self, entry: Entry) -> Entry:
        """Add a line behind the last one; the entry with its ``previous`` filled in.

        Raises:
            PeerError: ``disk_full`` or ``recording_io``; nothing was added.
        """
        with self.turn() as add:
            return add(entry)

    def find(self, recording_id: RecordingId) -> Entry | None:
        """The newest line of a recording. Reads the whole file: for repeats after a crash, not for daily use."""
        found = None
        for line in self.lines():
            if recording_id in line and (entry := _entry(line)) and entry.recording_id == recording_id:
                found = entry
        return found

    def newest(self, wanted: Container[str] | None = None) -> dict[RecordingId, Entry]:
        """What holds now about each recording, or about those wanted: one look at the whole file."""
        return manifest.newest(self.lines(), wanted)

    def lines(self) -> Iterator[str]:
        """All whole lines, without line breaks."""
        with disk_errors():
            if self.path.exists():
                with self.path.open(encoding="utf-8", errors="replace", newline="\n") as file:
                    yield from (line[:-1] for line in file if line.endswith("\n"))

    def broken_lines(self) -> list[int]:
        """Numbers of the lines at which the chain is broken."""
        return manifest.broken_lines(self.lines())


def _add(file: BinaryIO, entry: Entry) -> Entry:
    with disk_errors():
        linked = replace(entry, previous=_cut_and_hash_last(file))
        end = file.seek(0, os.SEEK_END)
        try:
            line = manifest.render(linked).encode() + b"\n"
            if file.write(line) < len(line):
                raise OSError(errno.ENOSPC, "only a part was written")
            os.fsync(file.fileno())
        except OSError:
            file.truncate(end)
            raise
    return linked


def _entry(line: str) -> Entry | None:
    try:
        return manifest.parse(line)
    except OurError:
        return None


def _cut_and_hash_last(file: BinaryIO) -> str:
    """Cut a torn line off the end; the hash of the last whole one."""
    size = file.seek(0, os.SEEK_END)
    start = max(0, size - _TAIL)
    file.seek(start)
    tail = file.read(size - start)
    whole = tail[: tail.rfind(b"\n") + 1]
    file.truncate(start + len(whole))
    lines = whole.splitlines()
    return manifest.line_hash(lines[-1].decode("utf-8", "replace")) if lines else manifest.BEGINNING
