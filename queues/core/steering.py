"""Steers the live hotline: what happens on the telephone becomes the engine's words, its decisions become the house's.

The counterpart of ``callcenter/sim/driver.py``: callers are led by ``way.py``, seen off by ``endings.py``, found after a gap by
``found_callers.py`` and woken by ``waker.py``; call-backs are made by ``dialing.py``, levels switched by ``levels.py``;
``partner.py`` hands callers to the partner city, ``partner_aid.py`` helps its callers. What they share is in ``house.py``.
Invariant: a promise is written down before it is spoken of or acted on, and kept only by a talk.
"""

from callcenter.core.clock import Instant, after
from callcenter.core.contacts import Contacts
from callcenter.core.errors import UsageError
from callcenter.core.ids import ContactId, SeatId
from callcenter.core.messages import callbacks, seats, surge
from callcenter.core.messages.base import Effect, Message
from callcenter.core.messages.house import RulesTold
from callcenter.core.messages.seats import SeatState
from queues.core import dialogue as d
from queues.core.dialing import Dialing
from queues.core.endings import Endings
from queues.core.engine import HotlineEngine
from queues.core.found_callers import FoundCallers
from queues.core.house import Handler, Handlers, House, SteeringRules
from queues.core.levels import Levels, Overview
from queues.core.mutual_aid import AidRules
from queues.core.partner import PartnerWay
from queues.core.partner_aid import AidWay
from queues.core.seats import Seats
from queues.core.waker import Waker
from queues.core.way import CallerWay

BY_HAND = "by_hand"
"""Why a promise was closed that a shift manager closed."""
BUSY = frozenset({SeatState.TALKING, SeatState.WRAP_UP})
ALONE = AidRules(reserve_seats=0, help_max=0)
"""Of a house without a partner city."""


class Steering:
    """The engine of the live hotline. ``seats`` and ``contacts`` hear every message before this does."""

    def __init__(
        self, engine: HotlineEngine, seats_: Seats, contacts: Contacts, rules: SteeringRules
    ) -> None:
        self._house = house = House(engine, seats_, contacts, rules)
        self._way, self._dialing, self._levels = CallerWay(house), Dialing(house), Levels(engine)
        self._endings = Endings(house)
        self.partner = PartnerWay(house, rules.aid is not None, (rules.aid or ALONE).rest_s)
        self.aid = AidWay(house, self.partner, rules.aid or ALONE)
        house.orders = {
            **self._way.orders,
            **self.partner.orders,
            **self._dialing.orders,
            d.InviteCloudSeats: self._want_cloud_seats,
            d.SwitchLevel: self._switch_level,
            d.SavePromise: self._save_promise,
            d.ClosePromise: self._close_promise,
        }
        own: Handlers = {
            seats.SeatStateChanged: self._watch_seat,
            callbacks.OwedRestored: self._restore,
            callbacks.MessageReviewed: self._review,
            callbacks.CloseAsked: self._close_by_hand,
            callbacks.PostponeAsked: self._postpone,
            surge.DayPlanned: self._plan,
            surge.LevelAsked: self._ask_level,
            RulesTold: self._change_rules,
        }
        self._handlers: dict[type[Message], list[Handler]] = {}
        callers = (self._way.handlers, self._endings.handlers, FoundCallers(house).handlers)
        mutual = (self.partner.handlers, self.aid.handlers)
        for table in (self._dialing.handlers, *callers, *mutual, Waker(house).handlers, own):
            for kind, handle in table.items():
                self._handlers.setdefault(kind, []).append(handle)

    def receive(self, message: Message, now: Instant) -> None:
        """See :class:`callcenter.core.engine.Engine`.

        Raises:
            UsageError: a request about somebody who does not wait, or a level that does not exist.
        """
        for handle in self._handlers.get(type(message), ()):
            handle(message, now)
        self._house.tell(None, now)

    def on_deadline(self, now: Instant) -> None:
        """The engine's deadline, a call-back that hangs, or a phone that did not ring as expected."""
        self._dialing.on_deadline(now)
        self._way.on_deadline(now)
        self.partner.on_deadline(now)
        self.aid.on_deadline(now)
        self._house.tell(None, now)

    def next_deadline(self) -> Instant | None:
        """The first of them."""
        house = self._house
        due = (
            house.engine.next_deadline(),
            house.dials.next_due(),
            house.floor.next_due(),
            self.partner.next_due(),
            self.aid.next_due(),
        )
        return min((instant for instant in due if instant is not None), default=None)

    def take_effects(self) -> list[Effect]:
        """See :class:`callcenter.core.engine.Engine`."""
        return self._house.take_effects()

    def claim(self, seat_id: SeatId, now: Instant) -> bool:
        """A seat's after-call work is over: whether it makes a call-back before it becomes ready."""
        self._house.floor.freed = seat_id
        self._house.tell(None, now)
        self._house.floor.freed = None
        return self._dialing.has_claimed(seat_id)

    @property
    def engine(self) -> HotlineEngine:
        """Who decides for the whole hotline; only to be read, for whoever looks ahead from it."""
        return self._house.engine

    def asks_survey(self) -> bool:
        """Whether the level in force has citizens asked how satisfied they are."""
        return self._house.engine.surge.profile.asks_survey

    def overview(self, now: Instant) -> Overview:
        """The hotline at a glance."""
        return self._levels.overview(now)

    def _watch_seat(self, message: seats.SeatStateChanged, now: Instant) -> None:
        """After-call work is over: what a talk costs in all is learned."""
        if message.old not in BUSY or message.new in BUSY:
            return
        work = self._house.floor.end_work(message.seat_id)
        if work is not None:
            caller, began = work
            is_back = self._house.guests.of(caller) is not None
            at_cloud = message.seat_id in self._house.rules.cloud
            self._house.tell(d.TalkHandled(caller, max(1.0, now - began), at_cloud, not is_back), now)

    def _restore(self, message: callbacks.OwedRestored, now: Instant) -> None:
        """A last try that was written down and left no call-back was never begun: it is given back."""
        promises = self._house.owed.restore(message.owed)
        self._house.note(d.PromisesRestored(promises, message.unreached), now)
        for promise in filter(self._house.has_no_try_left, promises):
            self._house.note(d.DialGivenBack(promise.caller), now)

    def _review(self, message: callbacks.MessageReviewed, now: Instant) -> None:
        owed = next(
            (o for o in self._house.owed if message.contact_id == o.origin and o.ground == "message"), None
        )
        if owed is None:
            raise UsageError("no message of this contact waits for a review", code="no_message")
        work_s = self._house.engine.hotline.knowledge.review.value
        self._house.last_contact[owed.caller] = owed.origin
        self._house.tell(d.MessageReviewed(owed.caller, message.needs_call, work_s), now)

    def _close_by_hand(self, message: callbacks.CloseAsked, now: Instant) -> None:
        """What the engine does not know is open as well: a number that only people may call."""
        self._require_not_worked_on(message.contact_id, message.caller)
        self._house.owed.close(message.caller, BY_HAND, message.contact_id)
        self._house.say(callbacks.CloseOwed(message.caller, BY_HAND, message.contact_id))
        self._house.tell(d.PromiseWithdrawn(message.caller), now)

    def _postpone(self, message: callbacks.PostponeAsked, now: Instant) -> None:
        self._require_not_worked_on(message.contact_id, message.caller)
        if message.caller not in self._house.engine.hotline.book:
            raise UsageError("no call-back of ours is planned for this contact", code="wrong_callback_state")
        self._house.tell(d.PromisePostponed(message.caller, after(now, message.delay_s)), now)

    def _require_not_worked_on(self, origin: ContactId, caller: str) -> None:
        """Nobody closes or puts off what is being kept this moment, or what has been replaced since he looked."""
        owed = self._house.owed.get(caller)
        is_another = owed is not None and owed.origin != origin
        if is_another or self._house.dials.to(caller) is not None or self._house.owed.is_answering(caller):
            raise UsageError(
                f"somebody works on what is owed for {origin} right now: look again in a moment",
                code="wrong_callback_state",
            )

    def _save_promise(self, effect: d.SavePromise, now: Instant) -> None:
        caller = effect.promise.caller
        known = self._house.owed.get(caller)
        led_to = self._house.last_contact.get(caller) or (known.origin if known else None)
        if led_to is not None:
            self._house.say(self._house.owed.keep(effect.promise, led_to))

    def _close_promise(self, effect: d.ClosePromise, now: Instant) -> None:
        """Who is only about to be answered stays owed until he talked."""
        if effect.why == "answered":
            self._house.owed.answer(effect.caller)
            return
        led_to = self._house.last_contact.get(effect.caller, ContactId(""))
        if closed := self._house.owed.close(effect.caller, effect.why, led_to):
            self._house.say(closed)

    def _plan(self, message: surge.DayPlanned, now: Instant) -> None:
        self._endings.begin_day(message.began_at, message.is_new_day)
        if message.is_new_day:
            self._way.begin_day()
        self._house.tell(message, now)

    def _change_rules(self, message: RulesTold, now: Instant) -> None:
        self._house.tell(message, now)

    def _ask_level(self, message: surge.LevelAsked, now: Instant) -> None:
        self._house.publish(self._levels.ask(message, now))

    def _switch_level(self, effect: d.SwitchLevel, now: Instant) -> None:
        self._house.publish(self._levels.note(effect))

    def _want_cloud_seats(self, effect: d.InviteCloudSeats, now: Instant) -> None:
        self._house.publish(surge.CloudSeatsWanted(effect.seats))
