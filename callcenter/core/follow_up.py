"""What follows a recording: its transcription, and the ticket that tells what is there and what is missing."""

from callcenter.core.clock import Instant
from callcenter.core.messages import work
from callcenter.core.messages.base import Effect, Message


class FollowUp:
    """Stateless: each result leads to the next piece of work."""

    def __init__(self) -> None:
        self._effects: list[Effect] = []

    def receive(self, message: Message, now: Instant) -> None:
        """See :class:`callcenter.core.engine.Engine`."""
        match message:
            case work.RecordingReady():
                self._effects.append(work.Transcribe(message.contact_id, message.recording_id))
            case work.RecordingMissing() | work.TranscriptReady() | work.TranscriptFailed():
                self._effects.append(work.CompleteTicket(message.contact_id))
            case _:
                pass

    def on_deadline(self, now: Instant) -> None:
        """Nothing to wait for: retries belong to the job queue."""

    def next_deadline(self) -> Instant | None:
        """None."""
        return None

    def take_effects(self) -> list[Effect]:
        """See :class:`callcenter.core.engine.Engine`."""
        effects, self._effects = self._effects, []
        return effects
