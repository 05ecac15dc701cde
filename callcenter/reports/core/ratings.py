"""Satisfaction (满意度) by the formula ids of FIELD.md 4.

Invariants: no answer is never "satisfied": it stands in the denominator of the response rate and nowhere else; a rate that
is estimated from few comes with its Wilson interval.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import sqrt
from typing import NamedTuple

from callcenter.core.messages.flows import GRADES
from callcenter.reports.core.formulas import RATE, Figure, Formula
from callcenter.reports.core.rows import HUMAN_TALK_S

GOOD = frozenset({3, 4, 5})
"""Basically satisfied, satisfied, very satisfied (GB/T 33358)."""
WAYS = ("key", "link", "survey")
"""How a citizen gives his grade. Any other grade would be a default; the table ``ratings`` refuses it."""
Z_95 = 1.959963984540054
"""Quantile of the normal distribution for an interval that holds the truth 95 times of 100."""
DUE_TALK_S = HUMAN_TALK_S
"""Shortest talk that is due for a survey: who was asked and who was not alike."""

SATISFY = Formula("satisfy_rate", "满意率", "satisfied or basically satisfied, of rated", RATE)
SURVEY = Formula("survey_rate", "参评率", "rated, of talks due for survey", RATE)
DEFAULT_GOOD = Formula("default_good_share", "默认好评占比", "good by default, of good", RATE)

RATING_FORMULAS: Mapping[str, Formula] = {each.id: each for each in (SATISFY, SURVEY, DEFAULT_GOOD)}
"""By id with version."""


class RatedTalk(NamedTuple):
    """Talks with one seat that got the same answer. ``grade`` ``None``: nobody rated them. ``by``: one of ``WAYS``, or ``""``."""

    seat_id: str | None
    grade: int | None
    by: str
    talks: int


class Interval(NamedTuple):
    """Between these the true rate lies, 95 times of 100."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Satisfaction:
    """What citizens said of talks. ``grades``: 1 to 5 -> how many; ``by``: one of ``WAYS`` -> how many.

    ``interval`` ``None``: nobody rated.
    """

    due: int
    rated: int
    grades: Mapping[int, int]
    by: Mapping[str, int]
    figures: tuple[Figure, ...]
    interval: Interval | None

    @property
    def silent(self) -> int:
        """Talks that nobody rated."""
        return self.due - self.rated


def satisfaction(talks: Iterable[RatedTalk]) -> Satisfaction:
    """Count talks that were due for a survey."""
    due, by_default = 0, 0
    grades, ways = Counter(dict.fromkeys(GRADES, 0)), Counter(dict.fromkeys(WAYS, 0))
    for row in talks:
        due += row.talks
        if row.grade is not None:
            grades[row.grade] += row.talks
            ways[row.by] += row.talks
            by_default += row.talks if row.grade in GOOD and row.by not in WAYS else 0
    rated, good = grades.total(), sum(grades[grade] for grade in GOOD)
    figures = (
        _figure(SATISFY, good, rated),
        _figure(SURVEY, rated, due),
        _figure(DEFAULT_GOOD, by_default, good),
    )
    return Satisfaction(due, rated, grades, ways, figures, wilson(good, rated) if rated else None)


def by_seat(talks: Iterable[RatedTalk]) -> Mapping[str, Satisfaction]:
    """The same for each seat, in the order of their numbers: a list to look something up, no ranking."""
    of_seat: dict[str, list[RatedTalk]] = {}
    for row in talks:
        if row.seat_id is not None:
            of_seat.setdefault(row.seat_id, []).append(row)
    return {seat_id: satisfaction(of_seat[seat_id]) for seat_id in sorted(of_seat)}


def wilson(successes: int, tries: int, z: float = Z_95) -> Interval:
    """The score interval of a rate (Wilson 1927): sane for few tries and for rates near 0 and 1. ``tries`` >= 1."""
    share, scale = successes / tries, 1 + z * z / tries
    middle = (share + z * z / (2 * tries)) / scale
    half = z / scale * sqrt(share * (1 - share) / tries + z * z / (4 * tries * tries))
    return Interval(max(0.0, middle - half), min(1.0, middle + half))


def _figure(formula: Formula, numerator: int, denominator: int) -> Figure:
    value = numerator / denominator if denominator else None
    return Figure(formula.id, value, numerator, denominator, formula.unit)
