"""The way of a caller from the greeting to a person, a promise, or a place in line.

Invariants: refusing everything always leads to the line; nobody is offered anything while the plain estimate is short;
whoever waits has a deadline.
"""

from collections.abc import Callable

from callcenter.core.clock import Instant
from queues.core import dialogue as d
from queues.core.estimate import announced_range
from queues.core.hotline import Hotline
from queues.core.overflow import Help
from queues.core.settings import EngineSettings
from queues.core.surge import SurgeWatch

Step = Callable[[str, Instant], bool]
"""One step of a caller's way; true: the next one has to be awaited."""


class Reception:
    """Leads every caller, step by step."""

    def __init__(self, hotline: Hotline, watch: SurgeWatch, help_: Help) -> None:
        self._hotline, self._watch, self._help = hotline, watch, help_
        self._steps: dict[str, list[Step]] = {}
        self._urgent: set[str] = set()

    @property
    def _settings(self) -> EngineSettings:
        return self._hotline.settings

    @property
    def _offer_ewt_s(self) -> float:
        return max(self._settings.menu_min_ewt_s, self._settings.offer_ewt_s)

    def greet(self, message: d.GreetingEnded, now: Instant) -> None:
        """The greeting was heard: begin his way."""
        (self._urgent.add if message.urgent else self._urgent.discard)(message.caller)
        self._steps[message.caller] = [
            self._tell_status,
            self._play_menus,
            self._find_person,
            self._offer_message,
            self._offer_callback,
            self._wait,
        ]
        self._proceed(message.caller, now)

    def hear_menus_end(self, message: d.MenusEnded, now: Instant) -> None:
        """Menus did not help: go on."""
        self._proceed(message.caller, now)

    def hear_offer(self, message: d.OfferAnswered, now: Instant) -> None:
        """His reply to an offer: who refuses goes on, who accepts is on his way out."""
        caller = message.caller
        self._hotline.knowledge.hear_reply(message.offer, message.accepted)
        if message.offer is d.Offer.CALLBACK_WAITING:
            self._hotline.asked.discard(caller)
            if message.accepted:
                self._hotline.leave_line(caller, now, gave_up=False)
        elif not message.accepted:
            self._proceed(caller, now)
        elif message.offer is d.Offer.STATUS:
            self.leave(caller)

    def hear_partner(self, message: d.PartnerReplied, now: Instant) -> None:
        """The partner took a caller or not; whoever waited for that goes on."""
        caller, hotline = message.caller, self._hotline
        hotline.asked.discard(caller)
        if message.accepted:
            hotline.knowledge.overflow.see(now)
            hotline.leave_line(caller, now, gave_up=False)
            hotline.settle(caller, "answered")
            self.leave(caller)
        self._proceed(message.asker, now)

    def offer_to_partner(self, now: Instant) -> None:
        """A seat of the partner got free: offer the head of the line."""
        head = self._hotline.line.head()
        if head and self._asks_partner(now):
            self._ask_partner(head.caller, "")

    def remind(self, caller: str, now: Instant) -> None:
        """He still waits: offer a call-back if it fits; look again later."""
        hotline, place = self._hotline, self._hotline.line.place(caller)
        if place is None:
            return
        is_first = now - place.since < 1.5 * self._settings.reoffer_after_s
        hotline.reminders[caller] = Instant(now + self._settings.reoffer_after_s)
        offered = is_first and not place.urgent and self._watch.profile.offers_callback
        offered = offered and hotline.may_be_promised(caller)
        if offered and caller not in hotline.asked and hotline.fits_callback(now):
            hotline.asked.add(caller)
            hotline.say(d.MakeOffer(caller, d.Offer.CALLBACK_WAITING))

    def put_back(self, caller: str, urgent: bool, now: Instant, waited_s: float) -> None:
        """He stands in the telephone's queue, whatever we thought: so he stands in ours."""
        if caller in self._hotline.line:
            return
        (self._urgent.add if urgent else self._urgent.discard)(caller)
        self._steps.pop(caller, None)
        self._hotline.line.join(caller, urgent, now, waited_s)
        self._hotline.reminders[caller] = Instant(now + self._settings.reoffer_after_s)

    def watch(self, now: Instant) -> None:
        """Judge the surge level."""
        if switch := self._watch.observe(self._hotline.pressure(now), now):
            self._hotline.say(d.SwitchLevel(switch, applied=switch.new is self._watch.level))

    def leave(self, caller: str) -> None:
        """He hung up, or talks."""
        self._hotline.on_line.discard(caller)
        self._steps.pop(caller, None)

    def _proceed(self, caller: str, now: Instant) -> None:
        """Take the caller's next steps until one of them has to be awaited."""
        steps = self._steps.get(caller, [])
        while steps and not steps.pop(0)(caller, now):
            pass

    def _tell_status(self, caller: str, now: Instant) -> bool:
        """Tell that he will be called back, unless a person can take him about now: better than any promise."""
        promise = self._hotline.book.get(caller)
        if promise is None or promise.ground is d.Ground.MESSAGE:
            return False
        if self._hotline.expected_s(caller, caller in self._urgent, now) <= self._settings.status_ewt_s:
            return False
        return self._hotline.say(d.TellStatus(caller))

    def _play_menus(self, caller: str, now: Instant) -> bool:
        if not self._is_diverted(caller):
            return False
        if not self._are_offers_refused() and self._hotline.fits_everybody(now):
            return False
        return self._hotline.say(d.PlayMenus(caller))

    def _are_offers_refused(self) -> bool:
        """Whether the wait is long and offers are mostly declined."""
        declined = self._hotline.knowledge.diverted() < self._settings.menu_acceptance
        return declined and self._hotline.plain_wait_s() > self._settings.menu_ewt_s

    def _find_person(self, caller: str, now: Instant) -> bool:
        hotline = self._hotline
        self.watch(now)
        if not hotline.line and hotline.free:
            hotline.take_seat()
            return hotline.connect(caller, now)
        pressure = hotline.pressure(now)
        if self._help.invites_cloud(self._watch.profile, pressure):
            self._help.has_invited = True
            hotline.say(d.InviteCloudSeats(self._settings.cloud_seats))
        if not self._asks_partner(now):
            return False
        head = hotline.line.head()
        return self._ask_partner(head.caller if head else caller, caller)

    def _asks_partner(self, now: Instant) -> bool:
        hotline = self._hotline
        return self._help.asks_partner(self._watch.profile, hotline.pressure(now), hotline.owes)

    def _ask_partner(self, caller: str, asker: str) -> bool:
        if caller in self._hotline.asked:
            return False
        self._hotline.asked.add(caller)
        return self._hotline.say(d.AskPartner(caller, asker))

    def _offer_message(self, caller: str, now: Instant) -> bool:
        knows_him = caller in self._hotline.book or caller in self._hotline.unreached
        if knows_him or not self._is_diverted(caller) or not self._watch.profile.offers_message:
            return False
        return self._hotline.say(d.MakeOffer(caller, d.Offer.MESSAGE))

    def _offer_callback(self, caller: str, now: Instant) -> bool:
        offered = self._is_diverted(caller) and self._hotline.may_be_promised(caller)
        if not offered or not self._watch.profile.offers_callback or not self._hotline.fits_callback(now):
            return False
        return self._hotline.say(d.MakeOffer(caller, d.Offer.CALLBACK))

    def _is_diverted(self, caller: str) -> bool:
        return caller not in self._urgent and self._hotline.plain_wait_s() > self._offer_ewt_s

    def _wait(self, caller: str, now: Instant) -> bool:
        urgent, rules = caller in self._urgent, self._settings
        expected = self._hotline.expected_s(caller, urgent, now)
        low, high = announced_range(expected, rules.range_slack_s, rules.range_lean)
        self._hotline.line.join(caller, urgent, now)
        self._hotline.reminders[caller] = Instant(now + rules.reoffer_after_s)
        return self._hotline.say(d.LetWait(caller, urgent, low, high, expected))
