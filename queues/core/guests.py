"""The citizens on the line right now, each by his contact and by the key of his citizen-day.

Invariant: at most one contact bears a citizen's number as its key; a second call from that number stands for itself.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from callcenter.core.clock import Instant
from callcenter.core.ids import ChannelName, ContactId, QueueName, SeatId

BEGINNING = Instant(0.0)

URGENT_PRIORITY = 50
"""In the telephone's queue, of an urgent caller; of all others 0."""


class Phase(StrEnum):
    """Where a guest is."""

    GREETED = "greeted"
    """Hears the greeting."""
    ASKED = "asked"
    """In a session that waits for his reply, or for our next step."""
    LINE = "line"
    """In the line, or sent there."""
    WITHDRAWN = "withdrawn"
    """Asked out of the line for a question; not in a session yet."""
    HANDED = "handed"
    """On his way to the partner city, or ringing there."""
    RINGING = "ringing"
    TALKING = "talking"
    LEAVING = "leaving"
    """He will not come back to the line in this call."""


@dataclass(slots=True)
class Guest:
    """One inbound contact. ``key``: his citizen-day. ``range_s``: the wait announced to him, low and high."""

    contact_id: ContactId
    key: str
    number: str
    channel: ChannelName
    phase: Phase = Phase.GREETED
    urgent: bool = False
    insists: bool = False
    """He pressed 0: a person, and no offer."""
    queue: QueueName | None = None
    since: Instant = BEGINNING
    """When he joined the line."""
    was_invited: bool = False
    """He was asked whether he states his matter now; his place in the line counts from before."""
    seat_id: SeatId | None = None
    answered_at: Instant | None = None
    leaves_message: bool = False
    is_found: bool = False
    """He came or was answered while nobody watched: the books will tell who he is, and how it went."""
    awaits: bool = True
    """Something was asked of him or of the dialplan, and its end will be told."""


class Guests:
    """All guests."""

    def __init__(self) -> None:
        self._by_contact: dict[ContactId, Guest] = {}
        self._by_key: dict[str, Guest] = {}

    def __iter__(self) -> Iterator[Guest]:
        return iter(list(self._by_contact.values()))

    def receive(self, contact_id: ContactId, number: str, channel: ChannelName) -> Guest:
        """A new guest, or the one that is known under this contact."""
        known = self._by_contact.get(contact_id)
        if known is not None:
            return known
        key = number if number and number not in self._by_key else contact_id
        guest = Guest(contact_id, key, number, channel)
        self._by_contact[contact_id] = self._by_key[key] = guest
        return guest

    def get(self, contact_id: ContactId) -> Guest | None:
        """The guest of a contact."""
        return self._by_contact.get(contact_id)

    def of(self, key: str) -> Guest | None:
        """The guest who is this citizen."""
        return self._by_key.get(key)

    def is_on_line(self, number: str) -> bool:
        """Whether anybody calls from this number right now."""
        return any(guest.number == number for guest in self._by_contact.values())

    def see_off(self, contact_id: ContactId) -> Guest | None:
        """He is gone."""
        guest = self._by_contact.pop(contact_id, None)
        if guest is not None:
            del self._by_key[guest.key]
        return guest
