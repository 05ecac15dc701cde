"""Recordings, kept and running."""

from typing import Protocol

from callcenter.core.ids import ContactId, RecordingId, SeatId
from callcenter.web.views.recordings import RecordingView
from recordings.core.peaks import Peaks
from recordings.sound import Sound


class RecordingReader(Protocol):
    """Recordings, by row id and never by path."""

    async def get(self, recording_id: RecordingId) -> RecordingView | None:
        """One recording."""

    async def media(self, recording_id: RecordingId) -> Sound | None:
        """Its sound, opened (its methods block: call them in a thread, and close it); ``None`` when there is none."""


class PeaksReader(Protocol):
    """Waveforms of recordings."""

    async def of(self, recording_id: RecordingId) -> Peaks | None:
        """Of one; ``None`` when it has no sound."""


class RecordingControl(Protocol):
    """Recordings of running calls."""

    def seat_of(self, contact_id: ContactId) -> SeatId | None:
        """Who talks in this call."""

    async def pause(self, contact_id: ContactId, by: str, reason: str) -> None:
        """Keep nothing of what is said from now on; returns when it is so.

        Raises:
            UsageError: ``unknown_call``, ``wrong_recording_state``.
            PeerError: Asterisk did not answer: count on it being recorded.
        """

    async def resume(self, contact_id: ContactId, by: str, reason: str) -> None:
        """Record again.

        Raises:
            UsageError: ``unknown_call``, ``wrong_recording_state``.
            PeerError: Asterisk did not answer: ask again.
        """
