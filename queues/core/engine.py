"""The hotline's engine: every caller is answered, called back, heard, or known by name as still owed.

It has the shape of ``callcenter.core.engine.Engine`` and runs unchanged in production, in replay and in the simulator.
Invariants: everybody on the line has a next step; everybody in line has a deadline; every promise is in the book before
it is spoken of; no task is given without a free seat.
"""

from collections.abc import Callable
from dataclasses import replace

from callcenter.core.clock import Instant
from callcenter.core.messages.base import Effect, Message
from queues.core import dialogue as d
from queues.core.callbacks import CALLS, MESSAGES, PromiseBook
from queues.core.dispatch import Dispatcher, Task
from queues.core.estimate import announced_range, expected_wait_s, plain_wait_s
from queues.core.knowledge import ARRIVAL_WINDOW_S, Knowledge
from queues.core.outlook import Outlook
from queues.core.overflow import Help
from queues.core.routing import Line, Place
from queues.core.settings import EngineSettings
from queues.core.surge import Pressure, SurgeWatch

_COURTESY_DELAY_S = 600.0
_NOBODY = d.SeatsCounted(0, 0, 0, 0)


class HotlineEngine:
    """One hotline, one day at a time."""

    def __init__(self, settings: EngineSettings) -> None:
        self.settings = settings
        self.knowledge = Knowledge(settings.forecast)
        self.line = Line(settings.kept_place_s)
        self.book = PromiseBook(settings.callbacks)
        self.watch = SurgeWatch()
        self.outlook = Outlook(settings.plan, self.knowledge, self.book, self.line, settings)
        self.help = Help(settings)
        self._on_line: set[str] = set()
        self._dispatcher = Dispatcher(self.line, self.book, self.outlook, self._on_line)
        self._offer_ewt_s = max(settings.menu_min_ewt_s, settings.offer_ewt_s)
        self._seats = _NOBODY
        self._seen: set[str] = set()
        self._urgent: set[str] = set()
        self._callable: set[str] = set()
        self._hopeless: set[str] = set()
        self._has_sms: set[str] = set()
        self._steps: dict[str, list[Callable[[str, Instant], bool]]] = {}
        self._reminders: dict[str, Instant] = {}
        self._asked: set[str] = set()
        """Waiting callers about whom a reply is awaited, theirs or the partner's: one question at a time."""
        self._effects: list[Effect] = []
        self._handlers: dict[type[Message], Callable[..., None]] = {
            d.SeatsCounted: self._count_seats,
            d.CallerArrived: self._arrive,
            d.CallerBlocked: self._block,
            d.GreetingEnded: self._greet,
            d.MenusEnded: self._hear_menus_end,
            d.SelfResolved: self._resolve,
            d.OfferAnswered: self._hear_offer,
            d.CallbackPromised: self._promise,
            d.MessageLeft: self._take_message,
            d.CallerGaveUp: self._give_up,
            d.PartnerReplied: self._hear_partner,
            d.PartnerReady: self._partner_ready,
            d.DialEnded: self._end_dial,
            d.TalkHandled: self._end_talk,
            d.MessageReviewed: self._end_review,
            d.PromisesRestored: self._restore,
        }

    def receive(self, message: Message, now: Instant) -> None:
        """See :class:`callcenter.core.engine.Engine`."""
        handle = self._handlers.get(type(message))
        if handle is not None:
            handle(message, now)

    def on_deadline(self, now: Instant) -> None:
        """A second offer or a promise is due."""
        for caller in [c for c, due in self._reminders.items() if due <= now]:
            del self._reminders[caller]
            self._remind(caller, now)
        self.book.pass_wakes(now)
        self._dispatch(now)

    def next_deadline(self) -> Instant | None:
        """The next second offer or due promise."""
        due = self.book.next_due()
        candidates = [*self._reminders.values(), *([Instant(due)] if due is not None else [])]
        return min(candidates, default=None)

    def take_effects(self) -> list[Effect]:
        """See :class:`callcenter.core.engine.Engine`."""
        effects, self._effects = self._effects, []
        return effects

    def pressure(self, now: float) -> Pressure:
        """The figures behind the surge level."""
        arrivals = self.knowledge.recent_citizens.count(now)
        load = arrivals * self.knowledge.handling.value / (ARRIVAL_WINDOW_S * self._staffed())
        return Pressure(load, self._plain_wait_s(), len(self.line))

    def _count_seats(self, message: d.SeatsCounted, now: Instant) -> None:
        if message.cloud_staffed > self._seats.cloud_staffed and not self.outlook.cloud_until:
            self.outlook.cloud_until = now + self.settings.cloud_stay_s
        self._seats = message
        self._dispatch(now)

    def _arrive(self, message: d.CallerArrived, now: Instant) -> None:
        self._meet(message.caller, message.can_be_called, now)
        self._on_line.add(message.caller)

    def _block(self, message: d.CallerBlocked, now: Instant) -> None:
        self._meet(message.caller, message.can_be_called, now)
        self._miss(message.caller, now)

    def _meet(self, caller: str, can_be_called: bool, now: Instant) -> None:
        if can_be_called:
            self._callable.add(caller)
        if caller not in self._seen:
            self._seen.add(caller)
            self.knowledge.recent_citizens.see(now)

    def _greet(self, message: d.GreetingEnded, now: Instant) -> None:
        (self._urgent.add if message.urgent else self._urgent.discard)(message.caller)
        steps: list[Callable[[str, Instant], bool]] = [
            self._tell_status,
            self._play_menus,
            self._find_person,
            self._offer_message,
            self._offer_callback,
            self._wait,
        ]
        self._steps[message.caller] = steps
        self._proceed(message.caller, now)

    def _proceed(self, caller: str, now: Instant) -> None:
        """Take the caller's next steps until one of them has to be awaited."""
        steps = self._steps[caller]
        while steps and not steps.pop(0)(caller, now):
            pass

    def _tell_status(self, caller: str, now: Instant) -> bool:
        """Tell that he will be called back, unless a person can take him about now: that is better than any promise."""
        promise = self.book.get(caller)
        if promise is None or promise.ground is d.Ground.MESSAGE:
            return False
        if self._expected_s(caller, now) <= self.settings.status_ewt_s:
            return False
        return self._say(d.TellStatus(caller))

    def _play_menus(self, caller: str, now: Instant) -> bool:
        opens = self._plain_wait_s() > self._offer_ewt_s
        if caller in self._urgent or not opens:
            return False
        if not self._is_refused() and self.outlook.fits_everybody(self._seats, now):
            return False
        return self._say(d.PlayMenus(caller))

    def _is_refused(self) -> bool:
        """Whether the wait is long and offers are mostly declined."""
        declined = self.knowledge.diverted() < self.settings.menu_acceptance
        return declined and self._plain_wait_s() > self.settings.menu_ewt_s

    def _find_person(self, caller: str, now: Instant) -> bool:
        pressure = self.pressure(now)
        if switch := self.watch.observe(pressure, now):
            self._say(d.SwitchLevel(switch))
        if not self.line and self._free():
            self._take_seat()
            self._connect(caller, now)
            return True
        if self.help.invites_cloud(self.watch.profile, pressure):
            self.help.has_invited = True
            self._say(d.InviteCloudSeats(self.settings.cloud_seats))
        if not self.help.asks_partner(pressure, self._owes()):
            return False
        head = self.line.head()
        return self._ask_partner(head.caller if head else caller, caller)

    def _offer_callback(self, caller: str, now: Instant) -> bool:
        fits = self._is_diverted(caller) and self._may_be_promised(caller)
        if not fits or not self.outlook.fits_callback(self._seats, now):
            return False
        return self._say(d.MakeOffer(caller, d.Offer.CALLBACK))

    def _offer_message(self, caller: str, now: Instant) -> bool:
        if not self._is_diverted(caller) or caller in self.book or caller in self._hopeless:
            return False
        return self._say(d.MakeOffer(caller, d.Offer.MESSAGE))

    def _is_diverted(self, caller: str) -> bool:
        return caller not in self._urgent and self._plain_wait_s() > self._offer_ewt_s

    def _may_be_promised(self, caller: str) -> bool:
        return caller in self._callable and caller not in self.book and caller not in self._hopeless

    def _wait(self, caller: str, now: Instant) -> bool:
        urgent = caller in self._urgent
        expected = self._expected_s(caller, now)
        low, high = announced_range(expected, self.settings.range_slack_s, self.settings.range_lean)
        self.line.join(caller, urgent, now)
        self._reminders[caller] = Instant(now + self.settings.reoffer_after_s)
        return self._say(d.LetWait(caller, urgent, low, high, expected))

    def _expected_s(self, caller: str, now: Instant) -> float:
        """How long he would wait for a person if he joined now."""
        if self._free() and not self.line:
            return 0.0
        rate = self._staffed() / self.knowledge.handling.value
        ahead = self.line.ahead(caller, caller in self._urgent, now)
        return expected_wait_s(ahead, rate, self.knowledge.patience.value)

    def _remind(self, caller: str, now: Instant) -> None:
        """He still waits: offer a call-back if it fits; look again later."""
        place = self.line.place(caller)
        if place is None:
            return
        first = now - place.since < 1.5 * self.settings.reoffer_after_s
        self._reminders[caller] = Instant(now + self.settings.reoffer_after_s)
        offered = first and not place.urgent and self._may_be_promised(caller)
        if offered and caller not in self._asked and self.outlook.fits_callback(self._seats, now):
            self._asked.add(caller)
            self._say(d.MakeOffer(caller, d.Offer.CALLBACK_WAITING))

    def _hear_menus_end(self, message: d.MenusEnded, now: Instant) -> None:
        self._proceed(message.caller, now)

    def _hear_offer(self, message: d.OfferAnswered, now: Instant) -> None:
        caller = message.caller
        self.knowledge.hear_reply(message.offer, message.accepted)
        if message.offer is d.Offer.CALLBACK_WAITING:
            self._asked.discard(caller)
            if message.accepted:
                self._leave_line(caller, now, gave_up=False)
        elif not message.accepted:
            self._proceed(caller, now)
        elif message.offer is d.Offer.STATUS:
            self._hang_up(caller)

    def _hear_partner(self, message: d.PartnerReplied, now: Instant) -> None:
        caller = message.caller
        self._asked.discard(caller)
        if message.accepted:
            self.knowledge.overflow.see(now)
            self._leave_line(caller, now, gave_up=False)
            self._settle(caller, "answered")
        if message.asker in self._steps:
            self._proceed(message.asker, now)

    def _ask_partner(self, caller: str, asker: str) -> bool:
        if caller in self._asked:
            return False
        self._asked.add(caller)
        return self._say(d.AskPartner(caller, asker))

    def _partner_ready(self, message: d.PartnerReady, now: Instant) -> None:
        head = self.line.head()
        if head and self.help.asks_partner(self.pressure(now), self._owes()):
            self._ask_partner(head.caller, "")

    def _resolve(self, message: d.SelfResolved, now: Instant) -> None:
        self._hang_up(message.caller)
        self._settle(message.caller, "self_resolved")

    def _promise(self, message: d.CallbackPromised, now: Instant) -> None:
        self._hang_up(message.caller)
        self._owe(message.caller, d.Ground.ACCEPTED, now)

    def _take_message(self, message: d.MessageLeft, now: Instant) -> None:
        self._hang_up(message.caller)
        self._owe(message.caller, d.Ground.MESSAGE, now)

    def _give_up(self, message: d.CallerGaveUp, now: Instant) -> None:
        self._leave_line(message.caller, now, gave_up=True)
        self._hang_up(message.caller)
        self._miss(message.caller, now)

    def _miss(self, caller: str, now: Instant) -> None:
        if not self._may_be_promised(caller):
            return
        sms = caller not in self._has_sms
        self._has_sms.add(caller)
        self._say(d.RecordMissed(caller, sms))
        self._owe(caller, d.Ground.MISSED, now)

    def _owe(self, caller: str, ground: d.Ground, now: Instant) -> None:
        promise = self.book.make(caller, ground, now)
        self._say(d.SavePromise(promise))
        self._dispatch(now)

    def _end_dial(self, message: d.DialEnded, now: Instant) -> None:
        promise = self.book.get(message.caller)
        if promise is None:
            return
        self.knowledge.reach[promise.ground].see(message.reached)
        if message.reached:
            self._settle(message.caller, "kept")
            return
        self._dispatcher.pressed.discard(message.caller)
        if self.book.is_exhausted(promise) and (promise.reviewed or promise.ground is not d.Ground.MESSAGE):
            self._hopeless.add(message.caller)
            self._settle(message.caller, "unreached")

    def _end_talk(self, message: d.TalkHandled, now: Instant) -> None:
        self.knowledge.handling.see(message.work_s)
        self._dispatcher.pressed.discard(message.caller)

    def _end_review(self, message: d.MessageReviewed, now: Instant) -> None:
        """The message is a ticket; a call follows where it is needed, or as a courtesy when there is time."""
        self.knowledge.review.see(message.work_s)
        self._dispatcher.pressed.discard(message.caller)
        promise = self.book.get(message.caller)
        if promise is None:
            return
        if self.book.is_exhausted(promise) or message.caller not in self._callable:
            self._settle(message.caller, "kept")
            return
        due = now if message.needs_call else now + _COURTESY_DELAY_S
        self.book.put(replace(promise, reviewed=True, due=due))
        self._say(d.SavePromise(replace(promise, reviewed=True, due=due)))
        self._dispatch(now)

    def _restore(self, message: d.PromisesRestored, now: Instant) -> None:
        for promise in message.promises:
            self.book.put(promise)
            self._callable.add(promise.caller)

    def _connect(self, caller: str, now: Instant) -> None:
        self._leave_line(caller, now, gave_up=False)
        self._settle(caller, "answered")
        self._say(d.Connect(caller))

    def _leave_line(self, caller: str, now: Instant, gave_up: bool) -> None:
        self._reminders.pop(caller, None)
        self._asked.discard(caller)
        place: Place | None = self.line.leave(caller, now)
        if place is not None:
            self.knowledge.patience.see(now - place.since, gave_up)

    def _hang_up(self, caller: str) -> None:
        self._on_line.discard(caller)
        self._steps.pop(caller, None)

    def _settle(self, caller: str, why: str) -> None:
        """Nothing is owed to this citizen any more."""
        self._steps.pop(caller, None)
        if self.book.drop(caller) is not None:
            self._say(d.ClosePromise(caller, why))

    def _dispatch(self, now: Instant) -> None:
        """Give work to the free seats; each seat given away is counted at once."""
        while self._free():
            task = self._dispatcher.next_task(self._seats, now)
            if task is None:
                return
            self._take_seat()
            self._begin(task, now)

    def _begin(self, task: Task, now: Instant) -> None:
        match task:
            case d.Connect():
                self._connect(task.caller, now)
            case d.DialCitizen():
                promise = self.book.begin_try(task.caller, now)
                self._effects += [d.SavePromise(promise), task]
            case d.ReviewMessage():
                self.book.begin_review(task.caller)
                self._say(task)

    def _take_seat(self) -> None:
        """One free seat is taken, home before cloud."""
        seats = self._seats
        if seats.home_free:
            self._seats = replace(seats, home_free=seats.home_free - 1)
        else:
            self._seats = replace(seats, cloud_free=seats.cloud_free - 1)

    def _owes(self) -> bool:
        return self.book.count(CALLS) + self.book.count(MESSAGES) > 0

    def _free(self) -> int:
        return self._seats.home_free + self._seats.cloud_free

    def _staffed(self) -> int:
        return max(1, self._seats.home_staffed + self._seats.cloud_staffed)

    def _plain_wait_s(self) -> float:
        forecast = self.settings.forecast.handling_s
        return plain_wait_s(self._free(), len(self.line), forecast, self._staffed())

    def _say(self, effect: Effect) -> bool:
        """Always true: the caller's next step has to be awaited."""
        self._effects.append(effect)
        return True
