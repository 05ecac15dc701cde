"""Reads spoken times such as 三个工作日内.

Working days are Monday to Friday, as for the tickets' deadlines: a finding names days and a person judges them.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from callcenter.tickets.core.deadline import WORKDAYS_MAX, workday_after
from recordings.core.qa.heard import Heard, Passage

DIGITS: Final = {c: n for n, c in enumerate("零一二三四五六七八九")} | {"两": 2}

_NUMBER = "[0-9]{1,3}|[零一二两三四五六七八九十]{1,3}|半"
_UNITS: Final = {
    "工作日": ("workday", 1),
    "小时": ("hour", 1),
    "钟头": ("hour", 1),
    "星期": ("day", 7),
    "礼拜": ("day", 7),
    "周": ("day", 7),
    "个月": ("day", 30),
    "天": ("day", 1),
    "日": ("day", 1),
}
_TERM = re.compile(rf"({_NUMBER})个?({'|'.join(_UNITS)})(?:之内|以内|内)")


@dataclass(frozen=True, slots=True)
class Term:
    """A time that was named: ``count`` of ``unit``, which is ``hour``, ``day`` or ``workday``."""

    count: float
    unit: str
    said: Passage

    def due(self, begins: date) -> date:
        """The day on which it ends. Hours are rounded up to whole days."""
        if self.unit == "workday":
            return workday_after(begins, int(self.count))
        days = self.count if self.unit == "day" else -(-self.count // 24)
        return begins + timedelta(days=min(WORKDAYS_MAX, int(days)))

    def __str__(self) -> str:
        names = {"hour": "小时 h", "day": "天 d", "workday": "个工作日 workdays"}
        return f"{self.count:g} {names[self.unit]}"


def terms(channel: Heard) -> Iterator[tuple[int, int, Term]]:
    """The times that were named, each with its place in the channel's text."""
    for match, passage in channel.find(_TERM):
        count, (unit, size) = number(match[1]), _UNITS[match[2]]
        if count:
            yield match.start(), match.end(), Term(count * size, unit, passage)


def number(text: str) -> float:
    """``十五`` -> 15, ``3`` -> 3, ``半`` -> 0.5; what is no number gives 0."""
    if text == "半":
        return 0.5
    if text.isascii():
        return float(text)
    tens, ten, ones = text.partition("十")
    if not ten:
        return float("".join(str(DIGITS[c]) for c in text))
    if len(tens) > 1 or len(ones) > 1 or "十" in ones:
        return 0.0
    return 10.0 * (DIGITS[tens] if tens else 1) + (DIGITS[ones] if ones else 0)
