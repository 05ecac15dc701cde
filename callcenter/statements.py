"""What citizens state while they wait (先行陈述): from Asterisk's spool into the vault and the ledger, with a ticket draft.

Invariant: recording, transcription job and ticket draft are one commit; the file of the spool goes after it, so whatever step
a crash interrupts is done again and repeats nothing.
"""

import asyncio
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final

import structlog

from callcenter.core.clock import Clock
from callcenter.core.errors import CallcenterError, UsageError
from callcenter.core.ids import ContactId
from callcenter.core.messages import work
from callcenter.core.messages.offers import STATEMENT_LIMIT_S
from callcenter.paperwork import Paperwork
from callcenter.store.unit import Unit
from callcenter.store.writer import StoreWriter
from callcenter.workbench import Workbench
from recordings import store as recordings
from recordings import wav
from recordings.core.names import checked, is_contact_id, statement_of
from recordings.store import Recording, RecordingState
from recordings.vault import Vault

log = structlog.get_logger()

LEFT_AFTER_S: Final = 2 * STATEMENT_LIMIT_S
"""A file that was not written to for so long was left by a controller that is gone."""
REJECTED: Final = ".rejected"
"""The suffix of what is no sound."""


class Statements:
    """The folder ``spool/statements`` of one instance. ``wake``: a transcription was queued."""

    def __init__(
        self,
        folder: Path,
        vault: Vault,
        writer: StoreWriter,
        paperwork: Paperwork,
        bench: Workbench,
        wake: Callable[[], None],
        clock: Clock,
    ) -> None:
        self._folder = folder
        self._vault = vault
        self._writer = writer
        self._paperwork = paperwork
        self._bench = bench
        self._wake = wake
        self._clock = clock

    def path(self, contact_id: ContactId) -> Path:
        """Where Asterisk records what he states.

        Raises:
            UsageError: not a contact id.
        """
        return self._folder / f"{checked(contact_id)}.wav"

    def keep(self, effect: work.KeepStatement) -> None:
        """Make it a recording with a ticket draft, in the background; a disk or database in trouble delays that."""
        self._bench.start(self._keep(effect.contact_id))

    async def sweep(self) -> None:
        """Keep what was left behind; files that may still be written to are left alone."""
        until = self._clock.at().timestamp() - LEFT_AFTER_S
        for path in self._folder.glob("*.wav"):
            if path.stat().st_mtime < until and is_contact_id(path.stem):
                try:
                    await self._keep(ContactId(path.stem))
                except CallcenterError as error:
                    log.error("statement not kept, tried again", contact_id=path.stem, code=error.code)

    async def _keep(self, contact_id: ContactId) -> None:
        recording = await asyncio.to_thread(self._seal, contact_id)
        if recording is not None:
            await self._writer.do(partial(self._enter, recording=recording), "keep statement")
            self._wake()
            log.info("statement kept", contact_id=contact_id, seconds=recording.seconds)
        self.path(contact_id).unlink(missing_ok=True)

    def _seal(self, contact_id: ContactId) -> Recording | None:
        """The same again when it was sealed before; ``None``: there is no sound."""
        recording_id, now = statement_of(contact_id), self._clock.at()
        entry = self._vault.kept(contact_id, now, recording_id)
        wave = _sound(self.path(contact_id)) if entry is None else None
        if wave is not None:
            entry = self._vault.keep(contact_id, wave, now, recording_id)
        if entry is None:
            return None
        return Recording(
            recording_id,
            contact_id,
            RecordingState.SEALED,
            path=entry.path,
            sha256=entry.sound_sha256,
            seconds=entry.seconds,
            short_by_s=0.0,
            sealed_at=now,
        )

    async def _enter(self, unit: Unit, recording: Recording) -> None:
        await self._paperwork.open_draft(unit, recording.contact_id)
        await recordings.save(unit, recording)
        await recordings.ask_for_transcript(unit, recording.recording_id, self._clock.at())


def _sound(path: Path) -> wav.Wave | None:
    """What was recorded, with a repaired header; ``None``: nothing that could be heard."""
    if not path.exists():
        return None
    try:
        wave = wav.of_file(path)
    except UsageError:
        log.error("a statement is no sound, put aside", contact_id=path.stem)
        path.replace(path.with_suffix(REJECTED))
        return None
    return wave if wave.seconds else None
