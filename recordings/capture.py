"""From the raw file of a finished call to a sealed, hashed, judged recording.

Invariant: the raw file goes only after the recording and its manifest line are on the disk, so sealing can be repeated
after any crash and gives the same result.
"""

import asyncio
from dataclasses import dataclass
from pathlib import Path

import structlog

from callcenter.core.clock import Clock
from callcenter.core.errors import PeerError
from callcenter.core.ids import ContactId, RecordingId
from callcenter.core.messages.work import RecordingMissing, RecordingReady
from recordings import wav
from recordings.core.completeness import TOLERANCE_S, Completeness, Verdict, judge
from recordings.core.names import recording_of
from recordings.vault import Vault

log = structlog.get_logger()

_POLL_S = 0.1
_SETTLED_POLLS = 3
_PATIENCE_S = 3.0


@dataclass(frozen=True, slots=True)
class Sealed:
    """A recording that can be relied on.

    ``sha256``: of its WAV file. ``path``: where it was put, relative to the recordings folder; it may move, and the vault
    finds it by its id.
    """

    contact_id: ContactId
    recording_id: RecordingId
    path: str
    sha256: str
    seconds: float
    completeness: Completeness

    def message(self) -> RecordingReady:
        """What the controller is told."""
        return RecordingReady(self.contact_id, self.recording_id, self.seconds, self.completeness.short_by_s)


@dataclass(frozen=True, slots=True)
class Missing:
    """An answered contact without usable sound."""

    contact_id: ContactId
    reason: str

    def message(self) -> RecordingMissing:
        """What the controller is told."""
        return RecordingMissing(self.contact_id, self.reason)


class Capture:
    """Seals recordings. One per vault."""

    def __init__(self, vault: Vault, clock: Clock, *, patience_s: float = _PATIENCE_S):
        self.vault = vault
        self._clock = clock
        self._patience_s = patience_s

    async def seal(self, contact_id: ContactId, talk_s: float) -> Sealed | Missing:
        """Seal the recording of a call that is over; ``talk_s`` is the length it should have.

        May be repeated. Waits up to 3 s for Asterisk to finish the file.

        Raises:
            UsageError: not a contact id.
            PeerError: ``disk_full`` or ``recording_io``; the raw file is kept, try again later.
        """
        recording_of(contact_id)
        await self._settled(self.vault.raw_path(contact_id), talk_s)
        result = await asyncio.to_thread(self._seal, contact_id, talk_s)
        _report(result)
        return result

    def orphans(self, live: frozenset[ContactId]) -> list[ContactId]:
        """Contacts whose raw file waits although their call is over, oldest first.

        ``live``: calls that Asterisk still holds.

        Raises:
            PeerError: ``recording_io``.
        """
        return [contact_id for contact_id in self.vault.waiting() if contact_id not in live]

    async def _settled(self, raw: Path, talk_s: float) -> None:
        """Wait until the file is long enough and no longer grows, within bounds."""
        wanted = max(0.0, talk_s - TOLERANCE_S) * wav.RATE * wav.FRAME_BYTES
        last, still = -1, 0
        for _ in range(round(self._patience_s / _POLL_S)):
            size = _size(raw)
            still = still + 1 if size == last else 0
            if still >= _SETTLED_POLLS and size >= wanted:
                return
            last = size
            await asyncio.sleep(_POLL_S)

    def _seal(self, contact_id: ContactId, talk_s: float) -> Sealed | Missing:
        raw = self.vault.raw_path(contact_id)
        now = self._clock.at()
        try:
            is_there = _size(raw) >= wav.FRAME_BYTES
            entry = self.vault.keep(contact_id, wav.of_raw(raw), now) if is_there else None
        except PeerError:
            if raw.exists():
                raise
            entry = None  # somebody else has just sealed it and taken the raw file away
        entry = entry or self.vault.kept(contact_id, now)
        with wav.disk_errors():
            raw.unlink(missing_ok=True)
        if entry is None:
            return Missing(contact_id, judge(None, talk_s).reason)
        return Sealed(
            contact_id,
            entry.recording_id,
            entry.path,
            entry.sound_sha256,
            entry.seconds,
            judge(entry.seconds, talk_s),
        )


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def _report(result: Sealed | Missing) -> None:
    match result:
        case Missing():
            log.warning("recording missing", contact_id=result.contact_id, reason=result.reason)
        case Sealed() if result.completeness.verdict is not Verdict.COMPLETE:
            log.warning(
                "recording short",
                contact_id=result.contact_id,
                seconds=result.seconds,
                short_by_s=result.completeness.short_by_s,
            )
        case Sealed():
            log.info("recording sealed", contact_id=result.contact_id, seconds=result.seconds)
