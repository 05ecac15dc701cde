"""Wakes who is next when a seat becomes ready: by themselves the telephone's queues look for a free seat once a second.

Invariant: only those are woken of whom Asterisk says that they stand in a line and no phone rings for them, from its head on,
and no more of a line than seats are ready. Whoever is woken in vain sleeps on; whoever is not, looks a second later.
"""

from collections.abc import Iterable, Iterator
from itertools import islice

from callcenter.core.clock import Instant
from callcenter.core.ids import ContactId, QueueName
from callcenter.core.messages import calls, link, offers, seats
from callcenter.core.messages.seats import SeatState
from queues.core.guests import Guest, Phase
from queues.core.house import Handlers, House

KEY_GAP_S = 0.2
"""Nobody is woken again sooner. Keys that come faster than people press them are put off by Asterisk (45 ms and the length
of a key), and the seat would hear them in the talk."""


class Waker:
    """Knows each line in Asterisk's own order, which a crowd that comes at once may make another than ours."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._lines: dict[QueueName, list[ContactId]] = {}
        self._woken: dict[ContactId, Instant] = {}
        self.handlers: Handlers = {
            calls.CallQueued: self._join,
            calls.CallLeftQueue: self._leave,
            calls.CallAbandoned: self._leave,
            calls.CallAnswered: self._leave,
            calls.CallEnded: self._leave,
            offers.PriorityAsked: self._move,
            link.LinkRestored: self._compare_with,
            seats.SeatStateChanged: self._watch_seat,
        }

    def _join(self, message: calls.CallQueued, now: Instant) -> None:
        self._remove(message.contact_id)
        self._lines.setdefault(message.queue, []).insert(message.position - 1, message.contact_id)

    def _leave(
        self,
        message: calls.CallLeftQueue | calls.CallAbandoned | calls.CallAnswered | calls.CallEnded,
        now: Instant,
    ) -> None:
        self._remove(message.contact_id)

    def _remove(self, contact_id: ContactId) -> None:
        self._woken.pop(contact_id, None)
        for line in self._lines.values():
            if contact_id in line:
                line.remove(contact_id)

    def _move(self, message: offers.PriorityAsked, now: Instant) -> None:
        """Behind the others of his priority; Asterisk tells nothing of it."""
        for line in self._lines.values():
            if message.contact_id in line:
                line.remove(message.contact_id)
                place = sum(map(self._is_urgent, line)) if message.urgent else len(line)
                line.insert(place, message.contact_id)

    def _is_urgent(self, contact_id: ContactId) -> bool:
        guest = self._house.guests.get(contact_id)
        return guest is not None and guest.urgent

    def _compare_with(self, message: link.LinkRestored, now: Instant) -> None:
        self._lines.clear()
        self._woken.clear()
        for entry in sorted(message.snapshot.waiting, key=lambda entry: entry.position):
            self._lines.setdefault(entry.queue, []).append(entry.contact_id)

    def _watch_seat(self, message: seats.SeatStateChanged, now: Instant) -> None:
        """Every line may ring every seat: skills are a preference."""
        if message.new is not SeatState.READY:
            return
        for line in self._lines.values():
            for guest in islice(self._sleepers(line), self._ready_seats()):
                self._wake(guest, now)

    def _sleepers(self, line: Iterable[ContactId]) -> Iterator[Guest]:
        for contact_id in line:
            guest = self._house.guests.get(contact_id)
            if guest is not None and guest.phase is Phase.LINE and self._house.is_waiting(contact_id):
                yield guest

    def _ready_seats(self) -> int:
        """Those that Asterisk may ring: not those that are about to be paused for a call-back."""
        dials = self._house.dials
        ready = (seat for seat in self._house.seats.all() if seat.state is SeatState.READY)
        return sum(dials.at(seat.seat_id) is None for seat in ready)

    def _wake(self, guest: Guest, now: Instant) -> None:
        before = self._woken.get(guest.contact_id)
        if before is None or now - before >= KEY_GAP_S:
            self._woken[guest.contact_id] = now
            self._house.say(offers.Wake(guest.contact_id, guest.channel))
