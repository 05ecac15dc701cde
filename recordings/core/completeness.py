"""Is a recording as long as the talk was? ``recording_complete_rate`` (录音完整率) of FIELD.md 4.

Invariant: pure. A recording proves nothing by existing: its seconds are compared with the talk's.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from callcenter.core.ids import ContactId, SeatId

TOLERANCE_S = 2.0
"""Seconds by which recording and talk may differ."""


class Verdict(StrEnum):
    """What the comparison says."""

    COMPLETE = "complete"
    SHORT = "short"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Completeness:
    """A verdict and why. ``short_by_s``: seconds missing against the talk, >= 0."""

    verdict: Verdict
    short_by_s: float
    reason: str


@dataclass(frozen=True, slots=True)
class CompleteRate:
    """``recording_complete_rate`` = answered contacts with a complete recording / answered contacts."""

    complete: int
    answered: int

    @property
    def ratio(self) -> float | None:
        """0..1; ``None`` when nothing was answered."""
        return self.complete / self.answered if self.answered else None


@dataclass(frozen=True, slots=True)
class Talk:
    """An answered contact and what was recorded of it. ``recorded_s`` ``None``: nothing."""

    contact_id: ContactId
    seat_id: SeatId | None
    ended_at: datetime
    talk_s: float
    recorded_s: float | None


@dataclass(frozen=True, slots=True)
class Gap:
    """An answered contact whose recording lacks something (录音缺口)."""

    talk: Talk
    completeness: Completeness

    def as_json(self) -> dict[str, Any]:
        """For machines."""
        return {
            "contact_id": self.talk.contact_id,
            "seat_id": self.talk.seat_id,
            "ended_at": self.talk.ended_at.isoformat(),
            "talk_s": round(self.talk.talk_s, 1),
            "recorded_s": self.talk.recorded_s,
            "short_by_s": round(self.completeness.short_by_s, 1),
            "verdict": self.completeness.verdict.value,
            "reason": self.completeness.reason,
        }


@dataclass(frozen=True, slots=True)
class GapReport:
    """The gaps of a time, worst first, and the rate that they make."""

    gaps: tuple[Gap, ...]
    rate: CompleteRate

    def as_json(self) -> dict[str, Any]:
        """For machines."""
        return {
            "answered": self.rate.answered,
            "complete": self.rate.complete,
            "recording_complete_rate": self.rate.ratio,
            "gaps": [gap.as_json() for gap in self.gaps],
        }


def find_gaps(talks: Iterable[Talk]) -> GapReport:
    """Compare every talk with its recording."""
    judged = [Gap(talk, judge(talk.recorded_s, max(0.0, talk.talk_s))) for talk in talks]
    gaps = [gap for gap in judged if gap.completeness.verdict is not Verdict.COMPLETE]
    worst_first = sorted(gaps, key=lambda gap: (-gap.completeness.short_by_s, gap.talk.contact_id))
    return GapReport(tuple(worst_first), complete_rate(gap.completeness.verdict for gap in judged))


def judge(recorded_s: float | None, talk_s: float) -> Completeness:
    """Compare. ``recorded_s`` is ``None`` when there is no file; a longer recording is complete.

    Raises:
        ValueError: negative seconds.
    """
    if talk_s < 0 or (recorded_s is not None and recorded_s < 0):
        raise ValueError("seconds cannot be negative")
    if recorded_s is None:
        return Completeness(Verdict.MISSING, talk_s, "no recording")
    if recorded_s == 0:
        return Completeness(Verdict.MISSING, talk_s, "empty recording")
    short_by_s = max(0.0, talk_s - recorded_s)
    if short_by_s <= TOLERANCE_S:
        return Completeness(Verdict.COMPLETE, short_by_s, "")
    return Completeness(Verdict.SHORT, short_by_s, f"{recorded_s:.1f} s of {talk_s:.1f} s")


def complete_rate(verdicts: Iterable[Verdict]) -> CompleteRate:
    """The rate over answered contacts, one verdict each."""
    listed = list(verdicts)
    return CompleteRate(listed.count(Verdict.COMPLETE), len(listed))
