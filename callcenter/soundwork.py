"""Carries out what happens to sound after a call: sealing, and the durable request for a transcript.

Invariant: manifest row and transcription job are one commit; a full disk delays sealing and loses nothing.
"""

import asyncio
from collections.abc import Callable, Collection
from datetime import datetime

from callcenter.core.clock import Clock
from callcenter.core.errors import PeerError
from callcenter.core.ids import ContactId
from callcenter.core.messages import work
from callcenter.core.messages.base import Message
from callcenter.core.messages.calls import Outcome
from callcenter.store import contacts
from callcenter.store.database import Database
from callcenter.store.unit import Unit
from callcenter.store.writer import StoreWriter
from callcenter.workbench import Workbench
from recordings import store as recordings
from recordings.capture import Capture, Missing, Sealed
from recordings.core.names import recording_of

RETRY_S = 10.0
RETRIES = 6


class Soundwork:
    """Seals recordings in the background and queues their transcription. ``wake``: a job was queued."""

    def __init__(
        self,
        capture: Capture,
        writer: StoreWriter,
        database: Database,
        bench: Workbench,
        post: Callable[[Message], None],
        wake: Callable[[], None],
        clock: Clock,
    ) -> None:
        self._capture = capture
        self._writer = writer
        self._database = database
        self._bench = bench
        self._post = post
        self._wake = wake
        self._clock = clock

    def seal(self, effect: work.SealRecording) -> None:
        """Make the finished raw file a checked one, in the background."""
        self._bench.start(self._seal(effect.contact_id, effect.talk_s))

    def recover(self, live: Collection[ContactId]) -> None:
        """Seal what an earlier life left unsealed, in the background; ``live``: calls still going on."""
        self._bench.start(self._recover(frozenset(live)))

    def transcribe(self, effect: work.Transcribe) -> None:
        """Queue the recording; a repeated request changes nothing."""

        async def ask(unit: Unit) -> None:
            await recordings.ask_for_transcript(unit, effect.recording_id, self._clock.at())

        self._writer.submit(ask, "transcribe")
        self._wake()

    async def _seal(self, contact_id: ContactId, talk_s: float) -> None:
        result = await self._patiently(contact_id, talk_s)
        row = _row(result, talk_s, self._clock.at())

        async def keep(unit: Unit) -> None:
            await recordings.save(unit, row)
            await recordings.ask_for_transcript(unit, row.recording_id, self._clock.at())

        await self._writer.do(keep, "keep recording")
        self._post(result.message())

    async def _recover(self, live: frozenset[ContactId]) -> None:
        for contact_id in await asyncio.to_thread(self._capture.orphans, live):
            async with self._database.reading() as connection:
                contact = await contacts.get(connection, contact_id)
            if contact is not None and contact.outcome is Outcome.ANSWERED:
                await self._seal(contact_id, contact.talk_s)

    async def _patiently(self, contact_id: ContactId, talk_s: float) -> Sealed | Missing:
        """Seal, trying again while the disk is in trouble."""
        for _ in range(RETRIES):
            try:
                return await self._capture.seal(contact_id, talk_s)
            except PeerError:
                await asyncio.sleep(RETRY_S)
        return await self._capture.seal(contact_id, talk_s)


def _row(result: Sealed | Missing, talk_s: float, at: datetime) -> recordings.Recording:
    recording_id = recording_of(result.contact_id)
    if isinstance(result, Missing):
        return recordings.Recording(
            recording_id,
            result.contact_id,
            recordings.RecordingState.MISSING,
            expected_s=talk_s,
            reason=result.reason,
        )
    return recordings.Recording(
        recording_id,
        result.contact_id,
        recordings.RecordingState.SEALED,
        path=result.path,
        sha256=result.sha256,
        seconds=result.seconds,
        expected_s=talk_s,
        short_by_s=result.completeness.short_by_s,
        sealed_at=at,
    )
