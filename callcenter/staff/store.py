"""The people of the hotline in SQL. Invariant: a seat has at most one owner, and nobody is ever removed: he becomes inactive."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from callcenter.staff.core.people import Person, StaffKind
from callcenter.store.schema import staff
from callcenter.store.unit import Unit
from callcenter.store.unit import insert as insert_or

__all__ = ["Person", "StaffKind", "deactivate", "everybody", "keep", "keep_all", "people"]


async def keep(unit: Unit, person: Person) -> None:
    """Write somebody down, or what changed about him.

    Raises:
        sqlalchemy.exc.IntegrityError: the seat belongs to somebody else.
    """
    row = asdict(person)
    statement = insert_or(unit.connection, staff).values(row)
    changed = {name: value for name, value in row.items() if name != "staff_no"}
    await unit.connection.execute(statement.on_conflict_do_update(index_elements=["staff_no"], set_=changed))


async def keep_all(unit: Unit, persons: Iterable[Person]) -> None:
    """The same of several, who may exchange their seats.

    Raises:
        sqlalchemy.exc.IntegrityError: a seat belongs to somebody else.
    """
    written = list(persons)
    numbers = [person.staff_no for person in written]
    await unit.connection.execute(update(staff).where(staff.c.staff_no.in_(numbers)).values(seat_id=None))
    for person in written:
        await keep(unit, person)


async def deactivate(unit: Unit, staff_no: str) -> None:
    """Somebody works here no more: his seat is free. He stays in what he has done."""
    gone = update(staff).where(staff.c.staff_no == staff_no).values(active=False, seat_id=None)
    await unit.connection.execute(gone)


async def people(connection: AsyncConnection, kind: StaffKind | None = None) -> Sequence[Person]:
    """Everybody who is active, by number; of one kind if one is named."""
    return [person for person in await everybody(connection) if person.active and kind in (None, person.kind)]


async def everybody(connection: AsyncConnection) -> Sequence[Person]:
    """All who were ever written down, by number."""
    rows = (await connection.execute(select(staff).order_by(staff.c.staff_no))).mappings()
    return [Person(**{**row, "kind": StaffKind(row["kind"])}) for row in rows]
