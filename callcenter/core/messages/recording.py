"""The recorder of a talk: that it runs, and that the agent pauses it for what must not be kept (敏感信息)."""

from dataclasses import dataclass
from typing import ClassVar

from callcenter.core.ids import ChannelName, ContactId
from callcenter.core.messages.base import Effect, Message

TALK_ENDED = "talk_ended"
"""Why a pause ends that nobody ended."""


@dataclass(frozen=True, slots=True)
class RecorderStarted(Message):
    """A recorder runs on the citizen's channel; after a transfer it is another one (``MixMonitorStart``)."""

    type: ClassVar[str] = "recording.started"
    contact_id: ContactId
    channel: ChannelName


@dataclass(frozen=True, slots=True)
class RecordingPaused(Message):
    """Asterisk has muted the recorder, both ways: silence is written, so all times stay right. ``by``: the account."""

    type: ClassVar[str] = "recording.paused"
    contact_id: ContactId
    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class RecordingResumed(Message):
    """It records again. ``by`` empty and reason ``talk_ended``: derived, the pause ended with the talk."""

    type: ClassVar[str] = "recording.resumed"
    contact_id: ContactId
    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class PausedBefore:
    """A recorder that an earlier life of the controller left. ``by`` empty: it is not paused."""

    contact_id: ContactId
    channel: ChannelName
    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class RecordersRestored(Message):
    """At start: the recorders of contacts that are still open, as the journal knows them."""

    type: ClassVar[str] = "recording.restored"
    recorders: tuple[PausedBefore, ...]


@dataclass(frozen=True, slots=True)
class UnmuteRecorder(Effect):
    """Let a recorder write sound again that was paused when the talk ended."""

    contact_id: ContactId
    channel: ChannelName


@dataclass(frozen=True, slots=True)
class MuteRecorder(Effect):
    """Let a recorder of a paused talk keep nothing, which may have begun, or been begun anew, out of sight."""

    contact_id: ContactId
    channel: ChannelName
