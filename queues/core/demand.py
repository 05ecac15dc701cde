"""How many citizens will call in each hour of a day: level, shape and trend from days of its kind, with a range.

Invariants: a surge day moves nothing (medians, and means of the middle half); low <= expected <= high in every hour; with
too little history the plan of the settings is told, and said to be that.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from statistics import fmean, median

HOURS = 24
DAYS_MIN = 3
"""Fewer days of a kind are no habit."""
WEEKLY_WEIGHT = 0.85
"""What a week ago counts against today."""
TREND_DAYS_MIN, TREND_SPAN_MIN = 5, 28
"""Days, and days from first to last, without which no trend is believed."""
TREND_WEEKLY_MAX = 0.03
"""Growth or decline a week that is believed at most."""
TREND_AGREES = 0.8
"""Share of the pairs of days that must agree in its direction."""
TAIL_Z = 1.2816
"""Standard normal quantile of P90."""
MAD_SIGMA = 1.4826
"""Standard deviation by the median absolute deviation, of normal errors."""
SETTINGS_SPREAD = 0.25
"""How far a day may differ from the plan of the settings, which nobody has measured."""
ACCURACY_FORMULA = "forecast_wape@1"
"""Weighted absolute percentage error: the sum of |forecast - real| over the sum of real, by hour."""

HISTORY, SETTINGS = "history", "settings"


@dataclass(frozen=True, slots=True)
class PastDay:
    """Citizens of an earlier day by the hour of their first attempt."""

    day: date
    citizens: float
    shares: tuple[float, ...]

    @property
    def hours(self) -> tuple[float, ...]:
        """Citizens in each hour."""
        return tuple(self.citizens * share for share in self.shares)


@dataclass(frozen=True, slots=True)
class Expected:
    """Citizens expected: eight of ten days lie from ``low`` (P10) to ``high`` (P90)."""

    low: float
    expected: float
    high: float


@dataclass(frozen=True, slots=True)
class Demand:
    """The forecast of a day. ``weekly``: trend, as a share a week. ``days``: how many it was learned from; ``basis``: from where."""

    day: date
    whole: Expected
    hours: tuple[Expected, ...]
    weekly: float
    days: int
    basis: str


@dataclass(frozen=True, slots=True)
class Accuracy:
    """How well earlier days were forecast, each from the days before it (``forecast_wape@1``). ``value`` ``None``: none was."""

    numerator: float
    denominator: float
    days: int

    @property
    def value(self) -> float | None:
        """The share by which hours were missed."""
        return self.numerator / self.denominator if self.denominator else None


def demand(day: date, groups: Iterable[Sequence[PastDay]], usual: PastDay) -> Demand:
    """Forecast a day. ``groups``: days it is like, best first (``Calendar.kin``); ``usual``: by the settings."""
    known = next((list(group) for group in groups if len(group) >= DAYS_MIN), [])
    if not known:
        return _told(day, usual.citizens, usual.shares, SETTINGS_SPREAD, 0.0, 0, SETTINGS)
    weekly = trend(known)
    levels = [it.citizens * math.exp(weekly * (day - it.day).days / 7) for it in known]
    level = weighted_median(levels, [WEEKLY_WEIGHT ** ((day - it.day).days / 7) for it in known])
    return _told(
        day,
        level,
        usual_shares([it.shares for it in known]),
        spread(levels, level),
        weekly,
        len(known),
        HISTORY,
    )


def trend(days: Sequence[PastDay]) -> float:
    """Growth a week, as a logarithm: the median slope between all pairs of days (Theil 1950, Sen 1968), bounded."""
    ordered = sorted(days, key=lambda it: it.day)
    if len(ordered) < TREND_DAYS_MIN or (ordered[-1].day - ordered[0].day).days < TREND_SPAN_MIN:
        return 0.0
    slopes = [
        7 * math.log(later.citizens / earlier.citizens) / (later.day - earlier.day).days
        for n, earlier in enumerate(ordered)
        for later in ordered[n + 1 :]
    ]
    middle = median(slopes)
    agreeing = sum(slope * middle > 0 for slope in slopes)
    if agreeing < TREND_AGREES * len(slopes):
        return 0.0
    return max(-TREND_WEEKLY_MAX, min(TREND_WEEKLY_MAX, middle))


def weighted_median(values: Sequence[float], weights: Sequence[float]) -> float:
    """The value in whose middle half of the weight lies."""
    ordered = sorted(zip(values, weights, strict=True))
    half, passed = sum(weights) / 2, 0.0
    for n, (value, weight) in enumerate(ordered):
        passed += weight
        if math.isclose(passed, half) and n + 1 < len(ordered):
            return (value + ordered[n + 1][0]) / 2
        if passed > half:
            return value
    return ordered[-1][0]


def spread(levels: Sequence[float], level: float) -> float:
    """How much the next day differs beyond chance, as a share of the level: median absolute deviation less Poisson noise.

    Few days look more alike than they are, and their median is uncertain itself: both widen it (n / (n - 0.8), Croux and
    Rousseeuw 1992; variance of a median, pi / 2n).
    """
    count = len(levels)
    sigma = MAD_SIGMA * count / (count - 0.8) * median(abs(it - level) for it in levels) / level
    own = max(0.0, sigma * sigma - 1 / level)
    return math.sqrt(own + sigma * sigma * math.pi / (2 * count))


def usual_shares(profiles: Sequence[Sequence[float]]) -> tuple[float, ...]:
    """The usual shape of a day: of each hour the mean of the middle half; adds up to 1."""
    by_hour = list(zip(*profiles, strict=True))
    usual = [middle_mean(shares) for shares in by_hour]
    if not any(usual):  # so few callers that each day had them at other hours
        usual = [fmean(shares) for shares in by_hour]
    whole = sum(usual)
    return tuple(share / whole for share in usual)


def middle_mean(values: Sequence[float]) -> float:
    """The mean of the middle half (interquartile mean): of three values the median, of eight the middle four."""
    cut = min(math.ceil(len(values) / 4), (len(values) - 1) // 2)
    return fmean(sorted(values)[cut : len(values) - cut])


def accuracy(pairs: Iterable[tuple[Demand, PastDay]]) -> Accuracy:
    """How far forecasts were from what happened; those from settings alone do not count."""
    missed = real = days = 0.0
    for told, past in pairs:
        if told.basis == HISTORY:
            missed += sum(abs(a.expected - b) for a, b in zip(told.hours, past.hours, strict=True))
            real += past.citizens
            days += 1
    return Accuracy(missed, real, int(days))


def _told(
    day: date, level: float, shares: Sequence[float], spread_: float, weekly: float, days: int, basis: str
) -> Demand:
    hours = tuple(_range(level * share, spread_) for share in shares)
    return Demand(day, _range(level, spread_), hours, weekly, days, basis)


def _range(expected: float, spread_: float) -> Expected:
    """Poisson chance within days of different size (normal approximation)."""
    sigma = math.sqrt(expected + (spread_ * expected) ** 2)
    return Expected(max(0.0, expected - TAIL_Z * sigma), expected, expected + TAIL_Z * sigma)
