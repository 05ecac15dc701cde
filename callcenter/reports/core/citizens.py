"""Citizen-days (市民日): each citizen counts once a day, however often he dials.

Invariant: a share of citizens never exceeds 1. Without a believable number each attempt is a citizen of its own
(FIELD.md 4).
"""

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from callcenter.reports.core.counting import attempts_of
from callcenter.reports.core.rows import ContactRow, DayRows, LevelChange, Promise
from callcenter.reports.core.windows import Window

SURGE_LEVEL = 2
"""From this level on it is a surge."""

DAY = timedelta(hours=24)

_CAPTURED = frozenset({"answered", "callback", "self_resolved", "message"})


class Scope(StrEnum):
    """Whom a figure is about."""

    ALL = "all"
    SURGE = "surge"
    """Citizens whose first attempt of the day fell into a surge."""
    SURVIVORS = "survivors"
    """Only who was answered: flatters as soon as others give up."""


class Levels:
    """The surge level over time. Before the first known change it is what that one left."""

    def __init__(self, changes: Iterable[LevelChange]) -> None:
        ordered = sorted(changes)
        self._times = [change.at for change in ordered]
        self._levels = [ordered[0].old if ordered else 0, *(change.new for change in ordered)]

    def at(self, moment: datetime) -> int:
        """The level in force, 0 to 3."""
        return self._levels[bisect_right(self._times, moment)]


@dataclass(slots=True)
class Citizen:
    """One citizen-day. ``later``: his attempts of the following day; ``talks``: our calls to him, of both days."""

    attempts: list[ContactRow] = field(default_factory=list)
    later: list[ContactRow] = field(default_factory=list)
    talks: list[datetime] = field(default_factory=list)
    reviews: list[datetime] = field(default_factory=list)
    is_owed: bool = False

    @property
    def first_at(self) -> datetime:
        """His first attempt of the day."""
        return self.attempts[0].arrived_at

    def is_captured(self) -> bool:
        """A live talk, a call-back record, confirmed self-service or a message."""
        return self.is_owed or any(row.exit in _CAPTURED for row in self.attempts)

    def has_spoken(self, day: Window, as_of: datetime) -> bool:
        """A talk with a person on this day, live or by call-back; a live one belongs to the day of its attempt."""
        live = any(row.is_human_talk(as_of) for row in self.attempts)
        return live or any(at in day for at in self.talks)

    def is_served(self, day: Window, as_of: datetime) -> bool:
        """Has spoken with a person, helped himself for good, or his message was reviewed, on this day."""
        reviewed = any(at in day for at in self.reviews)
        return reviewed or self._has_helped_himself() or self.has_spoken(day, as_of)

    def is_reached(self) -> bool:
        """Answered, called back, or his message handled, within 24 hours of his first attempt."""
        answers = [row.answered_at for row in (*self.attempts, *self.later) if row.exit == "answered"]
        limit = self.first_at + DAY
        return any(at is not None and at <= limit for at in (*answers, *self.talks, *self.reviews))

    def _has_helped_himself(self) -> bool:
        """Confirmed self-service without calling again within 24 hours."""
        resolved = [row.arrived_at for row in self.attempts if row.exit == "self_resolved"]
        arrivals = [row.arrived_at for row in (*self.attempts, *self.later)]
        return any(not any(at < again <= at + DAY for again in arrivals) for at in resolved)


def citizens_of(rows: DayRows, after: Sequence[ContactRow], as_of: datetime) -> dict[str, Citizen]:
    """Everybody who called on this day. ``after``: the contacts of the following day."""
    citizens: dict[str, Citizen] = defaultdict(Citizen)
    for row in attempts_of(rows.contacts):
        citizens[row.citizen].attempts.append(row)
    for row in attempts_of(after):
        if row.caller in citizens:
            citizens[row.caller].later.append(row)
    for row in (*rows.contacts, *after):
        if row.caller in citizens and row.answered_at and not row.is_attempt and row.is_human_talk(as_of):
            citizens[row.caller].talks.append(row.answered_at)
    for promise in rows.promises:
        if promise.citizen in citizens:
            _note_promise(citizens[promise.citizen], promise, rows.day)
    return citizens


def _note_promise(citizen: Citizen, promise: Promise, day: Window) -> None:
    if promise.reviewed_at is not None:
        citizen.reviews.append(promise.reviewed_at)
    if promise.can_be_called and (promise.closed_at is None or promise.closed_at >= day.from_at):
        citizen.is_owed = True


def count_citizens(
    rows: DayRows, after: Sequence[ContactRow], window: Window, levels: Levels, as_of: datetime
) -> dict[Scope, Counter[str]]:
    """Of the citizens who called within the window on this day: how many were captured, served, spoken with, reached.

    What became of them is looked up in the whole day; while it is not over, it is what came of it so far.
    """
    counts = {Scope.ALL: Counter[str](), Scope.SURGE: Counter[str]()}
    for citizen in citizens_of(rows, after, as_of).values():
        if not any(row.arrived_at in window for row in citizen.attempts):
            continue
        found = {
            "citizens": 1,
            "citizens_unknown": not citizen.attempts[0].caller,
            "captured": citizen.is_captured(),
            "served": citizen.is_served(rows.day, as_of),
            "spoken": citizen.has_spoken(rows.day, as_of),
            "reached": citizen.is_reached(),
        }
        counts[Scope.ALL].update(found)
        if levels.at(citizen.first_at) >= SURGE_LEVEL:
            counts[Scope.SURGE].update(found)
    return counts
