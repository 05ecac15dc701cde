"""The journal of a real instance as the engines heard it: life by life of the controller, page by page.

A life begins with its first plan of a day, directly followed by what was owed (``Cell._take_up``); instants may begin anew
with each. Invariant: nothing is written, and no transaction stays open between two pages.
"""

import pkgutil
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module

from callcenter.core import messages
from callcenter.core.errors import OurError, UsageError
from callcenter.core.messages.base import Message
from callcenter.core.messages.callbacks import OwedRestored
from callcenter.core.messages.surge import DayPlanned
from callcenter.store import journal
from callcenter.store.database import Database
from callcenter.store.unit import JournalEntry


@dataclass(frozen=True, slots=True)
class Entry:
    """A journaled message. ``begins``: it is the first of a life."""

    row: JournalEntry
    message: Message
    begins: bool


@dataclass(frozen=True, slots=True)
class Recording:
    """What is kept of an instance's journal. ``begins``: the first entry of each life, oldest first."""

    database: Database
    begins: Sequence[JournalEntry]
    newest_seq: int

    def share(self, entry: Entry) -> float:
        """How much of the journal lies behind an entry, 0 to 1."""
        first = self.begins[0].seq
        return (entry.row.seq - first + 1) / (self.newest_seq - first + 1)

    async def entries(self, since: datetime | None, until: datetime | None) -> AsyncIterator[Entry]:
        """All entries of the lives that reach into the time, and of the one before: its contacts may be taken up.

        Raises:
            UsageError: no life reaches into the time.
            OurError: a damaged entry, named by its number.
        """
        seq, starts = self._first_seq(since) - 1, {begin.seq for begin in self.begins}
        while page := await _page(self.database, seq):
            for row in page:
                if row.seq > self.newest_seq or (until is not None and row.at >= until):
                    return
                yield Entry(row, _message(row), row.seq in starts)
            seq = page[-1].seq

    def _first_seq(self, since: datetime | None) -> int:
        if since is None:
            return self.begins[0].seq
        earlier = [begin.seq for begin in self.begins if begin.at <= since]
        return earlier[-2:][0] if earlier else self.begins[0].seq


async def open_recording(database: Database) -> Recording:
    """Find the lives in a journal.

    Raises:
        UsageError: no such database, no tables in it, or no begin of a life.
        PeerError: the database cannot be reached.
    """
    if database.path is not None and not database.path.is_file():
        raise UsageError(f"there is no database {database}; name it with --database", code="database_missing")
    _know_all_messages()
    async with database.reading() as connection:
        newest = await journal.newest_seq(connection)
    begins = await _begins(database)
    if not begins:
        what = "no start of a controller is left in it" if newest else "it is empty"
        raise UsageError(f"nothing to replay in the journal of {database}: {what}", code="empty_journal")
    return Recording(database, begins, newest)


def _know_all_messages() -> None:
    """A journal may hold any message; a type is known once its module is imported."""
    for module in pkgutil.iter_modules(messages.__path__):
        import_module(f"{messages.__name__}.{module.name}")


async def _begins(database: Database) -> list[JournalEntry]:
    """Of the plans of days, those that something owed follows: that is told at start only."""
    found: list[JournalEntry] = []
    plan: JournalEntry | None = None
    seq = 0
    while page := await _page(database, seq, (DayPlanned.type, OwedRestored.type)):
        for row in page:
            if row.type == OwedRestored.type and plan is not None:
                found.append(plan)
            plan = row if row.type == DayPlanned.type else None
        seq = page[-1].seq
    return found


async def _page(database: Database, seq: int, types: Sequence[str] = ()) -> list[JournalEntry]:
    async with database.reading() as connection:
        oldest = await journal.oldest_seq(connection) or 0
        try:
            return await journal.since(connection, max(seq, oldest - 1), journal.PAGE_MAX, types)
        except (ValueError, TypeError):
            raise OurError(
                f"a journal entry after {seq} is damaged: its columns cannot be read", code="bad_journal"
            ) from None


def _message(row: JournalEntry) -> Message:
    try:
        return journal.as_message(row)
    except OurError as error:
        raise OurError(f"journal entry {row.seq} is damaged: {error}", code=error.code) from None
