"""The shifts of the day on their way to those who count with them: the plan of the day, and who watches for absences.

Invariant: a seat stands for one shift at a time; a shift whose seat nobody knows is counted by heads.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta, tzinfo

import structlog
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from callcenter.core.clock import Instant
from callcenter.core.errors import CallcenterError
from callcenter.core.ids import SeatId
from callcenter.core.messages.shifts import Arrived, DueShift, LeftEarly, NoShow, ShiftsPlanned
from callcenter.settings import Settings
from callcenter.staff import shift_store
from callcenter.staff.core.roster import Shift, roster_of
from callcenter.store import journal
from callcenter.store.database import Database
from callcenter.store.schema import accounts, staff
from callcenter.store.schema import journal as entries

log = structlog.get_logger()

DAY = timedelta(days=1)
AHEAD = timedelta(hours=1)
"""Shifts of the next day's first hour are known before midnight."""

_TOLD = {NoShow.type: "missing", LeftEarly.type: "left", Arrived.type: ""}


def seat_kinds(settings: Settings) -> Mapping[SeatId, str]:
    """Every seat and its kind: ``on_site`` or ``cloud``."""
    seats = settings.seats
    return {SeatId(seat): "on_site" for seat in seats.on_site()} | {
        SeatId(seat): "cloud" for seat in seats.cloud()
    }


class Timetable:
    """Reads the roster of a day from SQL and tells it."""

    def __init__(
        self,
        database: Database,
        seats: Mapping[SeatId, str],
        zone: tzinfo,
        post: Callable[[ShiftsPlanned], None],
    ) -> None:
        self._database, self._seats, self._zone, self._post = database, seats, zone, post
        self._is_start = True

    async def plan(self, began: Instant, midnight: datetime) -> tuple[int, ...]:
        """Tell the day's shifts; its seats hour by hour, empty where no roster was imported for it.

        ``began``, ``midnight``: its begin on both clocks. A roster that cannot be read is none.
        """
        try:
            async with self._database.reading() as connection:
                shifts = await shift_store.touching(connection, midnight, midnight + DAY + AHEAD, self._seats)
                is_rostered = await shift_store.is_rostered(connection, midnight.date())
                homes = await _homes(connection)
                told = await _told(connection, midnight - DAY) if self._is_start and shifts else {}
        except CallcenterError as error:
            log.warning("the shifts could not be read", code=error.code)
            return ()
        due = due_shifts(shifts, homes, told)
        self._post(ShiftsPlanned(began, midnight, due, self._is_start))
        self._is_start = False
        roster = roster_of(shifts, midnight)
        return roster if is_rostered and any(roster) else ()


def due_shifts(
    shifts: Sequence[Shift], homes: Mapping[str, SeatId], told: Mapping[tuple[int, str], str]
) -> tuple[DueShift, ...]:
    """The shifts with the seats that prove them: the planned one, and the person's own where it is nobody else's then."""
    return tuple(
        DueShift(
            shift.shift_id,
            shift.staff_no,
            shift.kind,
            _seats_of(shift, homes.get(shift.staff_no), shifts),
            shift.from_at,
            shift.to_at,
            told.get((shift.shift_id, shift.staff_no), ""),
        )
        for shift in shifts
    )


def _seats_of(shift: Shift, home: SeatId | None, shifts: Sequence[Shift]) -> tuple[SeatId, ...]:
    planned = (shift.seat_id,) if shift.seat_id is not None else ()
    if home is None or home in planned:
        return planned
    is_taken = any(other.seat_id == home and other.overlaps(shift) for other in shifts if other is not shift)
    return planned if is_taken else (*planned, home)


async def _homes(connection: AsyncConnection) -> dict[str, SeatId]:
    """Whose seat is known: by his account of the same name, else by the list of the staff, which counts more."""
    by_account = select(accounts.c.name, accounts.c.seat_id).where(accounts.c.seat_id.is_not(None))
    by_staff = select(staff.c.staff_no, staff.c.seat_id).where(staff.c.seat_id.is_not(None))
    rows = [*await connection.execute(by_account), *await connection.execute(by_staff)]
    return {name: SeatId(seat_id) for name, seat_id in rows}


async def _told(connection: AsyncConnection, since: datetime) -> dict[tuple[int, str], str]:
    """What was told last of each shift and person."""
    first = await journal.first_from(connection, since)
    wanted = (
        select(entries.c.type, entries.c.data)
        .where(entries.c.seq >= first, entries.c.type.in_(list(_TOLD)))
        .order_by(entries.c.seq)
    )
    return {
        (data["shift_id"], data["staff_no"]): _TOLD[kind] for kind, data in await connection.execute(wanted)
    }
