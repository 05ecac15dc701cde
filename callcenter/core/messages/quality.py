"""What follows a transcript: the call is checked by the quality rules (质检)."""

from dataclasses import dataclass
from typing import ClassVar

from callcenter.core.ids import ContactId, RecordingId
from callcenter.core.messages.base import Effect, Message


@dataclass(frozen=True, slots=True)
class CallAssessed(Message):
    """The rules have looked at a call. ``score``: 0..100; ``certainty``: 0..1; ``findings``: how many."""

    type: ClassVar[str] = "quality.assessed"
    contact_id: ContactId
    recording_id: RecordingId
    score: float
    certainty: float
    findings: int


@dataclass(frozen=True, slots=True)
class AssessCall(Effect):
    """Check an answered call by the rules in force; again and again is harmless."""

    contact_id: ContactId
    recording_id: RecordingId
