"""What cloud seats do, written down and read back: engines count in instants, rows in wall-clock times.

Invariant: everything goes through the one ordered writer; a lock is in the book of accesses, whoever locked.
"""

from datetime import datetime, timedelta
from functools import partial

from callcenter.cloud import store
from callcenter.core.clock import Clock, Instant
from callcenter.core.messages import cloud
from callcenter.core.messages.cloud import CloudState, KeptCloudSeat, KeptInvitation, Reply
from callcenter.store import audit
from callcenter.store.database import Database
from callcenter.store.unit import Unit
from callcenter.store.writer import StoreWriter
from queues.core.cloud_seat import LOCKED_BY_GUARD

GUARD = "guard"
"""Who locks, in the audit, when passwords are guessed."""


class CloudBooks:
    """Writes the roll and reads it back."""

    def __init__(self, writer: StoreWriter, clock: Clock) -> None:
        self._writer = writer
        self._clock = clock

    def keep_seat(self, effect: cloud.KeepCloudSeat) -> None:
        """Write down where a seat is; a lock by the guard is audited (one by a manager is, before it happens)."""
        seat, now = effect.seat, self._clock.at()
        row = store.SeatRow(
            seat.seat_id,
            seat.state.value,
            seat.staff_no,
            seat.reason,
            seat.invitation,
            self._at(seat.since),
            None if seat.until is None else self._at(seat.until),
            None if seat.helps_until is None else self._at(seat.helps_until),
            store.measured(effect.measured),
        )

        async def keep(unit: Unit) -> None:
            await store.keep_seat(unit, row)
            if seat.state is CloudState.LOCKED and seat.reason == LOCKED_BY_GUARD:
                resource = f"seat/{seat.seat_id}"
                await audit.write(
                    unit, at=now, by=GUARD, action="cloud.locked", resource=resource, why=seat.reason
                )

        self._writer.submit(keep, "keep cloud seat")

    def keep_invitation(self, effect: cloud.KeepInvitation) -> None:
        """Write down who was invited, or what he replied."""
        kept = effect.kept
        reply = kept.reply.value if kept.reply is not None else ""
        row = store.InvitationRow(
            effect.invitation, kept.staff_no, effect.seat_id, self._at(kept.made), reply
        )
        self._writer.submit(partial(store.keep_invitation, row=row), "keep invitation")

    async def restored(self, database: Database) -> cloud.RollRestored:
        """What the last controller knew."""
        async with database.reading() as connection:
            seats = await store.seats(connection)
            invitations = await store.invitations(connection)
        return cloud.RollRestored(
            tuple(self._seat(row) for row in seats), tuple(self._invitation(row) for row in invitations)
        )

    def _seat(self, row: store.SeatRow) -> KeptCloudSeat:
        return KeptCloudSeat(
            row.seat_id,
            CloudState(row.state),
            row.staff_no,
            row.reason,
            row.invitation,
            self._instant(row.since_at),
            None if row.until_at is None else self._instant(row.until_at),
            None if row.helps_until_at is None else self._instant(row.helps_until_at),
        )

    def _invitation(self, row: store.InvitationRow) -> KeptInvitation:
        return KeptInvitation(
            row.staff_no, self._instant(row.made_at), Reply(row.reply) if row.reply else None
        )

    def _at(self, instant: Instant) -> datetime:
        return self._clock.at() + timedelta(seconds=instant - self._clock.instant())

    def _instant(self, at: datetime) -> Instant:
        return Instant(self._clock.instant() + (at - self._clock.at()).total_seconds())
