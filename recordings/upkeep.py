"""What the vault catches up with: encrypting what waited for a key, sending what waited for the storage.

Invariants: one program at a time; one recording's trouble never stops the others; whatever is interrupted is done the next
time.
"""

import fcntl
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import structlog

from callcenter.core.errors import CallcenterError, PeerError
from callcenter.core.ids import RecordingId
from recordings.core.manifest import Entry
from recordings.keys import KEY_TROUBLES
from recordings.places import ENCRYPTED_SUFFIX, PLAIN_SUFFIX
from recordings.vault import Vault
from recordings.wav import DRAFT_PREFIX, disk_errors

log = structlog.get_logger()

DRAFT_AGE: Final = timedelta(hours=1)
"""A draft older than this was left by a crash."""

WORDS_SUFFIX: Final = "json"
NEWEST_DAYS: Final = 2
"""Where something new may lie: today's folder, and yesterday's after midnight."""

STORAGE_LATE_S: Final = 1800.0
"""Recordings are sent every ten minutes: one that waits so long says that the storage is away."""

STOPPING: Final = KEY_TROUBLES | {"storage_away", "storage_refused", "disk_full"}
"""Troubles that all the others would have too."""


@dataclass
class Caught:
    """What was caught up with. ``failed``: recording -> code."""

    done: list[RecordingId] = field(default_factory=list)
    failed: dict[RecordingId, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class VaultState:
    """Whether the vault works. ``trouble``: what is wrong with its keys, ``""`` when nothing is.

    ``storage_late_s``: seconds that the oldest recording waits for the remote storage.
    """

    trouble: str = ""
    waiting_for_key: int = 0
    waiting_for_storage: int = 0
    storage_late_s: float = 0.0

    def told(self) -> str:
        """One line about what is not well; ``""`` when all is."""
        parts = [self.trouble] if self.trouble else []
        if self.waiting_for_key:
            parts.append(f"{self.waiting_for_key} recordings wait for the key")
        if self.storage_late_s > STORAGE_LATE_S:
            parts.append(
                f"the storage is away: {self.waiting_for_storage} recordings wait here, run 'callcenter doctor'"
            )
        return "; ".join(parts)


@contextmanager
def upkeep(vault: Vault) -> Iterator[None]:
    """Alone with the vault's upkeep.

    Raises:
        PeerError: ``upkeep_busy``: another program does it right now.
    """
    with disk_errors():
        vault.root.mkdir(parents=True, exist_ok=True)
        file = (vault.root / ".upkeep").open("w")
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise PeerError(
                "another program looks after the vault right now: try again", code="upkeep_busy"
            ) from None
        yield


def unencrypted(vault: Vault, *, old_too: bool = False) -> list[RecordingId]:
    """What waits for a key; ``old_too``: and what was sealed before there was encryption (looks at every file)."""
    old = vault.lying("sealed", PLAIN_SUFFIX) if old_too else []
    return vault.lying("waiting", PLAIN_SUFFIX) + old


def encrypt_all(
    vault: Vault,
    wanted: Sequence[RecordingId],
    at: datetime,
    progress: Callable[[float], None] = lambda share: None,
) -> Caught:
    """Encrypt these recordings; ``progress`` is told the share done."""
    return _each(vault, wanted, lambda entry: vault.encrypt(entry, at) is not None, progress)


def upload_all(vault: Vault, progress: Callable[[float], None] = lambda share: None) -> Caught:
    """Send everything that waits for the remote storage."""
    wanted = vault.lying("sealed", ENCRYPTED_SUFFIX) if vault.remote is not None else []
    return _each(vault, wanted, vault.upload, progress)


def drop_drafts(vault: Vault, at: datetime) -> int:
    """Remove the half-written files that a crash left behind; how many."""
    limit = (at - DRAFT_AGE).timestamp()
    dropped = 0
    with disk_errors():
        for folder in ("sealed", "waiting", "roots"):
            for path in (vault.root / folder).rglob(f"{DRAFT_PREFIX}*"):
                if path.stat().st_mtime < limit:
                    path.unlink(missing_ok=True)
                    dropped += 1
    return dropped


def drop_words(vault: Vault, newest_days: int | None = None) -> int:
    """Remove transcripts that lie as plain files beside encrypted sound (ADR 0014); how many. The database has the words."""
    found = vault.lying("sealed", WORDS_SUFFIX, newest_days)
    with disk_errors():
        for recording_id in found:
            vault.sealed_path(recording_id).with_name(f"{recording_id}.{WORDS_SUFFIX}").unlink(
                missing_ok=True
            )
    return len(found)


def state_of(vault: Vault, now: datetime, newest_days: int | None = None) -> VaultState:
    """Look at the keys and at what waits, in all folders or in those of the newest days; asks no remote storage."""
    try:
        is_remote = vault.remote is not None
        for_storage = vault.lying("sealed", ENCRYPTED_SUFFIX, newest_days) if is_remote else []
        return VaultState(
            _key_trouble(vault),
            len(vault.lying("waiting", PLAIN_SUFFIX)),
            len(for_storage),
            max((_age_s(vault.sealed_path(name), now) for name in for_storage), default=0.0),
        )
    except CallcenterError as error:
        return VaultState(str(error))


def _age_s(path: Path, now: datetime) -> float:
    try:
        return max(0.0, now.timestamp() - path.stat().st_mtime)
    except OSError:  # it was sent meanwhile
        return 0.0


def _key_trouble(vault: Vault) -> str:
    try:
        if vault.keys is not None:
            vault.keys.check()
    except CallcenterError as error:
        return str(error)
    return ""


def _each(
    vault: Vault,
    wanted: Sequence[RecordingId],
    act: Callable[[Entry], bool],
    progress: Callable[[float], None],
) -> Caught:
    caught = Caught()
    lines = vault.manifest.newest(frozenset(wanted)) if wanted else {}
    for number, recording_id in enumerate(wanted, start=1):
        try:
            if recording_id not in lines:
                raise PeerError("the manifest has no such recording", code="not_in_manifest", retryable=False)
            if act(lines[recording_id]):
                caught.done.append(recording_id)
        except CallcenterError as error:
            caught.failed[recording_id] = error.code
            log.error("recording not caught up with", recording_id=recording_id, code=error.code)
            if error.code in STOPPING:
                break
        progress(number / len(wanted))
    return caught
