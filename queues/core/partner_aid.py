"""The partner city's callers with us (城际协作, the side that helps): offers decided, callers admitted, kept or given back.

Invariants: they are no guests of ours: nothing is offered or promised to them, and they are never handed on; who waits too long
is given back to his own city.
"""

from collections import Counter

from callcenter.core.clock import Instant
from callcenter.core.errors import UsageError
from callcenter.core.ids import ContactId
from callcenter.core.messages import calls, link, partner
from queues.core.house import Handlers, House
from queues.core.mutual_aid import Aid, AidRules, Reason, Situation
from queues.core.partner import PartnerWay


class AidWay:
    """Helps the partner's callers. ``way``: of our own callers to the partner; a pause holds for both."""

    def __init__(self, house: House, way: PartnerWay, rules: AidRules) -> None:
        self._house, self._way = house, way
        self.aid = Aid(rules)
        self.counts: Counter[str] = Counter()
        """Since the start: ``asked``, ``accepted``, ``arrived``, ``answered``, ``given_back``; ``declined:REASON``."""
        self.handlers: Handlers = {
            partner.OfferMade: self._decide,
            partner.TokenShown: self._redeem,
            partner.GiveBackAsked: self._give_back_by_hand,
            calls.CallOffered: self._ring,
            calls.CallAnswered: self._answer,
            calls.OfferTimedOut: self._ring_out,
            calls.CallEnded: self._end,
            link.LinkRestored: self._compare_with,
        }

    def offer_of(self, contact_id: ContactId) -> partner.OfferMade | None:
        """With which offer a caller of the partner was announced."""
        ward = self.aid.ward(contact_id)
        return ward.offer if ward else None

    def capacity(self, now: Instant) -> int:
        """How many offers we would accept now."""
        return self.aid.capacity(self._situation(), now)

    def on_deadline(self, now: Instant) -> None:
        """Somebody waited too long."""
        for contact_id in self.aid.overdue(now):
            self._give_back(contact_id)

    def next_due(self) -> Instant | None:
        """When somebody will have waited too long."""
        return self.aid.next_due()

    def _situation(self, caller: str = "") -> Situation:
        engine, seats = self._house.engine, self._house.floor.count()
        is_ours = bool(caller) and self._house.guests.is_on_line(caller)
        return Situation(
            free=seats.home_free + seats.cloud_free,
            waiting=len(engine.hotline.line),
            level=engine.surge.level,
            is_paused=self._way.is_paused,
            is_ours=is_ours,
        )

    def _decide(self, message: partner.OfferMade, now: Instant) -> None:
        self.counts["asked"] += 1
        reason = self.aid.decide(message, self._situation(message.caller), now)
        if reason is None:
            self.counts["accepted"] += 1
            return
        self.counts[f"declined:{reason}"] += 1
        self._house.publish(partner.OfferDeclined(message.record, reason.value))
        raise UsageError(REASONS[reason], code=reason.value)

    def _redeem(self, message: partner.TokenShown, now: Instant) -> None:
        if not self.aid.redeem(message.token, message.contact_id, now):
            raise UsageError("no offer was accepted with this token, or it is too old", code="bad_token")
        self.counts["arrived"] += 1

    def _ring(self, message: calls.CallOffered, now: Instant) -> None:
        if ward := self.aid.ward(message.contact_id):
            ward.has_seat = True

    def _answer(self, message: calls.CallAnswered, now: Instant) -> None:
        if ward := self.aid.ward(message.contact_id):
            ward.has_seat = True
            self.counts["answered"] += 1

    def _ring_out(self, message: calls.OfferTimedOut, now: Instant) -> None:
        if ward := self.aid.ward(message.contact_id):
            ward.has_seat = False

    def _end(self, message: calls.CallEnded, now: Instant) -> None:
        self.aid.leave(message.contact_id)

    def _give_back_by_hand(self, message: partner.GiveBackAsked, now: Instant) -> None:
        if self.aid.ward(message.contact_id) is None:
            raise UsageError("this is no caller of the partner city", code="unknown_contact")
        self._give_back(message.contact_id)

    def _give_back(self, contact_id: ContactId) -> None:
        contact = self._house.contacts.get(contact_id)
        if contact is not None:
            self.counts["given_back"] += 1
            self._house.say(partner.GiveBack(contact_id, contact.channel))

    def _compare_with(self, message: link.LinkRestored, now: Instant) -> None:
        """Who was here before a restart is a ward again; Asterisk's word tells who has a seat."""
        alive = {call.contact_id: call for call in message.snapshot.calls}
        self.aid.keep(frozenset(alive))
        for contact_id, call in alive.items():
            contact = self._house.contacts.get(contact_id)
            if contact is None or not contact.is_aid:
                continue
            self.aid.find(contact_id, now)
            if ward := self.aid.ward(contact_id):
                ward.has_seat = ward.has_seat or call.seat_id is not None


REASONS = {
    Reason.PAUSED: "mutual aid is paused here",
    Reason.LOOP: "this caller was handed on before, or is our own",
    Reason.SURGE: "we have a surge ourselves",
    Reason.LINE: "our own citizens wait",
    Reason.FULL: "we help as many as agreed",
    Reason.RESERVE: "the free seats are kept for our own citizens",
}
"""What the partner is told."""
