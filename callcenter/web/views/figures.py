"""Answers about figures: what the outside sees of a report.

Invariant: a figure never leaves without its formula, its parts, its window, the gaps in its data and when it was counted.
"""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Literal
from zoneinfo import ZoneInfo

from pydantic import Field

from callcenter.reports.core.formulas import FORMULAS, Figure
from callcenter.reports.core.quarters import QuarterHour
from callcenter.reports.core.report import DayByHour, Report, Rolling
from callcenter.reports.core.rows import Gap
from callcenter.reports.core.windows import Window
from callcenter.web.views import View


class WindowView(View):
    """``from_at`` belongs to it, ``until_at`` does not."""

    from_at: datetime
    until_at: datetime
    time_zone: str


class FigureGapView(View):
    """A part of the window with incomplete data."""

    from_at: datetime
    until_at: datetime
    reason: str


class FigureView(View):
    """An indicator (指标). Of a mean the numerator is the sum of seconds; of a quantile how many took at most ``value``."""

    formula: str = Field(description="id with version, as connect_rate_agent@1")
    zh: str
    en: str
    value: float | None = Field(description="a fraction, or seconds; null: nothing to divide by")
    numerator: int | float
    denominator: int | float
    unit: Literal["ratio", "s", "per_citizen"]
    scope: Literal["all", "surge", "survivors"] = Field(
        description="whom it is about: all; citizens of a surge; only who was answered"
    )


class WorstView(FigureView):
    """A rate in its worst continuous 24 hours, which have a window and gaps of their own."""

    window: WindowView | None = Field(description="null: nobody called")
    gaps: list[FigureGapView]


class ViolationView(View):
    """An identity of the counters that does not hold: the ledger contradicts itself."""

    identity: str
    whole: int
    parts: int


class FiguresView(View):
    """The figures of a window. ``window``, ``gaps`` and ``as_of`` hold for each of ``figures``."""

    window: WindowView
    as_of: datetime
    gaps: list[FigureGapView]
    counters: dict[str, int]
    violations: list[ViolationView]
    figures: list[FigureView]
    worst_24h: list[WorstView] = Field(
        description="the worst 24 hours that ended within the window, a quarter hour apart"
    )


class HourView(View):
    """What arrived in one hour. ``gap_s``: seconds of it with incomplete data."""

    from_at: datetime
    until_at: datetime
    counts: dict[str, int] | None = Field(description="null: the hour has not begun")
    gap_s: float = Field(ge=0)


class HoursView(View):
    """A calendar day hour by hour."""

    day: date
    time_zone: str
    as_of: datetime
    hours: list[HourView]


class QuarterView(View):
    """A quarter of an hour, by arrival. ``diverted``: took a call-back or left a message."""

    from_at: datetime
    attempts: int = Field(ge=0)
    answered: int = Field(ge=0)
    abandoned: int = Field(ge=0)
    diverted: int = Field(ge=0)
    waiting: int = Field(ge=0, description="in line at its end, or now where it lasts")


class QuartersView(View):
    """The last hours, oldest first; the last quarter lasts."""

    time_zone: str
    quarters: list[QuarterView]


def quarters_view(found: Iterable[QuarterHour], zone: ZoneInfo) -> QuartersView:
    """Quarter hours, with times of the city."""
    rows = [
        QuarterView(
            from_at=it.window.from_at.astimezone(zone),
            attempts=it.attempts,
            answered=it.answered,
            abandoned=it.abandoned,
            diverted=it.diverted,
            waiting=it.waiting,
        )
        for it in found
    ]
    return QuartersView(time_zone=zone.key, quarters=rows)


def figures_view(report: Report, zone: ZoneInfo) -> FiguresView:
    """A report, with times of the city."""
    return FiguresView(
        window=_window(report.window, zone),
        as_of=report.as_of.astimezone(zone),
        gaps=_gaps(report.gaps, zone),
        counters=dict(report.counters),
        violations=[ViolationView(**violation._asdict()) for violation in report.violations],
        figures=[FigureView.model_validate(_figure(figure)) for figure in report.figures],
        worst_24h=[_worst(rolling, zone) for rolling in report.worst],
    )


def hours_view(found: DayByHour, zone: ZoneInfo) -> HoursView:
    """A day hour by hour, with times of the city."""
    hours = [
        HourView(
            from_at=hour.window.from_at.astimezone(zone),
            until_at=hour.window.until_at.astimezone(zone),
            counts=None if hour.counts is None else dict(hour.counts),
            gap_s=hour.gap_s,
        )
        for hour in found.hours
    ]
    day = found.day.from_at.astimezone(zone).date()
    return HoursView(day=day, time_zone=zone.key, as_of=found.as_of.astimezone(zone), hours=hours)


def _figure(figure: Figure) -> dict[str, object]:
    formula = FORMULAS[figure.formula]
    return {
        "formula": figure.formula,
        "zh": formula.zh,
        "en": formula.en,
        "value": figure.value,
        "numerator": figure.numerator,
        "denominator": figure.denominator,
        "unit": figure.unit,
        "scope": figure.scope.value,
    }


def _worst(rolling: Rolling, zone: ZoneInfo) -> WorstView:
    window = _window(rolling.window, zone) if rolling.window else None
    return WorstView.model_validate(
        {**_figure(rolling.figure), "window": window, "gaps": _gaps(rolling.gaps, zone)}
    )


def _window(window: Window, zone: ZoneInfo) -> WindowView:
    from_at, until_at = window.from_at.astimezone(zone), window.until_at.astimezone(zone)
    return WindowView(from_at=from_at, until_at=until_at, time_zone=zone.key)


def _gaps(gaps: Iterable[Gap], zone: ZoneInfo) -> list[FigureGapView]:
    return [
        FigureGapView(
            from_at=gap.from_at.astimezone(zone), until_at=gap.until_at.astimezone(zone), reason=gap.reason
        )
        for gap in gaps
        if gap.until_at is not None
    ]
