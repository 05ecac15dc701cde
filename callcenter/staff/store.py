"""The people of the hotline in SQL. Invariant: a seat has at most one owner, and nobody is ever removed: he becomes inactive."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from callcenter.core.ids import SeatId
from callcenter.store.schema import staff
from callcenter.store.unit import Unit
from callcenter.store.unit import insert as insert_or


class StaffKind(StrEnum):
    """Where somebody works."""

    ON_SITE = "on_site"
    CLOUD = "cloud"
    GUEST = "guest"


@dataclass(frozen=True, slots=True)
class Person:
    """One of the staff. ``staff_no``: 工号; ``phone``: his own, ``""`` if he is never rung; ``seat_id`` ``None``: any seat."""

    staff_no: str
    name: str
    kind: StaffKind
    phone: str = ""
    seat_id: SeatId | None = None
    active: bool = True


async def keep(unit: Unit, person: Person) -> None:
    """Write somebody down, or what changed about him.

    Raises:
        sqlalchemy.exc.IntegrityError: the seat belongs to somebody else.
    """
    row = asdict(person)
    statement = insert_or(unit.connection, staff).values(row)
    changed = {name: value for name, value in row.items() if name != "staff_no"}
    await unit.connection.execute(statement.on_conflict_do_update(index_elements=["staff_no"], set_=changed))


async def people(connection: AsyncConnection, kind: StaffKind | None = None) -> Sequence[Person]:
    """Everybody who is active, by number; of one kind if one is named."""
    wanted = select(staff).where(staff.c.active).order_by(staff.c.staff_no)
    if kind is not None:
        wanted = wanted.where(staff.c.kind == kind)
    rows = (await connection.execute(wanted)).mappings()
    return [Person(**{**row, "kind": StaffKind(row["kind"])}) for row in rows]
