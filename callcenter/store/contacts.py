"""The contact ledger: one row per attempt of a citizen, committed before the first prompt, and one per call-back.

Invariant: once a row has its outcome it is never written again, except by ``becomes_message``.
"""

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Case, RowMapping, case, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from callcenter.core.contact import CALLBACK, PARTNER, Contact, ContactState, arrived
from callcenter.core.ids import ChannelName, ContactId
from callcenter.core.messages.callbacks import CallbackBegun
from callcenter.core.messages.calls import CallArrived, Outcome
from callcenter.core.messages.partner import AidArrived
from callcenter.store.schema import contacts
from callcenter.store.unit import Insert, Unit, insert_for

FIELDS = tuple(name for name in Contact.__slots__)
UNKNOWN_KEEPS = ("caller", "called", "channel", "queue", "seat_id", "last_step")
"""A later truth that lacks one of these does not erase it."""


async def arrive(unit: Unit, arrival: CallArrived | AidArrived) -> None:
    """Make the row of a new contact; a row that is already there stays as it is."""
    await unit.connection.execute(_first(unit.connection.dialect.name), _row(arrived(arrival)))


async def save(unit: Unit, contact: Contact) -> None:
    """Write the present truth; ``source`` stays who met the contact first. Nothing after the outcome."""
    await unit.connection.execute(_present(unit.connection.dialect.name), _row(contact))


async def call_back(unit: Unit, begun: CallbackBegun) -> bool:
    """Make the row of a call-back; ``False``: there is one already, so it was dialed before."""
    contact = Contact(
        begun.contact_id,
        ChannelName(""),
        begun.caller,
        "",
        CALLBACK,
        ContactState.ARRIVED,
        begun.at,
        seat_id=begun.seat_id,
        leaning=Outcome.UNREACHED,
    )
    row = _row(contact) | {"answers_contact_id": begun.origin}
    made = await unit.connection.execute(_first(unit.connection.dialect.name), row)
    if made.rowcount:
        return True
    return unit.is_repeat and await get(unit.connection, begun.contact_id) == contact


async def becomes_message(unit: Unit, contact_id: ContactId) -> None:
    """A caller who left a voice message while nobody steered: that is his outcome, whatever was settled.

    One who was answered stays answered.
    """
    statement = (
        update(contacts)
        .where(contacts.c.contact_id == contact_id, contacts.c.outcome != Outcome.ANSWERED.value)
        .values(outcome=Outcome.MESSAGE.value)
    )
    await unit.connection.execute(statement)


async def get(connection: AsyncConnection, contact_id: ContactId) -> Contact | None:
    """One contact."""
    rows = await connection.execute(select(contacts).where(contacts.c.contact_id == contact_id))
    row = rows.mappings().one_or_none()
    return _contact(row) if row else None


async def callbacks_of(connection: AsyncConnection, contact_id: ContactId) -> list[Contact]:
    """The call-backs that answer a contact, oldest first."""
    condition = contacts.c.answers_contact_id == contact_id
    return await _all(connection, select(contacts).where(condition).order_by(contacts.c.arrived_at))


async def without_outcome(connection: AsyncConnection) -> list[Contact]:
    """The contacts that have not ended, oldest first: what a starting controller reads."""
    statement = select(contacts).where(contacts.c.outcome.is_(None)).order_by(contacts.c.arrived_at)
    return await _all(connection, statement)


async def arrived_between(connection: AsyncConnection, since: datetime, until: datetime) -> list[Contact]:
    """The contacts that arrived in ``[since, until)``, oldest first."""
    condition = (contacts.c.arrived_at >= since) & (contacts.c.arrived_at < until)
    return await _all(connection, select(contacts).where(condition).order_by(contacts.c.arrived_at))


async def newest(
    connection: AsyncConnection, limit: int = 100, before: datetime | None = None
) -> list[Contact]:
    """The last arrivals (before an instant), newest first."""
    statement = select(contacts).order_by(contacts.c.arrived_at.desc(), contacts.c.contact_id).limit(limit)
    if before is not None:
        statement = statement.where(contacts.c.arrived_at < before)
    return await _all(connection, statement)


async def counts(
    connection: AsyncConnection, since: datetime, until: datetime
) -> Mapping[Outcome | None, int]:
    """How many attempts of citizens in ``[since, until)`` have which outcome; ``None``: still open."""
    is_attempt = contacts.c.source.not_in((CALLBACK, PARTNER))
    statement = (
        select(contacts.c.outcome, func.count())
        .where(contacts.c.arrived_at >= since, contacts.c.arrived_at < until, is_attempt)
        .group_by(contacts.c.outcome)
    )
    rows = await connection.execute(statement)
    return {Outcome(outcome) if outcome else None: count for outcome, count in rows}


@cache
def _first(dialect: str) -> Insert:
    return insert_for(dialect, contacts).on_conflict_do_nothing(index_elements=["contact_id"])


@cache
def _present(dialect: str) -> Insert:
    statement = insert_for(dialect, contacts)
    changes: dict[str, Any] = {
        name: statement.excluded[name]
        for name in (*FIELDS, "wait_s", "talk_s")
        if name not in ("contact_id", "source")
    }
    changes |= {name: _known(statement.excluded[name], contacts.c[name]) for name in UNKNOWN_KEEPS}
    return statement.on_conflict_do_update(
        index_elements=["contact_id"], set_=changes, where=contacts.c.outcome.is_(None)
    )


def _known(new: Any, old: Any) -> Case[Any]:
    return case((func.coalesce(new, "") == "", old), else_=new)


async def _all(connection: AsyncConnection, statement: Any) -> list[Contact]:
    rows = await connection.execute(statement)
    return [_contact(row) for row in rows.mappings()]


def _row(contact: Contact) -> dict[str, Any]:
    row = {name: getattr(contact, name) for name in FIELDS}
    return row | {
        "state": contact.state.value,
        "outcome": contact.outcome.value if contact.outcome else None,
        "leaning": contact.leaning.value if contact.leaning else None,
        "wait_s": contact.wait_s,
        "talk_s": contact.talk_s if contact.answered_at else None,
    }


def _contact(row: RowMapping) -> Contact:
    fields: dict[str, Any] = {name: row[name] for name in FIELDS}
    fields["state"] = ContactState(row["state"])
    for name in ("outcome", "leaning"):
        fields[name] = Outcome(row[name]) if row[name] else None
    return Contact(**fields)
