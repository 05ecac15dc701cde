"""Pauses of recordings: which recorders run, which are paused, and that no pause outlives its talk.

Invariants: a pause is believed when Asterisk has confirmed it; it ends with the talk in which it was asked for, be it by
hang-up or by transfer, and the journal tells so. What is believed paused is muted: a new recorder, which begins unmuted, and
one that was out of sight are muted anew.
"""

from collections.abc import Callable

from callcenter.core.clock import Instant
from callcenter.core.contact import Contact, ContactState
from callcenter.core.errors import UsageError
from callcenter.core.ids import ChannelName, ContactId
from callcenter.core.messages import calls, link, recording
from callcenter.core.messages.base import Effect, Message
from callcenter.core.messages.seats import Publish

ContactOf = Callable[[ContactId], Contact | None]
"""The live contact of an id, as the ledger knows it."""


class Pauses:
    """The engine. ``contact_of``: the ledger, which hears every message before."""

    def __init__(self, contact_of: ContactOf) -> None:
        self._contact_of = contact_of
        self._recorders: dict[ContactId, ChannelName] = {}
        self._paused: set[ContactId] = set()
        self._effects: list[Effect] = []

    def receive(self, message: Message, now: Instant) -> None:
        """See :class:`callcenter.core.engine.Engine`."""
        match message:
            case recording.RecorderStarted():
                self._recorders[message.contact_id] = message.channel
                self._mute_anew(message.contact_id)
            case link.LinkRestored():
                for contact_id in sorted(self._paused):
                    self._mute_anew(contact_id)
            case recording.RecordersRestored():
                for found in message.recorders:
                    self._restore(found)
            case recording.RecordingPaused():
                self._paused.add(message.contact_id)
                self._end_if_over(message.contact_id)
            case recording.RecordingResumed():
                self._paused.discard(message.contact_id)
            case calls.CallTransferred():
                self._end(message.contact_id)
            case calls.CallEnded() | calls.ContactSettled():
                self._end(message.contact_id)
                self._recorders.pop(message.contact_id, None)
            case _:
                self._end_if_over(getattr(message, "contact_id", None))

    def on_deadline(self, now: Instant) -> None:
        """Pauses wait for nothing."""

    def next_deadline(self) -> Instant | None:
        """None: a pause ends with its talk, however long that is."""
        return None

    def take_effects(self) -> list[Effect]:
        """See :class:`callcenter.core.engine.Engine`."""
        effects, self._effects = self._effects, []
        return effects

    def channel_of(self, contact_id: ContactId, *, paused: bool) -> ChannelName:
        """The channel whose recorder is to be paused (``paused``) or to go on.

        Raises:
            UsageError: ``unknown_call``: there is no such call; ``wrong_recording_state``: nobody talks, nothing is
                recorded, or it is so already.
        """
        contact = self._contact_of(contact_id)
        if contact is None:
            raise UsageError(f"there is no call {contact_id}", code="unknown_call")
        channel = self._recorders.get(contact_id) or contact.channel
        if contact.state is not ContactState.TALKING or not channel:
            raise UsageError("nothing is recorded in this call right now", code="wrong_recording_state")
        if paused is (contact_id in self._paused):
            what = "paused already" if paused else "not paused"
            raise UsageError(f"the recording is {what}", code="wrong_recording_state")
        return channel

    def is_paused(self, contact_id: ContactId) -> bool:
        """Whether nothing that is said now is kept."""
        return contact_id in self._paused

    def _restore(self, found: recording.PausedBefore) -> None:
        self._recorders[found.contact_id] = found.channel
        if found.by:
            self._paused.add(found.contact_id)
            self._end_if_over(found.contact_id)

    def _mute_anew(self, contact_id: ContactId) -> None:
        self._end_if_over(contact_id)
        contact = self._contact_of(contact_id)
        channel = self._recorders.get(contact_id) or (contact.channel if contact else None)
        if contact_id in self._paused and channel:
            self._effects.append(recording.MuteRecorder(contact_id, channel))

    def _end_if_over(self, contact_id: ContactId | None) -> None:
        if contact_id is None or contact_id not in self._paused:
            return
        contact = self._contact_of(contact_id)
        if contact is None or contact.state is not ContactState.TALKING:
            self._end(contact_id)

    def _end(self, contact_id: ContactId) -> None:
        if contact_id not in self._paused:
            return
        self._paused.discard(contact_id)
        channel = self._recorders.get(contact_id)
        if channel is not None and self._contact_of(contact_id) is not None:
            self._effects.append(recording.UnmuteRecorder(contact_id, channel))
        self._effects.append(Publish(recording.RecordingResumed(contact_id, "", recording.TALK_ENDED)))
