"""``callcenter ledger check``: the contacts against Asterisk's own books. It reads and changes nothing."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from callcenter.core.books import BookEntry, BookLine, book_entries
from callcenter.core.contact import Contact
from callcenter.core.ids import ContactId
from callcenter.core.ledger import Difference, compare, settlement
from callcenter.core.messages.calls import ContactSettled
from callcenter.store import contacts
from callcenter.store.database import Database

MARGIN = timedelta(minutes=5)
"""A contact this close to the window's edge may stand just inside it in the other book."""

QUIET = timedelta(seconds=10)
"""After this the controller's own message about an end must have arrived."""


@dataclass(frozen=True, slots=True)
class Report:
    """The result: clean, or every difference by name."""

    since: datetime | None
    until: datetime
    contacts: int
    entries: int
    differences: tuple[Difference, ...]

    @property
    def is_clean(self) -> bool:
        """Whether the two books agree."""
        return not self.differences

    def as_json(self) -> dict[str, Any]:
        """For ``--json``."""
        return {
            "clean": self.is_clean,
            "since": self.since.isoformat() if self.since else None,
            "until": self.until.isoformat(),
            "contacts": self.contacts,
            "book_entries": self.entries,
            "differences": [asdict(difference) for difference in self.differences],
        }

    def lines(self) -> list[str]:
        """For people."""
        verdict = "两本账一致 / clean" if self.is_clean else f"{len(self.differences)} 处不一致 / differences"
        head = f"{verdict}: {self.contacts} contacts, {self.entries} in Asterisk's books"
        return [head, *(_line(difference) for difference in self.differences)]


async def check(
    database: Database,
    cel: Iterable[BookLine],
    cdr_ids: Collection[str] | None,
    until: datetime,
    since: datetime | None = None,
) -> Report:
    """Compare all contacts that arrived in ``[since, until)``; ``since`` None: from the beginning.

    Raises:
        UsageError: the database is not usable as it is set.
        PeerError: the database is in trouble.
    """
    begin = since or datetime.min.replace(tzinfo=UTC) + 2 * MARGIN
    async with database.reading() as connection:
        rows = await contacts.arrived_between(connection, begin - MARGIN, until + MARGIN)
    entries = book_entries(cel)
    wanted = {row.contact_id for row in rows if begin <= row.arrived_at < until}
    wanted |= {entry.contact_id for entry in entries if begin <= entry.arrived_at < until}
    ours = [row for row in rows if row.contact_id in wanted]
    theirs = [entry for entry in entries if entry.contact_id in wanted]
    return Report(since, until, len(ours), len(theirs), tuple(compare(ours, theirs, cdr_ids)))


async def unsettled(
    database: Database, cel: Iterable[BookLine], now: datetime, live: Collection[ContactId] = ()
) -> list[ContactSettled]:
    """Contacts that ended without us: in the books, but not (or without an outcome) in the ledger.

    What ended less than ``QUIET`` ago, or is ``live`` in the controller, is still on its ordinary way.

    Raises:
        UsageError: as for ``check``.
        PeerError: as for ``check``.
    """
    entries = [entry for entry in book_entries(cel) if entry.ended_at and entry.ended_at < now - QUIET]
    if not entries:
        return []
    async with database.reading() as connection:
        rows = await contacts.arrived_between(connection, entries[0].arrived_at - MARGIN, now + MARGIN)
    known = {row.contact_id: row for row in rows}
    left = [entry for entry in entries if entry.contact_id not in live and not _has_outcome(known, entry)]
    found = (settlement(known.get(entry.contact_id), entry, now) for entry in left)
    return [settled for settled in found if settled]


def _has_outcome(known: Mapping[ContactId, Contact], entry: BookEntry) -> bool:
    contact = known.get(entry.contact_id)
    return contact is not None and contact.outcome is not None


def _line(difference: Difference) -> str:
    return f"  {difference.contact_id}  {difference.kind}: ours {difference.ours or '—'}, theirs {difference.theirs or '—'}"
