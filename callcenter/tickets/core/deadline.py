"""When a ticket is due (期限): so many working days after the day of the call.

Invariant: pure. Working days are Monday to Friday: the shifted days of public holidays are not known here, so a deadline
over a holiday is set too early, never too late.
"""

from datetime import date, datetime, time, timedelta, tzinfo
from typing import Final

WORKDAYS_MAX: Final = 366

_LAST_SECOND: Final = time(23, 59, 59)


def deadline(begun_at: datetime, workdays: int, zone: tzinfo) -> datetime:
    """The last second of the day on which it is due, in the city's ``zone``."""
    return datetime.combine(workday_after(begun_at.astimezone(zone).date(), workdays), _LAST_SECOND, zone)


def workday_after(begins: date, workdays: int) -> date:
    """The ``workdays``-th Monday to Friday after ``begins``."""
    day = begins
    for _ in range(min(workdays, WORKDAYS_MAX)):
        day += timedelta(days=1 if day.weekday() < 4 else 7 - day.weekday())
    return day
