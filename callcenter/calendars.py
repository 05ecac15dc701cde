"""The calendar of a city: China's public holidays and worked weekend days from a library, and what the operator adds.

Invariant: it never guesses shifted days; a year whose notice is not known is not ``covered``.
"""

from collections.abc import Iterable
from datetime import date, timedelta
from functools import cache

import holidays

from callcenter.sections import CalendarDays, parse_days
from queues.core.calendar import SATURDAY, Calendar

FIRST_YEAR, LAST_YEAR = 2020, 2040


def city_calendar(settings: CalendarDays) -> Calendar:
    """The calendar in force."""
    added, worked = _named(settings.holidays), _named(settings.workdays)
    if not settings.china:
        return Calendar(added, worked, frozenset(range(FIRST_YEAR, LAST_YEAR + 1)))
    known, shifted = _china()
    by_hand = added.keys() | worked.keys()
    return Calendar(
        {day: name for day, name in known.items() if day not in by_hand} | added,
        {day: name for day, name in shifted.items() if day not in by_hand} | worked,
        frozenset(day.year for day in (*shifted, *worked)),
    )


def _named(lines: Iterable[str]) -> dict[date, str]:
    return {day: name for line in lines for day, name in parse_days(line).items()}


@cache
def _china() -> tuple[dict[date, str], dict[date, str]]:
    """Public holidays and worked weekend days; a weekend between two holidays belongs to them."""
    china = holidays.country_holidays("CN", years=range(FIRST_YEAR, LAST_YEAR + 1), language="zh_CN")
    days = {day: _plain(name) for day, name in china.items()}
    shifted = {day: "" for day in china.weekend_workdays if day.year >= FIRST_YEAR}
    for day in sorted(days):
        between = _weekend_after(day)
        if between and between[-1] + timedelta(days=1) in days and not shifted.keys() & set(between):
            days |= {it: days[day] for it in between if it not in days}
    return days, shifted


def _weekend_after(day: date) -> list[date]:
    following = [day + timedelta(days=1), day + timedelta(days=2)]
    weekend = [it for it in following if it.weekday() >= SATURDAY]
    return weekend if following[0] in weekend else []


def _plain(name: str) -> str:
    """``休息日（由 2026-02-14 调休）`` -> ``调休放假``; ``清明节（补假）`` -> ``清明节``."""
    return "调休放假" if name.startswith("休息日") else name.partition("（")[0]
