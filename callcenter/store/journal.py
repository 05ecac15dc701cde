"""The one ordered record of what happened, which is also the event stream.

Invariant: ``seq`` has no holes and is visible in order, also with several writers on PostgreSQL.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import RowMapping, delete, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from callcenter.core import codec
from callcenter.core.clock import Instant
from callcenter.core.errors import UsageError
from callcenter.core.ids import ContactId
from callcenter.core.masking import masked
from callcenter.core.messages.base import Message
from callcenter.store import counters
from callcenter.store.schema import journal
from callcenter.store.unit import JournalDraft, JournalEntry, Unit

COUNTER = "journal"
PAGE_MAX = 1000
"""Most entries that one read returns."""


def draft(message: Message, at: datetime, instant: Instant, *, derived: bool = False) -> JournalDraft:
    """A message as it will stand in the journal."""
    data = codec.encode(message)
    return JournalDraft(uuid4().hex, message.type, at, instant, codec.subject(data), data, derived)


def as_message(entry: JournalEntry) -> Message:
    """The message of an entry, for replay.

    Raises:
        OurError: the data does not fit its type.
    """
    return codec.decode(entry.type, entry.data)


def as_event(entry: JournalEntry) -> dict[str, Any]:
    """What the event stream shows of an entry: ids and facts, numbers of citizens masked."""
    return {
        "seq": entry.seq,
        "id": entry.id,
        "type": entry.type,
        "at": entry.at.isoformat(),
        "subject": entry.subject,
        "data": masked(entry.data),
    }


async def append_drafts(unit: Unit) -> None:
    """Give the unit's drafts their places, just before it commits; ``unit.entries`` tells them."""
    drafts = await _fresh(unit) if unit.is_repeat else unit.drafts
    if not drafts:
        return
    first = await counters.take(unit, COUNTER, len(drafts))
    entries = [_placed(seq, item) for seq, item in enumerate(drafts, first)]
    await unit.connection.execute(insert(journal), [_row(entry) for entry in entries])
    unit.entries = entries


async def since(
    connection: AsyncConnection, seq: int, limit: int = 500, types: Sequence[str] = ()
) -> list[JournalEntry]:
    """Entries after ``seq``, oldest first, at most ``limit`` (<= 1000). ``types``: exact, or ``call.*``.

    Raises:
        UsageError: code ``too_old`` when entries after ``seq`` were already deleted.
    """
    oldest = await oldest_seq(connection)
    if oldest is not None and seq < oldest - 1:
        raise UsageError(f"events before {oldest} are gone; start again from a snapshot", code="too_old")
    statement = select(journal).where(journal.c.seq > seq).order_by(journal.c.seq)
    if types:
        statement = statement.where(_one_of(types))
    rows = await connection.execute(statement.limit(min(limit, PAGE_MAX)))
    return [_entry(row) for row in rows.mappings()]


async def of_contact(connection: AsyncConnection, contact_id: ContactId) -> list[JournalEntry]:
    """The whole story of one contact, oldest first (at most 1000 entries)."""
    statement = select(journal).where(journal.c.contact_id == contact_id).order_by(journal.c.seq)
    rows = await connection.execute(statement.limit(PAGE_MAX))
    return [_entry(row) for row in rows.mappings()]


async def newest_of(connection: AsyncConnection, type_: str) -> JournalEntry | None:
    """The last entry of a type."""
    statement = select(journal).where(journal.c.type == type_).order_by(journal.c.seq.desc()).limit(1)
    row = (await connection.execute(statement)).mappings().first()
    return _entry(row) if row else None


async def oldest_seq(connection: AsyncConnection) -> int | None:
    """The first seq still kept; ``None`` while the journal is empty."""
    seq: int | None = await connection.scalar(select(func.min(journal.c.seq)))
    return seq


async def newest_seq(connection: AsyncConnection) -> int:
    """The last seq; 0 while the journal is empty."""
    return await connection.scalar(select(func.max(journal.c.seq))) or 0


async def first_from(connection: AsyncConnection, at: datetime) -> int:
    """The seq of the first entry from ``at`` on, found by halving: the journal is in order of time and has no other index."""
    low, high = await oldest_seq(connection) or 1, await newest_seq(connection) + 1
    while low < high:
        middle = (low + high) // 2
        found = await connection.scalar(select(journal.c.at).where(journal.c.seq == middle))
        if found is None or found < at:
            low = middle + 1
        else:
            high = middle
    return low


async def trim(unit: Unit, before: datetime) -> int:
    """Delete the entries older than ``before`` from the old end, keeping the newest one. How many went."""
    kept = select(func.min(journal.c.seq)).where(journal.c.at >= before).scalar_subquery()
    newest = select(func.max(journal.c.seq)).scalar_subquery()
    result = await unit.connection.execute(delete(journal).where(journal.c.seq < func.coalesce(kept, newest)))
    return result.rowcount


def _one_of(types: Sequence[str]) -> Any:
    exact = [name for name in types if not name.endswith(".*")]
    condition: Any = journal.c.type.in_(exact)
    for name in types:
        if name.endswith(".*"):
            condition = condition | journal.c.type.startswith(name[:-1], autoescape=True)
    return condition


async def _fresh(unit: Unit) -> list[JournalDraft]:
    wanted = [item.id for item in unit.drafts]
    rows = await unit.connection.execute(select(journal.c.id).where(journal.c.id.in_(wanted)))
    known = set(rows.scalars())
    return [item for item in unit.drafts if item.id not in known]


def _placed(seq: int, item: JournalDraft) -> JournalEntry:
    return JournalEntry(seq, item.id, item.type, item.at, item.instant, item.subject, item.data, item.derived)


def _row(entry: JournalEntry) -> dict[str, Any]:
    return {
        "seq": entry.seq,
        "id": entry.id,
        "type": entry.type,
        "at": entry.at,
        "instant": entry.instant,
        "contact_id": entry.subject.get("contact_id"),
        "subject": entry.subject,
        "data": entry.data,
        "derived": entry.derived,
    }


def _entry(row: RowMapping) -> JournalEntry:
    return JournalEntry(
        row["seq"],
        row["id"],
        row["type"],
        row["at"],
        Instant(row["instant"]),
        row["subject"],
        row["data"],
        row["derived"],
    )
