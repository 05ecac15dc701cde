"""Recordings: rows from SQL, sound from the vault."""

import asyncio

from sqlalchemy import RowMapping, select

from callcenter.core.ids import RecordingId
from callcenter.store.database import Database
from callcenter.store.schema import recordings
from callcenter.web.readers.rows import fields_of, one
from callcenter.web.views.recordings import RecordingView
from recordings.core.names import is_contact_id
from recordings.sound import Sound
from recordings.store import RecordingState
from recordings.vault import Vault


class SqlRecordings:
    """The recordings (:class:`callcenter.web.ports.recordings.RecordingReader`): rows from SQL, sound from the vault."""

    def __init__(self, database: Database, vault: Vault):
        self._database = database
        self._vault = vault

    async def get(self, recording_id: RecordingId) -> RecordingView | None:
        """One recording."""
        row = await self._row(recording_id)
        return RecordingView(**fields_of(RecordingView, row)) if row else None

    async def media(self, recording_id: RecordingId) -> Sound | None:
        """Its sound, by its id and never by a path, whatever the row says."""
        row = await self._row(recording_id)
        if row is None or row["state"] != RecordingState.SEALED or not is_contact_id(recording_id):
            return None
        return await asyncio.to_thread(self._vault.open, recording_id)

    async def _row(self, recording_id: RecordingId) -> RowMapping | None:
        async with self._database.reading() as connection:
            return await one(connection, select(recordings).where(recordings.c.recording_id == recording_id))
