"""The production engine on the virtual clock: the world's facts become its messages, its effects the world's orders.

Invariant: the engine learns what ``Hotline`` shows and nothing else; a citizen is his caller's number to it.
"""

import math
from collections.abc import Callable

from callcenter.core.clock import Instant
from callcenter.core.messages.base import Effect, Message
from callcenter.sim.params import Params
from callcenter.sim.port import Hotline
from queues.core import dialogue as d
from queues.core.callbacks import CallbackRules
from queues.core.engine import HotlineEngine
from queues.core.forecast import DayPlan
from queues.core.knowledge import Forecast
from queues.core.settings import EngineSettings

BEGAN = Instant(0.0)
_ROUNDING_S = 1e-6
"""Far below the world's millisecond, far above the error of seconds as floating point."""


def engine_settings(params: Params) -> EngineSettings:
    """What the engine may know before the day (SCENARIOS.md 7.1), with the scenario's resources."""
    day, forecast, callback = params.day, params.forecast, params.callback
    return EngineSettings(
        plan=DayPlan(
            began=BEGAN,
            length_s=day.length_s,
            roster=params.seats.by_hour,
            profile=forecast.profile,
            citizens=forecast.citizens,
            callback_from_s=day.callback_from_s,
            callback_to_s=day.callback_to_s,
        ),
        forecast=Forecast(forecast.talk_s, forecast.acw_s, forecast.review_s, forecast.patience_mean_s),
        callbacks=CallbackRules(callback.max_tries, callback.retry_gap_s),
        ring_s=callback.ring_s,
        no_answer_s=callback.noanswer_s,
        menu_min_ewt_s=params.rules.menu_min_ewt_s,
        range_slack_s=params.rules.ewt_range_slack_s,
        cloud_seats=params.resources.cloud_seats,
        has_partner=params.resources.partner,
        reoffer_after_s=params.citizen.reoffer_after_s,
    )


class EngineDriver:
    """A ``Policy`` that asks the engine."""

    _hotline: Hotline

    def __init__(self, engine: HotlineEngine | EngineSettings, began: Instant = BEGAN) -> None:
        """``engine``: one that knows something, or settings of a new one. ``began``: its instant when the world's clock shows 0."""
        self.engine = engine if isinstance(engine, HotlineEngine) else HotlineEngine(engine)
        self._began = began
        self.journal: list[tuple[Instant, Message | None]] = []
        """What the engine was told, in order; ``None``: its deadline came."""
        self._counted: d.SeatsCounted | None = None
        self._armed = math.inf
        self._invited = 0
        self._orders: dict[type[Effect], Callable[..., None]] = {
            d.TellStatus: self._tell_status,
            d.PlayMenus: self._play_menus,
            d.MakeOffer: self._make_offer,
            d.LetWait: self._let_wait,
            d.Connect: self._connect,
            d.AskPartner: self._ask_partner,
            d.RecordMissed: self._record_missed,
            d.DialCitizen: self._dial,
            d.ReviewMessage: self._review,
            d.InviteCloudSeats: self._invite,
        }

    def begin(self, hotline: Hotline) -> None:
        """See ``Policy``."""
        self._hotline = hotline

    def arrived(self, cid: int) -> None:
        """See ``Policy``."""
        self._tell(d.CallerArrived(caller_of(cid), can_be_called=True))

    def greeted(self, cid: int, urgent: bool) -> None:
        """See ``Policy``."""
        self._tell(d.GreetingEnded(caller_of(cid), urgent))

    def prompts_heard(self, cid: int) -> None:
        """See ``Policy``."""
        self._tell(d.MenusEnded(caller_of(cid)))

    def resolved(self, cid: int) -> None:
        """See ``Policy``."""
        self._tell(d.SelfResolved(caller_of(cid)))

    def promised(self, cid: int) -> None:
        """See ``Policy``."""
        self._tell(d.CallbackPromised(caller_of(cid)))

    def message_left(self, cid: int) -> None:
        """See ``Policy``."""
        self._tell(d.MessageLeft(caller_of(cid)))

    def failed(self, cid: int, busy: bool) -> None:
        """See ``Policy``."""
        caller = caller_of(cid)
        self._tell(d.CallerBlocked(caller, can_be_called=True) if busy else d.CallerGaveUp(caller))

    def reminded(self, cid: int) -> None:
        """See ``Policy``."""

    def timer(self, cid: int) -> None:
        """The engine's deadline has come; a timer that an earlier one replaced says nothing."""
        if self._hotline.now == self._armed:
            self._armed = math.inf
            self._tell(None)

    def roster_changed(self) -> None:
        """See ``Policy``."""
        self._tell(None)

    def seat_freed(self, cid: int) -> None:
        """See ``Policy``."""
        self._tell(None)

    def seat_back(self) -> None:
        """See ``Policy``."""
        self._tell(None)

    def cloud_changed(self, came: bool) -> None:
        """See ``Policy``."""
        self._tell(None)

    def talked(self, cid: int, talk: int, work: int, kind: str) -> None:
        """See ``Policy``."""
        self._tell(d.TalkHandled(caller_of(cid), work / 1000, at_cloud_seat=kind == "cloud"))

    def dialed(self, cid: int, reached: bool) -> None:
        """See ``Policy``: passed on when the effect that dialed is done."""
        self._receive(d.DialEnded(caller_of(cid), reached))

    def reviewed(self, cid: int, needs_call: bool, work: int) -> None:
        """See ``Policy``."""
        self._tell(d.MessageReviewed(caller_of(cid), needs_call, work / 1000))

    def partner_freed(self) -> None:
        """See ``Policy``."""
        self._tell(d.PartnerReady())

    def _tell(self, message: Message | None) -> None:
        """Let the engine take in the seats as they are, one message, and its deadline if that has come."""
        self._count_seats()
        if message is not None:
            self._receive(message)
        now = self._now()
        deadline = self.engine.next_deadline()
        if deadline is not None and deadline <= now + _ROUNDING_S:
            woken = Instant(max(now, deadline))
            self.journal.append((woken, None))
            self.engine.on_deadline(woken)
        self._carry_out()
        self._arm()

    def _count_seats(self) -> None:
        counted = self._count()
        if counted != self._counted:
            self._receive(counted)

    def _count(self) -> d.SeatsCounted:
        line = self._hotline
        return d.SeatsCounted(line.home_staffed(), line.home_free(), line.cloud_staffed(), line.cloud_free())

    def _receive(self, message: Message) -> None:
        now = self._now()
        self.journal.append((now, message))
        self.engine.receive(message, now)

    def _carry_out(self) -> None:
        while effects := self.engine.take_effects():
            for effect in effects:
                self._orders.get(type(effect), _ignore)(effect)
        self._counted = self._count()

    def _arm(self) -> None:
        deadline = self.engine.next_deadline()
        if deadline is None:
            return
        at = max(self._hotline.now, math.ceil((deadline - self._began) * 1000 - 1e-6))
        if at < self._armed:
            self._armed = at
            self._hotline.set_timer(0, at)

    def _now(self) -> Instant:
        return Instant(self._began + self._hotline.now / 1000)

    def _tell_status(self, effect: d.TellStatus) -> None:
        content = self._hotline.tell_status(_cid(effect.caller))
        self._receive(d.OfferAnswered(effect.caller, d.Offer.STATUS, content))

    def _play_menus(self, effect: d.PlayMenus) -> None:
        self._hotline.play_prompts(_cid(effect.caller), announcement=True, selfservice=True)

    def _make_offer(self, effect: d.MakeOffer) -> None:
        is_message = effect.offer is d.Offer.MESSAGE
        offer = self._hotline.offer_message if is_message else self._hotline.offer_callback
        self._receive(d.OfferAnswered(effect.caller, effect.offer, offer(_cid(effect.caller))))

    def _let_wait(self, effect: d.LetWait) -> None:
        self._hotline.enqueue(_cid(effect.caller), effect.low_s, effect.high_s, effect.expected_s)

    def _connect(self, effect: d.Connect) -> None:
        self._hotline.answer(_cid(effect.caller))

    def _ask_partner(self, effect: d.AskPartner) -> None:
        took = self._hotline.overflow(_cid(effect.caller))
        self._receive(d.PartnerReplied(effect.caller, took, effect.asker))

    def _record_missed(self, effect: d.RecordMissed) -> None:
        cid = _cid(effect.caller)
        if effect.sms:
            self._hotline.send_sms(cid)
        self._hotline.record_missed(cid)

    def _dial(self, effect: d.DialCitizen) -> None:
        self._hotline.dial(_cid(effect.caller), effect.ground.value)

    def _review(self, effect: d.ReviewMessage) -> None:
        self._hotline.review(_cid(effect.caller))

    def _invite(self, effect: d.InviteCloudSeats) -> None:
        for seat in range(self._invited, self._invited + effect.seats):
            self._hotline.invite_cloud(seat)
        self._invited += effect.seats


def caller_of(cid: int) -> str:
    """What the engine calls a citizen: a caller's number."""
    return f"1{cid:010d}"


def _cid(caller: str) -> int:
    return int(caller[1:])


def _ignore(effect: Effect) -> None:
    """Effects on records that the world keeps by itself: ``SavePromise``, ``ClosePromise``, ``SwitchLevel``."""
