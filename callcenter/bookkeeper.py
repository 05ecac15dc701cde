"""Settles from Asterisk's own books what happened while nobody watched.

Invariant: a contact that no live call stands behind gets its outcome from CEL, exactly once; what the books do
not say yet is asked again, within bounds.
"""

import asyncio
from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from pathlib import Path

import structlog

from callcenter.asterisk.books import read_cel
from callcenter.core.books import BookEntry, book_entries
from callcenter.core.clock import Clock
from callcenter.core.contact import Contact
from callcenter.core.ids import ContactId
from callcenter.core.ledger import settlement
from callcenter.core.messages import calls
from callcenter.core.messages.base import Message
from callcenter.store import contacts, ledger_check
from callcenter.store.database import Database
from callcenter.workbench import Workbench

log = structlog.get_logger()

TRIES = 6
GATHER_S = 1.0
"""How long wishes are gathered: a flood of refused calls is not a flood of readings."""

PAUSE_S = 0.5
"""Asterisk writes the last lines of a call within milliseconds of its end; a loaded machine may take longer."""


LOOK_BACK = timedelta(days=2)
"""Volumes of the books finished before this are not read again: no call and no outage lasts so long unseen."""


class Bookkeeper:
    """Reads the CEL file. ``cel``: where it is."""

    def __init__(
        self, cel: Path, database: Database, bench: Workbench, post: Callable[[Message], None], clock: Clock
    ) -> None:
        self._cel = cel
        self._database = database
        self._bench = bench
        self._post = post
        self._clock = clock
        self._wanted: set[ContactId] = set()

    def settle(self, effect: calls.SettleFromBooks) -> None:
        """Find out how these contacts ended, in the background; many wishes are one reading of the books."""
        is_under_way = bool(self._wanted)
        self._wanted.update(effect.contact_ids)
        if not is_under_way:
            self._bench.start(self._settle())

    def catch_up(self, live: Callable[[], Collection[ContactId]]) -> None:
        """Enter what only the books know; ``live``: the contacts that the controller watches.

        Twice, because what has just ended may still be on its ordinary way at the first look.
        """
        for wait_s in (0.0, ledger_check.QUIET.total_seconds() + 1.0):
            self._bench.start(self._catch_up(live, wait_s))

    async def _settle(self) -> None:
        await asyncio.sleep(GATHER_S)
        wanted, self._wanted = frozenset(self._wanted), set()
        entries = await self._ended(wanted)
        async with self._database.reading() as connection:
            known = {contact_id: await contacts.get(connection, contact_id) for contact_id in wanted}
        for contact_id in wanted:
            self._tell(known[contact_id], entries.get(contact_id))

    async def _catch_up(self, live: Callable[[], Collection[ContactId]], wait_s: float) -> None:
        await asyncio.sleep(wait_s)
        lines = await asyncio.to_thread(lambda: list(read_cel(self._cel, self._since())))
        missed = await ledger_check.unsettled(self._database, lines, self._clock.at(), live())
        for settled in missed:
            self._post(settled)
        if missed:
            log.info("contacts entered from the books", count=len(missed))

    async def _ended(self, wanted: frozenset[ContactId]) -> dict[ContactId, BookEntry]:
        found: dict[ContactId, BookEntry] = {}
        for _ in range(TRIES):
            entries = await asyncio.to_thread(self._read)
            found = {entry.contact_id: entry for entry in entries if entry.contact_id in wanted}
            if all(contact_id in found and found[contact_id].outcome for contact_id in wanted):
                break
            await asyncio.sleep(PAUSE_S)
        return found

    def _read(self) -> list[BookEntry]:
        return book_entries(read_cel(self._cel, self._since()))

    def _since(self) -> datetime:
        return self._clock.at() - LOOK_BACK

    def _tell(self, contact: Contact | None, entry: BookEntry | None) -> None:
        settled = settlement(contact, entry, self._clock.at())
        if settled is not None and (contact is None or contact.outcome is None):
            self._post(settled)
