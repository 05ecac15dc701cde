"""Carries out what is owed to citizens: written down before it is spoken of, read back at start.

Engines count in instants, rows in wall-clock times; this is where one becomes the other.
Invariant: everything goes through the one ordered writer, so a promise is committed before what follows from it.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from callcenter.core.clock import Clock, Instant
from callcenter.core.messages import callbacks, offers
from callcenter.outbox.letters import Letters
from callcenter.store.database import Database
from callcenter.store.unit import Unit
from callcenter.store.writer import StoreWriter
from queues import store


class Promises:
    """``can_be_called``: whether a number may be dialed at all. ``letters``: those who are missed are told; ``None``: not."""

    def __init__(
        self,
        writer: StoreWriter,
        clock: Clock,
        can_be_called: Callable[[str], bool],
        letters: Letters | None = None,
    ) -> None:
        self._writer = writer
        self._clock = clock
        self._can_be_called = can_be_called
        self._letters = letters

    def keep(self, effect: callbacks.KeepOwed) -> None:
        """Write down what is owed now."""
        owed = effect.owed
        due_at = None if owed.due is None else self._at(owed.due)
        keep = partial(store.keep, effect=effect, made_at=self._at(owed.made), due_at=due_at)
        self._writer.submit(partial(keep, can_be_called=self._can_be_called(owed.caller)), "keep promise")

    def close(self, effect: callbacks.CloseOwed) -> None:
        """Nothing is owed any more, nor told so."""
        at = self._clock.at()

        async def close(unit: Unit) -> None:
            await store.close(unit, effect, at)
            if self._letters is not None:
                await self._letters.reached(unit, effect.caller)

        self._writer.submit(close, "close promise")

    def note_missed(self, effect: callbacks.NoteMissed) -> None:
        """Put a contact on the missed-call list; whom we will call is told so, in the same commit."""
        at, can_be_called = self._clock.at(), self._can_be_called(effect.caller)

        async def note(unit: Unit) -> None:
            await store.note_missed(unit, effect, at, can_be_called)
            if self._letters is not None and can_be_called:
                await self._letters.missed(unit, effect.caller, effect.contact_id, at)

        self._writer.submit(note, "note missed")

    def keep_estimate(self, effect: offers.KeepEstimate) -> None:
        """Write down what wait was announced."""
        self._writer.submit(partial(store.keep_estimate, effect=effect, at=self._clock.at()), "keep estimate")

    async def begin(self, begun: callbacks.CallbackBegun) -> None:
        """Make the row of a call-back; returns once it is committed.

        Raises:
            UsageError: ``already_dialed``.
            PeerError: the database cannot take it now.
        """
        await self._writer.do(partial(store.begin_callback, begun=begun), "begin call-back")

    async def restored(self, database: Database) -> callbacks.OwedRestored:
        """What is owed, as the engines count it, and who was not reached today."""
        midnight = self._clock.at().replace(hour=0, minute=0, second=0, microsecond=0)
        async with database.reading() as connection:
            rows = await store.open_promises(connection)
            unreached = await store.unreached_since(connection, midnight)
        owed = tuple(self._owed(row) for row in rows if row.caller)
        return callbacks.OwedRestored(owed, tuple(unreached))

    def _owed(self, row: store.Promise) -> callbacks.OwedCall:
        return callbacks.OwedCall(
            caller=row.caller,
            ground=row.ground,
            origin=row.origin_contact_id,
            made=self._instant(row.made_at),
            due=None if row.due_at is None else self._instant(row.due_at),
            tries=row.tries,
            reviewed=row.reviewed,
        )

    def _at(self, instant: Instant) -> datetime:
        return self._clock.at() + timedelta(seconds=instant - self._clock.instant())

    def _instant(self, at: datetime) -> Instant:
        return Instant(self._clock.instant() + (at - self._clock.at()).total_seconds())
