"""Call-backs on the live line: the agent first, on a seat that is his alone, then the citizen.

Invariants: no seat gets a call-back before it is paused for it; a seat that is paused for a call-back nobody makes is
resumed; every call-back is judged once, by ``Dial.result``.
"""

from datetime import datetime

from callcenter.core.clock import Instant
from callcenter.core.ids import ContactId, SeatId
from callcenter.core.messages import callbacks, calls, link, seats
from callcenter.core.messages.base import Message
from callcenter.core.messages.seats import SeatState
from queues.core import dialogue as d
from queues.core.dials import SERVED_S, Dial, Result
from queues.core.house import Handlers, House, Orders
from queues.core.seats import CALLBACK, RANG_OUT


class Dialing:
    """Makes call-backs."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._again: dict[ContactId, int] = {}
        """How often the present try of an origin was begun without a seat."""
        self._released: set[SeatId] = set()
        """Seats that we asked to be paused otherwise or resumed; Asterisk has not said so yet."""
        self.handlers: Handlers = {
            calls.CallOffered: self._yield_seat,
            calls.CallEnded: self._end,
            calls.ContactSettled: self._settle,
            seats.SeatPaused: self._secure,
            seats.SeatStateChanged: self._check_seat,
            callbacks.CallbackBegun: self._note_begun,
            callbacks.CallbackDialing: self._note_agent,
            callbacks.CallbackAnswered: self._join,
            callbacks.CallbackTalkEnded: self._part,
            callbacks.CallbackHeard: self._note_heard,
            link.LinkRestored: self._compare_with,
        }
        self.orders: Orders = {d.DialCitizen: self._dial}

    def on_deadline(self, now: Instant) -> None:
        """A seat was not paused in time, or no count of packets came."""
        for dial in self._house.dials.overdue(now):
            self._judge(dial, now)

    def has_claimed(self, seat_id: SeatId) -> bool:
        """Whether the seat makes a call-back, or is about to."""
        dial = self._house.dials.at(seat_id)
        return dial is not None and dial.ended_at is None

    def _dial(self, effect: d.DialCitizen, now: Instant) -> None:
        owed, seat_id = self._house.owed.get(effect.caller), self._house.floor.seat_for_dial()
        if owed is None or seat_id is None or self._is_on_phone(effect.caller):
            self._house.engine.receive(d.DialGivenBack(effect.caller), now)
            return
        contact_id = callbacks.callback_id(owed.origin, owed.tries, self._again.get(owed.origin, 0))
        self._house.dials.begin(Dial(contact_id, effect.caller, seat_id, owed.origin, now))
        self._house.say(seats.PauseSeat(seat_id, CALLBACK))

    def _is_on_phone(self, caller: str) -> bool:
        """Whether he is being called back, or calls us himself, hears a farewell still, or has a second line."""
        house = self._house
        return house.dials.to(caller) is not None or house.guests.is_on_line(caller)

    def _yield_seat(self, message: calls.CallOffered, now: Instant) -> None:
        """The line was faster than the pause."""
        dial = self._house.dials.at(message.seat_id)
        if dial is not None and dial.contact_id != message.contact_id and not dial.is_secured:
            self._give_back(dial, now)

    def _secure(self, message: seats.SeatPaused, now: Instant) -> None:
        """The seat is ours alone: no call of the line can ring it any more."""
        self._released.discard(message.seat_id)
        dial = self._house.dials.at(message.seat_id)
        is_ours = message.paused and message.reason == CALLBACK
        if dial is None:
            self._free_forgotten_seats()
        elif is_ours and not dial.is_secured:
            dial.is_secured, dial.since = True, now
            if self._is_too_late(dial):
                self._judge(dial, now)
                return
            self._house.say(callbacks.DialBack(dial.contact_id, dial.caller, dial.seat_id, dial.origin))

    def _is_too_late(self, dial: Dial) -> bool:
        """Whether seat or citizen got a call of their own, or he was served, before the seat was secured."""
        has_seat = self._house.seats.get(dial.seat_id).state is SeatState.DIALING
        owed = self._house.owed.get(dial.caller)
        is_owed = owed is not None and owed.origin == dial.origin
        return not (has_seat and is_owed) or self._house.guests.is_on_line(dial.caller)

    def _check_seat(self, message: seats.SeatStateChanged, now: Instant) -> None:
        self._free_forgotten_seats()

    def _note_begun(self, message: callbacks.CallbackBegun, now: Instant) -> None:
        if dial := self._house.dials.get(message.contact_id):
            dial.has_begun = True

    def _note_agent(self, message: callbacks.CallbackDialing, now: Instant) -> None:
        if dial := self._house.dials.get(message.contact_id):
            dial.has_agent = True

    def _join(self, message: callbacks.CallbackAnswered, now: Instant) -> None:
        if dial := self._house.dials.get(message.contact_id):
            dial.has_agent, dial.answered_at = True, dial.answered_at or now
            self._house.floor.begin_work(dial.seat_id, dial.caller, now)

    def _part(self, message: callbacks.CallbackTalkEnded, now: Instant) -> None:
        if dial := self._house.dials.get(message.contact_id):
            dial.parted_at = now

    def _note_heard(self, message: callbacks.CallbackHeard, now: Instant) -> None:
        if dial := self._house.dials.get(message.contact_id):
            dial.heard = message
            if dial.ended_at is not None:
                self._judge(dial, now)

    def _end(self, message: calls.CallEnded, now: Instant) -> None:
        dial = self._house.dials.get(message.contact_id)
        if dial is None:
            return
        if dial.is_found:
            self._house.dials.close(dial.contact_id)
            return
        dial.ended_at, dial.over_at = now, message.at
        if dial.answered_at is None or dial.heard is not None:
            self._judge(dial, now)

    def _judge(self, dial: Dial, now: Instant) -> None:
        """A call-back is over: kept, or to be tried again."""
        if dial.result is Result.NO_SEAT:
            self._give_back(dial, now)
            if dial.has_begun:
                self._release(seats.PauseSeat(dial.seat_id, RANG_OUT))
            elif dial.is_secured:
                self._release(seats.ResumeSeat(dial.seat_id))
            return
        self._house.dials.close(dial.contact_id)
        self._again.pop(dial.origin, None)
        self._report(dial.contact_id, dial.caller, dial.over_at if dial.result is Result.KEPT else None, now)
        if dial.result is Result.NO_ANSWER:
            self._release(seats.ResumeSeat(dial.seat_id))
        self._publish_end(dial)

    def _report(self, contact_id: ContactId, caller: str, served_at: datetime | None, now: Instant) -> None:
        """What a try came to. ``served_at``: its talk counts; then nothing is owed, were he being answered on the line, too."""
        self._house.last_contact[caller] = contact_id
        if served_at:
            self._house.serve(caller, served_at)
        self._house.tell(d.DialEnded(caller, reached=served_at is not None), now)
        if served_at and (closed := self._house.owed.close(caller, "kept", contact_id)):
            self._house.say(closed)

    def _publish_end(self, dial: Dial) -> None:
        contact_id, seat_id = dial.contact_id, dial.seat_id
        news: Message = callbacks.CallbackFailed(contact_id, seat_id, dial.result.value)
        if dial.result is Result.KEPT:
            news = callbacks.CallbackKept(contact_id, seat_id, dial.talk_s)
        self._house.publish(news)

    def _give_back(self, dial: Dial, now: Instant) -> None:
        """No seat took it: it was no try."""
        self._house.dials.close(dial.contact_id)
        self._again[dial.origin] = self._again.get(dial.origin, 0) + 1
        self._house.tell(d.DialGivenBack(dial.caller), now)
        failed = callbacks.CallbackFailed(dial.contact_id, dial.seat_id, Result.NO_SEAT.value)
        self._house.publish(failed)

    def _compare_with(self, message: link.LinkRestored, now: Instant) -> None:
        """What goes on is taken up; how that ended which does not any more will be told by the books."""
        calls_ = (call for call in message.snapshot.calls if not callbacks.is_survey(call.contact_id))
        alive = {c.contact_id: c for c in calls_ if callbacks.is_callback(c.contact_id)}
        for dial in self._house.dials:
            if dial.has_begun and dial.contact_id not in alive:
                self._house.dials.close(dial.contact_id)
        for call in alive.values():
            self._find(call, message.at, now)
        self._free_forgotten_seats()

    def _find(self, call: link.LiveCall, at: datetime, now: Instant) -> None:
        """A call-back that goes on since before we were here."""
        contact = self._house.contacts.get(call.contact_id)
        dial = self._house.dials.get(call.contact_id)
        if dial is None:
            if contact is None or contact.seat_id is None:
                return
            owed = self._house.owed.get(contact.caller)
            origin = owed.origin if owed else call.contact_id
            dial = Dial(
                call.contact_id, contact.caller, contact.seat_id, origin, now, is_secured=True, has_begun=True
            )
            self._house.dials.begin(dial)
        dial.has_agent = True
        if call.seat_id is not None and dial.answered_at is None:
            dial.answered_at = self._house.joined_at(call.contact_id, at, now)
            dial.is_found = contact is None or contact.answered_at is None

    def _settle(self, message: calls.ContactSettled, now: Instant) -> None:
        """How a call-back ended that nobody watched."""
        if not callbacks.is_callback(message.contact_id) or callbacks.is_survey(message.contact_id):
            return
        self._house.dials.close(message.contact_id)
        talk_s = (message.ended_at - message.answered_at).total_seconds() if message.answered_at else 0.0
        served_at = message.ended_at if talk_s >= SERVED_S else None
        if served_at is None:
            self._house.owe_again(message.caller, now)
        self._report(message.contact_id, message.caller, served_at, now)
        self._free_forgotten_seats()

    def _free_forgotten_seats(self) -> None:
        for seat in self._house.seats.all():
            is_idle = seat.state in (SeatState.DIALING, SeatState.ON_BREAK)
            is_forgotten = not self.has_claimed(seat.seat_id) and seat.seat_id not in self._released
            if is_idle and seat.reason == CALLBACK and is_forgotten:
                self._release(seats.ResumeSeat(seat.seat_id))

    def _release(self, effect: seats.PauseSeat | seats.ResumeSeat) -> None:
        self._released.add(effect.seat_id)
        self._house.say(effect)
