"""Draws the calls that people review: per seat, per topic or from all, by a seed, the same again for the same calls.

Chance is the SHA-256 of seed, plan, period and recording: every call of a group is equally likely, no call's chance
depends on another's, and nobody can prefer one by the order in which calls come.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from enum import StrEnum
from hashlib import sha256
from itertools import groupby
from math import ceil

from callcenter.core.errors import UsageError
from callcenter.core.ids import RecordingId, SeatId


class GroupBy(StrEnum):
    """Of what each group gets its share."""

    SEAT = "seat"
    TOPIC = "topic"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Plan:
    """A sampling plan. ``size``: calls of each group and week; ``second_share``: part that two review, 0..1.

    ``reviewers``: accounts that take turns; with ``second_share`` at least two.
    """

    name: str
    card_id: str
    group_by: GroupBy
    size: int
    seed: int
    second_share: float
    reviewers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A call that may be drawn."""

    recording_id: RecordingId
    seat_id: SeatId | None
    topic: str | None


@dataclass(frozen=True, slots=True)
class Assignment:
    """A drawn call, and who reviews it; ``second``: blind, beside the first."""

    recording_id: RecordingId
    first: str
    second: str | None


def draw(
    plan: Plan, period: str, candidates: Iterable[Candidate], own_seats: Mapping[str, SeatId] | None = None
) -> list[Assignment]:
    """The calls of a period that are reviewed, and by whom.

    Nobody gets a call of his own seat (``own_seats``); a call that no reviewer may have is left out.
    """
    seats = own_seats or {}
    chosen = [c for group in _groups(plan, period, candidates) for c in group[: plan.size]]
    chosen.sort(key=lambda candidate: _chance(plan, period, candidate.recording_id))
    doubled = ceil(plan.second_share * len(chosen) - 1e-9)
    drawn: list[Assignment] = []
    for turn, candidate in enumerate(chosen):
        able = _in_turn([name for name in plan.reviewers if seats.get(name, "") != candidate.seat_id], turn)
        if able:
            second = able[1] if turn < doubled and len(able) > 1 else None
            drawn.append(Assignment(candidate.recording_id, able[0], second))
    return drawn


def week_of(day: date) -> str:
    """The ISO week of a day, ``2026-W47``."""
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02d}"


def week_bounds(week: str, zone: tzinfo) -> tuple[datetime, datetime]:
    """Monday 00:00 of a week and of the next one, in the city's time.

    Raises:
        UsageError: code ``bad_week``.
    """
    year, _, number = week.partition("-W")
    try:
        monday = date.fromisocalendar(int(year), int(number), 1)
        if week_of(monday) != week:
            raise ValueError
        until = monday + timedelta(days=7)
    except (ValueError, OverflowError):
        raise UsageError("a week is written like 2026-W47", code="bad_week") from None
    return datetime.combine(monday, time(), zone), datetime.combine(until, time(), zone)


def _groups(plan: Plan, period: str, candidates: Iterable[Candidate]) -> Iterable[list[Candidate]]:
    by_chance = sorted(candidates, key=lambda c: _chance(plan, period, c.recording_id))
    by_group = sorted(by_chance, key=lambda c: _group(plan, c))  # stable: within a group still by chance
    return (list(group) for _, group in groupby(by_group, key=lambda c: _group(plan, c)))


def _group(plan: Plan, candidate: Candidate) -> str:
    match plan.group_by:
        case GroupBy.SEAT:
            return candidate.seat_id or ""
        case GroupBy.TOPIC:
            return candidate.topic or ""
        case GroupBy.ALL:
            return ""


def _chance(plan: Plan, period: str, recording_id: RecordingId) -> bytes:
    return sha256(f"{plan.seed}\n{plan.name}\n{period}\n{recording_id}".encode()).digest()


def _in_turn(names: Sequence[str], turn: int) -> list[str]:
    begin = turn % len(names) if names else 0
    return [*names[begin:], *names[:begin]]
