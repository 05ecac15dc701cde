"""Windows of time, as people ask for them, in the calendar of the city.

Invariants: a window that was asked for is not empty and does not reach into the future; it holds its begin but not its
end; both are kept in UTC, like the rows they are compared with.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from callcenter.core.errors import UsageError

DAYS_MAX = 400
"""Longest window, in days."""

YEAR_MIN = 2000
"""Nothing is asked of times before it."""

_QUARTER = timedelta(minutes=15)
_LAST_DAYS = re.compile(r"([1-9]\d{0,2})d")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_HELP = "use 15min, today, 7d, a day such as 2026-11-21, or from..until such as 2026-11-21T08:00..2026-11-21T12:00"


@dataclass(frozen=True, slots=True)
class Window:
    """``[from_at, until_at)``, in UTC."""

    from_at: datetime
    until_at: datetime

    def __contains__(self, at: datetime) -> bool:
        return self.from_at <= at < self.until_at

    def steps(self, step: timedelta) -> Iterator[datetime]:
        """The beginnings of its equal parts, the last of which may be shorter."""
        begin = self.from_at
        while begin < self.until_at:
            yield begin
            begin += step

    def overlap_s(self, from_at: datetime, until_at: datetime) -> float:
        """Seconds that ``[from_at, until_at)`` shares with this window, >= 0."""
        shared = min(self.until_at, until_at) - max(self.from_at, from_at)
        return max(0.0, shared.total_seconds())


def parse(text: str, now: datetime, zone: tzinfo) -> Window:
    """``15min`` · ``today`` · ``7d`` (today and the six days before) · a day · ``from..until`` · ``from..``: until now.

    Ends are days (their midnight) or ISO 8601 times; without an offset they are the city's. What lies after ``now``
    is cut off.

    Raises:
        UsageError: ``bad_window``: none of these, empty, not begun yet, or longer than 400 days.
    """
    asked = _asked(text.strip(), now.astimezone(zone), zone)
    window = Window(asked.from_at, min(asked.until_at, now.astimezone(UTC)))
    if window.from_at >= window.until_at:
        raise UsageError(f"window '{text}' is empty or has not begun yet", code="bad_window")
    if window.until_at - window.from_at > timedelta(days=DAYS_MAX):
        raise UsageError(f"a window may last {DAYS_MAX} days at most", code="bad_window")
    return window


def day_window(day: date, zone: tzinfo) -> Window:
    """A calendar day of the city; 23 or 25 hours where clocks are changed."""
    return Window(
        _midnight(day, zone).astimezone(UTC), _midnight(day + timedelta(days=1), zone).astimezone(UTC)
    )


def days_of(window: Window, zone: tzinfo) -> Iterator[Window]:
    """The calendar days that the window touches, whole, in order."""
    day = window.from_at.astimezone(zone).date()
    while (whole := day_window(day, zone)).from_at < window.until_at:
        yield whole
        day += timedelta(days=1)


def _asked(text: str, now: datetime, zone: tzinfo) -> Window:
    if text == "15min":
        return _between(now - _QUARTER, now)
    if text == "today":
        return _between(_midnight(now.date(), zone), now)
    if days := _LAST_DAYS.fullmatch(text):
        return _between(_midnight(now.date() - timedelta(days=int(days[1]) - 1), zone), now)
    try:
        if _DAY.fullmatch(text):
            return day_window(_moment(text, zone).date(), zone)
        first, dots, last = text.partition("..")
        if dots:
            return _between(_moment(first, zone), _moment(last, zone) if last else now)
    except (ValueError, OverflowError):
        pass
    raise UsageError(f"no such window '{text[:60]}'; {_HELP}", code="bad_window")


def _between(from_at: datetime, until_at: datetime) -> Window:
    return Window(from_at.astimezone(UTC), until_at.astimezone(UTC))


def _moment(text: str, zone: tzinfo) -> datetime:
    at = datetime.fromisoformat(text)
    if at.year < YEAR_MIN:
        raise ValueError("too long ago")
    return at.replace(tzinfo=zone) if at.tzinfo is None else at


def _midnight(day: date, zone: tzinfo) -> datetime:
    return datetime.combine(day, time(), zone)
