"""The manifest (录音清单): one line for whatever happens to a recording, each holding the hash of the line before.

Invariant: pure. Whoever changes, drops or inserts a line breaks the chain at that place; whoever cuts its end, or writes
all of it anew, contradicts the signed root of a day. What holds now about a recording is its newest line.
"""

import hashlib
import json
from collections.abc import Container, Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime, tzinfo
from enum import StrEnum
from typing import Any

from callcenter.core.errors import OurError
from callcenter.core.ids import ContactId, RecordingId

BEGINNING = "0" * 64
"""What stands for the hash of the line before the first."""

ROOT_FORMAT = "callcenter recordings root 1"


class Event(StrEnum):
    """What a line tells."""

    SEALED = "sealed"
    ENCRYPTED = "encrypted"
    """It lay unencrypted until now."""
    DELETED = "deleted"
    """Its sound is gone on purpose; the line stays as a tombstone."""
    KEY_ERASED = "key_erased"
    """A month's data key was destroyed; the line names no recording."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line. ``path`` is relative to the recordings folder, ``sealed_at`` (when the line was made) ISO 8601 with offset.

    ``sha256``: of the file as it is stored, ``""`` when nothing is. ``plain_sha256``: of the WAV file that is heard;
    ``key_id``: the data key it is encrypted under, ``""``: not encrypted. ``why``: of a deletion.
    """

    recording_id: RecordingId
    contact_id: ContactId
    path: str
    sha256: str
    seconds: float
    sealed_at: str
    previous: str
    plain_sha256: str = ""
    key_id: str = ""
    event: str = Event.SEALED.value
    why: str = ""

    @property
    def sound_sha256(self) -> str:
        """SHA-256 of the WAV file that is heard; older lines know unencrypted files only."""
        return self.plain_sha256 or self.sha256

    @property
    def is_deleted(self) -> bool:
        """Whether there shall be no sound any more."""
        return self.event == Event.DELETED


@dataclass(frozen=True, slots=True)
class Root:
    """What the manifest was at the end of a day: ``count`` lines, the last with hash ``last``. Signed with Ed25519.

    ``day``: ``20261122`` in the house's zone. ``signature``: base64.
    """

    day: str
    count: int
    last: str
    signature: str = ""

    def signed_bytes(self) -> bytes:
        """What the signature is over; always the same for the same root."""
        return f"{ROOT_FORMAT}\n{self.day}\n{self.count}\n{self.last}\n".encode()


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
        tree: Any = json.loads(line)
        texts = [value for name, value in tree.items() if name != "seconds"]
        if all(isinstance(text, str) for text in texts):
            return Entry(**tree)
    except (ValueError, TypeError, AttributeError):
        pass
    raise OurError("damaged manifest line", code="bad_manifest")


def parsed(lines: Iterable[str]) -> Iterator[Entry]:
    """The entries of all lines that are not damaged, in order."""
    for line in lines:
        try:
            yield parse(line)
        except OurError:
            continue


def newest(lines: Iterable[str], wanted: Container[str] | None = None) -> dict[RecordingId, Entry]:
    """What holds now about each recording, or about those ``wanted``."""
    return {
        entry.recording_id: entry
        for entry in parsed(lines)
        if entry.recording_id and (wanted is None or entry.recording_id in wanted)
    }


def broken_lines(lines: Iterable[str]) -> list[int]:
    """Numbers (from 1) of the lines that do not follow the line before them, or are damaged."""
    broken = []
    expected = BEGINNING
    for number, line in enumerate(lines, start=1):
        if not _follows(line, expected):
            broken.append(number)
        expected = line_hash(line)
    return broken


def roots_of(lines: Iterable[str], zone: tzinfo) -> list[Root]:
    """An unsigned root for the end of each day that has a line, oldest first. ``zone``: whose days.

    A line whose clock had gone back counts to the day before which it can no longer be.
    """
    roots: list[Root] = []
    for count, line in enumerate(lines, start=1):
        day = _day(line, zone)
        root = Root(max(day, roots[-1].day) if roots else day, count, line_hash(line))
        if roots and roots[-1].day == root.day:
            roots[-1] = root
        else:
            roots.append(root)
    return [root for root in roots if root.day]


def root_to_json(root: Root) -> dict[str, Any]:
    """As kept in ``roots/DAY.json``."""
    return {"format": ROOT_FORMAT, **asdict(root)}


def root_from_json(tree: Any) -> Root:
    """Read what ``root_to_json`` gave.

    Raises:
        OurError: it is none.
    """
    try:
        if tree["format"] != ROOT_FORMAT:
            raise OurError("unknown root format", code="bad_root")
        return Root(str(tree["day"]), int(tree["count"]), str(tree["last"]), str(tree["signature"]))
    except (KeyError, TypeError, ValueError):
        raise OurError("damaged root", code="bad_root") from None


def _follows(line: str, expected: str) -> bool:
    try:
        return parse(line).previous == expected
    except OurError:
        return False


def _day(line: str, zone: tzinfo) -> str:
    """The day on which a line was made; ``""`` (before every day) when it does not say."""
    try:
        return f"{datetime.fromisoformat(parse(line).sealed_at).astimezone(zone):%Y%m%d}"
    except (OurError, ValueError, TypeError):
        return ""
