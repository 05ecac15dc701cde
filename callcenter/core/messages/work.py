"""What follows a talk: recording, transcript, ticket."""

from dataclasses import dataclass
from typing import ClassVar

from callcenter.core.ids import ContactId, RecordingId, TicketNo
from callcenter.core.messages.base import Effect, Message


@dataclass(frozen=True, slots=True)
class RecordingReady(Message):
    """The recording is sealed. ``seconds``: its length; ``short_by_s``: missing against the talk, >= 0."""

    type: ClassVar[str] = "recording.ready"
    contact_id: ContactId
    recording_id: RecordingId
    seconds: float
    short_by_s: float


@dataclass(frozen=True, slots=True)
class RecordingMissing(Message):
    """An answered contact has no usable recording."""

    type: ClassVar[str] = "recording.missing"
    contact_id: ContactId
    reason: str


@dataclass(frozen=True, slots=True)
class TranscriptReady(Message):
    """The transcript is stored."""

    type: ClassVar[str] = "transcript.ready"
    contact_id: ContactId
    recording_id: RecordingId


@dataclass(frozen=True, slots=True)
class TranscriptFailed(Message):
    """The recording could not be transcribed after all tries; the job is parked."""

    type: ClassVar[str] = "transcript.failed"
    contact_id: ContactId
    recording_id: RecordingId
    reason: str


@dataclass(frozen=True, slots=True)
class TicketDrafted(Message):
    """A ticket draft exists or was completed further."""

    type: ClassVar[str] = "ticket.drafted"
    contact_id: ContactId
    ticket_no: TicketNo
    state: str


@dataclass(frozen=True, slots=True)
class TicketWorked(Message):
    """Derived: a person corrected, ended or opened a ticket. ``standing``: open, answered or handed_on."""

    type: ClassVar[str] = "ticket.worked"
    contact_id: ContactId
    ticket_no: TicketNo
    standing: str
    by: str


@dataclass(frozen=True, slots=True)
class DraftTicket(Effect):
    """Open the ticket draft of an answered contact; what he stated while he waited may have opened it before."""

    contact_id: ContactId


@dataclass(frozen=True, slots=True)
class KeepStatement(Effect):
    """Make what a waiting caller stated a recording of its own, with a ticket draft; its transcript is urgent."""

    contact_id: ContactId


@dataclass(frozen=True, slots=True)
class CompleteTicket(Effect):
    """Fill the draft from what is known now: times, transcript, suggestions, what is missing."""

    contact_id: ContactId


@dataclass(frozen=True, slots=True)
class SealRecording(Effect):
    """Make the finished raw recording a checked, hashed file. ``talk_s``: the length it should have."""

    contact_id: ContactId
    talk_s: float


@dataclass(frozen=True, slots=True)
class Transcribe(Effect):
    """Put the recording into the durable queue of transcriptions."""

    contact_id: ContactId
    recording_id: RecordingId
