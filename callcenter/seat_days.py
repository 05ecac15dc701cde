"""A seat's own day from the ledger (:class:`callcenter.web.ports.agent.SeatDays`). Invariant: it only reads."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import and_, func, select

from callcenter.core.clock import Clock
from callcenter.core.ids import SeatId
from callcenter.core.messages.seats import SeatStateChanged
from callcenter.reports.core.seat_day import DayOfSeats, OwnFigure, SeatMove, own_day
from callcenter.reports.core.windows import Window, day_window
from callcenter.reports.figures import Lane
from callcenter.reports.store import Rows
from callcenter.store import journal
from callcenter.store.database import Database
from callcenter.store.schema import contacts, promises, ticket_work, tickets
from callcenter.store.schema import journal as entries
from callcenter.tickets.core.work import Standing
from callcenter.web.views.agent import OwnFigureView, SeatDayView
from queues.core.seat import OUR_REASONS

KEPT: Final = "kept"


@dataclass(frozen=True)
class SqlSeatDays:
    """One look at the ledger answers all seats that ask within a moment. ``zone``: whose calendar day it is."""

    database: Database
    clock: Clock
    zone: ZoneInfo
    lane: Lane

    async def of(self, seat_id: SeatId) -> SeatDayView:
        """The seat's figures of today so far, beside the middle of the house."""
        rows = await self.lane.answer("day of seats", self._rows)
        figures = own_day(rows, seat_id, OUR_REASONS)
        return SeatDayView(
            seat_id=seat_id,
            day=rows.day.from_at.astimezone(self.zone).date(),
            as_of=rows.as_of,
            figures=[_view(figure) for figure in figures],
        )

    async def _rows(self) -> DayOfSeats:
        now = self.clock.at()
        day = day_window(now.astimezone(self.zone).date(), self.zone)
        return DayOfSeats(
            day=day,
            as_of=now,
            contacts=await Rows(self.database).contacts(day),
            moves=await self._moves(day),
            kept=await self._kept(day),
            direct_answers=await self._direct_answers(day),
        )

    async def _moves(self, day: Window) -> list[SeatMove]:
        parts = (entries.c.data[name].as_string() for name in ("seat_id", "old", "new", "reason"))
        async with self.database.reading() as connection:
            first = await journal.first_from(connection, day.from_at)
            wanted = and_(entries.c.seq >= first, entries.c.type == SeatStateChanged.type)
            rows = await connection.execute(
                select(entries.c.at, *parts).where(wanted).order_by(entries.c.seq)
            )
            return [SeatMove._make(row) for row in rows]

    async def _kept(self, day: Window) -> Mapping[str, int]:
        """Promises that a talk of the seat kept today."""
        owed = promises.c
        wanted = and_(owed.why == KEPT, owed.closed_at >= day.from_at, owed.closed_at < day.until_at)
        joined = promises.join(contacts, contacts.c.contact_id == owed.closed_by_contact_id)
        counted = select(contacts.c.seat_id, func.count()).select_from(joined).where(wanted)
        async with self.database.reading() as connection:
            rows = await connection.execute(counted.group_by(contacts.c.seat_id))
            return {seat: count for seat, count in rows if seat}

    async def _direct_answers(self, day: Window) -> Mapping[str, int]:
        """Tickets of today's talks that ended as answered on the spot."""
        made = tickets.c.created_at
        wanted = and_(
            ticket_work.c.standing == Standing.ANSWERED.value, made >= day.from_at, made < day.until_at
        )
        joined = tickets.join(ticket_work, ticket_work.c.ticket_no == tickets.c.ticket_no)
        counted = select(tickets.c.seat_id, func.count()).select_from(joined).where(wanted)
        async with self.database.reading() as connection:
            rows = await connection.execute(counted.group_by(tickets.c.seat_id))
            return {seat: count for seat, count in rows if seat}


def _view(figure: OwnFigure) -> OwnFigureView:
    formula = figure.formula
    return OwnFigureView(
        formula=formula.id,
        zh=formula.zh,
        en=formula.en,
        unit="s" if formula.unit == "s" else "count",
        own=figure.own,
        middle=figure.middle,
    )
