"""Does what we owe fit into the rest of the day? The one question behind every offer and every dial.

Invariant: an outlook only reads; asking twice gives the same answer.
"""

from dataclasses import dataclass

from queues.core.callbacks import CALLS, MESSAGES, PromiseBook
from queues.core.dialogue import Ground, SeatsCounted
from queues.core.forecast import Capacity, DayPlan, rostered_seat_s, spare_seat_s
from queues.core.knowledge import ARRIVAL_WINDOW_S, RELIEF_WINDOW_S, Knowledge
from queues.core.routing import Line
from queues.core.settings import EngineSettings


@dataclass(slots=True)
class Outlook:
    """Looks from the present to the end of the call-back hours, and to the end of the day."""

    plan: DayPlan
    knowledge: Knowledge
    book: PromiseBook
    line: Line
    settings: EngineSettings
    cloud_until: float = 0.0

    def calls_owed_s(self) -> float:
        """Seat seconds for the call-backs that have no other way to be kept."""
        return self.book.count(CALLS) * self._cost(Ground.ACCEPTED)

    def messages_owed_s(self) -> float:
        """Seat seconds for calling everybody whose message is unheard."""
        return self.book.count(MESSAGES) * self._cost(Ground.MESSAGE)

    def reviews_owed_s(self) -> float:
        """Seat seconds for only reviewing those messages."""
        return self.book.count(MESSAGES) * self.knowledge.review.value

    def fits_callback(self, seats: SeatsCounted, now: float) -> bool:
        """Whether one more call-back can be promised."""
        room = self.spare_s(seats, now) * self.settings.callback_margin
        return room > self.calls_owed_s() + self._line_s() + self._cost(Ground.ACCEPTED)

    def fits_everybody(self, seats: SeatsCounted, now: float) -> bool:
        """Whether everybody can still talk with a person: callers, call-backs, and who left a message."""
        room = self.spare_s(seats, now) * self.settings.everybody_margin
        owed = self.calls_owed_s() + self.messages_owed_s() + self._line_s()
        return room > owed + self.surge_s(now)

    def is_calm(self, seats: SeatsCounted, now: float) -> bool:
        """Whether what is owed takes less than a tenth of the spare time: it can wait for a quiet moment."""
        return self.calls_owed_s() + self.messages_owed_s() < 0.1 * self.spare_s(seats, now)

    def surge_s(self, now: float) -> float:
        """Seat seconds that the surge still brings if it goes on for ``persistence_s``."""
        seen = self.knowledge.recent_citizens.count(now) / ARRIVAL_WINDOW_S
        excess = max(0.0, seen - self.plan.arrivals_per_s(now))
        return excess * self.settings.persistence_s * self.knowledge.handling.value

    def spare_s(self, seats: SeatsCounted, now: float) -> float:
        """Seat seconds left for call-backs before the hours end."""
        return spare_seat_s(self.plan, self._capacity(seats, now), now, self.plan.callbacks_end)

    def unreviewable_s(self, seats: SeatsCounted, now: float) -> float:
        """Review seconds that the time after the call-back hours cannot take in."""
        begin = max(now, self.plan.callbacks_end)
        night = spare_seat_s(self.plan, self._capacity(seats, now), begin, self.plan.ends)
        return self.reviews_owed_s() - night * self.settings.night_margin

    def call_share(self, seats: SeatsCounted, now: float) -> float:
        """The share of the seats that owed calls need from now on to be kept in time, 0..1."""
        left = self.plan.callbacks_end - now
        staffed = max(1, seats.home_staffed + seats.cloud_staffed)
        return min(1.0, self.calls_owed_s() / (staffed * left)) if left > 0 else 0.0

    def review_share(self, seats: SeatsCounted, now: float) -> float:
        """The share of the rostered seats that reviews need: what the night cannot take in, before the hours end."""
        end = self.plan.callbacks_end
        if now < end:
            return max(0.0, self.unreviewable_s(seats, now)) / max(60.0, rostered_seat_s(self.plan, now, end))
        return self.reviews_owed_s() / max(60.0, rostered_seat_s(self.plan, now, self.plan.ends))

    def _line_s(self) -> float:
        return len(self.line) * self.knowledge.handling.value

    def _cost(self, ground: Ground) -> float:
        rules = self.settings
        return self.knowledge.call_cost_s(ground, rules.callbacks.max_tries, rules.ring_s, rules.no_answer_s)

    def _capacity(self, seats: SeatsCounted, now: float) -> Capacity:
        return Capacity(
            handling_s=self.knowledge.handling.value,
            busyness=self.settings.busyness,
            cloud_seats=seats.cloud_staffed,
            cloud_until=self.cloud_until,
            relief_per_s=self.knowledge.overflow.count(now) / RELIEF_WINDOW_S,
        )
