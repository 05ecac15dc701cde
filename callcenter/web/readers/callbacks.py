"""What we owe citizens."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from sqlalchemy import RowMapping, Select, func, or_, select

from callcenter.core.ids import ContactId
from callcenter.store.database import Database
from callcenter.store.schema import contacts, promises, tickets
from callcenter.web.ports.callbacks import CallbackFilter
from callcenter.web.readers.rows import fields_of, one
from callcenter.web.views import Page
from callcenter.web.views.callbacks import CallbackView
from queues import store


class SqlCallbacks:
    """The missed-call list and what else was promised (:class:`callcenter.web.ports.callbacks.CallbackReader`)."""

    def __init__(self, database: Database):
        self._database = database

    async def get(self, contact_id: ContactId) -> CallbackView | None:
        """What the contact led to, be it the first or the last of its citizen; the newest of several."""
        is_part = or_(promises.c.origin_contact_id == contact_id, promises.c.last_contact_id == contact_id)
        statement = select(promises).where(is_part).order_by(promises.c.id.desc()).limit(1)
        async with self._database.reading() as connection:
            row = await one(connection, statement)
            return _callback(row, await connection.scalar(_newest_ticket(row))) if row else None

    async def list(self, which: CallbackFilter, limit: int, offset: int) -> Page[CallbackView]:
        """Newest first, each with the citizen's newest ticket."""
        wanted = store.PromiseFilter(which.state, which.ground)
        async with self._database.reading() as connection:
            page = await store.page(connection, wanted, limit, offset)
        items = [_callback(asdict(item.promise), item.ticket_no) for item in page.items]
        return Page(items=items, total=page.total, filtered=page.filtered)


def _callback(promise: Mapping[str, Any] | RowMapping, ticket_no: str | None) -> CallbackView:
    return CallbackView(
        contact_id=promise["origin_contact_id"],
        citizen=promise["caller"],
        ticket_no=ticket_no,
        **fields_of(CallbackView, promise),
    )


def _newest_ticket(promise: RowMapping) -> Select[Any]:
    caller, origin = promise["caller"], promise["origin_contact_id"]
    is_his = contacts.c.caller == caller if caller else contacts.c.contact_id == origin
    is_recent = contacts.c.arrived_at >= promise["made_at"] - store.TICKET_AGE
    joined = tickets.join(contacts, contacts.c.contact_id == tickets.c.contact_id)
    return select(func.max(tickets.c.ticket_no)).select_from(joined).where(is_his, is_recent)
