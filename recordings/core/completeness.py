"""Is a recording as long as the talk was? ``recording_complete_rate`` (录音完整率) of FIELD.md 4.

Invariant: pure. A recording proves nothing by existing: its seconds are compared with the talk's.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

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
