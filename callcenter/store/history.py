"""What the house has learned of its days: where the forecast of a day begins.

Invariants: only attempts of citizens count, and each citizen once a day; each day has one voice, however many called,
and the strangest are not heard; a day that was not watched for long teaches nothing; too few days give no figures.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import Select, case, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from callcenter.core.contact import CALLBACK
from callcenter.core.messages.calls import Outcome
from callcenter.store import gaps
from callcenter.store.schema import contacts
from queues.core.demand import DAYS_MIN, HOURS, middle_mean, usual_shares

GAP_MAX: Final = timedelta(hours=1)
"""A day with more than this unwatched is left out."""
GAVE_UP_MIN: Final = 10
"""A day tells patience when at least so many gave up waiting."""


@dataclass(frozen=True, slots=True)
class UsualDay:
    """A usual day of one kind, learned from ``days`` days.

    ``citizens``: different callers a day. ``profile``: 24 shares of them by the local hour of the first attempt, sum 1.
    ``talk_s``: mean talk. ``patience_s``: mean wait until somebody gives up. ``None``: too little was seen.
    """

    days: int
    citizens: float
    profile: tuple[float, ...]
    talk_s: float | None
    patience_s: float | None


@dataclass(frozen=True, slots=True)
class SeenDay:
    """The figures of one day; ``patience_s`` is the estimate of ``queues.core.learn.Patience`` without prior."""

    citizens: int
    profile: tuple[float, ...]
    talk_s: float | None
    patience_s: float | None


async def usual_day(
    connection: AsyncConnection, kin: Iterable[Sequence[date]], zone: ZoneInfo
) -> UsualDay | None:
    """What the days that a day is like have in common (``kin``: see ``Calendar.kin``; the first group that is known counts).

    ``zone``: whose calendar days and hours. ``None``: fewer than three days of each group have calls.
    """
    for days in kin:
        read = [await past_day(connection, day, zone) for day in days]
        known = [day for day in read if day is not None]
        if len(known) >= DAYS_MIN:
            return UsualDay(
                len(known),
                middle_mean([day.citizens for day in known]),
                usual_shares([day.profile for day in known]),
                _usual_of_some(day.talk_s for day in known),
                _usual_of_some(day.patience_s for day in known),
            )
    return None


async def past_day(connection: AsyncConnection, day: date, zone: ZoneInfo) -> SeenDay | None:
    """One day as it was; ``None``: without calls, or unwatched for too long."""
    begins = [datetime.combine(day, time(hour), zone) for hour in range(HOURS)]
    end = datetime.combine(day + timedelta(days=1), time(), zone)
    if await _unwatched(connection, begins[0], end) > GAP_MAX:
        return None
    hours = (await connection.execute(_by_hour(begins, end))).mappings().all()
    citizens = {row["hour"]: int(row["citizens"]) for row in hours}
    total = sum(citizens.values())
    if not total:
        return None
    talks, talked_s, gave_up, waited_s = (
        float(sum(row[name] for row in hours)) for name in ("talks", "talked_s", "gave_up", "waited_s")
    )
    return SeenDay(
        total,
        tuple(citizens.get(hour, 0) / total for hour in range(HOURS)),
        talked_s / talks if talks else None,
        waited_s / gave_up if gave_up >= GAVE_UP_MIN else None,
    )


async def _unwatched(connection: AsyncConnection, begin: datetime, end: datetime) -> timedelta:
    found = await gaps.between(connection, begin, end)
    return sum((min(gap.until_at or end, end) - max(gap.from_at, begin) for gap in found), timedelta())


def _by_hour(begins: Sequence[datetime], end: datetime) -> Select[Any]:
    """The citizens of a day by the hour of their first attempt, with what all their attempts came to.

    The database counts: the worst day's 60,000 contacts come back as 24 rows and hold up nobody.
    """
    is_asked = (contacts.c.arrived_at >= begins[0]) & (contacts.c.arrived_at < end)
    attempts = (
        select(
            func.min(contacts.c.arrived_at).label("first_at"),
            func.count(contacts.c.talk_s).label("talks"),
            func.coalesce(func.sum(contacts.c.talk_s), 0.0).label("talked_s"),
            func.count(case((contacts.c.outcome == Outcome.ABANDONED.value, 1))).label("gave_up"),
            func.coalesce(func.sum(contacts.c.wait_s), 0.0).label("waited_s"),
        )
        .where(is_asked, contacts.c.source != CALLBACK)
        .group_by(case((contacts.c.caller == "", contacts.c.contact_id), else_=contacts.c.caller))
        .subquery()
    )
    ends = enumerate(begins[1:])
    hour = case(*((attempts.c.first_at < until, hour) for hour, until in ends), else_=HOURS - 1)
    sums = (func.sum(attempts.c[name]).label(name) for name in ("talks", "talked_s", "gave_up", "waited_s"))
    return select(hour.label("hour"), func.count().label("citizens"), *sums).group_by("hour")


def _usual_of_some(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return middle_mean(known) if len(known) >= DAYS_MIN else None
