"""The words of a what-if (推演): what would be changed, the figures of a span, and what was predicted.

Invariant: predicted, simulated and real figures are counted by the same definitions, so that they can stand side by side.
"""

from dataclasses import dataclass
from datetime import datetime

from callcenter.core.errors import UsageError
from queues.core.surge import SurgeLevel

SEATS_MAX = 500
HOURS_MAX = 12.0
WRAP_UP_CAP_MAX_S = 3600.0
QUICK_S = 15.0
"""N2 of GB/T 33358-2016: answered within fifteen seconds."""


@dataclass(frozen=True, slots=True)
class Change:
    """What would be changed, from now on.

    ``cloud_seats``: more (or fewer) cloud seats for ``hours``. ``seats``: more (or fewer) on-site seats that take inbound calls.
    ``hours``: how long the change lasts, which is how far is looked ahead. ``wrap_up_cap_s``: longest after-call work at a seat;
    0: as it is. ``level``: the surge level that is declared, with the longest after-call work of its profile; ``None``: as it
    is. Nothing of all: how it goes on unchanged.
    """

    cloud_seats: int = 0
    seats: int = 0
    hours: float = 1.0
    wrap_up_cap_s: float = 0.0
    level: int | None = None

    def check(self) -> None:
        """Refuse nonsense.

        Raises:
            UsageError: absurd numbers, or no such level.
        """
        if not 0 < self.hours <= HOURS_MAX:
            raise UsageError(f"hours must be more than 0 and at most {HOURS_MAX:g}", code="bad_hours")
        if max(abs(self.cloud_seats), abs(self.seats)) > SEATS_MAX:
            raise UsageError(f"at most {SEATS_MAX} seats more or fewer", code="bad_seats")
        if not 0 <= self.wrap_up_cap_s <= WRAP_UP_CAP_MAX_S:
            raise UsageError(
                f"after-call work may last 0 to {WRAP_UP_CAP_MAX_S:g} s; 0: as it is", code="bad_wrap_up"
            )
        if self.level is not None and self.level not in tuple(SurgeLevel):
            raise UsageError("the surge level is a number from 0 to 3", code="unknown_level")


@dataclass(frozen=True, slots=True)
class Figures:
    """What a span came to. Counts are means over runs where predicted. ``None``: nobody to count.

    Attempts: the callers in line when it begins, and all calls that come within it. A person request waits for a person, is
    answered, gives up, or takes a call-back or message instead. Waits are of all who waited, those still waiting at the end
    included with what they waited so far.
    """

    attempts: float
    answered: float
    answered_share: float | None
    """Answered of the person requests (``connect_rate_agent``)."""
    served_within_share: float | None
    """Answered within ``QUICK_S`` of the answered and the abandoned (``sl15_c``)."""
    abandoned_share: float | None
    """Given up of the person requests."""
    mean_wait_s: float | None
    p95_wait_s: float | None
    occupancy: float | None
    """Seat time at work of seat time staffed."""
    callbacks_open_end: float
    """Citizens we owe a call or a hearing when the span ends."""
    human_share: float | None
    """Citizens of the span who talked with a person within it, live or called back, of all of them."""
    waiting_end: float
    """Callers in line when the span ends."""
    seats: float
    """Seats on duty, on average."""


FIGURES = tuple(Figures.__dataclass_fields__)


@dataclass(frozen=True, slots=True)
class Prediction:
    """An answer to a what-if. ``runs``: pairs of simulated futures, alike in all but the change. ``took_s``: until answered.

    ``horizon_s``: how far was simulated; ``spread``: by figure, the standard error of the difference between the two variants.
    """

    id: str
    asked_at: datetime
    change: Change
    without: Figures
    with_: Figures
    runs: int
    took_s: float
    horizon_s: float
    spread: dict[str, float | None]
