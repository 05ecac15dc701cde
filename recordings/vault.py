"""Where recordings lie, and the manifest that names them all.

Invariant: every path is made of a checked id; lines are only ever added to the manifest, each under a file lock
and flushed to the disk before the recording counts as sealed. A line torn by a crash was never counted: it is cut.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from callcenter.core.ids import ContactId, RecordingId
from recordings.core import manifest
from recordings.core.manifest import Entry
from recordings.core.names import checked, day_of, is_contact_id
from recordings.wav import disk_errors

_TAIL = 1 << 16
"""Bytes from the end among which the last line is looked for."""


class Vault:
    """The recordings folder: ``incoming/`` raw from Asterisk, ``sealed/DAY/`` WAV and transcripts."""

    def __init__(self, root: Path):
        self.root = root
        self.incoming = root / "incoming"
        self.manifest = Manifest(root / "manifest.jsonl")

    def raw_path(self, contact_id: ContactId) -> Path:
        """What Asterisk writes during the call."""
        return self.incoming / f"{checked(contact_id)}.raw"

    def wav_path(self, recording_id: RecordingId) -> Path:
        """The sealed recording."""
        return self._sealed(recording_id, "wav")

    def transcript_path(self, recording_id: RecordingId) -> Path:
        """The transcript, beside its recording."""
        return self._sealed(recording_id, "json")

    def relative(self, path: Path) -> str:
        """A path as the manifest and the database name it."""
        return path.relative_to(self.root).as_posix()

    def waiting(self) -> list[ContactId]:
        """Contacts with a raw file, oldest first; files of other names are left alone."""
        with disk_errors():
            found = [path for path in self.incoming.glob("*.raw") if is_contact_id(path.stem)]
            return [ContactId(path.stem) for path in sorted(found, key=lambda path: path.stat().st_mtime)]

    def _sealed(self, recording_id: RecordingId, suffix: str) -> Path:
        return self.root / "sealed" / day_of(recording_id) / f"{checked(recording_id)}.{suffix}"


class Manifest:
    """``manifest.jsonl``: see :mod:`recordings.core.manifest`."""

    def __init__(self, path: Path):
        self._path = path

    def append(self, entry: Entry) -> Entry:
        """Add a line behind the last one; the entry with its ``previous`` filled in.

        Raises:
            PeerError: ``disk_full`` or ``recording_io``; nothing was added.
        """
        with disk_errors(), self._locked() as file:
            linked = replace(entry, previous=_cut_and_hash_last(file))
            end = file.seek(0, os.SEEK_END)
            try:
                file.write(manifest.render(linked).encode() + b"\n")
                file.flush()
                os.fsync(file.fileno())
            except OSError:
                file.truncate(end)
                raise
        return linked

    def find(self, recording_id: RecordingId) -> Entry | None:
        """The newest line of a recording. Reads the whole file: for repeats after a crash, not for daily use."""
        found = None
        for line in self.lines():
            if recording_id in line and (entry := manifest.parse(line)).recording_id == recording_id:
                found = entry
        return found

    def lines(self) -> Iterator[str]:
        """All whole lines, without line breaks."""
        with disk_errors():
            if self._path.exists():
                with self._path.open(encoding="utf-8", errors="replace", newline="\n") as file:
                    yield from (line[:-1] for line in file if line.endswith("\n"))

    def broken_lines(self) -> list[int]:
        """Numbers of the lines at which the chain is broken."""
        return manifest.broken_lines(self.lines())

    @contextmanager
    def _locked(self) -> Iterator[BinaryIO]:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.open("a+b", buffering=0) as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield file


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
