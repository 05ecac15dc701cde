"""What a free seat does next. Invariant: a rule only reads; the first one that names a task wins, and no seat gets two.

The order is the hotline's promise: urgent callers, work that would otherwise come too late, callers in line, call-backs,
messages, courtesy calls.
"""

from dataclasses import dataclass, field

from queues.core.callbacks import CALLS, COURTESY, MESSAGES, PromiseBook
from queues.core.dialogue import Connect, DialCitizen, Promise, ReviewMessage, SeatsCounted
from queues.core.outlook import Outlook
from queues.core.routing import Line

Task = Connect | DialCitizen | ReviewMessage


@dataclass(slots=True)
class Dispatcher:
    """Chooses tasks. ``on_line``: citizens who hold a channel and cannot be dialed."""

    line: Line
    book: PromiseBook
    outlook: Outlook
    on_line: set[str]
    pressed: set[str] = field(default_factory=set)
    """Citizens whose task was begun ahead of the line and still runs."""

    def next_task(self, seats: SeatsCounted, now: float) -> Task | None:
        """The task for one free seat, or none."""
        if self.line and (head := self.line.head()) and head.urgent:
            return Connect(head.caller)
        return self._pressing(seats, now) or self._live() or self._quiet(seats, now)

    def _pressing(self, seats: SeatsCounted, now: float) -> Task | None:
        """What must not wait for the line to empty."""
        return self._pressing_review(seats, now) or self._pressing_call(seats, now)

    def _pressing_review(self, seats: SeatsCounted, now: float) -> Task | None:
        message = self._reviewable(now)
        if message is None:
            return None
        share = self.outlook.review_share(seats, now)
        if share <= self.outlook.settings.review_share or self._pressed_seats() >= max(
            1.0, 2 * share * _staffed(seats)
        ):
            return None
        self.pressed.add(message.caller)
        return ReviewMessage(message.caller)

    def _reviewable(self, now: float) -> Promise | None:
        return self.book.first_due(MESSAGES, now) if self.outlook.settings.reviews_by_seats else None

    def _pressing_call(self, seats: SeatsCounted, now: float) -> Task | None:
        promise = self._dialable(CALLS, now)
        if promise is None:
            return None
        share = 1.2 * self.outlook.call_share(seats, now)
        if now - promise.made_at > self.outlook.settings.overdue_s:
            share = max(share, self.outlook.settings.overdue_share)
        if self._pressed_seats() + 1 > share * _staffed(seats):
            return None
        self.pressed.add(promise.caller)
        return DialCitizen(promise.caller, promise.ground)

    def _live(self) -> Task | None:
        head = self.line.head()
        return Connect(head.caller) if head else None

    def _quiet(self, seats: SeatsCounted, now: float) -> Task | None:
        """What is done while nobody waits."""
        if seats.home_free + seats.cloud_free <= self._reserve(seats, now):
            return None
        if promise := self._dialable(CALLS, now):
            return DialCitizen(promise.caller, promise.ground)
        if (promise := self._dialable(MESSAGES, now)) and not self.book.is_exhausted(promise):
            return DialCitizen(promise.caller, promise.ground)
        if message := self._reviewable(now):
            return ReviewMessage(message.caller)
        if promise := self._dialable(COURTESY, now):
            return DialCitizen(promise.caller, promise.ground)
        return None

    def _reserve(self, seats: SeatsCounted, now: float) -> int:
        """Seats kept free for the next caller: none while everything owed needs every seat, and never all there are."""
        return min(self._wished_reserve(seats, now), _staffed(seats) - 1)

    def _wished_reserve(self, seats: SeatsCounted, now: float) -> int:
        rules = self.outlook.settings
        if self.outlook.is_calm(seats, now):
            return rules.calm_reserve
        few = _staffed(seats) < rules.urgent_reserve_below
        if few or self.outlook.fits_everybody(seats, now):
            return rules.quiet_reserve
        return rules.tight_reserve

    def _dialable(self, shelf: str, now: float) -> Promise | None:
        if not self.outlook.plan.allows_dials(now):
            return None
        while promise := self.book.first_due(shelf, now):
            if promise.caller not in self.on_line:
                return promise
            self.book.put_off(promise, now)
        return None

    def _pressed_seats(self) -> int:
        return len(self.pressed)


def _staffed(seats: SeatsCounted) -> int:
    return max(1, seats.home_staffed + seats.cloud_staffed)
