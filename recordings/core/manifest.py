"""The manifest (录音清单): one line per sealed recording, each holding the hash of the line before.

Invariant: pure. Whoever changes, drops or inserts a line breaks the chain at that place.
The chain shows tampering to whoever keeps a copy of a later hash; by itself it does not prevent it.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass

from callcenter.core.errors import OurError
from callcenter.core.ids import ContactId, RecordingId

BEGINNING = "0" * 64
"""What stands for the hash of the line before the first."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A sealed recording. ``path`` is relative to the recordings folder, ``sealed_at`` ISO 8601 with offset."""

    recording_id: RecordingId
    contact_id: ContactId
    path: str
    sha256: str
    seconds: float
    sealed_at: str
    previous: str


def line_hash(line: str) -> str:
    """SHA-256 of a line without its line break."""
    return hashlib.sha256(line.encode()).hexdigest()


def render(entry: Entry) -> str:
    """The line, without line break; always the same for the same entry."""
    return json.dumps(asdict(entry), ensure_ascii=True, separators=(",", ":"))


def parse(line: str) -> Entry:
    """The entry of a line.

    Raises:
        OurError: not a manifest line.
    """
    try:
        return Entry(**json.loads(line))
    except (ValueError, TypeError):
        raise OurError("damaged manifest line", code="bad_manifest") from None


def broken_lines(lines: Iterable[str]) -> list[int]:
    """Numbers (from 1) of the lines that do not follow the line before them, or are damaged."""
    broken = []
    expected = BEGINNING
    for number, line in enumerate(lines, start=1):
        if not _follows(line, expected):
            broken.append(number)
        expected = line_hash(line)
    return broken


def _follows(line: str, expected: str) -> bool:
    try:
        return parse(line).previous == expected
    except OurError:
        return False
