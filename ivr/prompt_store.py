"""Recordings that were handed in for prompts, in SQL: the sound itself, who, when and why.

Invariant: of each prompt the newest version says what callers hear; the last :data:`KEPT` of each can be taken back.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import delete, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from callcenter.store.schema import prompt_versions as table
from callcenter.store.unit import Unit

KEPT: Final = 20
"""Versions of one prompt; who replaced the older ones, and why, stays in the audit."""

_TOLD = [column for column in table.c if column.name != "sound"]


@dataclass(frozen=True, slots=True)
class PromptVersion:
    """One version; they count from 1 for each prompt. ``seconds`` ``None``: the voice speaks it again, there is no recording."""

    prompt: str
    version: int
    seconds: float | None
    by: str
    at: datetime
    why: str


async def put(
    unit: Unit, prompt: str, sound: bytes | None, seconds: float | None, by: str, at: datetime, why: str
) -> PromptVersion:
    """Keep the next version of a prompt: a WAV file of 8 kHz, or (``None``) the voice again."""
    newest = select(func.coalesce(func.max(table.c.version), 0)).where(table.c.prompt == prompt)
    version = (await unit.connection.execute(newest)).scalar_one() + 1
    kept = PromptVersion(prompt, version, seconds, by, at, why)
    values = {name: getattr(kept, name) for name in PromptVersion.__slots__} | {"sound": sound}
    await unit.connection.execute(insert(table).values(values))
    old = (table.c.prompt == prompt) & (table.c.version <= version - KEPT)
    await unit.connection.execute(delete(table).where(old))
    return kept


async def versions(connection: AsyncConnection, prompt: str) -> list[PromptVersion]:
    """Those that are kept of a prompt, newest first."""
    statement = select(*_TOLD).where(table.c.prompt == prompt).order_by(table.c.version.desc())
    return [PromptVersion(**row) for row in (await connection.execute(statement)).mappings()]


async def newest(connection: AsyncConnection) -> list[PromptVersion]:
    """The newest version of every prompt that has any, by name."""
    of_each = select(table.c.prompt, func.max(table.c.version).label("version")).group_by(table.c.prompt)
    last = of_each.subquery()
    both = (table.c.prompt == last.c.prompt) & (table.c.version == last.c.version)
    rows = await connection.execute(select(*_TOLD).join(last, both).order_by(table.c.prompt))
    return [PromptVersion(**row) for row in rows.mappings()]


async def sound(connection: AsyncConnection, prompt: str, version: int) -> bytes | None:
    """The recording of a version; ``None``: there is none."""
    statement = select(table.c.sound).where((table.c.prompt == prompt) & (table.c.version == version))
    return (await connection.execute(statement)).scalar_one_or_none()
