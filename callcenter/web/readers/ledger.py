"""The contact ledger, and the gaps in its figures."""

from sqlalchemy import ColumnElement, RowMapping, func, select

from callcenter.core.ids import ContactId
from callcenter.store.database import Database
from callcenter.store.lists import all_equal, counts, part_of
from callcenter.store.schema import contacts, gaps
from callcenter.web.ports.ledger import ContactFilter
from callcenter.web.readers.rows import fields_of, one, stated_by
from callcenter.web.views import Page
from callcenter.web.views.ledger import ContactView, GapView


class SqlContacts:
    """The ledger (:class:`callcenter.web.ports.ledger.ContactReader`)."""

    def __init__(self, database: Database):
        self._database = database

    async def get(self, contact_id: ContactId) -> ContactView | None:
        """One contact, a call-back with what was stated in the call that it answers."""
        async with self._database.reading() as connection:
            origin = func.coalesce(contacts.c.answers_contact_id, contacts.c.contact_id)
            wanted = select(contacts, *stated_by(origin))
            row = await one(connection, wanted.where(contacts.c.contact_id == contact_id))
        return _contact(row) if row else None

    async def list(self, which: ContactFilter, limit: int, offset: int) -> Page[ContactView]:
        """Contacts, newest first."""
        wanted = _matching(which)
        statement = (
            select(contacts).where(wanted).order_by(contacts.c.arrived_at.desc(), contacts.c.contact_id)
        )
        async with self._database.reading() as connection:
            rows = await part_of(connection, statement, limit, offset)
            total, filtered = await counts(connection, contacts, wanted)
        return Page(items=[_contact(row) for row in rows], total=total, filtered=filtered)


class SqlGaps:
    """Times without events (:class:`callcenter.web.ports.ledger.GapReader`)."""

    def __init__(self, database: Database):
        self._database = database

    async def list(self, limit: int) -> list[GapView]:
        """Newest first."""
        statement = select(gaps).order_by(gaps.c.from_at.desc())
        async with self._database.reading() as connection:
            rows = await part_of(connection, statement, limit)
        return [
            GapView(opened_at=row["from_at"], closed_at=row["until_at"], reason=row["reason"]) for row in rows
        ]


def _matching(which: ContactFilter) -> ColumnElement[bool]:
    wanted = all_equal(
        {
            contacts.c.outcome: which.outcome,
            contacts.c.queue: which.queue,
            contacts.c.seat_id: which.seat_id,
        }
    )
    if which.arrived_from is not None:
        wanted &= contacts.c.arrived_at >= which.arrived_from
    if which.arrived_until is not None:
        wanted &= contacts.c.arrived_at < which.arrived_until
    return wanted


def _contact(row: RowMapping) -> ContactView:
    return ContactView(citizen=row["caller"], **fields_of(ContactView, row))
