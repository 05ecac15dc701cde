"""Asks for the assessment of each call as soon as its words are there, or will never be."""

from callcenter.core.clock import Instant
from callcenter.core.messages import work
from callcenter.core.messages.base import Effect, Message
from callcenter.core.messages.quality import AssessCall


class QualityWatch:
    """Stateless. What it asks for and is lost, the assessor finds by itself later."""

    def __init__(self) -> None:
        self._effects: list[Effect] = []

    def receive(self, message: Message, now: Instant) -> None:
        """See :class:`callcenter.core.engine.Engine`."""
        match message:
            case work.TranscriptReady() | work.TranscriptFailed():
                self._effects.append(AssessCall(message.contact_id, message.recording_id))
            case _:
                pass

    def on_deadline(self, now: Instant) -> None:
        """Nothing to wait for."""

    def next_deadline(self) -> Instant | None:
        """None."""
        return None

    def take_effects(self) -> list[Effect]:
        """See :class:`callcenter.core.engine.Engine`."""
        effects, self._effects = self._effects, []
        return effects
