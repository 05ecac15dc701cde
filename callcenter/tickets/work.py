"""What persons made of tickets, in SQL. Invariant: a version is written once; who comes second is told."""

from dataclasses import asdict

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from callcenter.core.ids import TicketNo
from callcenter.store.schema import ticket_work, tickets
from callcenter.store.unit import Unit
from callcenter.store.unit import insert as insert_or
from callcenter.tickets.core.work import Standing, Work


async def of_ticket(connection: AsyncConnection, ticket_no: TicketNo) -> Work:
    """A person's part of a ticket; nobody's yet: a new one."""
    rows = await connection.execute(select(ticket_work).where(ticket_work.c.ticket_no == ticket_no))
    row = rows.mappings().one_or_none()
    if row is None:
        return Work()
    fields = {name: value for name, value in row.items() if name != "ticket_no"}
    return Work(**{**fields, "standing": Standing(row["standing"])})


async def locked(unit: Unit, ticket_no: TicketNo) -> Work:
    """The same, for who is about to change it: others wait until this unit is over."""
    row = select(tickets.c.ticket_no).where(tickets.c.ticket_no == ticket_no)
    await unit.connection.execute(row.with_for_update())  # SQLite has one writer anyhow
    return await of_ticket(unit.connection, ticket_no)


async def keep(unit: Unit, ticket_no: TicketNo, work: Work) -> None:
    """Write it down."""
    row = asdict(work) | {"standing": work.standing.value}
    statement = insert_or(unit.connection, ticket_work).values(ticket_no=ticket_no, **row)
    await unit.connection.execute(statement.on_conflict_do_update(index_elements=["ticket_no"], set_=row))
