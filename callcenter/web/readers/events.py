"""The journal and its live end."""

from collections.abc import Callable, Sequence

from callcenter.store import journal
from callcenter.store.database import Database
from callcenter.store.unit import JournalEntry
from callcenter.web.views.events import EventView


class JournalEvents:
    """The journal and its live end (:class:`callcenter.web.ports.events.Events`).

    ``tell`` is what the store writer calls after each commit (``StoreWriter.on_committed``).
    """

    def __init__(self, database: Database):
        self._database = database
        self._listeners: list[Callable[[EventView], None]] = []

    async def since(self, seq: int, limit: int) -> Sequence[EventView]:
        """Entries after ``seq``, in order.

        Raises:
            UsageError: ``too_old``: they were trimmed meanwhile.
        """
        async with self._database.reading() as connection:
            return [_event(entry) for entry in await journal.since(connection, seq, limit)]

    async def bounds(self) -> tuple[int, int]:
        """Oldest and newest seq kept; ``(1, 0)`` when there is none."""
        async with self._database.reading() as connection:
            oldest = await journal.oldest_seq(connection)
            return (oldest or 1, await journal.newest_seq(connection))

    def subscribe(self, listener: Callable[[EventView], None]) -> Callable[[], None]:
        """Call ``listener`` with each new entry; the answer ends that."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def tell(self, entries: Sequence[JournalEntry]) -> None:
        """Entries were committed."""
        if not self._listeners:
            return
        for event in map(_event, entries):
            for listener in self._listeners:
                listener(event)


def _event(entry: JournalEntry) -> EventView:
    return EventView(
        seq=entry.seq, id=entry.id, type=entry.type, at=entry.at, subject=entry.subject, data=entry.data
    )
