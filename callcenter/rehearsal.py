"""A recorded day played again to engines built as they ran, and to engines built from other settings.

Invariant: engines are built and fed as in the controller's process; what a change of settings changes in the plan of a day,
the candidate is told, and nothing else.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from callcenter.core.clock import Instant
from callcenter.core.errors import UsageError
from callcenter.core.messages.base import Message
from callcenter.core.messages.quality import CallAssessed
from callcenter.core.messages.seats import Publish
from callcenter.core.messages.surge import DayPlanned
from callcenter.core.messages.work import TicketDrafted, TicketWorked
from callcenter.engines import Engines, build_engines
from callcenter.planner import plan_day
from callcenter.recorded import Entry, Recording
from callcenter.settings import Settings
from callcenter.sim.replay import Decision, Pair, Player, Verdict, pairs
from callcenter.store.unit import JournalEntry

WRITERS_OWN = frozenset({TicketDrafted.type, TicketWorked.type, CallAssessed.type})
"""Derived entries that are told by who writes the rows; all others are the engines'."""
LATE_S = 0.05
"""A journaled instant is a little later than the decision that it belongs to: figures may differ by so many seconds."""
LATE_SHARE = 1e-3
KEPT_MAX = 100_000
"""Differences that are kept to be shown; all are counted."""

Progress = Callable[[float], None]
"""Told the share of the journal that was read, 0 to 1."""


@dataclass(frozen=True, slots=True)
class Span:
    """The time to look at; ``None``: without a bound. Earlier entries are played, but not judged.

    Raises:
        UsageError: it ends before it begins.
    """

    since: datetime | None = None
    until: datetime | None = None

    def __post_init__(self) -> None:
        if self.since is not None and self.until is not None and self.until <= self.since:
            raise UsageError("--until must be later than --from")

    def has(self, row: JournalEntry) -> bool:
        """Whether what follows from this entry is judged."""
        return self.since is None or row.at >= self.since


@dataclass(frozen=True, slots=True)
class Difference:
    """One decision on both sides, and when by the wall clock; ``None``: not decided there."""

    pair: Pair
    recorded_at: datetime | None
    candidate_at: datetime | None


@dataclass
class Compared:
    """Two sides through a recording. ``lives``, ``messages``: starts of a controller and inputs in the span.

    ``counts``: decisions by kind. ``refused``: messages, also derived ones, that did not fit the candidate.
    """

    lives: int = 0
    messages: int = 0
    refused: int = 0
    counts: dict[str, Counter[Verdict]] = field(default_factory=lambda: defaultdict(Counter))
    differences: list[Difference] = field(default_factory=list)

    @property
    def differing(self) -> int:
        """Decisions that are not the same on both sides."""
        return sum(counter.total() - counter[Verdict.SAME] for counter in self.counts.values())


@dataclass(frozen=True, slots=True)
class Mismatch:
    """What the engines told after the journal's entry ``seq`` and until the next, now and when it was recorded."""

    seq: int
    at: datetime
    replayed: Sequence[Message]
    journaled: Sequence[Message]


@dataclass
class Verified:
    """The engines as they ran against their own journal. ``derived``: messages of theirs that were compared."""

    lives: int = 0
    messages: int = 0
    derived: int = 0
    mismatches: list[Mismatch] = field(default_factory=list)


class Side:
    """One set of engines through all lives of a recording. ``settings``: what they are built from."""

    def __init__(
        self, settings: Settings, hears: Callable[[Message], Message] = lambda message: message
    ) -> None:
        self._settings = settings
        self._engines: Engines | None = None
        self.player = Player(hears=hears)

    def begin(self, plan: DayPlanned, row: JournalEntry) -> None:
        """A controller starts: new engines, which take up the contacts that the last ones had."""
        engines = build_engines(self._settings, _planned(self._settings, plan))
        for contact in self._engines.contacts.live() if self._engines else ():
            age_s = max(0.0, (row.at - contact.arrived_at).total_seconds())
            engines.contacts.reopen(contact, age_s, row.instant)
        self._engines = engines
        self.player.begin(engines.in_order)


async def compare(
    recording: Recording, recorded: Settings, candidate: Settings, span: Span, progress: Progress
) -> Compared:
    """Play the recording to engines of both settings.

    Raises:
        OurError: a damaged entry.
    """

    def hears(message: Message) -> Message:
        return replanned(message, recorded, candidate) if isinstance(message, DayPlanned) else message

    sides, found = (Side(recorded), Side(candidate, hears)), Compared()
    async for entry in recording.entries(span.since, span.until):
        progress(recording.share(entry))
        if entry.row.derived:
            continue
        _count(found, entry, span)
        if entry.begins:
            _begin(entry, sides)
        one, other = (side.player.play(entry.message, entry.row.instant) for side in sides)
        if span.has(entry.row):
            _note(found, entry.row, pairs(one, other))
    found.refused = sides[1].player.refused
    return found


async def verify(recording: Recording, settings: Settings, span: Span, progress: Progress) -> Verified:
    """Play the recording to the engines that ran and compare what they tell with what they told.

    Raises:
        OurError: a damaged entry.
    """
    side, found = Side(settings), Verified()
    replayed: list[Decision] = []
    journaled: list[Message] = []
    last: JournalEntry | None = None
    newest = Instant(-math.inf)
    async for entry in recording.entries(span.since, span.until):
        progress(recording.share(entry))
        row = entry.row
        if row.derived:
            journaled += [entry.message] if row.type not in WRITERS_OWN else []
            newest = row.instant
            continue
        if last is not None:
            replayed += side.player.wake(newest if entry.begins else row.instant)
            _judge(found, last, replayed, journaled, span)
        _count(found, entry, span)
        if entry.begins:
            _begin(entry, [side])
        replayed, journaled = side.player.tell(entry.message, row.instant), []
        last, newest = row, row.instant
    if last is not None:
        _judge(found, last, [*replayed, *side.player.wake(newest)], journaled, span)
    return found


def _planned(settings: Settings, plan: DayPlanned) -> DayPlanned:
    """The plan of the same day from settings alone, as a controller makes it before it looks into the past."""
    midnight = plan.began_at.astimezone(ZoneInfo(settings.time_zone))
    return plan_day(settings, plan.began, midnight, plan.is_new_day, None)


def replanned(plan: DayPlanned, recorded: Settings, candidate: Settings) -> DayPlanned:
    """The plan of a recorded day as the candidate's settings would have made it; what was learned stays."""
    was, would = _planned(recorded, plan), _planned(candidate, plan)
    names = (part.name for part in fields(plan))
    changes = {name: getattr(would, name) for name in names if getattr(was, name) != getattr(would, name)}
    return replace(plan, **changes)


def _count(found: Compared | Verified, entry: Entry, span: Span) -> None:
    if span.has(entry.row):
        found.messages += 1
        found.lives += entry.begins


def _begin(entry: Entry, sides: Sequence[Side]) -> None:
    if isinstance(entry.message, DayPlanned):
        for side in sides:
            side.begin(entry.message, entry.row)


def _note(found: Compared, row: JournalEntry, both: Sequence[Pair]) -> None:
    for pair in both:
        found.counts[pair.either.kind][pair.verdict] += 1
        if pair.verdict is not Verdict.SAME and len(found.differences) < KEPT_MAX:
            times = (_at(decision, row) for decision in (pair.recorded, pair.candidate))
            found.differences.append(Difference(pair, *times))


def _at(decision: Decision | None, row: JournalEntry) -> datetime | None:
    return None if decision is None else row.at + timedelta(seconds=decision.now - row.instant)


def _judge(
    found: Verified, row: JournalEntry, replayed: Sequence[Decision], journaled: Sequence[Message], span: Span
) -> None:
    told = [decision.effect.message for decision in replayed if isinstance(decision.effect, Publish)]
    if not span.has(row):
        return
    found.derived += len(journaled)
    if len(told) != len(journaled) or not all(map(_is_alike, told, journaled)):
        found.mismatches.append(Mismatch(row.seq, row.at, told, journaled))


def _is_alike(one: Message, other: Message) -> bool:
    return type(one) is type(other) and all(
        _is_close(getattr(one, part.name), getattr(other, part.name)) for part in fields(one)
    )


def _is_close(one: Any, other: Any) -> bool:
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=LATE_SHARE, abs_tol=LATE_S)
    return bool(one == other)
