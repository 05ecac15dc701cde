"""Callers as Asterisk holds them after a gap: who vanished unseen, and who came, waits or talks by now.

Invariant: Asterisk's word is the truth about who is on the line and where; how it went with whom nobody watched, the books tell.
"""

from datetime import datetime

from callcenter.core.clock import Instant
from callcenter.core.contact import FOUND
from callcenter.core.ids import ContactId
from callcenter.core.messages import callbacks, link
from queues.core import dialogue as d
from queues.core.guests import URGENT_PRIORITY, Guest, Phase
from queues.core.house import Handlers, House


class FoundCallers:
    """Compares the guests with a snapshot."""

    def __init__(self, house: House) -> None:
        self._house = house
        self.handlers: Handlers = {link.LinkRestored: self._compare_with}

    def _compare_with(self, message: link.LinkRestored, now: Instant) -> None:
        """Asterisk's word is the truth about who is on the line and where."""
        alive = {call.contact_id: call for call in message.snapshot.calls}
        waiting = {entry.contact_id: entry for entry in message.snapshot.waiting}
        rung = {phone.contact_id for phone in message.snapshot.ringing}
        for guest in self._house.guests:
            if guest.contact_id not in alive:
                self._lose(guest, now)
        for contact in self._house.contacts.live():
            if contact.contact_id not in alive:
                self._house.leave_to_books(contact.caller, now)
        for call in alive.values():
            if not callbacks.is_callback(call.contact_id) and not self._is_aid(call.contact_id):
                self._find(call, waiting.get(call.contact_id), message.at, now)
        for guest in self._house.guests:
            if guest.contact_id in rung and guest.phase is Phase.LINE:
                self._house.ring(guest, now)

    def _is_aid(self, contact_id: ContactId) -> bool:
        """A caller of the partner city is no guest of ours."""
        contact = self._house.contacts.get(contact_id)
        return contact is not None and contact.is_aid

    def _lose(self, guest: Guest, now: Instant) -> None:
        """He vanished unseen."""
        self._house.guests.see_off(guest.contact_id)
        self._house.floor.forget(guest.key)
        self._house.note(d.CallerTaken(guest.key), now)
        self._house.note(d.CallerLeft(guest.key), now)

    def _find(self, call: link.LiveCall, entry: link.WaitingCall | None, at: datetime, now: Instant) -> None:
        contact = self._house.contacts.get(call.contact_id)
        is_new = self._house.guests.get(call.contact_id) is None
        guest = self._house.guests.receive(call.contact_id, contact.caller if contact else "", call.channel)
        if is_new:
            guest.is_found = contact is None or contact.source == FOUND
            self._house.last_contact[guest.key] = call.contact_id
            self._house.note(d.CallerArrived(guest.key, self._house.may_call(guest)), now)
        if entry is not None:
            guest.phase, guest.queue, guest.since = Phase.LINE, entry.queue, Instant(now - entry.wait_s)
            guest.urgent = entry.priority >= URGENT_PRIORITY
            if not self._house.floor.expects(guest.key):
                self._house.note(d.CallerStillWaits(guest.key, guest.urgent, entry.wait_s), now)
        elif call.seat_id is not None and guest.phase is not Phase.TALKING:
            guest.phase, guest.seat_id = Phase.TALKING, call.seat_id
            guest.answered_at = self._house.joined_at(call.contact_id, at, now)
            guest.is_found = guest.is_found or contact is None or contact.answered_at is None
            self._house.note(d.CallerTaken(guest.key), now)
