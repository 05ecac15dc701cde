"""A reference policy: SCENARIOS.md 8.2 and 8.3 under one row of the table.

Invariant: it knows what ``Hotline`` shows and nothing else; what it does depends on its row, its lists and the instant.
"""

from collections import deque

from callcenter.sim.params import ms
from callcenter.sim.port import Hotline
from callcenter.sim.reference.callbacks import CallbackList, Entry
from callcenter.sim.reference.quantities import Quantities
from callcenter.sim.reference.rules import Rules

OFFER_EWT_S = 60
"""Call-back and message are offered on arrival above this plain estimate."""
PARTNER_EWT_S = 30
"""The partner city is asked above this plain estimate."""
REOFFER_MS = 90_000
LATE_REVIEW_MS = 1_800_000
LATE_CALLBACK_MS = 7_200_000
PUT_OFF_MS = 300_000
REVIEW_SHARE = 0.15


class Reference:
    """One of the policies ``A`` ... ``RF``."""

    _hotline: Hotline
    _know: Quantities

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._urgent: dict[int, None] = {}
        self._normal: dict[int, None] = {}
        self._pressed_urgent: set[int] = set()
        self._callbacks, self._follow_ups = CallbackList(), CallbackList()
        self._messages: deque[tuple[int, int]] = deque()
        self._unreached: set[int] = set()
        self._tries: dict[int, int] = {}
        self._dialing: Entry | None = None
        self._late_dials: set[int] = set()
        self._reviewing: set[int] = set()
        self._sms_sent: set[int] = set()
        self._invited = False

    def begin(self, hotline: Hotline) -> None:
        """See ``Policy``."""
        self._hotline = hotline
        self._know = Quantities(hotline)

    def arrived(self, cid: int) -> None:
        """See ``Policy``."""

    def greeted(self, cid: int, urgent: bool) -> None:
        """Status, then menus where the estimate asks for them, then the way to a person."""
        if urgent and self._rules.priority:
            self._pressed_urgent.add(cid)
        if cid in self._callbacks and self._hotline.tell_status(cid):
            return
        if not (urgent and self._rules.priority) and self._plays_menus():
            self._hotline.play_prompts(cid, announcement=True, selfservice=True)
        else:
            self._seek_person(cid)

    def prompts_heard(self, cid: int) -> None:
        """See ``Policy``."""
        self._seek_person(cid)

    def resolved(self, cid: int) -> None:
        """See ``Policy``."""
        self._callbacks.remove(cid)

    def promised(self, cid: int) -> None:
        """See ``Policy``."""
        self._callbacks.create(cid, "accepted", self._hotline.now)
        self._dispatch()

    def message_left(self, cid: int) -> None:
        """See ``Policy``."""
        self._messages.append((cid, self._hotline.now))
        self._dispatch()

    def failed(self, cid: int, busy: bool) -> None:
        """A missed call is recorded and announced by SMS."""
        self._urgent.pop(cid, None)
        self._normal.pop(cid, None)
        if not self._rules.missed or cid in self._callbacks or cid in self._unreached:
            return
        if cid not in self._sms_sent:
            self._sms_sent.add(cid)
            self._hotline.send_sms(cid)
        self._hotline.record_missed(cid)
        self._callbacks.create(cid, "missed", self._hotline.now)
        self._dispatch()

    def reminded(self, cid: int) -> None:
        """The second offer."""
        if cid in self._callbacks or (self._rules.reviews_late and not self._fits()):
            return
        if self._hotline.offer_callback(cid):
            del self._normal[cid]

    def timer(self, cid: int) -> None:
        """See ``Policy``."""
        self._dispatch()

    def roster_changed(self) -> None:
        """See ``Policy``."""
        self._dispatch()

    def seat_freed(self, cid: int) -> None:
        """See ``Policy``."""
        self._late_dials.discard(cid)
        self._dispatch()

    def seat_back(self) -> None:
        """See ``Policy``."""
        self._dispatch()

    def cloud_changed(self, came: bool) -> None:
        """See ``Policy``."""
        if came:
            self._dispatch()

    def talked(self, cid: int, talk: int, work: int, kind: str) -> None:
        """See ``Policy``."""

    def dialed(self, cid: int, reached: bool) -> None:
        """See ``Policy``."""
        entry = self._dialing
        if entry is None:
            raise AssertionError("nobody was dialed")
        self._tries[cid] = tries = self._tries.get(cid, 0) + 1
        if reached:
            return
        if tries >= self._hotline.callback.max_tries:
            self._unreached.add(cid)
            return
        entry.due = self._hotline.now + ms(self._hotline.callback.retry_gap_s)
        self._list_of(entry).insert(entry)
        self._hotline.set_timer(cid, entry.due)

    def reviewed(self, cid: int, needs_call: bool, work: int) -> None:
        """See ``Policy``."""
        self._reviewing.discard(cid)
        if needs_call or self._rules.follow:
            follow_ups = self._follow_ups if self._rules.reviews_late else self._callbacks
            follow_ups.create(cid, "message", self._hotline.now)
            self._dispatch()

    def partner_freed(self) -> None:
        """The partner takes the head of the queues while the estimate is long."""
        if self._rules.partner and self._estimate() > PARTNER_EWT_S and self._hotline.partner_accepts():
            head = self._head()
            if head is not None:
                self._leave_queue(head)
                self._hotline.overflow(head)

    def _seek_person(self, cid: int) -> None:
        estimate = self._estimate()
        if not self._waiting() and self._know.free():
            self._answer(cid)
            return
        self._invite_cloud(estimate)
        if self._overflows(cid, estimate) or self._is_diverted(cid, estimate):
            return
        self._join(cid)

    def _overflows(self, cid: int, estimate: float) -> bool:
        """Ask the partner; true: it answers this very caller."""
        asks = self._rules.partner and estimate > PARTNER_EWT_S
        if not asks or not self._hotline.partner_accepts():
            return False
        head = self._head()
        if head is None:
            self._leave_records(cid)
            return self._hotline.overflow(cid)
        self._leave_queue(head)
        self._hotline.overflow(head)
        return False

    def _is_diverted(self, cid: int, estimate: float) -> bool:
        """Offer call-back and message; true: the caller accepted one."""
        offered = (
            cid not in self._callbacks and cid not in self._unreached and cid not in self._pressed_urgent
        )
        if not offered or estimate <= OFFER_EWT_S:
            return False
        fits = not self._rules.adaptive or self._fits()
        offers = [self._offers_callback, self._offers_message]
        if not fits:
            offers = [self._offers_message] if self._rules.reviews_late else offers[::-1]
        return any(offer(cid) for offer in offers)

    def _offers_callback(self, cid: int) -> bool:
        return self._rules.callback and self._hotline.offer_callback(cid)

    def _offers_message(self, cid: int) -> bool:
        return self._rules.message and self._hotline.offer_message(cid)

    def _join(self, cid: int) -> None:
        expected = self._know.announced_wait_s(self._waiting())
        low, high = _half_up(2 / 3 * expected), _half_up(4 / 3 * expected + 30)
        self._hotline.enqueue(cid, low, high, expected)
        urgent = cid in self._pressed_urgent
        (self._urgent if urgent else self._normal)[cid] = None
        if self._rules.callback and not urgent and cid not in self._callbacks:
            self._hotline.remind(cid, REOFFER_MS)

    def _plays_menus(self) -> bool:
        if not self._rules.menu_ewt:
            return False
        estimate = self._estimate()
        tight = self._rules.menu_tight
        return estimate > self._rules.menu_ewt or (0 < tight < estimate and not self._fits())

    def _invite_cloud(self, estimate: float) -> None:
        rules = self._rules
        due = estimate > rules.cloud_trigger and self._waiting() >= rules.cloud_queue
        if rules.cloud_seats and due and not self._invited:
            self._invited = True
            for seat in range(min(rules.cloud_seats, self._hotline.cloud_seats)):
                self._hotline.invite_cloud(seat)

    def _dispatch(self) -> None:
        while self._know.free() and self._give_work():
            pass

    def _give_work(self) -> bool:
        """Give one free seat its task by the first rule that applies (8.3)."""
        return (
            self._review_late()
            or self._dial_late()
            or self._serve_waiting()
            or (
                self._know.free() > 1
                and (self._dial(self._callbacks) or self._review() or self._dial(self._follow_ups))
            )
        )

    def _review_late(self) -> bool:
        if not self._rules.reviews_late or self._urgent or not self._messages:
            return False
        is_late = self._hotline.now - self._messages[0][1] > LATE_REVIEW_MS
        return is_late and len(self._reviewing) < max(1, REVIEW_SHARE * self._know.seats()) and self._review()

    def _dial_late(self) -> bool:
        if self._urgent or len(self._late_dials) >= self._know.seats() / 2:
            return False
        entry = self._due(self._callbacks)
        if entry is None or self._hotline.now - entry.created <= LATE_CALLBACK_MS:
            return False
        self._late_dials.add(entry.cid)
        self._call(entry, self._callbacks)
        return True

    def _serve_waiting(self) -> bool:
        head = self._head()
        if head is None:
            return False
        self._leave_queue(head)
        self._answer(head)
        return True

    def _dial(self, entries: CallbackList) -> bool:
        entry = self._due(entries)
        if entry is None:
            return False
        self._call(entry, entries)
        return True

    def _review(self) -> bool:
        if not self._messages:
            return False
        cid, _ = self._messages.popleft()
        self._reviewing.add(cid)
        self._hotline.review(cid)
        return True

    def _due(self, entries: CallbackList) -> Entry | None:
        """The first entry of the list if it may be dialed now; those on the line are put off."""
        now, day = self._hotline.now, self._hotline.day
        if not ms(day.callback_from_s) <= now < ms(day.callback_to_s):
            return None
        while (entry := entries.first()) is not None and entry.due <= now:
            if not self._hotline.is_on_line(entry.cid):
                return entry
            entries.put_off(entry, now + PUT_OFF_MS)
            self._hotline.set_timer(entry.cid, entry.due)
        return None

    def _call(self, entry: Entry, entries: CallbackList) -> None:
        entries.remove(entry.cid)
        self._dialing = entry
        self._hotline.dial(entry.cid, entry.ground)

    def _list_of(self, entry: Entry) -> CallbackList:
        follows_up = entry.ground == "message" and self._rules.reviews_late
        return self._follow_ups if follows_up else self._callbacks

    def _answer(self, cid: int) -> None:
        self._leave_records(cid)
        self._hotline.answer(cid)

    def _leave_queue(self, cid: int) -> None:
        self._urgent.pop(cid, None)
        self._normal.pop(cid, None)
        self._leave_records(cid)

    def _leave_records(self, cid: int) -> None:
        self._callbacks.remove(cid)

    def _head(self) -> int | None:
        return next(iter(self._urgent), None) if self._urgent else next(iter(self._normal), None)

    def _waiting(self) -> int:
        return len(self._urgent) + len(self._normal)

    def _estimate(self) -> float:
        return self._know.plain_wait_s(self._waiting())

    def _fits(self) -> bool:
        return self._know.spare_callbacks(self._waiting(), len(self._messages)) > len(self._callbacks)


def _half_up(seconds: float) -> int:
    return int(seconds + 0.5)
