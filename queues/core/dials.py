"""Call-backs under way: first the seat is ours alone, then its phone rings, then the citizen's.

Invariants: a seat has one call-back at most; a try counts only once the agent has picked up; a citizen was reached only
by a two-way talk of at least ``SERVED_S`` seconds (FIELD.md 4, ``human_same_day_rate``), everything else is not done.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from callcenter.core.clock import Instant, after
from callcenter.core.ids import ContactId, SeatId
from callcenter.core.messages import callbacks

SERVED_S = 20.0
"""The shortest talk that counts as one."""

SECURE_S = 6.0
"""How long a seat may take to be paused for a call-back."""

BEGIN_S = 15.0
"""How long the edge may take to commit its row: longer than its own limit, so that it gives up first and says so."""

HEARD_WITHIN_S = 3.0
"""How long after the end the count of audio packets may come."""

PACKETS_MIN = 100
"""Audio of two seconds: less from either side is no talk."""


class Result(StrEnum):
    """How a call-back ended."""

    KEPT = "kept"
    NO_SEAT = "no_seat"
    """The agent did not pick up, or his seat got another call: this was no try."""
    NO_ANSWER = "no_answer"
    TOO_SHORT = "too_short"
    ONE_WAY = "one_way"


@dataclass(slots=True)
class Dial:
    """One call-back. ``since``: its last step; ``is_secured``: the seat gets no other call; ``has_begun``: its row is there.

    Instants: joined with the citizen, parted, over; ``over_at``: the same by the wall clock. ``is_found``: nobody saw when
    they were joined, the books will tell how long they talked.
    """

    contact_id: ContactId
    caller: str
    seat_id: SeatId
    origin: ContactId
    since: Instant
    is_secured: bool = False
    has_begun: bool = False
    has_agent: bool = False
    answered_at: Instant | None = None
    parted_at: Instant | None = None
    ended_at: Instant | None = None
    over_at: datetime | None = None
    heard: callbacks.CallbackHeard | None = None
    is_found: bool = False

    @property
    def talk_s(self) -> float:
        """Seconds joined with the citizen."""
        until = self.parted_at or self.ended_at
        return until - self.answered_at if self.answered_at is not None and until is not None else 0.0

    @property
    def due(self) -> Instant | None:
        """When it has to be looked at without a message."""
        if self.ended_at is not None:
            return after(self.ended_at, HEARD_WITHIN_S)
        if self.has_begun:
            return None
        return after(self.since, BEGIN_S if self.is_secured else SECURE_S)

    @property
    def result(self) -> Result:
        """How it ended; without a count of packets the seconds alone decide."""
        if not self.has_agent:
            return Result.NO_SEAT
        if self.answered_at is None:
            return Result.NO_ANSWER
        if self.talk_s < SERVED_S:
            return Result.TOO_SHORT
        if self.heard and min(self.heard.from_citizen, self.heard.from_agent) < PACKETS_MIN:
            return Result.ONE_WAY
        return Result.KEPT


class Dials:
    """All call-backs under way."""

    def __init__(self) -> None:
        self._open: dict[ContactId, Dial] = {}

    def __iter__(self) -> Iterator[Dial]:
        return iter(list(self._open.values()))

    def begin(self, dial: Dial) -> None:
        """Keep a new one."""
        self._open[dial.contact_id] = dial

    def get(self, contact_id: ContactId) -> Dial | None:
        """The call-back with this contact."""
        return self._open.get(contact_id)

    def at(self, seat_id: SeatId) -> Dial | None:
        """The call-back of a seat."""
        return next((dial for dial in self._open.values() if dial.seat_id == seat_id), None)

    def to(self, caller: str) -> Dial | None:
        """The call-back to a citizen."""
        return next((dial for dial in self._open.values() if dial.caller == caller), None)

    def close(self, contact_id: ContactId) -> None:
        """It is over and judged."""
        self._open.pop(contact_id, None)

    def overdue(self, now: Instant) -> list[Dial]:
        """Those that have to be looked at now."""
        return [dial for dial in self if dial.due is not None and dial.due <= now]

    def next_due(self) -> Instant | None:
        """When the first has to be looked at."""
        return min((dial.due for dial in self if dial.due is not None), default=None)
