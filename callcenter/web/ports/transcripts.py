"""What was made of recordings."""

from collections.abc import Sequence
from typing import Protocol

from callcenter.core.ids import RecordingId
from callcenter.web.views.transcripts import TranscriptQueueView
from recordings.core.transcript import Transcript


class TranscriptReader(Protocol):
    """What was made of recordings."""

    async def of(self, recording_id: RecordingId) -> Sequence[Transcript]:
        """Every model's transcript of a recording, the one in use first."""

    async def queue(self) -> TranscriptQueueView:
        """How far transcription is."""
