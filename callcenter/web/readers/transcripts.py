"""What was made of recordings, and how far that is."""

from dataclasses import asdict
from datetime import datetime, time
from zoneinfo import ZoneInfo

from callcenter.core.clock import Clock
from callcenter.core.ids import RecordingId
from callcenter.store.database import Database
from callcenter.web.views.transcripts import TranscriptQueueView
from recordings import store as recording_rows
from recordings.core.transcript import Transcript


class SqlTranscripts:
    """What was made of recordings (:class:`callcenter.web.ports.transcripts.TranscriptReader`)."""

    def __init__(self, database: Database, clock: Clock, zone: ZoneInfo):
        self._database = database
        self._clock = clock
        self._zone = zone

    async def of(self, recording_id: RecordingId) -> list[Transcript]:
        """Every model's transcript of a recording, the one in use first."""
        async with self._database.reading() as connection:
            return await recording_rows.transcripts_of(connection, recording_id)

    async def queue(self) -> TranscriptQueueView:
        """How far transcription is."""
        now = self._clock.at().astimezone(self._zone)
        midnight = datetime.combine(now.date(), time(), self._zone)
        async with self._database.reading() as connection:
            progress = await recording_rows.progress(connection, now, midnight)
        return TranscriptQueueView(**asdict(progress))
