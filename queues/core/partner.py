"""Our callers and the partner city: offered, handed over, taken back (城际协作, the side that is helped).

Invariants: while a caller is offered he keeps his place, and one who is handed over is told of by the telephone alone: that he
talks there, or that he is back at the head of our line. Whoever's own next step waits for an answer goes on within seconds.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from callcenter.core.clock import Instant, after
from callcenter.core.contact import Contact
from callcenter.core.ids import ContactId
from callcenter.core.messages import calls, link, offers, partner
from queues.core import dialogue as d
from queues.core.guests import Guest, Phase
from queues.core.house import Handlers, House, Orders
from queues.core.mutual_aid import Trust

ANSWER_S = 8.0
"""An offer whose answer nobody told within this is as good as declined; the edge gives up much earlier."""
USABLE_S = partner.TOKEN_S - 2.0
"""A token older than this is not used any more: the call to the partner takes time as well."""
BACK_PRIORITY = 90
"""Of one whose token became too old: he is next."""
TALKS = "talks"


@dataclass(slots=True)
class Offered:
    """A caller about whom the partner is asked. ``asker``: whose own next step waits for the answer, or ``""``."""

    key: str
    asker: str
    since: Instant


@dataclass(slots=True)
class Away:
    """A caller who is handed over. ``since``: when his token was made."""

    token: str
    since: Instant
    state: str = "moving"


class PartnerWay:
    """Leads callers to the partner city and takes them back. ``exists``: whether there is a partner."""

    def __init__(self, house: House, exists: bool, rest_s: float) -> None:
        self._house = house
        self._exists = exists
        self._offered: dict[ContactId, Offered] = {}
        self._away: dict[ContactId, Away] = {}
        self.is_paused = False
        self.trust = Trust(rest_s)
        self.counts: Counter[str] = Counter()
        """Since the start: ``asked``, ``accepted``, ``answered``, ``came_back``, ``given_back``; ``declined:REASON``."""
        self.handlers: Handlers = {
            partner.OfferAnswered: self._hear_answer,
            partner.CapacitySeen: self._hear_capacity,
            partner.CityRung: self._ring,
            partner.CityAnswered: self._answer,
            partner.CameBack: self._take_back,
            partner.PauseAsked: self._pause,
            offers.SessionResumed: self._send,
            offers.WithdrawalFailed: self._stay,
            calls.CallOffered: self._forget,
            calls.CallEnded: self._forget,
            link.LinkRestored: self._compare_with,
        }
        self.orders: Orders = {d.AskPartner: self._offer}

    @property
    def away(self) -> Counter[str]:
        """Our callers who are handed over, by ``moving``, ``ringing``, ``talks``."""
        return Counter(away.state for away in self._away.values())

    def wants_capacity(self, now: Instant) -> bool:
        """Whether it is worth asking the partner for free seats: somebody waits whom it might take."""
        may_ask = self._exists and not self.is_paused and self.trust.may_ask(now)
        return may_ask and not self._offered and bool(self._house.engine.hotline.line)

    def on_deadline(self, now: Instant) -> None:
        """An answer was never told."""
        for contact_id in [known for known, it in self._offered.items() if self._due(it) <= now]:
            self._decline(contact_id, "silent", now)

    def next_due(self) -> Instant | None:
        """When the first answer will be missed."""
        return min(map(self._due, self._offered.values()), default=None)

    def _due(self, offered: Offered) -> Instant:
        return after(offered.since, ANSWER_S)

    def _offer(self, effect: d.AskPartner, now: Instant) -> None:
        guest = self._house.guests.of(effect.caller)
        may_ask = self._exists and not self.is_paused and self.trust.may_ask(now)
        if guest is None or not may_ask or not self._can_go(guest, effect.asker):
            self._house.engine.receive(d.PartnerReplied(effect.caller, False, effect.asker), now)
            return
        self._offered[guest.contact_id] = Offered(guest.key, effect.asker, now)
        self._hold(effect.asker, True)
        self.counts["asked"] += 1
        contact = self._house.contacts.get(guest.contact_id)
        waited_s = self._waited_s(guest, now)
        collected = _collected(contact, self._house.contacts.has_stated)
        self._house.say(
            partner.OfferCaller(guest.contact_id, guest.number, guest.urgent, waited_s, collected)
        )

    def _can_go(self, guest: Guest, asker: str) -> bool:
        """He stands in the telephone's line and no phone rings for him; or he is in a session, and it is his own step."""
        if guest.phase is Phase.LINE:
            return guest.queue is not None and self._house.is_waiting(guest.contact_id)
        return guest.phase is Phase.ASKED and guest.key == asker

    def _hold(self, asker: str, awaits: bool) -> None:
        """Whose next step waits for the answer stays in his session."""
        guest = self._house.guests.of(asker) if asker else None
        if guest is not None and guest.phase is Phase.ASKED:
            guest.awaits = awaits

    def _waited_s(self, guest: Guest, now: Instant) -> float:
        return max(0.0, now - guest.since) if guest.phase is Phase.LINE else 0.0

    def _hear_answer(self, message: partner.OfferAnswered, now: Instant) -> None:
        if message.contact_id not in self._offered:
            return
        if not message.token:
            self._decline(message.contact_id, message.reason, now)
            return
        self.trust.speak()
        offered, guest = self._offered[message.contact_id], self._house.guests.get(message.contact_id)
        if guest is None or not self._can_go(guest, offered.asker):
            self._decline(message.contact_id, "gone", now)
            return
        del self._offered[message.contact_id]
        self.counts["accepted"] += 1
        self._away[guest.contact_id] = Away(message.token, now)
        if guest.phase is Phase.LINE and guest.queue:
            self._house.say(partner.Fetch(guest.contact_id, guest.channel, guest.queue))
        else:
            guest.since = now
            self._house.say(partner.HandOver(guest.contact_id, message.token))
        guest.phase = Phase.HANDED
        self._reply(offered, True, now)

    def _decline(self, contact_id: ContactId, reason: str, now: Instant) -> None:
        offered = self._offered.pop(contact_id)
        self.counts[f"declined:{reason}"] += 1
        if reason in partner.FAILURES:
            self.trust.fail(reason, now)
        elif reason != "gone":
            self.trust.speak()
        self._reply(offered, False, now)

    def _reply(self, offered: Offered, accepted: bool, now: Instant) -> None:
        self._hold(offered.asker, False)
        self._house.tell(d.PartnerReplied(offered.key, accepted, offered.asker), now)

    def _hear_capacity(self, message: partner.CapacitySeen, now: Instant) -> None:
        self.trust.speak()
        if message.free > 0:
            self._house.tell(d.PartnerReady(), now)

    def _send(self, message: offers.SessionResumed, now: Instant) -> None:
        """Out of the line: to the partner, while it still expects him."""
        guest, away = self._house.guests.get(message.contact_id), self._away.get(message.contact_id)
        if guest is None or guest.phase is not Phase.HANDED:
            return
        if away is not None and now - away.since < USABLE_S:
            self._house.say(partner.HandOver(message.contact_id, away.token))
            return
        self._away.pop(message.contact_id, None)
        queue = guest.queue or self._house.rules.queue
        self._house.say(calls.Enqueue(message.contact_id, queue, BACK_PRIORITY))
        self._wait_on(guest, now)

    def _stay(self, message: offers.WithdrawalFailed, now: Instant) -> None:
        guest = self._house.guests.get(message.contact_id)
        if self._away.pop(message.contact_id, None) and guest is not None and guest.phase is Phase.HANDED:
            self._wait_on(guest, now)

    def _forget(self, message: calls.CallOffered | calls.CallEnded, now: Instant) -> None:
        """He has a seat of our own, or is gone; who asked for him goes on."""
        self._away.pop(message.contact_id, None)
        if message.contact_id in self._offered:
            self._decline(message.contact_id, "gone", now)

    def _ring(self, message: partner.CityRung, now: Instant) -> None:
        if away := self._away.get(message.contact_id):
            away.state = "ringing"

    def _answer(self, message: partner.CityAnswered, now: Instant) -> None:
        guest = self._house.guests.get(message.contact_id)
        if guest is None or guest.phase is Phase.TALKING:
            return
        guest.phase, guest.seat_id, guest.answered_at = Phase.TALKING, partner.PARTNER_SEAT, now
        self._away.setdefault(message.contact_id, Away("", now)).state = TALKS
        self.counts["answered"] += 1
        self.trust.work()
        self._house.tell(d.CallerTaken(guest.key), now)

    def _take_back(self, message: partner.CameBack, now: Instant) -> None:
        self._away.pop(message.contact_id, None)
        self.counts["came_back"] += 1
        if message.why == "given_back":
            self.counts["given_back"] += 1
            self.trust.yield_to(now)
        else:
            self.trust.fail(message.why, now)
        guest = self._house.guests.get(message.contact_id)
        if guest is not None:
            self._wait_on(guest, now)

    def _wait_on(self, guest: Guest, now: Instant) -> None:
        """He stands where he stood: his wait counts from its begin."""
        guest.phase, guest.seat_id, guest.answered_at = Phase.LINE, None, None
        self._house.note(d.CallerStillWaits(guest.key, guest.urgent, max(0.0, now - guest.since)), now)

    def _pause(self, message: partner.PauseAsked, now: Instant) -> None:
        self.is_paused = message.paused

    def _compare_with(self, message: link.LinkRestored, now: Instant) -> None:
        alive = {call.contact_id for call in message.snapshot.calls}
        self._away = {known: away for known, away in self._away.items() if known in alive}
        for contact_id in [known for known in self._offered if known not in alive]:
            self._decline(contact_id, "gone", now)


def _collected(contact: Contact | None, has_stated: Callable[[ContactId], bool]) -> str:
    """What the menus learned of him: his last step, and whether his matter is recorded."""
    if contact is None:
        return ""
    stated = "stated" if has_stated(contact.contact_id) else ""
    return " ".join(filter(None, (contact.last_step, stated)))
