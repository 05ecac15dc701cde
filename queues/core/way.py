"""The way of a caller: greeting, questions, the line, a seat, or a promise; and what the telephone says about it.

Asterisk's queue connects callers with seats by itself. What the engine decides about that is an expectation here; what the
telephone then does is the truth that corrects it.
Invariants: everybody in a session has a next step; who asked for a person and hung up without one is on the missed list;
a range that was announced never grows.
"""

from datetime import UTC, datetime, timedelta

from callcenter.core.clock import Instant, after
from callcenter.core.contacts import FOUND
from callcenter.core.errors import UsageError
from callcenter.core.ids import ContactId
from callcenter.core.messages import callbacks, calls, flows, link, offers
from callcenter.core.messages.base import Effect
from callcenter.core.messages.calls import Outcome
from callcenter.core.messages.flows import Exit
from callcenter.core.messages.offers import Farewell, Question
from queues.core import dialogue as d
from queues.core.dials import SERVED_S
from queues.core.estimate import announced_range
from queues.core.guests import Guest, Phase
from queues.core.house import Handlers, House, Orders

URGENT_PRIORITY = 50
HEAD_PRIORITY = 90
"""Of one who was taken out of the line and comes back to nothing: he is next."""
URGENT_KEY, PERSON_KEY = "9", "0"
OWED_FOR = timedelta(days=1)
"""Whose call in vain comes to light only now is owed one if it was today or the day before."""
CONNECT_S = 3.0
"""How long the telephone's queue may take to ring the phone of a seat that is free."""

QUESTIONS = {
    d.Offer.CALLBACK: Question.CALLBACK,
    d.Offer.CALLBACK_WAITING: Question.CALLBACK_WAITING,
    d.Offer.MESSAGE: Question.MESSAGE,
}
OFFERS = {question: offer for offer, question in QUESTIONS.items()} | {Question.STATUS: d.Offer.STATUS}
IN_SESSION = frozenset({Phase.GREETED, Phase.ASKED})
IN_QUEUE = frozenset({Phase.LINE, Phase.RINGING})
ELSEWHERE = frozenset({Exit.MESSAGE, Exit.TRANSFER, Exit.RESOLVED, Exit.GOODBYE})
"""Ends of a walk that lead to no person: the session itself takes him there."""
LOST_OUTCOMES = frozenset({Outcome.ABANDONED, Outcome.LOST, Outcome.LOST_EARLY, Outcome.BLOCKED})


class CallerWay:
    """Leads every caller."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._announced: dict[str, tuple[int, int]] = {}
        """The last range told to each citizen: the next one is no wider and no later."""
        self._owed_since = datetime.max.replace(tzinfo=UTC)
        """Who called before and met nobody is forgotten."""
        self.handlers: Handlers = {
            calls.CallArrived: self._arrive,
            calls.PromptEnded: self._hear_greeting_end,
            calls.SessionLost: self._lose_session,
            calls.CallQueued: self._queue,
            calls.CallOffered: self._ring,
            calls.OfferTimedOut: self._ring_out,
            calls.CallAnswered: self._answer,
            calls.CallEnded: self._end,
            calls.ContactSettled: self._settle,
            offers.Replied: self._hear_reply,
            flows.WalkEnded: self._hear_walk_end,
            offers.SessionResumed: self._resume,
            offers.WithdrawalFailed: self._stay,
            offers.PriorityAsked: self._prioritize,
            link.LinkRestored: self._compare_with,
        }
        self.orders: Orders = {
            d.TellStatus: self._tell_status,
            d.PlayMenus: self._play_notice,
            d.MakeOffer: self._offer,
            d.LetWait: self._let_wait,
            d.Connect: self._connect,
        }

    def begin_day(self, began_at: datetime, is_new: bool) -> None:
        """A day was planned; a new one knows nobody yet."""
        self._owed_since = began_at - OWED_FOR
        if is_new:
            self._announced.clear()
            self._house.forget_served(self._owed_since)
            self._house.last_contact = {guest.key: guest.contact_id for guest in self._house.guests}

    def on_deadline(self, now: Instant) -> None:
        """A phone did not ring as expected."""
        for key in self._house.floor.overdue(now):
            self._expect_no_more(key, now)

    def _arrive(self, message: calls.CallArrived, now: Instant) -> None:
        guest = self._house.guests.receive(message.contact_id, message.caller, message.channel)
        self._house.last_contact[guest.key] = message.contact_id
        self._house.tell(d.CallerArrived(guest.key, self._may_call(guest)), now)

    def _hear_greeting_end(self, message: calls.PromptEnded, now: Instant) -> None:
        guest = self._house.guests.get(message.contact_id)
        if guest is None or guest.phase is not Phase.GREETED:
            return
        guest.phase, guest.awaits = Phase.ASKED, False
        guest.urgent, guest.insists = message.key == URGENT_KEY, message.key == PERSON_KEY
        guest.queue = message.queue
        self._house.tell(d.GreetingEnded(guest.key, guest.urgent), now)
        self._lead_on(guest, now)

    def _hear_reply(self, message: offers.Replied, now: Instant) -> None:
        guest = self._house.guests.get(message.contact_id)
        if guest is None or guest.phase is not Phase.ASKED:
            return
        guest.awaits = False
        if message.question is Question.NOTICE:
            self._house.tell(d.MenusEnded(guest.key), now)
        elif message.question is not Question.PRECOLLECT:
            self._house.tell(d.OfferAnswered(guest.key, OFFERS[message.question], message.accepted), now)
            if message.accepted:
                self._accept(guest, message.question, now)
            elif message.question is Question.CALLBACK_WAITING:
                self._enqueue(guest, now)
        self._lead_on(guest, now)

    def _hear_walk_end(self, message: flows.WalkEnded, now: Instant) -> None:
        """By key he chose something better than the line; his place in it, if he had one, is free."""
        guest = self._house.guests.get(message.contact_id)
        if guest is None or message.exit not in ELSEWHERE or guest.phase not in IN_SESSION:
            return
        guest.phase, guest.leaves_message = Phase.LEAVING, message.exit is Exit.MESSAGE
        self._house.note(d.CallerTaken(guest.key), now)
        if message.exit is Exit.RESOLVED:
            self._house.note(d.SelfResolved(guest.key), now)
        self._house.tell(None, now)

    def _accept(self, guest: Guest, question: Question, now: Instant) -> None:
        if question is Question.MESSAGE:
            guest.leaves_message = True
            self._leave(guest, offers.TakeMessage(guest.contact_id))
        elif question is Question.STATUS:
            self._leave(guest, offers.SendOff(guest.contact_id, Farewell.CALLBACK_STAYS))
        else:
            self._house.tell(d.CallbackPromised(guest.key), now)
            self._leave(guest, offers.SendOff(guest.contact_id, Farewell.CALLBACK_PROMISED))

    def _leave(self, guest: Guest, last: Effect) -> None:
        guest.phase = Phase.LEAVING
        self._house.say(last)

    def _lead_on(self, guest: Guest, now: Instant) -> None:
        """Nobody stays in a session without a next step: the line is always one."""
        if guest.phase is Phase.ASKED and not guest.awaits:
            self._enqueue(guest, now)

    def _enqueue(self, guest: Guest, now: Instant) -> None:
        """Into the line, at the place that the engine keeps for him."""
        line = self._house.engine.hotline.line
        if guest.key not in line and not self._house.floor.expects(guest.key):
            self._house.note(d.CallerStillWaits(guest.key, guest.urgent, 0.0), now)
        position = self._position(guest)
        guest.phase, guest.queue, guest.since = Phase.LINE, guest.queue or self._house.rules.queue, now
        priority = URGENT_PRIORITY if guest.urgent else 0
        self._house.say(calls.Enqueue(guest.contact_id, guest.queue, priority, position))

    def _position(self, guest: Guest) -> int:
        """His place among those who stand in the telephone's queue now, from 1; 0: behind all of them."""
        place_of = self._house.engine.hotline.line.position
        mine = place_of(guest.key)
        others = [other for other in self._house.guests if other is not guest and other.phase in IN_QUEUE]
        ahead = sum(place_of(other.key) < mine for other in others)
        return 0 if ahead == len(others) else ahead + 1

    def _lose_session(self, message: calls.SessionLost, now: Instant) -> None:
        """The dialplan takes him to the line, unless he hung up: either is told."""
        guest = self._house.guests.get(message.contact_id)
        if guest is not None:
            guest.awaits = True

    def _queue(self, message: calls.CallQueued, now: Instant) -> None:
        guest = self._house.guests.get(message.contact_id)
        if guest is None:
            return
        guest.phase, guest.queue, guest.since = Phase.LINE, message.queue, now
        _note_broken_talk(guest)
        if not self._house.floor.expects(guest.key):
            self._house.note(d.CallerStillWaits(guest.key, guest.urgent, 0.0), now)

    def _ring(self, message: calls.CallOffered, now: Instant) -> None:
        guest = self._house.guests.get(message.contact_id)
        if guest is not None:
            self._take(guest, now)

    def _take(self, guest: Guest, now: Instant) -> None:
        guest.phase = Phase.RINGING
        self._house.floor.forget(guest.key)
        self._house.note(d.CallerTaken(guest.key), now)

    def _ring_out(self, message: calls.OfferTimedOut, now: Instant) -> None:
        guest = self._house.guests.get(message.contact_id)
        if guest is not None and guest.phase is Phase.RINGING:
            guest.phase = Phase.LINE
            _note_broken_talk(guest)
            self._house.note(d.CallerStillWaits(guest.key, guest.urgent, now - guest.since), now)

    def _answer(self, message: calls.CallAnswered, now: Instant) -> None:
        guest = self._house.guests.get(message.contact_id)
        if guest is None:
            return
        guest.phase, guest.seat_id, guest.answered_at = Phase.TALKING, message.seat_id, now
        self._house.floor.forget(guest.key)
        self._house.floor.begin_work(message.seat_id, guest.key, now)
        self._house.tell(d.CallerTaken(guest.key), now)

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
        if guest.leaves_message and self._may_call(guest):
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

    def _may_call(self, guest: Guest) -> bool:
        return guest.key == guest.number and self._house.rules.can_be_called(guest.number)

    def _tell_status(self, effect: d.TellStatus, now: Instant) -> None:
        self._ask(effect.caller, d.Offer.STATUS, Question.STATUS, now)

    def _offer(self, effect: d.MakeOffer, now: Instant) -> None:
        guest = self._house.guests.of(effect.caller)
        if effect.offer is not d.Offer.CALLBACK_WAITING:
            self._ask(effect.caller, effect.offer, QUESTIONS[effect.offer], now)
        elif guest is not None and guest.phase is Phase.LINE and guest.queue and not guest.insists:
            guest.phase = Phase.WITHDRAWN
            self._house.say(offers.Withdraw(guest.contact_id, guest.channel, guest.queue))
        else:
            self._house.engine.receive(d.OfferAnswered(effect.caller, effect.offer, False), now)

    def _ask(self, caller: str, offer: d.Offer, question: Question, now: Instant) -> None:
        guest = self._house.guests.of(caller)
        if guest is None or guest.insists or guest.phase is not Phase.ASKED:
            self._house.engine.receive(d.OfferAnswered(caller, offer, False), now)
            return
        guest.awaits = True
        low_s, high_s = self._range(guest, now)
        place, due_s = self._turn(guest, now) if question is Question.STATUS else (0, 0)
        self._house.say(offers.Ask(guest.contact_id, question, low_s, high_s, place, due_s))

    def _turn(self, guest: Guest, now: Instant) -> tuple[int, int]:
        """His place among those who are owed a call, and by when he has it; nothing where there is no room for all today."""
        hotline = self._house.engine.hotline
        plan = hotline.outlook.plan
        if not plan.allows_dials(now) or not hotline.fits_callback(now):
            return 0, 0
        return hotline.book.turn(guest.key), int(plan.callback_to_s)

    def _play_notice(self, effect: d.PlayMenus, now: Instant) -> None:
        guest = self._house.guests.of(effect.caller)
        is_said = self._house.engine.surge.profile.announces_topic
        if guest is None or guest.insists or not is_said:
            self._house.engine.receive(d.MenusEnded(effect.caller), now)
            return
        guest.awaits = True
        self._house.say(offers.Ask(guest.contact_id, Question.NOTICE))

    def _let_wait(self, effect: d.LetWait, now: Instant) -> None:
        guest = self._house.guests.of(effect.caller)
        if guest is None or guest.phase is not Phase.ASKED:
            return
        low_s, high_s = self._never_later(guest.key, effect.low_s, effect.high_s)
        self._house.say(offers.KeepEstimate(guest.contact_id, low_s, high_s, effect.expected_s))
        if self._is_invited(guest, high_s):
            guest.was_invited, guest.awaits, guest.since = True, True, now
            self._house.say(offers.Ask(guest.contact_id, Question.PRECOLLECT, low_s, high_s))
        else:
            place = self._house.engine.hotline.line.position(guest.key)
            self._house.say(offers.TellWait(guest.contact_id, low_s, high_s, place))
            self._enqueue(guest, now)

    def _is_invited(self, guest: Guest, high_s: int) -> bool:
        """Whether he is asked, once, to state his matter while he waits: he has his place in the line already."""
        from_s = self._house.rules.statement_from_s
        is_reluctant = guest.insists or guest.urgent or guest.was_invited
        return 0 < from_s <= high_s and not is_reluctant

    def _range(self, guest: Guest, now: Instant) -> tuple[int, int]:
        """The wait to name with an offer."""
        rules, hotline = self._house.engine.hotline.settings, self._house.engine.hotline
        expected = hotline.expected_s(guest.key, guest.urgent, now)
        return self._never_later(guest.key, *announced_range(expected, rules.range_slack_s, rules.range_lean))

    def _never_later(self, key: str, low_s: int, high_s: int) -> tuple[int, int]:
        """A range that never grows while a citizen tries to reach us."""
        known_low, known_high = self._announced.get(key, (low_s, high_s))
        told = min(low_s, known_low), min(high_s, known_high)
        self._announced[key] = told
        return told

    def _connect(self, effect: d.Connect, now: Instant) -> None:
        """The queue connects by itself; who is not in it yet is sent there."""
        self._house.floor.expect(effect.caller, after(now, CONNECT_S))
        guest = self._house.guests.of(effect.caller)
        if guest is not None and guest.phase is Phase.ASKED and not guest.awaits:
            self._enqueue(guest, now)

    def _expect_no_more(self, key: str, now: Instant) -> None:
        """He still waits: in the telephone's line, or while he states his matter."""
        guest = self._house.guests.of(key)
        if guest is not None and (guest.phase is Phase.LINE or _keeps_place(guest)):
            self._house.note(d.CallerStillWaits(key, guest.urgent, now - guest.since), now)

    def _resume(self, message: offers.SessionResumed, now: Instant) -> None:
        """Out of the line, in a session: he is asked, unless a seat is free for him by now."""
        guest = self._house.guests.get(message.contact_id)
        if guest is not None and guest.phase is Phase.HANDED:
            return  # to the partner city
        if guest is None or guest.phase is not Phase.WITHDRAWN:
            self._house.say(calls.Enqueue(message.contact_id, self._house.rules.queue, HEAD_PRIORITY))
            return
        guest.phase, guest.awaits = Phase.ASKED, False
        if guest.key in self._house.engine.hotline.line:
            self._ask(guest.key, d.Offer.CALLBACK_WAITING, Question.CALLBACK_WAITING, now)
        self._lead_on(guest, now)

    def _stay(self, message: offers.WithdrawalFailed, now: Instant) -> None:
        guest = self._house.guests.get(message.contact_id)
        if guest is not None and guest.phase is Phase.WITHDRAWN:
            guest.phase = Phase.LINE
            self._house.tell(d.OfferAnswered(guest.key, d.Offer.CALLBACK_WAITING, False), now)

    def _prioritize(self, message: offers.PriorityAsked, now: Instant) -> None:
        guest = self._house.guests.get(message.contact_id)
        if guest is None or guest.key not in self._house.engine.hotline.line:
            raise UsageError("this caller does not wait in the line", code="not_waiting")
        guest.urgent = message.urgent
        self._house.note(d.CallerTaken(guest.key), now)
        self._house.note(d.CallerStillWaits(guest.key, message.urgent, now - guest.since), now)
        if (
            guest.phase is Phase.LINE and guest.queue
        ):  # else he is being asked something, and comes back to his new place
            priority = URGENT_PRIORITY if message.urgent else 0
            self._house.say(offers.Reprioritize(guest.contact_id, guest.channel, guest.queue, priority))

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
                self._take(guest, now)

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
            self._house.note(d.CallerArrived(guest.key, self._may_call(guest)), now)
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


def _keeps_place(guest: Guest) -> bool:
    """Whether he who is asked something stands in the line meanwhile."""
    return guest.was_invited and guest.phase is Phase.ASKED and guest.awaits


def _note_broken_talk(guest: Guest) -> None:
    """Who waits and was answered already: his talk broke, and the dialplan puts him first."""
    if guest.answered_at is not None:
        guest.answered_at, guest.urgent = None, True
