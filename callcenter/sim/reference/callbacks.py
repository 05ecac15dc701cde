"""A reference policy's call-back list (SCENARIOS.md 8.1).

Invariant: at most one entry per citizen; the list is ordered by due time, then by creation.
"""

from bisect import insort
from dataclasses import dataclass


@dataclass(slots=True)
class Entry:
    """Somebody to be dialed. ``due`` and ``created`` in ms; ``number`` counts creations."""

    cid: int
    ground: str
    created: int
    due: int
    number: int


class CallbackList:
    """Entries in the order of their turn."""

    def __init__(self) -> None:
        self._order: list[tuple[int, int, int]] = []
        self._entries: dict[int, Entry] = {}
        self._created = 0

    def __len__(self) -> int:
        return len(self._entries)

    def __contains__(self, cid: int) -> bool:
        return cid in self._entries

    def create(self, cid: int, ground: str, now: int) -> Entry:
        """A new entry, due now; replaces the citizen's old one."""
        self.remove(cid)
        self._created += 1
        entry = Entry(cid, ground, now, now, self._created)
        self.insert(entry)
        return entry

    def insert(self, entry: Entry) -> None:
        """Put an entry in its place."""
        self._entries[entry.cid] = entry
        insort(self._order, (entry.due, entry.number, entry.cid))

    def remove(self, cid: int) -> Entry | None:
        """Take an entry out."""
        entry = self._entries.pop(cid, None)
        if entry is not None:
            self._order.remove((entry.due, entry.number, cid))
        return entry

    def put_off(self, entry: Entry, due: int) -> None:
        """Its turn comes later."""
        self.remove(entry.cid)
        entry.due = due
        self.insert(entry)

    def first(self) -> Entry | None:
        """Whose turn is next."""
        return self._entries[self._order[0][2]] if self._order else None
