"""One unit of work: an open transaction and what will be journaled with it. All of it is kept, or nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from callcenter.core.clock import Instant


@dataclass(frozen=True, slots=True)
class JournalDraft:
    """A journal entry that has no place in the order yet; ``id`` makes repeating it harmless."""

    id: str
    type: str
    at: datetime
    instant: Instant
    subject: dict[str, str]
    data: dict[str, Any]
    derived: bool


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """A committed fact. ``seq`` counts from 1 without holes; readers never see a later one before an earlier."""

    seq: int
    id: str
    type: str
    at: datetime
    instant: Instant
    subject: dict[str, str]
    data: dict[str, Any]
    derived: bool
    """Told to the outside; not an input of the engines."""


class Unit:
    """A transaction that writes. ``is_repeat``: an earlier attempt may have been committed unheard."""

    def __init__(self, connection: AsyncConnection, *, is_repeat: bool = False):
        self.connection = connection
        self.is_repeat = is_repeat
        self.drafts: list[JournalDraft] = []
        self.entries: Sequence[JournalEntry] = ()

    def record(self, draft: JournalDraft) -> None:
        """Journal this with the unit's commit, after everything already recorded in it."""
        self.drafts.append(draft)


Insert = sqlite.Insert | postgresql.Insert
"""An INSERT that knows ``on_conflict_...``."""


def insert(connection: AsyncConnection, table: Table) -> Insert:
    """An INSERT into ``table`` for this connection's database."""
    return insert_for(connection.dialect.name, table)


def insert_for(dialect: str, table: Table) -> Insert:
    """An INSERT for ``sqlite`` or ``postgresql``; build statements that run for every call once with it."""
    return sqlite.insert(table) if dialect == "sqlite" else postgresql.insert(table)
