"""What the parts of the hotline's engine share: seats, line, promises, beliefs, and the effects they decide.

Invariants: a seat given away is counted at once; a citizen stands in line at most once; who is connected or otherwise
settled is owed nothing.
"""

from dataclasses import dataclass, field, replace

from callcenter.core.clock import Instant
from callcenter.core.messages.base import Effect
from queues.core import dialogue as d
from queues.core.callbacks import CALLS, MESSAGES, PromiseBook
from queues.core.estimate import expected_wait_s, plain_wait_s
from queues.core.knowledge import ARRIVAL_WINDOW_S, Knowledge
from queues.core.outlook import Outlook
from queues.core.routing import Line
from queues.core.settings import EngineSettings
from queues.core.surge import Pressure


@dataclass(slots=True)
class Hotline:
    """The state of one hotline on one day. Sets hold callers."""

    settings: EngineSettings
    knowledge: Knowledge
    line: Line
    book: PromiseBook
    outlook: Outlook
    seats: d.SeatsCounted = field(default_factory=lambda: d.SeatsCounted(0, 0, 0, 0))
    on_line: set[str] = field(default_factory=set)
    callable: set[str] = field(default_factory=set)
    unreached: set[str] = field(default_factory=set)
    """All tries to reach them failed: nothing more is promised today."""
    asked: set[str] = field(default_factory=set)
    """Waiting callers about whom a reply is awaited, theirs or the partner's: one question at a time."""
    reminders: dict[str, Instant] = field(default_factory=dict)
    """When to look at each waiting caller again."""
    effects: list[Effect] = field(default_factory=list)

    @property
    def free(self) -> int:
        """Seats that wait for work."""
        return self.seats.home_free + self.seats.cloud_free

    @property
    def staffed(self) -> int:
        """Seats that can work now, at least one."""
        return max(1, self.seats.home_staffed + self.seats.cloud_staffed)

    @property
    def owes(self) -> bool:
        """Whether anybody waits for our call or for his message to be heard."""
        return self.book.count(CALLS) + self.book.count(MESSAGES) > 0

    def plain_wait_s(self) -> float:
        """The plain estimate for one who joins now."""
        return plain_wait_s(self.free, len(self.line), self.knowledge.forecast.handling_s, self.staffed)

    def expected_s(self, caller: str, urgent: bool, now: Instant) -> float:
        """How long he would wait for a person if he joined now."""
        if self.free and not self.line:
            return 0.0
        rate = self.staffed / self.knowledge.handling.value
        return expected_wait_s(self.line.ahead(caller, urgent, now), rate, self.knowledge.patience.value)

    def pressure(self, now: float) -> Pressure:
        """The figures behind the surge level."""
        arrivals = self.knowledge.recent_citizens.count(now)
        load = arrivals * self.knowledge.handling.value / (ARRIVAL_WINDOW_S * self.staffed)
        return Pressure(load, self.plain_wait_s(), len(self.line))

    def fits_callback(self, now: Instant) -> bool:
        """Whether one more call-back can be promised."""
        return self.outlook.fits_callback(self.seats, now)

    def fits_everybody(self, now: Instant) -> bool:
        """Whether everybody can still talk with a person."""
        return self.outlook.fits_everybody(self.seats, now)

    def may_be_promised(self, caller: str) -> bool:
        """Whether a call-back can be promised to him at all."""
        return caller in self.callable and caller not in self.book and caller not in self.unreached

    def is_hopeless(self, promise: d.Promise) -> bool:
        """Whether nothing more is tried: all tries are used up, and no seat will hear a message instead."""
        is_unheard = promise.ground is d.Ground.MESSAGE and not promise.reviewed
        return self.book.is_exhausted(promise) and not (is_unheard and self.settings.reviews_by_seats)

    def say(self, effect: Effect) -> bool:
        """Decide an effect. Always true: who is spoken to has to be awaited."""
        self.effects.append(effect)
        return True

    def take_seat(self) -> None:
        """One free seat is taken, home before cloud."""
        if self.seats.home_free:
            self.seats = replace(self.seats, home_free=self.seats.home_free - 1)
        else:
            self.seats = replace(self.seats, cloud_free=self.seats.cloud_free - 1)

    def connect(self, caller: str, now: Instant) -> bool:
        """A seat that was taken answers him."""
        self.leave_line(caller, now, gave_up=False)
        self.settle(caller, "answered")
        return self.say(d.Connect(caller))

    def leave_line(self, caller: str, now: Instant, gave_up: bool) -> None:
        """He waits no longer; how long he did teaches patience."""
        self.reminders.pop(caller, None)
        self.asked.discard(caller)
        place = self.line.leave(caller, now)
        if place is not None:
            self.knowledge.patience.see(now - place.since, gave_up)

    def settle(self, caller: str, why: str) -> None:
        """Nothing is owed to this citizen any more."""
        if self.book.drop(caller) is not None:
            self.say(d.ClosePromise(caller, why))
