"""The book of accesses: who touched personal data or changed who may, when and why.

Invariants: it is only ever added to (the database itself refuses anything else); each entry carries the SHA-256 of itself and
of the entry before it, so that an entry that was changed, inserted or removed by hand breaks the chain from there on. What was
cut off at the end shows against an earlier head that was noted elsewhere.
"""

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from sqlalchemy import insert, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from callcenter.store.schema import audit
from callcenter.store.unit import Unit

FIRST: Final = "0" * 64
"""What stands before the first entry."""
CHAIN_LOCK: Final = 12345_01
"""PostgreSQL's advisory lock: one writer at a time reads the end of the chain. SQLite has one writer anyhow."""
BATCH: Final = 1000


@dataclass(frozen=True, slots=True)
class Chain:
    """What a proof found. ``head``: hash of the newest entry; ``broken_at``: id of the first entry that does not fit."""

    entries: int
    head: str
    broken_at: int | None


async def write(unit: Unit, *, at: datetime, by: str, action: str, resource: str, why: str) -> None:
    """Add an entry in the same unit of work as what it tells of."""
    connection = unit.connection
    if connection.dialect.name == "postgresql":
        await connection.execute(text(f"SELECT pg_advisory_xact_lock({CHAIN_LOCK})"))
    newest = select(audit.c.chain).order_by(audit.c.id.desc()).limit(1)
    before = await connection.scalar(newest) or FIRST
    chain = link(before, at, by, action, resource, why)
    entry = {"at": at, "by": by, "action": action, "resource": resource, "why": why, "chain": chain}
    await connection.execute(insert(audit).values(entry))


def link(before: str, at: datetime, by: str, action: str, resource: str, why: str) -> str:
    """The hash of an entry that follows ``before``; 64 hex digits."""
    when = at.astimezone(UTC).isoformat(timespec="microseconds")
    told = json.dumps([before, when, by, action, resource, why], ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(told.encode()).hexdigest()


async def prove(connection: AsyncConnection) -> Chain:
    """Walk the whole chain, or up to where it breaks."""
    before, entries, last_id = FIRST, 0, 0
    while True:
        batch = select(audit).where(audit.c.id > last_id).order_by(audit.c.id).limit(BATCH)
        rows = (await connection.execute(batch)).mappings().all()
        if not rows:
            return Chain(entries, before, None)
        for row in rows:
            fits = link(before, row["at"], row["by"], row["action"], row["resource"], row["why"])
            if row["chain"] != fits:
                return Chain(entries, before, row["id"])
            before, entries, last_id = fits, entries + 1, row["id"]
