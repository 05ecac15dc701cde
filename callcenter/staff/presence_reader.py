"""Presence against plan of a day, from the journal: so it is right after restarts, and for days that are over.

Invariant: it only reads, page by page; what nobody watched is named as a gap and never counted as present.
"""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from callcenter.core.clock import Clock
from callcenter.core.errors import UsageError
from callcenter.core.ids import SeatId
from callcenter.core.messages.seats import SeatStateChanged
from callcenter.core.messages.shifts import Arrived, NoShow, ShiftsPlanned
from callcenter.paperwork import JOURNAL_KEPT
from callcenter.reports.core.rows import Gap, SeatChange
from callcenter.staff import shift_store, store
from callcenter.staff.core.presence import FORMULA, HOUR, HourOfPresence, Restart, by_hour, spells, whole
from callcenter.store import gaps, journal
from callcenter.store.database import Database
from callcenter.store.schema import journal as entries
from callcenter.web.views.figures import FigureGapView
from callcenter.web.views.presence import NoShowView, PresenceHourView, PresenceView

LOOK_BACK = timedelta(hours=24)
"""A seat that has not moved for so long before the day is taken for off."""

PAGE = 500
_TYPES = (SeatStateChanged.type, ShiftsPlanned.type, NoShow.type, Arrived.type)


class _Row(NamedTuple):
    seq: int
    at: datetime
    type: str
    seat_id: str | None
    old: str | None
    new: str | None
    is_start: bool | None
    staff_no: str | None
    shift_id: int | None
    due_at: str | None
    late_s: float | None


@dataclass
class _Seen:
    """What the journal tells of a day."""

    events: list[SeatChange | Restart] = field(default_factory=list)
    no_shows: dict[tuple[int, str], _Row] = field(default_factory=dict)
    late_s: dict[tuple[int, str], float] = field(default_factory=dict)
    gaps: list[Gap] = field(default_factory=list)


@dataclass(frozen=True)
class PresenceReader:
    """``usual``: the roster of days without shifts of their own."""

    database: Database
    seats: Mapping[SeatId, str]
    usual: Sequence[int]
    clock: Clock
    zone: ZoneInfo

    async def of(self, day: date | None) -> PresenceView:
        """A day hour by hour; ``None``: today.

        Raises:
            UsageError: ``bad_day``: not begun, or longer ago than the journal is kept.
        """
        as_of = self.clock.at().astimezone(UTC)
        day = day or as_of.astimezone(self.zone).date()
        midnight = datetime.combine(day, time(), self.zone).astimezone(UTC)
        if not midnight <= as_of < midnight + JOURNAL_KEPT:
            raise UsageError(
                f"{day} 还没开始，或早于 {JOURNAL_KEPT.days} 天 / {day} has not begun, or events of it are kept no more",
                code="bad_day",
            )
        until = min(as_of, midnight + timedelta(days=1))
        async with self.database.reading() as connection:
            planned, is_rostered = await self._planned(connection, midnight, day)
            names = {person.staff_no: person.name for person in await store.everybody(connection)}
            seen = await self._seen(connection, midnight, until)
        hours = await asyncio.to_thread(_counted, midnight, planned, seen, until)
        return self._view(day, as_of, is_rostered, hours, seen, names)

    async def _planned(
        self, connection: AsyncConnection, midnight: datetime, day: date
    ) -> tuple[list[tuple[datetime, datetime]], bool]:
        if await shift_store.is_rostered(connection, day):
            shifts = await shift_store.touching(
                connection, midnight, midnight + timedelta(days=1), self.seats
            )
            return [(shift.from_at, shift.to_at) for shift in shifts], True
        begins = [midnight + hour * HOUR for hour, seats in enumerate(self.usual) for _ in range(seats)]
        return [(begin, begin + HOUR) for begin in begins], False

    async def _seen(self, connection: AsyncConnection, midnight: datetime, until: datetime) -> _Seen:
        first = await journal.first_from(connection, midnight - LOOK_BACK)
        rows: list[_Row] = []
        result = await connection.stream(_wanted(first, until))
        async for page in result.partitions(PAGE):
            rows += map(_Row._make, page)
        seen = _Seen()
        for row in rows:
            await _note(connection, row, midnight, seen)
        found = await gaps.between(connection, midnight, until)
        seen.gaps += [Gap(gap.from_at, gap.until_at, gap.reason) for gap in found]
        return seen

    def _view(
        self,
        day: date,
        as_of: datetime,
        is_rostered: bool,
        hours: Sequence[HourOfPresence],
        seen: _Seen,
        names: Mapping[str, str],
    ) -> PresenceView:
        midnight = hours[0].from_at
        missing = Counter((_due(row) - midnight) // HOUR for row in seen.no_shows.values())
        return PresenceView(
            day=day,
            time_zone=self.zone.key,
            as_of=as_of.astimezone(self.zone),
            plan="shifts" if is_rostered else "usual",
            formula=FORMULA.id,
            zh=FORMULA.zh,
            en=FORMULA.en,
            total=self._hour(whole(hours), timedelta(days=1), missing.total()),
            hours=[self._hour(hour, HOUR, missing[n]) for n, hour in enumerate(hours)],
            no_shows=[
                NoShowView(
                    shift_id=key[0],
                    staff_no=key[1],
                    name=names.get(key[1], ""),
                    seat_id=row.seat_id,
                    due_at=_due(row).astimezone(self.zone),
                    late_s=seen.late_s.get(key),
                )
                for key, row in seen.no_shows.items()
            ],
            gaps=[self._gap(gap, as_of) for gap in sorted(seen.gaps, key=lambda gap: gap.from_at)],
        )

    def _hour(self, hour: HourOfPresence, lasts: timedelta, no_shows: int) -> PresenceHourView:
        return PresenceHourView(
            from_at=hour.from_at.astimezone(self.zone),
            until_at=(hour.from_at + lasts).astimezone(self.zone),
            planned=round(hour.planned, 3),
            due=round(hour.due, 3),
            present=round(hour.present, 3),
            filled=round(hour.filled, 3),
            working=round(hour.working, 3),
            no_shows=no_shows,
            rate=None if hour.rate is None else round(min(1.0, hour.rate), 4),
        )

    def _gap(self, gap: Gap, as_of: datetime) -> FigureGapView:
        return FigureGapView(
            from_at=gap.from_at.astimezone(self.zone),
            until_at=(gap.until_at or as_of).astimezone(self.zone),
            reason=gap.reason,
        )


def _wanted(first_seq: int, until: datetime) -> Any:
    """As :class:`_Row`, in order. The database takes the JSON apart: that holds up nobody."""
    data = entries.c.data
    texts = [data[name].as_string() for name in ("seat_id", "old", "new")]
    return (
        select(
            entries.c.seq,
            entries.c.at,
            entries.c.type,
            *texts,
            data["is_start"].as_boolean(),
            data["staff_no"].as_string(),
            data["shift_id"].as_integer(),
            data["due_at"].as_string(),
            data["late_s"].as_float(),
        )
        .where(entries.c.seq >= first_seq, entries.c.at < until, entries.c.type.in_(_TYPES))
        .order_by(entries.c.seq)
    )


async def _note(connection: AsyncConnection, row: _Row, midnight: datetime, seen: _Seen) -> None:
    if row.type == SeatStateChanged.type:
        seen.events.append(SeatChange(row.at, row.seat_id or "", row.old or "", row.new or ""))
    elif row.type == ShiftsPlanned.type and row.is_start:
        last = await connection.scalar(select(entries.c.at).where(entries.c.seq == row.seq - 1))
        if last is not None:
            seen.events.append(Restart(last, row.at))
            if row.at > midnight:
                seen.gaps.append(Gap(last, row.at, "restart"))
    elif row.type == NoShow.type and row.due_at and _due(row) >= midnight:
        seen.no_shows[row.shift_id or 0, row.staff_no or ""] = row
    elif row.type == Arrived.type and (row.shift_id, row.staff_no) in seen.no_shows:
        seen.late_s.setdefault((row.shift_id or 0, row.staff_no or ""), row.late_s or 0.0)


def _counted(
    midnight: datetime, planned: Sequence[tuple[datetime, datetime]], seen: _Seen, until: datetime
) -> list[HourOfPresence]:
    return by_hour(midnight, planned, spells(seen.events, midnight - LOOK_BACK, until), until)


def _due(row: _Row) -> datetime:
    return datetime.fromisoformat(row.due_at or "")
