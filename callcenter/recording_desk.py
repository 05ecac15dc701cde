"""What desks ask of running recordings: pause for what must not be kept, and go on.

Invariant: the answer comes when Asterisk has confirmed it and the journal has it; before that the agent must not ask the
citizen for his secret.
"""

import contextlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from callcenter.controller import Controller
from callcenter.core.contact import Contact
from callcenter.core.contacts import Contacts
from callcenter.core.errors import CallcenterError, PeerError
from callcenter.core.ids import ContactId, SeatId
from callcenter.core.messages.base import Message
from callcenter.core.messages.recording import (
    PausedBefore,
    RecordersRestored,
    RecorderStarted,
    RecordingPaused,
    RecordingResumed,
)
from callcenter.store import journal
from callcenter.store.database import Database
from recordings.core.pauses import Pauses
from recordings.recorders import Recorders

TOLD = frozenset({RecorderStarted.type, RecordingPaused.type, RecordingResumed.type})
"""What the journal tells of recorders."""


@dataclass(frozen=True)
class RecordingDesk:
    """Running recordings (:class:`callcenter.web.ports.recordings.RecordingControl`).

    ``committed``: returns once the journal has everything that was decided.
    """

    controller: Controller
    contacts: Contacts
    pauses: Pauses
    recorders: Recorders
    committed: Callable[[], Awaitable[None]]

    def seat_of(self, contact_id: ContactId) -> SeatId | None:
        """Who talks in this call."""
        return self.contacts.talks_with(contact_id)

    async def pause(self, contact_id: ContactId, by: str, reason: str) -> None:
        """Keep nothing of what is said from now on.

        Raises:
            UsageError: ``unknown_call``, ``wrong_recording_state``.
            PeerError: Asterisk did not answer: count on it being recorded.
        """
        channel = self.pauses.channel_of(contact_id, paused=True)
        try:
            await self.recorders.mute(channel, on=True)
        except PeerError:
            with contextlib.suppress(CallcenterError):  # unknown whether it is muted: then rather not
                await self.recorders.mute(channel, on=False)
            raise
        await self.controller.ask(RecordingPaused(contact_id, by, reason))
        await self.committed()

    async def resume(self, contact_id: ContactId, by: str, reason: str) -> None:
        """Record again.

        Raises:
            UsageError: ``unknown_call``, ``wrong_recording_state``.
            PeerError: Asterisk did not answer: ask again.
        """
        await self.recorders.mute(self.pauses.channel_of(contact_id, paused=False), on=False)
        await self.controller.ask(RecordingResumed(contact_id, by, reason))
        await self.committed()


async def recorders_left(database: Database, contacts: Contacts) -> RecordersRestored:
    """What the journal knows of the recorders of open contacts; at start, after these were taken up."""
    found = []
    async with database.reading() as connection:
        for contact in contacts.live():
            story = await journal.of_contact(connection, contact.contact_id)
            found += _left(contact, [journal.as_message(entry) for entry in story if entry.type in TOLD])
    return RecordersRestored(tuple(found))


def _left(contact: Contact, story: Sequence[Message]) -> list[PausedBefore]:
    """The recorder of one contact, if it had one."""
    channel = contact.channel
    pause: RecordingPaused | None = None
    for told in story:
        match told:
            case RecorderStarted():
                channel = told.channel
            case RecordingPaused():
                pause = told
            case _:
                pause = None
    if not story or not channel:
        return []
    by, reason = (pause.by, pause.reason) if pause else ("", "")
    return [PausedBefore(contact.contact_id, channel, by, reason)]
