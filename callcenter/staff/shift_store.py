"""Shifts and swaps in SQL.

Invariants: nothing is deleted, a replaced shift is cancelled; a swap changes who works a shift and never when or where;
who had it before stands in the swap.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from enum import StrEnum
from typing import Any

from sqlalchemy import RowMapping, Select, exists, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from callcenter.core.ids import SeatId
from callcenter.staff.core.people import StaffKind
from callcenter.staff.core.roster import Shift, ShiftState
from callcenter.store.schema import shift_swaps, shifts, staff
from callcenter.store.unit import Unit

CHUNK = 500


class SwapState(StrEnum):
    """What became of a wish to swap."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    REFUSED = "refused"
    UNDONE = "undone"


@dataclass(frozen=True, slots=True)
class Swap:
    """Who wants to work whose shift. ``second_id`` ``None``: the first is taken over."""

    swap_id: int
    first_id: int
    first_staff_no: str
    second_id: int | None
    second_staff_no: str
    state: SwapState
    why: str
    proposed_by: str
    proposed_at: datetime
    decided_by: str = ""
    decided_at: datetime | None = None
    undone_by: str = ""
    undone_at: datetime | None = None

    @property
    def shift_ids(self) -> list[int]:
        """The one shift or both."""
        return [self.first_id] if self.second_id is None else [self.first_id, self.second_id]


async def touching(
    connection: AsyncConnection, since: datetime, until: datetime, seats: Mapping[SeatId, str]
) -> list[Shift]:
    """Shifts that are worked at any moment of ``[since, until)``, by their begin. ``seats``: kind by seat."""
    wanted = _shifts().where(
        shifts.c.state != ShiftState.CANCELLED.value, shifts.c.from_at < until, shifts.c.to_at > since
    )
    return [_shift(row, seats) for row in (await connection.execute(wanted)).mappings()]


async def numbered(
    connection: AsyncConnection, ids: Collection[int], seats: Mapping[SeatId, str]
) -> dict[int, Shift]:
    """These shifts, whatever became of them."""
    wanted = _shifts().where(shifts.c.shift_id.in_(ids))
    rows = (await connection.execute(wanted)).mappings()
    return {row["shift_id"]: _shift(row, seats) for row in rows}


async def is_rostered(connection: AsyncConnection, day: date) -> bool:
    """Whether a roster was imported for this day."""
    stands = exists().where(shifts.c.day == day.isoformat(), shifts.c.state != ShiftState.CANCELLED.value)
    return bool(await connection.scalar(select(stands)))


async def count_ahead(connection: AsyncConnection, staff_no: str, now: datetime) -> int:
    """How many shifts somebody has not finished."""
    wanted = select(func.count()).where(
        shifts.c.staff_no == staff_no, shifts.c.to_at > now, shifts.c.state != ShiftState.CANCELLED.value
    )
    return await connection.scalar(wanted) or 0


async def was_kept(connection: AsyncConnection, by: str, at: datetime) -> bool:
    """Whether a roster of this moment and person is kept already."""
    return bool(
        await connection.scalar(
            select(exists().where(shifts.c.imported_by == by, shifts.c.imported_at == at))
        )
    )


async def cancel(unit: Unit, ids: Iterable[int]) -> None:
    """These shifts are not worked; open wishes to swap them come to nothing when they are decided."""
    wanted = list(ids)
    for start in range(0, len(wanted), CHUNK):
        part = wanted[start : start + CHUNK]
        gone = update(shifts).where(shifts.c.shift_id.in_(part)).values(state=ShiftState.CANCELLED.value)
        await unit.connection.execute(gone)


async def add(unit: Unit, planned: Sequence[Shift], by: str, at: datetime, zone: tzinfo) -> None:
    """Keep a roster's shifts."""
    rows = [
        {
            "staff_no": shift.staff_no,
            "seat_id": shift.seat_id,
            "day": shift.from_at.astimezone(zone).date().isoformat(),
            "from_at": shift.from_at,
            "to_at": shift.to_at,
            "code": shift.code,
            "state": ShiftState.PLANNED.value,
            "imported_by": by,
            "imported_at": at,
        }
        for shift in planned
    ]
    if rows:
        await unit.connection.execute(insert(shifts), rows)


async def reassign(unit: Unit, changed: Sequence[Shift]) -> None:
    """Let others work these shifts. In between they stand for nobody, so that no constraint sees anybody twice."""
    await cancel(unit, [shift.shift_id for shift in changed])
    for shift in changed:
        values = {"staff_no": shift.staff_no, "state": shift.state.value}
        await unit.connection.execute(
            update(shifts).where(shifts.c.shift_id == shift.shift_id).values(values)
        )


async def propose(unit: Unit, swap: Swap) -> int:
    """Keep a wish to swap; its number.

    Raises:
        sqlalchemy.exc.IntegrityError: there is an open wish for the first shift already.
    """
    values = {column.name: getattr(swap, column.name) for column in shift_swaps.c if column.name != "swap_id"}
    made = await unit.connection.execute(insert(shift_swaps).values(values | {"state": swap.state.value}))
    (number,) = made.inserted_primary_key or (0,)
    return int(number)


async def decide(unit: Unit, swap_id: int, state: SwapState, by: str, at: datetime) -> None:
    """Approve or refuse."""
    values = {"state": state.value, "decided_by": by, "decided_at": at}
    await unit.connection.execute(update(shift_swaps).where(shift_swaps.c.swap_id == swap_id).values(values))


async def undo(unit: Unit, swap_id: int, by: str, at: datetime) -> None:
    """An approved swap holds no longer."""
    values = {"state": SwapState.UNDONE.value, "undone_by": by, "undone_at": at}
    await unit.connection.execute(update(shift_swaps).where(shift_swaps.c.swap_id == swap_id).values(values))


async def swap(connection: AsyncConnection, swap_id: int) -> Swap | None:
    """One swap."""
    rows = await connection.execute(select(shift_swaps).where(shift_swaps.c.swap_id == swap_id))
    row = rows.mappings().first()
    return _swap(row) if row else None


async def was_settled(connection: AsyncConnection, swap_id: int, by: str, at: datetime) -> bool:
    """Whether this very decision or undoing is kept already."""
    found = await swap(connection, swap_id)
    return found is not None and (by, at) in (
        (found.decided_by, found.decided_at),
        (found.undone_by, found.undone_at),
    )


async def swaps(connection: AsyncConnection, limit: int) -> list[Swap]:
    """The newest swaps, newest first."""
    wanted = select(shift_swaps).order_by(shift_swaps.c.swap_id.desc()).limit(limit)
    return [_swap(row) for row in (await connection.execute(wanted)).mappings()]


async def open_swaps_of(connection: AsyncConnection, ids: Collection[int]) -> list[Swap]:
    """Wishes about these shifts that nobody has decided."""
    wanted = select(shift_swaps).where(
        shift_swaps.c.state == SwapState.PROPOSED.value,
        or_(shift_swaps.c.first_id.in_(ids), shift_swaps.c.second_id.in_(ids)),
    )
    return [_swap(row) for row in (await connection.execute(wanted)).mappings()]


async def is_swapped(connection: AsyncConnection, shift_id: int) -> bool:
    """Whether an approved swap of this shift holds."""
    holds = exists().where(
        shift_swaps.c.state == SwapState.APPROVED.value,
        or_(shift_swaps.c.first_id == shift_id, shift_swaps.c.second_id == shift_id),
    )
    return bool(await connection.scalar(select(holds)))


def _shifts() -> Select[Any]:
    return (
        select(shifts, staff.c.kind)
        .join(staff, staff.c.staff_no == shifts.c.staff_no)
        .order_by(shifts.c.from_at, shifts.c.shift_id)
    )


def _shift(row: RowMapping, seats: Mapping[SeatId, str]) -> Shift:
    seat_id = SeatId(row["seat_id"]) if row["seat_id"] else None
    kind = seats.get(seat_id, "on_site") if seat_id else StaffKind(row["kind"]).seats
    return Shift(
        row["shift_id"],
        row["staff_no"],
        kind,
        seat_id,
        row["from_at"],
        row["to_at"],
        row["code"],
        ShiftState(row["state"]),
    )


def _swap(row: RowMapping) -> Swap:
    return Swap(**{**row, "state": SwapState(row["state"])})
