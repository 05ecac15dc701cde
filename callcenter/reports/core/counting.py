"""What adds up from row to row: base counters and their identities, waits, announcements, call-backs.

Invariant: every counter is counted by its own meaning, so that an identity that does not hold is seen.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

from callcenter.reports.core.rows import AID, EXITS_AFTER, EXITS_BEFORE, Announcement, ContactRow, Promise

QUICK_S = 15.0
"""Answered in time (GB/T 33358, FIELD.md N2)."""

SHORT_S = 5.0
"""Who hangs up in line within this was hardly willing to wait (``abandoned_short``)."""

HARM_S = 5.0
"""In line for less than this nobody has been made to wait."""

COUNTERS = (
    "attempts",
    *EXITS_BEFORE,
    "in_intake",
    "person_requests",
    *EXITS_AFTER,
    "still_open",
    "abandoned_short",
    "messages_reviewed",
    "citizens",
    "citizens_unknown",
    "callbacks_promised",
    "callbacks_kept",
    "callbacks_unreached",
    "callbacks_open",
    "callbacks_superseded",
    "announced",
)
"""The counters of a report. ``in_intake``: on the line, has not asked for a person yet; ``still_open``: asked and waits;
``citizens_unknown``: without a believable number; ``callbacks_superseded``: he got through before we called."""

IDENTITIES = (
    ("attempts", (*EXITS_BEFORE, "in_intake", "person_requests")),
    ("person_requests", (*EXITS_AFTER, "still_open")),
)
"""FIELD.md 4; ``in_intake`` are those who are still being greeted."""

_EXITS = frozenset(EXITS_BEFORE + EXITS_AFTER)


class Violation(NamedTuple):
    """An identity that does not hold: the ledger contradicts itself."""

    identity: str
    whole: int
    parts: int


@dataclass(slots=True)
class Waits:
    """Seconds in line. Who was diverted before joining it has no wait, which is not a wait of zero."""

    everybody: list[float] = field(default_factory=list)
    answered: list[float] = field(default_factory=list)


@dataclass(slots=True)
class Delays:
    """Seconds until the talk of a kept call-back: since its promise, and since his first attempt of that day."""

    since_promise: list[float] = field(default_factory=list)
    since_first: list[float] = field(default_factory=list)


def count_attempts(attempts: Iterable[ContactRow], as_of: datetime) -> Counter[str]:
    """The base counters, and ``answered_quick``, ``abandoned_quick``: within 15 s."""
    counts: Counter[str] = Counter()
    for row in attempts:
        counts["attempts"] += 1
        counts["person_requests"] += row.asked
        if row.exit is None:
            counts["still_open" if row.asked else "in_intake"] += 1
        elif row.exit in _EXITS:
            counts[row.exit] += 1
        counts["answered_by_partner"] += row.exit == "answered" and row.seat_id == AID
        wait_s = row.wait_s(as_of)
        if wait_s is not None and row.exit in ("answered", "abandoned"):
            counts[f"{row.exit}_quick"] += wait_s <= QUICK_S
            counts[f"{row.exit}_short"] += wait_s <= SHORT_S
    return counts


def violations(counts: Mapping[str, int]) -> tuple[Violation, ...]:
    """The identities that do not hold."""
    checked = (
        Violation(f"{whole} = {' + '.join(parts)}", counts[whole], sum(counts[part] for part in parts))
        for whole, parts in IDENTITIES
    )
    return tuple(found for found in checked if found.whole != found.parts)


def measure_waits(attempts: Iterable[ContactRow], as_of: datetime) -> Waits:
    """How long each waited in line; who still waits, so far (censored)."""
    waits = Waits()
    for row in attempts:
        wait_s = row.wait_s(as_of)
        if wait_s is not None:
            waits.everybody.append(wait_s)
            if row.exit == "answered":
                waits.answered.append(wait_s)
    return waits


def count_harmed(
    attempts: Iterable[ContactRow], everybody: Iterable[ContactRow], as_of: datetime
) -> Counter[str]:
    """``harmed``: our citizens who had to wait while a seat of ours talked with a caller of the partner city.

    Who is in line for less than :data:`HARM_S` has not waited, a phone rang for him.
    """
    held = _merged(
        (row.answered_at, row.talk_ended_at or row.ended_at or as_of)
        for row in everybody
        if row.source == AID and row.answered_at is not None
    )
    ends = [end for _, end in held]
    counts: Counter[str] = Counter()
    for row in attempts:
        wait_s = row.wait_s(as_of)
        if not held or row.queued_at is None or wait_s is None or wait_s < HARM_S:
            continue
        first = bisect_right(ends, row.queued_at)
        counts["harmed"] += first < len(held) and held[first][0] < row.queued_at + timedelta(seconds=wait_s)
    return counts


def _merged(spans: Iterable[tuple[datetime, datetime]]) -> list[tuple[datetime, datetime]]:
    """The spans in order, those that touch made one."""
    merged: list[tuple[datetime, datetime]] = []
    for begin, end in sorted(spans):
        if merged and begin <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((begin, end))
    return merged


def count_announcements(announcements: Iterable[Announcement], as_of: datetime) -> Counter[str]:
    """``announced``, of these ``ewt_judged``, of these ``ewt_hits``.

    An answer inside the range is a hit. Who was not answered is a miss once he has waited past the range; before that
    his leaving proves nothing and is not judged.
    """
    counts: Counter[str] = Counter()
    for told in announcements:
        counts["announced"] += 1
        waited_s = ((told.answered_at or told.ended_at or as_of) - told.at).total_seconds()
        if told.answered_at is not None or waited_s > told.high_s:
            counts["ewt_judged"] += 1
            counts["ewt_hits"] += told.answered_at is not None and told.low_s <= waited_s <= told.high_s
    return counts


def count_promises(promises: Iterable[Promise]) -> Counter[str]:
    """What became of the call-backs that were promised, and which messages were reviewed."""
    counts: Counter[str] = Counter()
    for promise in promises:
        counts["messages_reviewed"] += promise.reviewed_at is not None
        if promise.is_callback:
            counts["callbacks_promised"] += 1
            counts[f"callbacks_{promise.fate}"] += 1
    return counts


def measure_delays(promises: Iterable[Promise], first_attempts: Mapping[str, datetime]) -> Delays:
    """How long kept call-backs took. ``first_attempts``: caller -> his first attempt on the day of the promise."""
    delays = Delays()
    for promise in promises:
        if promise.is_callback and promise.fate == "kept" and promise.talk_at is not None:
            first_at = min(promise.made_at, first_attempts.get(promise.caller, promise.made_at))
            delays.since_promise.append((promise.talk_at - promise.made_at).total_seconds())
            delays.since_first.append((promise.talk_at - first_at).total_seconds())
    return delays


def attempts_of(contacts: Iterable[ContactRow]) -> list[ContactRow]:
    """The citizens' own: call-backs are our calls, and who is helped for another city is counted there."""
    return [row for row in contacts if row.is_attempt]
