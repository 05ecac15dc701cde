"""The hotline's engine: every caller is answered, called back, heard, or known by name as still owed.

It has the shape of ``callcenter.core.engine.Engine`` and runs unchanged in production, in replay and in the simulator.
Invariants: everybody on the line has a next step; everybody in line has a deadline; every promise is in the book before
it is spoken of; no task is given without a free seat.
"""

from collections.abc import Callable
from dataclasses import replace

from callcenter.core.clock import Instant, after
from callcenter.core.messages.base import Effect, Message
from callcenter.core.messages.house import RulesTold
from callcenter.core.messages.surge import DayPlanned
from queues.core import dialogue as d
from queues.core.callbacks import CallbackRules, PromiseBook
from queues.core.dispatch import Dispatcher, Task
from queues.core.forecast import DayPlan
from queues.core.hotline import Hotline
from queues.core.knowledge import Forecast, Knowledge
from queues.core.outlook import Outlook
from queues.core.overflow import Help
from queues.core.reception import Reception
from queues.core.routing import Line
from queues.core.settings import EngineSettings
from queues.core.surge import LevelThresholds, SurgeLevel, SurgeWatch

_COURTESY_DELAY_S = 600.0
_WATCH_S = 60.0
"""How often a raised level is judged when nobody calls."""


class HotlineEngine:
    """One hotline. ``DayPlanned`` tells each new day; promises, places and beliefs go on."""

    def __init__(self, settings: EngineSettings, watch: SurgeWatch | None = None) -> None:
        knowledge, line = Knowledge(settings.forecast), Line(settings.kept_place_s)
        book = PromiseBook(settings.callbacks)
        outlook = Outlook(settings.plan, knowledge, book, line, settings)
        self.hotline = Hotline(settings, knowledge, line, book, outlook)
        self.surge = watch or SurgeWatch()
        self._help = Help(settings)
        self._reception = Reception(self.hotline, self.surge, self._help)
        self._dispatcher = Dispatcher(line, book, outlook, self.hotline.on_line)
        self._seen: set[str] = set()
        self._has_sms: set[str] = set()
        self._watch_at: Instant | None = None
        self._handlers: dict[type[Message], Callable[..., None]] = {
            d.SeatsCounted: self._count_seats,
            d.CallerArrived: self._arrive,
            d.CallerBlocked: self._block,
            d.CallerLeft: self._see_off,
            d.GreetingEnded: self._reception.greet,
            d.MenusEnded: self._reception.hear_menus_end,
            d.OfferAnswered: self._reception.hear_offer,
            d.PartnerReplied: self._reception.hear_partner,
            d.PartnerReady: self._hear_partner_ready,
            d.SelfResolved: self._resolve,
            d.CallbackPromised: self._promise,
            d.MessageLeft: self._take_message,
            d.CallerGaveUp: self._give_up,
            d.DialEnded: self._end_dial,
            d.DialGivenBack: self._give_back,
            d.TalkHandled: self._end_talk,
            d.MessageReviewed: self._end_review,
            d.PromisesRestored: self._restore,
            d.PromiseWithdrawn: self._withdraw,
            d.PromisePostponed: self._postpone,
            d.LevelDeclared: self._declare,
            d.CallerTaken: self._take,
            d.CallerStillWaits: self._put_back,
            d.CitizenServed: self._serve,
            DayPlanned: self._plan,
            RulesTold: self._change_rules,
        }

    def receive(self, message: Message, now: Instant) -> None:
        """See :class:`callcenter.core.engine.Engine`."""
        handle = self._handlers.get(type(message))
        if handle is not None:
            handle(message, now)

    def on_deadline(self, now: Instant) -> None:
        """A second offer, a promise or a look at the surge level is due."""
        reminders = self.hotline.reminders
        for caller in [caller for caller, due in reminders.items() if due <= now]:
            del reminders[caller]
            self._reception.remind(caller, now)
        self.hotline.book.pass_wakes(now)
        if self._watch_at is not None and self._watch_at <= now:
            self._watch_at = None
            self._reception.watch(now)
        self._dispatch(now)

    def next_deadline(self) -> Instant | None:
        """The next second offer, due promise or look at the surge level."""
        due = self.hotline.book.next_due()
        candidates = [*self.hotline.reminders.values(), *([Instant(due)] if due is not None else [])]
        if self._watch_at is not None:
            candidates.append(self._watch_at)
        return min(candidates, default=None)

    def take_effects(self) -> list[Effect]:
        """See :class:`callcenter.core.engine.Engine`."""
        effects, self.hotline.effects = self.hotline.effects, []
        return effects

    def _count_seats(self, message: d.SeatsCounted, now: Instant) -> None:
        hotline = self.hotline
        if message.cloud_staffed > hotline.seats.cloud_staffed and not hotline.outlook.cloud_until:
            hotline.outlook.cloud_until = now + hotline.settings.cloud_stay_s
        hotline.seats = message
        self._dispatch(now)

    def _arrive(self, message: d.CallerArrived, now: Instant) -> None:
        self._meet(message.caller, message.can_be_called, now)
        self.hotline.on_line.add(message.caller)

    def _block(self, message: d.CallerBlocked, now: Instant) -> None:
        self._meet(message.caller, message.can_be_called, now)
        self._miss(message.caller, now)

    def _meet(self, caller: str, can_be_called: bool, now: Instant) -> None:
        if can_be_called:
            self.hotline.callable.add(caller)
        if caller not in self._seen:
            self._seen.add(caller)
            self.hotline.knowledge.recent_citizens.see(now)
        if self._watch_at is None and self.surge.level is not SurgeLevel.NORMAL:
            self._watch_at = after(now, _WATCH_S)

    def _see_off(self, message: d.CallerLeft, now: Instant) -> None:
        self._reception.leave(message.caller)

    def _hear_partner_ready(self, message: d.PartnerReady, now: Instant) -> None:
        self._reception.offer_to_partner(now)

    def _resolve(self, message: d.SelfResolved, now: Instant) -> None:
        self._reception.leave(message.caller)
        self.hotline.settle(message.caller, "self_resolved")

    def _promise(self, message: d.CallbackPromised, now: Instant) -> None:
        self._reception.leave(message.caller)
        self._owe(message.caller, d.Ground.ACCEPTED, now)

    def _take_message(self, message: d.MessageLeft, now: Instant) -> None:
        self._reception.leave(message.caller)
        self._owe(message.caller, d.Ground.MESSAGE, now)

    def _give_up(self, message: d.CallerGaveUp, now: Instant) -> None:
        self.hotline.leave_line(message.caller, now, gave_up=True)
        self._reception.leave(message.caller)
        self._miss(message.caller, now)

    def _miss(self, caller: str, now: Instant) -> None:
        if not self.hotline.may_be_promised(caller):
            return
        sms = caller not in self._has_sms
        self._has_sms.add(caller)
        self.hotline.say(d.RecordMissed(caller, sms))
        self._owe(caller, d.Ground.MISSED, now)

    def _owe(self, caller: str, ground: d.Ground, now: Instant) -> None:
        self.hotline.say(d.SavePromise(self.hotline.book.make(caller, ground, now)))
        self._dispatch(now)

    def _end_dial(self, message: d.DialEnded, now: Instant) -> None:
        hotline, caller = self.hotline, message.caller
        promise = hotline.book.get(caller)
        if promise is None:
            return
        hotline.knowledge.reach[promise.ground].see(message.reached)
        if message.reached:
            hotline.settle(caller, "kept")
            return
        self._dispatcher.pressed.discard(caller)
        if hotline.is_hopeless(promise):
            hotline.unreached.add(caller)
            hotline.settle(caller, "unreached")

    def _give_back(self, message: d.DialGivenBack, now: Instant) -> None:
        self._dispatcher.pressed.discard(message.caller)
        if message.caller in self.hotline.book:
            self.hotline.say(d.SavePromise(self.hotline.book.take_back_try(message.caller, now)))

    def _end_talk(self, message: d.TalkHandled, now: Instant) -> None:
        self.hotline.knowledge.handling.see(message.work_s)
        self._dispatcher.pressed.discard(message.caller)
        if message.has_left:
            self._reception.leave(message.caller)

    def _end_review(self, message: d.MessageReviewed, now: Instant) -> None:
        """The message is a ticket; a call follows where it is needed, or as a courtesy when there is time."""
        hotline, caller = self.hotline, message.caller
        hotline.knowledge.review.see(message.work_s)
        self._dispatcher.pressed.discard(caller)
        promise = hotline.book.get(caller)
        if promise is None:
            return
        if hotline.book.is_exhausted(promise) or caller not in hotline.callable:
            hotline.settle(caller, "kept")
            return
        reviewed = replace(promise, reviewed=True, due=now if message.needs_call else now + _COURTESY_DELAY_S)
        hotline.book.put(reviewed)
        hotline.say(d.SavePromise(reviewed))
        self._dispatch(now)

    def _restore(self, message: d.PromisesRestored, now: Instant) -> None:
        for promise in message.promises:
            self.hotline.book.put(promise)
            self.hotline.callable.add(promise.caller)
        self.hotline.unreached.update(message.unreached)
        self.hotline.book.wake(now)

    def _withdraw(self, message: d.PromiseWithdrawn, now: Instant) -> None:
        self.hotline.book.drop(message.caller)
        self._dispatcher.pressed.discard(message.caller)

    def _postpone(self, message: d.PromisePostponed, now: Instant) -> None:
        """Later than asked where the gap between two tries is longer."""
        promise = self.hotline.book.get(message.caller)
        if promise is None:
            return
        later = replace(promise, due=max(promise.due, message.until))
        self.hotline.book.put(later)
        self.hotline.say(d.SavePromise(later))

    def _declare(self, message: d.LevelDeclared, now: Instant) -> None:
        if message.level is None:
            self.surge.stand_down()
        else:
            self.surge.declare(message.level)

    def _take(self, message: d.CallerTaken, now: Instant) -> None:
        self.hotline.leave_line(message.caller, now, gave_up=False)

    def _put_back(self, message: d.CallerStillWaits, now: Instant) -> None:
        self.hotline.on_line.add(message.caller)
        self._reception.put_back(message.caller, message.urgent, now, message.waited_s)
        self._dispatch(now)

    def _serve(self, message: d.CitizenServed, now: Instant) -> None:
        self.hotline.settle(message.caller, "answered")

    def _plan(self, message: DayPlanned, now: Instant) -> None:
        """The plan of the day, at its begin or when it changed; a new day counts its citizens anew."""
        self.hotline.outlook.plan = day_plan(message)
        self.hotline.book.wake(message.began + message.callback_from_s)
        if message.is_new_day:
            self.hotline.knowledge.begin(_forecast(message))
            self._seen.clear()
            self._has_sms.clear()
            self.hotline.unreached.clear()
        self._dispatch(now)

    def _change_rules(self, told: RulesTold, now: Instant) -> None:
        """Other thresholds and limits from now on; who was made an offer keeps it."""
        hotline = self.hotline
        hotline.settings = hotline.outlook.settings = self._help.settings = replace(
            hotline.settings,
            offer_ewt_s=told.offer_ewt_s,
            menu_min_ewt_s=told.offer_ewt_s,
            reoffer_after_s=told.reoffer_after_s,
            callbacks=CallbackRules(told.max_tries, told.retry_gap_s),
        )
        hotline.book.limit(told.max_tries, told.retry_gap_s)
        self.surge.review(LevelThresholds(told.enter, told.leave), told.wrap_up_caps_s)

    def _dispatch(self, now: Instant) -> None:
        """Give work to the free seats; each seat given away is counted at once."""
        while self.hotline.free:
            task = self._dispatcher.next_task(self.hotline.seats, now)
            if task is None:
                return
            self.hotline.take_seat()
            self._begin(task, now)

    def _begin(self, task: Task, now: Instant) -> None:
        match task:
            case d.Connect():
                self.hotline.connect(task.caller, now)
            case d.DialCitizen():
                self.hotline.say(d.SavePromise(self.hotline.book.begin_try(task.caller, now)))
                self.hotline.say(task)
            case d.ReviewMessage():
                self.hotline.book.begin_review(task.caller)
                self.hotline.say(task)


def day_plan(message: DayPlanned) -> DayPlan:
    """The plan as the engine's parts use it."""
    return DayPlan(
        began=message.began,
        length_s=message.length_s,
        roster=message.roster,
        profile=message.profile,
        citizens=message.citizens,
        callback_from_s=message.callback_from_s,
        callback_to_s=message.callback_to_s,
    )


def _forecast(message: DayPlanned) -> Forecast:
    return Forecast(message.talk_s, message.wrap_up_s, message.review_s, message.patience_s)
