"""Remote storage of encrypted recordings. Without it they stay on this disk.

Invariant: only whole encrypted files are ever sent; a name is sent whole or not at all.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from callcenter.core.errors import UsageError
from callcenter.sections import Recordings


class Remote(Protocol):
    """A store of files by name (``sealed/20261122/ID.wav.enc``). Called in threads.

    All raise PeerError: ``storage_away`` (try later) or ``storage_refused`` (settings or rights are wrong).
    """

    def put(self, name: str, path: Path) -> None:
        """Send a file, replacing what has its name."""

    def read(self, name: str, offset: int, length: int) -> bytes:
        """Bytes from ``offset``; fewer than ``length`` only at the end."""

    def size(self, name: str) -> int | None:
        """Length of a file, ``None`` when there is none."""

    def delete(self, name: str) -> None:
        """Remove a file; one that is gone already is no error."""

    def names(self) -> Iterator[str]:
        """All files."""


def open_remote(chosen: Recordings, secrets_path: Path) -> Remote | None:
    """The storage that the settings name; ``None``: this disk.

    Raises:
        UsageError: ``bad_config``.
    """
    if not chosen.storage:
        return None
    raise UsageError("recordings.storage: needs s3://BUCKET/PREFIX, or nothing", code="bad_config")
