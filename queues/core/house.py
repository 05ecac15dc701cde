"""What the parts of the steering share: the engine, who is on the line, what is owed, which seats work.

Invariant: the engine hears the truth about the seats before every word, and everything it wants is done before the next.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from callcenter.core.clock import Instant
from callcenter.core.contact import ContactState
from callcenter.core.contacts import Contacts
from callcenter.core.ids import ContactId, QueueName, SeatId
from callcenter.core.messages.base import Effect, Message
from callcenter.core.messages.callbacks import is_callback
from callcenter.core.messages.seats import Publish
from queues.core import dialogue as d
from queues.core.dials import Dials
from queues.core.engine import HotlineEngine
from queues.core.floor import Floor
from queues.core.guests import Guest, Guests, Phase
from queues.core.mutual_aid import AidRules
from queues.core.owed import Owed
from queues.core.seats import Seats

NO_SEATS = d.SeatsCounted(0, 0, 0, 0)
Handler = Callable[[Any, Instant], None]
"""Takes a message or an effect of the one type under which it is registered."""
Handlers = Mapping[type[Message], Handler]
Orders = Mapping[type[Effect], Handler]


def _everybody(seat_id: SeatId) -> bool:
    """Whoever is logged in is capacity."""
    return True


@dataclass(frozen=True, slots=True)
class SteeringRules:
    """What the operator set. ``queue``: where callers wait. ``can_be_called``: whether a number may be dialed.

    ``statement_from_s``: announced wait from which a caller may state his matter in line; 0: never. ``aid``: what was
    agreed with the partner city; ``None``: there is none.
    """

    queue: QueueName
    cloud: frozenset[SeatId]
    can_be_called: Callable[[str], bool]
    statement_from_s: float = 0.0
    aid: AidRules | None = None
    counts: Callable[[SeatId], bool] = _everybody
    """Whether a seat that is logged in is capacity."""


class House:
    """The live hotline. ``seats`` and ``contacts`` are only read.

    ``last_contact``: each citizen's newest contact today. ``served_at``: when his last talk was over that counted as one.
    """

    def __init__(self, engine: HotlineEngine, seats: Seats, contacts: Contacts, rules: SteeringRules) -> None:
        self.engine, self.seats, self.contacts, self.rules = engine, seats, contacts, rules
        self.guests, self.dials, self.owed = Guests(), Dials(), Owed()
        self.floor = Floor(seats, self.dials, rules.cloud, rules.counts)
        self.last_contact: dict[str, ContactId] = {}
        self.served_at: dict[str, datetime] = {}
        self.orders: Orders = {}
        self._effects: list[Effect] = []

    def say(self, effect: Effect) -> None:
        """Something is to be done."""
        self._effects.append(effect)

    def publish(self, message: Message) -> None:
        """Something is to be known."""
        self._effects.append(Publish(message))

    def take_effects(self) -> list[Effect]:
        """What was said and published since the last time."""
        effects, self._effects = self._effects, []
        return effects

    def tell(self, message: Message | None, now: Instant) -> None:
        """Let the engine take in the seats as they are, one message, its deadline; do what it then wants."""
        self._count_seats(now)
        if message is not None:
            self.engine.receive(message, now)
        deadline = self.engine.next_deadline()
        if deadline is not None and deadline <= now:
            self.engine.on_deadline(now)
        while effects := self.engine.take_effects():
            for effect in effects:
                if order := self.orders.get(type(effect)):
                    order(effect, now)

    def note(self, message: Message, now: Instant) -> None:
        """Let the engine take in a part of a truth: it gives no seat away until :meth:`tell` has the whole of it."""
        if self.engine.hotline.free:
            self.engine.receive(NO_SEATS, now)
        self.engine.receive(message, now)

    def may_call(self, guest: Guest) -> bool:
        """Whether he can be called back: his call bears his number, and it may be dialed."""
        return guest.key == guest.number and self.rules.can_be_called(guest.number)

    def ring(self, guest: Guest, now: Instant) -> None:
        """A phone rings for him: he waits no more."""
        guest.phase = Phase.RINGING
        self.floor.forget(guest.key)
        self.note(d.CallerTaken(guest.key), now)

    def joined_at(self, contact_id: ContactId, at: datetime, now: Instant) -> Instant:
        """Since when a contact that is found talking has done so, as far as the ledger knows. ``at``: now."""
        contact = self.contacts.get(contact_id)
        answered_at = contact.answered_at if contact else None
        return Instant(now - max(0.0, (at - answered_at).total_seconds())) if answered_at else now

    def is_waiting(self, contact_id: ContactId) -> bool:
        """Whether a contact stands in a queue, as Asterisk says, and no phone rings for it."""
        contact = self.contacts.get(contact_id)
        return contact is not None and contact.state is ContactState.WAITING

    def serve(self, caller: str, at: datetime) -> None:
        """A talk counts; the books may tell later of calls that came before it."""
        self.served_at[caller] = max(at, self.served_at.get(caller, at))

    def forget_served(self, before: datetime) -> None:
        """What was so long ago matters no more."""
        self.served_at = {caller: at for caller, at in self.served_at.items() if at >= before}

    def leave_to_books(self, caller: str, now: Instant) -> None:
        """How it went with him will be told by the books: until then nobody calls him for what is owed."""
        self.note(d.CitizenServed(caller), now)

    def owe_again(self, key: str, now: Instant) -> None:
        """No talk came of it: the promise is open again, unless the books have yet to tell of another contact of his."""
        if not self.contacts.awaits_books(key):
            self.reopen(key, now)

    def reopen(self, key: str, now: Instant) -> None:
        """The promise that waited for a talk is open as before, unless its last try failed meanwhile."""
        if promise := self.owed.unanswer(key):
            self.engine.receive(d.PromisesRestored((promise,)), now)
            if self.has_no_try_left(promise):
                self.engine.receive(d.DialEnded(key, reached=False), now)

    def has_no_try_left(self, promise: d.Promise) -> bool:
        """Whether all tries are used up, and no call-back is under way or still to be told of by the books."""
        live = (it.caller for it in self.contacts.live() if is_callback(it.contact_id))
        is_called = self.dials.to(promise.caller) is not None or promise.caller in live
        return self.engine.hotline.is_hopeless(promise) and not is_called

    def _count_seats(self, now: Instant) -> None:
        counted = self.floor.count()
        if counted != self.engine.hotline.seats:
            self.engine.receive(counted, now)
