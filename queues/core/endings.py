"""How calls end: by a talk that counts or not, by a message, by giving up; also when only the books tell of it later.

Invariant: who asked for a person and hung up without one is on the missed list; a promise is kept only by a talk.
"""

from datetime import UTC, datetime, timedelta

from callcenter.core.clock import Instant
from callcenter.core.ids import ContactId
from callcenter.core.messages import callbacks, calls
from callcenter.core.messages.calls import Outcome
from queues.core import dialogue as d
from queues.core.dials import SERVED_S
from queues.core.guests import Guest, Phase
from queues.core.house import Handlers, House

OWED_FOR = timedelta(days=1)
"""Whose call in vain comes to light only now is owed one if it was today or the day before."""
LOST_OUTCOMES = frozenset({Outcome.ABANDONED, Outcome.LOST, Outcome.LOST_EARLY, Outcome.BLOCKED})


class Endings:
    """Sees every caller off."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._owed_since = datetime.max.replace(tzinfo=UTC)
        """Who called before and met nobody is forgotten."""
        self.handlers: Handlers = {calls.CallEnded: self._end, calls.ContactSettled: self._settle}

    def begin_day(self, began_at: datetime, is_new: bool) -> None:
        """A day was planned."""
        self._owed_since = began_at - OWED_FOR
        if is_new:
            self._house.forget_served(self._owed_since)

    def _end(self, message: calls.CallEnded, now: Instant) -> None:
        guest = self._house.guests.see_off(message.contact_id)
        if guest is None:
            return
        self._house.floor.forget(guest.key)
        if guest.is_found and guest.answered_at is not None:
            self._house.leave_to_books(guest.number, now)
            self._house.tell(d.CallerLeft(guest.key), now)
        elif guest.answered_at is not None:
            self._house.tell(d.CallerLeft(guest.key), now)
            caller, talk_s = guest.number or guest.key, now - guest.answered_at
            self._judge_talk(caller, talk_s, guest.contact_id, message.at, now)
        elif guest.phase is Phase.LEAVING:
            self._see_off(guest, now)
        elif guest.phase is Phase.GREETED:
            self._house.tell(d.CallerLeft(guest.key), now)
        else:
            self._miss(guest, now)

    def _see_off(self, guest: Guest, now: Instant) -> None:
        if guest.leaves_message and self._house.may_call(guest):
            self._house.tell(d.MessageLeft(guest.key), now)
        else:
            self._house.tell(d.CallerLeft(guest.key), now)

    def _miss(self, guest: Guest, now: Instant) -> None:
        """He asked for a person and hung up without one, whatever came before."""
        self._house.reopen(guest.key, now)
        self._house.tell(d.CallerGaveUp(guest.key), now)
        if not guest.is_found:
            self._list_missed(guest.contact_id, guest.number, now)

    def _list_missed(self, contact_id: ContactId, number: str, now: Instant) -> None:
        """Onto the list, and owed a call where one is possible; what he is owed already may wait for the books."""
        self._house.say(callbacks.NoteMissed(contact_id, number))
        if self._house.owed.is_answering(number):
            return
        if number and self._house.rules.can_be_called(number):
            self._house.last_contact[number] = contact_id
            self._house.tell(d.CallerBlocked(number, can_be_called=True), now)
            if self._house.owed.get(number) is None:
                self._owe_tomorrow(contact_id, number, now)

    def _owe_tomorrow(self, contact_id: ContactId, number: str, now: Instant) -> None:
        """All tries of today are used up: he is called when the next day's hours begin."""
        plan = self._house.engine.hotline.outlook.plan
        promise = d.Promise(number, d.Ground.MISSED, now, plan.ends + plan.callback_from_s)
        self._house.say(self._house.owed.keep(promise, contact_id))
        self._house.tell(d.PromisesRestored((promise,)), now)

    def _judge_talk(
        self, caller: str, talk_s: float, contact_id: ContactId, at: datetime, now: Instant
    ) -> None:
        """A talk closes what was owed to the number, if it was long enough to be one. ``at``: its end."""
        if talk_s < SERVED_S:
            self._house.owe_again(caller, now)
            return
        self._house.serve(caller, at)
        self._house.tell(d.CitizenServed(caller), now)
        if closed := self._house.owed.close(caller, "answered", contact_id):
            self._house.say(closed)

    def _settle(self, message: calls.ContactSettled, now: Instant) -> None:
        """How an inbound contact ended that nobody watched."""
        is_inbound = not (callbacks.is_callback(message.contact_id) or message.is_aid)
        if not is_inbound or message.arrived_at < self._owed_since:
            return
        if message.outcome is Outcome.ANSWERED and message.answered_at:
            talk_s = (message.ended_at - message.answered_at).total_seconds()
            self._judge_talk(message.caller, talk_s, message.contact_id, message.ended_at, now)
            return
        self._house.owe_again(message.caller, now)
        if self._is_served_since(message):
            return
        if message.outcome in LOST_OUTCOMES:
            self._list_missed(message.contact_id, message.caller, now)
        elif message.outcome is Outcome.MESSAGE and self._house.rules.can_be_called(message.caller):
            self._house.last_contact[message.caller] = message.contact_id
            self._house.tell(d.CallerArrived(message.caller, can_be_called=True), now)
            self._house.tell(d.MessageLeft(message.caller), now)

    def _is_served_since(self, message: calls.ContactSettled) -> bool:
        served_at = self._house.served_at.get(message.caller)
        return bool(message.caller) and served_at is not None and served_at >= message.ended_at
