"""Waveforms on the real store (:class:`callcenter.web.ports.recordings.PeaksReader`): made of the vault's sound once, then kept."""

import asyncio

from callcenter.core.ids import RecordingId
from callcenter.store.database import Database
from callcenter.web.readers.recordings import SqlRecordings
from recordings import peaks
from recordings.core.peaks import Peaks
from recordings.sound import Sound
from recordings.vault import Vault


class KeptPeaks:
    """Makes waveforms, one at a time: whoever opens many recordings takes no more than one core."""

    def __init__(self, database: Database, vault: Vault):
        self._database = database
        self._recordings = SqlRecordings(database, vault)
        self._turn = asyncio.Lock()

    async def of(self, recording_id: RecordingId) -> Peaks | None:
        """The waveform of a recording; ``None`` when it has no sound.

        Raises:
            UsageError: ``not_wav``.
            PeerError: the sound cannot be read, or is damaged.
        """
        async with self._turn:
            sound = await self._recordings.media(recording_id)
            if sound is None:
                return None
            with sound:
                return await self._kept(recording_id) or await self._made(recording_id, sound)

    async def _kept(self, recording_id: RecordingId) -> Peaks | None:
        async with self._database.reading() as connection:
            return await peaks.kept(connection, recording_id)

    async def _made(self, recording_id: RecordingId, sound: Sound) -> Peaks:
        found = await asyncio.to_thread(peaks.measure, sound)
        async with self._database.unit() as unit:
            await peaks.keep(unit, recording_id, found)
        return found
