"""The way of a caller: greeting, questions, the line, a seat, or a promise; how it ends, :mod:`queues.core.endings` sees.

Asterisk's queue connects callers with seats by itself. What the engine decides about that is an expectation here; what the
telephone then does is the truth that corrects it.
Invariants: everybody in a session has a next step; a range that was announced never grows.
"""

from callcenter.core.clock import Instant, after
from callcenter.core.errors import UsageError
from callcenter.core.messages import calls, flows, offers
from callcenter.core.messages.base import Effect
from callcenter.core.messages.flows import Exit
from callcenter.core.messages.offers import Farewell, Question
from queues.core import dialogue as d
from queues.core.estimate import announced_range
from queues.core.guests import URGENT_PRIORITY, Guest, Phase
from queues.core.house import Handlers, House, Orders

HEAD_PRIORITY = 90
"""Of one who was taken out of the line and comes back to nothing: he is next."""
URGENT_KEY, PERSON_KEY = "9", "0"
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


class CallerWay:
    """Leads every caller."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._announced: dict[str, tuple[int, int]] = {}
        """The last range told to each citizen: the next one is no wider and no later."""
        self.handlers: Handlers = {
            calls.CallArrived: self._arrive,
            calls.PromptEnded: self._hear_greeting_end,
            calls.SessionLost: self._lose_session,
            calls.CallQueued: self._queue,
            calls.CallOffered: self._ring,
            calls.OfferTimedOut: self._ring_out,
            calls.CallAnswered: self._answer,
            offers.Replied: self._hear_reply,
            flows.WalkEnded: self._hear_walk_end,
            offers.SessionResumed: self._resume,
            offers.WithdrawalFailed: self._stay,
            offers.PriorityAsked: self._prioritize,
        }
        self.orders: Orders = {
            d.TellStatus: self._tell_status,
            d.PlayMenus: self._play_notice,
            d.MakeOffer: self._offer,
            d.LetWait: self._let_wait,
            d.Connect: self._connect,
        }

    def begin_day(self) -> None:
        """A new day knows nobody yet but who is on the line."""
        self._announced.clear()
        self._house.last_contact = {guest.key: guest.contact_id for guest in self._house.guests}

    def on_deadline(self, now: Instant) -> None:
        """A phone did not ring as expected."""
        for key in self._house.floor.overdue(now):
            self._expect_no_more(key, now)

    def _arrive(self, message: calls.CallArrived, now: Instant) -> None:
        guest = self._house.guests.receive(message.contact_id, message.caller, message.channel)
        self._house.last_contact[guest.key] = message.contact_id
        self._house.tell(d.CallerArrived(guest.key, self._house.may_call(guest)), now)

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
            self._house.ring(guest, now)

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


def _keeps_place(guest: Guest) -> bool:
    """Whether he who is asked something stands in the line meanwhile."""
    return guest.was_invited and guest.phase is Phase.ASKED and guest.awaits


def _note_broken_talk(guest: Guest) -> None:
    """Who waits and was answered already: his talk broke, and the dialplan puts him first."""
    if guest.answered_at is not None:
        guest.answered_at, guest.urgent = None, True
