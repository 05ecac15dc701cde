"""Every cloud seat as it is now, and what came of it: how seats are put and moved, and what is to be told of that.

Invariant: a seat moves along :data:`CLOUD_SEAT` alone; each move is published and kept over a restart.
"""

from collections.abc import Sequence
from dataclasses import replace

from callcenter.core.clock import Instant
from callcenter.core.errors import UsageError
from callcenter.core.ids import SeatId
from callcenter.core.messages import cloud, seats
from callcenter.core.messages.base import Effect, Message
from queues.core.cloud_seat import CLOUD_SEAT, CloudEvent, CloudSeat


class CloudBook:
    """``roll``: the seats by number, in its order."""

    def __init__(self, seat_ids: Sequence[SeatId]) -> None:
        self.roll = {seat_id: CloudSeat(seat_id) for seat_id in seat_ids}
        self._effects: list[Effect] = []

    def all(self) -> list[CloudSeat]:
        """Every cloud seat, in order of its number."""
        return list(self.roll.values())

    def find(self, seat_id: SeatId) -> CloudSeat | None:
        """One cloud seat, if there is one of this number."""
        return self.roll.get(seat_id)

    def get(self, seat_id: SeatId) -> CloudSeat:
        """One cloud seat.

        Raises:
            UsageError: no such cloud seat.
        """
        try:
            return self.roll[seat_id]
        except KeyError:
            raise UsageError(f"there is no cloud seat {seat_id}", code="unknown_seat") from None

    def move(self, seat: CloudSeat, event: CloudEvent, now: Instant) -> None:
        """``seat`` in its old state, with everything else as it will be."""
        old = seat.state
        moved = self.put(replace(seat, state=CLOUD_SEAT.next(old, event), since=now))
        self.publish(cloud.CloudSeatMoved(moved.seat_id, moved.staff_no, old, moved.state, moved.reason))
        self.say(cloud.KeepCloudSeat(moved.kept(), moved.measured))

    def put(self, seat: CloudSeat) -> CloudSeat:
        """From now on the seat is like this."""
        self.roll[seat.seat_id] = seat
        return seat

    def say(self, effect: Effect) -> None:
        """Something is to be done."""
        self._effects.append(effect)

    def publish(self, message: Message) -> None:
        """Something is to be known."""
        self.say(seats.Publish(message))

    def take_effects(self) -> list[Effect]:
        """What was said and published since the last time."""
        effects, self._effects = self._effects, []
        return effects
