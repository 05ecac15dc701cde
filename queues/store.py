"""What the surge engine must not forget: promises to citizens, and the waits that were announced to them.

Invariants: at most one promise is open per number; a call-back is dialed at most once per contact id, also over
restarts; what is closed stays closed. Numbers are whole here; lists mask them where an answer is serialized.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final, NewType

from sqlalchemy import ColumnElement, RowMapping, Select, case, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from callcenter.core.errors import UsageError
from callcenter.core.ids import ContactId, TicketNo
from callcenter.core.messages.callbacks import CallbackBegun, CloseOwed, KeepOwed, NoteMissed, is_callback
from callcenter.core.messages.offers import KeepEstimate
from callcenter.store import contacts as ledger
from callcenter.store.lists import all_equal, counts
from callcenter.store.schema import (
    IS_OWED,
    IS_UNKNOWN,
    announcements,
    contacts,
    promises,
    tickets,
)
from callcenter.store.unit import Unit, insert

PromiseId = NewType("PromiseId", int)
"""One promise, open or closed."""

MISSED: Final = "missed"
"""The ground of a call that met nobody."""
MESSAGE: Final = "message"
"""The ground of a voice message."""
UNREACHED: Final = "unreached"
"""Why a promise was closed whose tries were used up in vain."""
EXPIRED: Final = "expired"
"""Why a promise was closed that nobody could keep by telephone."""
TICKET_AGE: Final = timedelta(days=30)
"""A citizen's tickets are shown beside his promise when he called for them at most so long before it."""


class PromiseState(StrEnum):
    """Whether something is still owed."""

    OPEN = "open"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Promise:
    """One thing owed to a citizen: to call him back, or to hear his message.

    ``caller``: the number, or ``""``. ``origin_contact_id``: brought the number, and names the call-backs.
    ``last_contact_id``: the last of the ``attempts`` contacts of his that are merged in it. ``made_at``: since when it
    is owed. ``due_at`` ``None``: somebody works on it. ``tries``: dials begun, the last one at ``tried_at``.
    ``can_be_called`` false: withheld, foreign or premium, so that only people look after it.
    ``why``: ``""`` while open; then kept, answered, self_resolved, unreached, expired or by_hand.
    """

    id: PromiseId
    caller: str
    ground: str
    state: PromiseState
    why: str
    origin_contact_id: ContactId
    last_contact_id: ContactId
    attempts: int
    made_at: datetime
    due_at: datetime | None
    tries: int
    reviewed: bool
    can_be_called: bool
    tried_at: datetime | None
    closed_at: datetime | None
    closed_by_contact_id: ContactId | None


@dataclass(frozen=True, slots=True)
class PromiseFilter:
    """Which promises a list shows; ``None``: all. ``since``: made then or later."""

    state: str | None = None
    ground: str | None = None
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class ListedPromise:
    """A promise in a list. ``ticket_no``: the citizen's newest ticket, so that nobody asks him again."""

    promise: Promise
    ticket_no: TicketNo | None


@dataclass(frozen=True, slots=True)
class PromisePage:
    """A part of a list, newest first. ``total``: all promises; ``filtered``: those that the filter wants."""

    items: Sequence[ListedPromise]
    total: int
    filtered: int


async def keep(
    unit: Unit, effect: KeepOwed, made_at: datetime, due_at: datetime | None, *, can_be_called: bool = True
) -> None:
    """Write down what is owed now; it replaces what was open for the number, except since when.

    ``can_be_called`` counts for a new row only.
    """
    owed = effect.owed
    row = _new(owed.caller, owed.ground, owed.origin, effect.contact_id, made_at, can_be_called)
    row |= {"due_at": due_at, "tries": owed.tries, "reviewed": owed.reviewed}
    await _put(unit, row, effect.contact_id, "ground", "origin_contact_id", "due_at", "tries", "reviewed")


async def note_missed(unit: Unit, effect: NoteMissed, at: datetime, can_be_called: bool) -> None:
    """Put a contact on the missed-call list: into what is open for its number, else as a row due at once."""
    row = _new(effect.caller, MISSED, effect.contact_id, effect.contact_id, at, can_be_called)
    await _put(unit, row, effect.contact_id)


async def close(unit: Unit, effect: CloseOwed, at: datetime) -> None:
    """Nothing is owed any more; without an open row nothing happens.

    Unknown callers are told apart by the contact.
    """
    is_his = promises.c.caller == effect.caller
    if not effect.caller:
        is_his &= promises.c.origin_contact_id == effect.contact_id
    await unit.connection.execute(
        update(promises).where(is_his, _IS_OPEN).values(_closed(effect.why, at, effect.contact_id))
    )


async def expire(unit: Unit, made_before: datetime, at: datetime) -> int:
    """Close missed calls that nobody can call back and that are older than ``made_before``. How many."""
    statement = (
        update(promises)
        .where(
            _IS_OPEN,
            promises.c.ground == MISSED,
            ~promises.c.can_be_called,
            promises.c.made_at < made_before,
        )
        .values(_closed(EXPIRED, at))
    )
    return (await unit.connection.execute(statement)).rowcount


async def begin_callback(unit: Unit, begun: CallbackBegun) -> None:
    """Make the row of a call-back, before any telephone rings.

    Raises:
        UsageError: code ``already_dialed``: the id was used before, by this life or an earlier one.
    """
    if not await ledger.call_back(unit, begun):
        raise UsageError("this call-back was dialed already; begin another try", code="already_dialed")
    await unit.connection.execute(
        update(promises).where(promises.c.caller == begun.caller, _IS_OPEN).values(tried_at=begun.at)
    )


async def open_promises(connection: AsyncConnection) -> list[Promise]:
    """What is owed and can be kept by telephone or by hearing a message, oldest first: for a starting engine."""
    statement = (
        select(promises)
        .where(_IS_OPEN, or_(promises.c.can_be_called, promises.c.ground == MESSAGE))
        .order_by(promises.c.made_at, promises.c.id)
    )
    return await _all(connection, statement)


async def unreached_since(connection: AsyncConnection, since: datetime) -> list[str]:
    """The numbers whose tries were used up in vain at ``since`` or later."""
    statement = select(promises.c.caller).where(promises.c.why == UNREACHED, promises.c.closed_at >= since)
    return sorted(set((await connection.execute(statement)).scalars()))


async def get(connection: AsyncConnection, promise_id: PromiseId) -> Promise | None:
    """One promise."""
    found = await _all(connection, select(promises).where(promises.c.id == promise_id))
    return found[0] if found else None


async def page(connection: AsyncConnection, which: PromiseFilter, limit: int, offset: int) -> PromisePage:
    """A part of the list, newest first, each with the citizen's ticket."""
    wanted = _matching(which)
    statement = select(promises).where(wanted).order_by(promises.c.made_at.desc(), promises.c.id.desc())
    found = await _all(connection, statement.limit(limit).offset(offset))
    total, filtered = await counts(connection, promises, wanted)
    return PromisePage(await _with_tickets(connection, found), total, filtered)


async def keep_estimate(unit: Unit, effect: KeepEstimate, at: datetime) -> None:
    """Write down what wait was announced at this moment."""
    values = {
        "contact_id": effect.contact_id,
        "announced_at": at,
        "low_s": effect.low_s,
        "high_s": effect.high_s,
        "expected_s": effect.expected_s,
    }
    statement = insert(unit.connection, announcements).values(values)
    await unit.connection.execute(
        statement.on_conflict_do_nothing(index_elements=["contact_id", "announced_at"])
    )


_IS_OPEN: Final = promises.c.state == PromiseState.OPEN.value


def _new(
    caller: str,
    ground: str,
    origin: ContactId,
    contact_id: ContactId,
    made_at: datetime,
    can_be_called: bool,
) -> dict[str, Any]:
    return {
        "caller": caller,
        "ground": ground,
        "state": PromiseState.OPEN.value,
        "why": "",
        "origin_contact_id": origin,
        "last_contact_id": origin if is_callback(contact_id) else contact_id,
        "attempts": 1,
        "made_at": made_at,
        "due_at": made_at,
        "tries": 0,
        "reviewed": False,
        "can_be_called": can_be_called and caller != "",
    }


async def _put(unit: Unit, row: dict[str, Any], contact_id: ContactId, *replaced: str) -> None:
    """Insert the row, or merge it into the open one, which takes over the columns ``replaced``."""
    statement = insert(unit.connection, promises).values(row)
    changes = {name: statement.excluded[name] for name in replaced} | _merged(contact_id)
    key, where = ("caller", IS_OWED) if row["caller"] else ("origin_contact_id", IS_UNKNOWN)
    if changes:
        statement = statement.on_conflict_do_update(
            index_elements=[key], index_where=where, set_=changes, where=_IS_OPEN
        )
    else:
        statement = statement.on_conflict_do_nothing(index_elements=[key], index_where=where)
    await unit.connection.execute(statement)


def _merged(contact_id: ContactId) -> dict[str, Any]:
    """How the open row counts a contact of the citizen; a call-back is none of his."""
    if is_callback(contact_id):
        return {}
    is_known = or_(promises.c.last_contact_id == contact_id, promises.c.origin_contact_id == contact_id)
    return {
        "attempts": promises.c.attempts + case((is_known, 0), else_=1),
        "last_contact_id": contact_id,
    }


def _closed(why: str, at: datetime, by: ContactId | None = None) -> dict[str, Any]:
    return {
        "state": PromiseState.CLOSED.value,
        "why": why,
        "closed_at": at,
        "closed_by_contact_id": by,
    }


def _matching(which: PromiseFilter) -> ColumnElement[bool]:
    condition = all_equal({promises.c.state: which.state, promises.c.ground: which.ground})
    return condition if which.since is None else condition & (promises.c.made_at >= which.since)


async def _with_tickets(connection: AsyncConnection, found: Sequence[Promise]) -> list[ListedPromise]:
    """Beside each promise the citizen's newest ticket: one look for the whole page."""
    if not found:
        return []
    oldest = min(promise.made_at for promise in found) - TICKET_AGE
    statement = (
        select(contacts.c.contact_id, contacts.c.caller, contacts.c.arrived_at, tickets.c.ticket_no)
        .join(tickets, tickets.c.contact_id == contacts.c.contact_id)
        .where(contacts.c.arrived_at >= oldest, or_(_calls_of(found), _contacts_of(found)))
        .order_by(tickets.c.ticket_no.desc())
    )
    of_citizen: dict[str, list[tuple[datetime, TicketNo]]] = {}
    for contact_id, caller, arrived_at, ticket_no in await connection.execute(statement):
        of_citizen.setdefault(caller or contact_id, []).append((arrived_at, TicketNo(ticket_no)))
    return [ListedPromise(promise, _ticket_of(promise, of_citizen)) for promise in found]


def _calls_of(found: Sequence[Promise]) -> ColumnElement[bool]:
    return contacts.c.caller.in_({promise.caller for promise in found if promise.caller})


def _contacts_of(found: Sequence[Promise]) -> ColumnElement[bool]:
    """The contacts of unknown callers: nothing else tells them apart."""
    return contacts.c.contact_id.in_({promise.origin_contact_id for promise in found if not promise.caller})


def _ticket_of(promise: Promise, of_citizen: dict[str, list[tuple[datetime, TicketNo]]]) -> TicketNo | None:
    newest_first = of_citizen.get(promise.caller or promise.origin_contact_id, [])
    since = promise.made_at - TICKET_AGE
    return next((ticket_no for arrived_at, ticket_no in newest_first if arrived_at >= since), None)


async def _all(connection: AsyncConnection, statement: Select[Any]) -> list[Promise]:
    rows = await connection.execute(statement)
    return [_promise(row) for row in rows.mappings()]


def _promise(row: RowMapping) -> Promise:
    fields: dict[str, Any] = dict(row)
    return Promise(**(fields | {"state": PromiseState(row["state"])}))
