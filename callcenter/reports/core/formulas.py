"""The indicators (指标) by the formula ids of FIELD.md 4: each is a value with its numerator and denominator.

Invariants: a denominator of zero gives ``None``, never 0 or 1; a rate is a fraction 0 to 1, per cent exists on screens
only; whoever changes a formula raises its version.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from math import floor

from callcenter.reports.core.citizens import Scope
from callcenter.reports.core.counting import Delays, Waits
from callcenter.reports.core.seat_time import PRESENT, WORK

RATE, SECONDS, PER_CITIZEN = "ratio", "s", "per_citizen"
"""Units of figures."""


@dataclass(frozen=True, slots=True)
class Formula:
    """What a formula id means."""

    name: str
    zh: str
    en: str
    unit: str
    version: int = 1

    @property
    def id(self) -> str:
        """Name with version: ``connect_rate_agent@1``."""
        return f"{self.name}@{self.version}"


@dataclass(frozen=True, slots=True)
class Figure:
    """A value by a formula id.

    ``value`` ``None``: nothing to divide by. Of a mean the numerator is the sum of seconds; of a quantile (``p50``,
    ``p95``) it is how many took at most ``value``.
    """

    formula: str
    value: float | None
    numerator: float
    denominator: float
    unit: str
    scope: Scope = Scope.ALL


@dataclass(slots=True)
class Tally:
    """All that the figures of a window are made of. ``counts``: see ``counting.py``; ``seat_s``: state -> seconds."""

    counts: Counter[str] = field(default_factory=Counter)
    citizens: Mapping[Scope, Counter[str]] = field(
        default_factory=lambda: {Scope.ALL: Counter(), Scope.SURGE: Counter()}
    )
    waits: Waits = field(default_factory=Waits)
    delays: Delays = field(default_factory=Delays)
    seat_s: Mapping[str, float] = field(default_factory=dict)


_ALL = (
    Formula("served_same_day_rate", "当日服务率", "served the same day", RATE),
    Formula("human_same_day_rate", "当日人工通达率", "spoke with a person", RATE),
    Formula("captured_rate", "捕获率", "at least recorded", RATE),
    Formula("reach_rate_24h", "触达率", "reached within 24 h", RATE),
    Formula("attempts_per_citizen", "人均拨打次数", "attempts per citizen", PER_CITIZEN),
    Formula("connect_rate_agent", "人工接通率", "answered of person requests", RATE),
    Formula("connect_rate_call", "来电接通率", "answered of attempts", RATE),
    Formula("sl15_a", "15秒服务水平A", "answered or gone in 15 s", RATE),
    Formula("sl15_b", "应答及时率", "in 15 s of answered", RATE),
    Formula("sl15_c", "15秒接通率", "in 15 s of answered and abandoned", RATE),
    Formula("sl15_d", "15秒服务水平D", "the same without the impatient", RATE),
    Formula("blocked_rate", "呼损率", "refused before audio", RATE),
    Formula("abandon_rate", "放弃率", "hung up waiting", RATE),
    Formula("abandon_short_rate", "短时放弃率", "hung up within 5 s", RATE),
    Formula("wait_mean_all", "平均等待(全部)", "mean wait of all", SECONDS),
    Formula("wait_p50_all", "等待中位数(全部)", "median wait of all", SECONDS),
    Formula("wait_p95_all", "等待P95(全部)", "P95 wait of all", SECONDS),
    Formula("asa", "平均应答速度(仅接通)", "mean wait of survivors", SECONDS),
    Formula("wait_p50_answered", "等待中位数(仅接通)", "median wait of survivors", SECONDS),
    Formula("wait_p95_answered", "等待P95(仅接通)", "P95 wait of survivors", SECONDS),
    Formula("callback_bridge_rate", "回拨接通率", "call-backs kept of due", RATE),
    Formula("callback_promise_p50", "承诺到通话中位数", "promise to talk, median", SECONDS),
    Formula("callback_promise_p95", "承诺到通话P95", "promise to talk, P95", SECONDS),
    Formula("callback_delay_p50", "回拨时延中位数", "first attempt to talk, median", SECONDS),
    Formula("callback_delay_p95", "回拨时延P95", "first attempt to talk, P95", SECONDS),
    Formula("ewt_hit_rate", "等待预报命中率", "announced waits come true", RATE),
    Formula("partner_share", "协作分担率", "answered by the partner city of answered", RATE),
    Formula("partner_harm", "协作影响", "our callers kept waiting while a seat helped the partner", RATE),
    Formula("occupancy", "占用率", "talk and wrap-up of seat time", RATE),
)

FORMULAS: Mapping[str, Formula] = {formula.id: formula for formula in _ALL}
"""Every formula, by its id with version."""

_BY_NAME = {formula.name: formula for formula in _ALL}


def figures(tally: Tally) -> tuple[Figure, ...]:
    """Every figure of a window, the headline first."""
    return (
        *_of_citizens(tally.citizens[Scope.ALL], Scope.ALL),
        ratio("attempts_per_citizen", tally.counts["attempts"], tally.citizens[Scope.ALL]["citizens"]),
        *_of_calls(tally.counts),
        *_of_waits(tally.waits),
        *_of_callbacks(tally.counts, tally.delays),
        ratio("ewt_hit_rate", tally.counts["ewt_hits"], tally.counts["ewt_judged"]),
        *_of_mutual_aid(tally.counts),
        ratio("occupancy", _sum(tally.seat_s, WORK), _sum(tally.seat_s, PRESENT)),
        *_of_citizens(tally.citizens[Scope.SURGE], Scope.SURGE),
    )


def ratio(name: str, numerator: float, denominator: float, scope: Scope = Scope.ALL) -> Figure:
    """A figure that is its numerator over its denominator."""
    formula = _BY_NAME[name]
    value = numerator / denominator if denominator else None
    return Figure(formula.id, value, numerator, denominator, formula.unit, scope)


def mean(name: str, values: Sequence[float], scope: Scope = Scope.ALL) -> Figure:
    """The mean of seconds."""
    return ratio(name, sum(values), len(values), scope)


def quantile(name: str, values: Sequence[float], share: float, scope: Scope = Scope.ALL) -> Figure:
    """The measured value at index ``min(n - 1, floor(share * n))`` of the sorted ones, as the simulator takes it."""
    formula = _BY_NAME[name]
    ordered = sorted(values)
    if not ordered:
        return Figure(formula.id, None, 0, 0, formula.unit, scope)
    value = ordered[min(len(ordered) - 1, floor(share * len(ordered)))]
    within = sum(each <= value for each in ordered)
    return Figure(formula.id, value, within, len(ordered), formula.unit, scope)


def percent(numerator: float, denominator: float, digits: int = 2) -> str | None:
    """A rate as printed, ``95.92``: half up at the last digit; ``None`` without a denominator."""
    if not denominator:
        return None
    exact = Decimal(str(numerator)) * 100 / Decimal(str(denominator))
    return str(exact.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP))


def _of_citizens(citizens: Mapping[str, int], scope: Scope) -> Iterator[Figure]:
    for name, part in (
        ("served_same_day_rate", "served"),
        ("human_same_day_rate", "spoken"),
        ("captured_rate", "captured"),
        ("reach_rate_24h", "reached"),
    ):
        yield ratio(name, citizens[part], citizens["citizens"], scope)


def _of_calls(counts: Mapping[str, int]) -> Iterator[Figure]:
    answered, abandoned, quick = counts["answered"], counts["abandoned"], counts["answered_quick"]
    yield ratio("connect_rate_agent", answered, counts["person_requests"])
    yield ratio("connect_rate_call", answered, counts["attempts"])
    yield ratio("sl15_a", quick + counts["abandoned_quick"], answered + abandoned)
    yield ratio("sl15_b", quick, answered)
    yield ratio("sl15_c", quick, answered + abandoned)
    yield ratio("sl15_d", quick, answered + abandoned - counts["abandoned_quick"])
    yield ratio("blocked_rate", counts["blocked"], counts["attempts"])
    yield ratio("abandon_rate", abandoned, counts["person_requests"])
    yield ratio("abandon_short_rate", counts["abandoned_short"], counts["person_requests"])


def _of_mutual_aid(counts: Mapping[str, int]) -> Iterator[Figure]:
    yield ratio("partner_share", counts["answered_by_partner"], counts["answered"])
    yield ratio("partner_harm", counts["harmed"], counts["person_requests"])


def _of_waits(waits: Waits) -> Iterator[Figure]:
    yield mean("wait_mean_all", waits.everybody)
    yield quantile("wait_p50_all", waits.everybody, 0.5)
    yield quantile("wait_p95_all", waits.everybody, 0.95)
    yield mean("asa", waits.answered, Scope.SURVIVORS)
    yield quantile("wait_p50_answered", waits.answered, 0.5, Scope.SURVIVORS)
    yield quantile("wait_p95_answered", waits.answered, 0.95, Scope.SURVIVORS)


def _of_callbacks(counts: Mapping[str, int], delays: Delays) -> Iterator[Figure]:
    due = counts["callbacks_promised"] - counts["callbacks_superseded"]
    yield ratio("callback_bridge_rate", counts["callbacks_kept"], due)
    yield quantile("callback_promise_p50", delays.since_promise, 0.5)
    yield quantile("callback_promise_p95", delays.since_promise, 0.95)
    yield quantile("callback_delay_p50", delays.since_first, 0.5)
    yield quantile("callback_delay_p95", delays.since_first, 0.95)


def _sum(seconds: Mapping[str, float], states: frozenset[str]) -> float:
    return sum(seconds.get(state, 0.0) for state in sorted(states))
