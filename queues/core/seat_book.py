"""Every seat of the house as it is now, and what came of it: how seats are put and moved, and what is to be told of that.

Invariant: a seat moves along :data:`SEAT` alone; each new state, and each new reason of a break, is published once.
"""

from collections.abc import Sequence
from dataclasses import replace

from callcenter.core.clock import Instant
from callcenter.core.errors import UsageError
from callcenter.core.ids import ContactId, SeatId
from callcenter.core.messages import seats
from callcenter.core.messages.base import Effect
from callcenter.core.messages.seats import SeatState
from queues.core.occupancy import Occupancy
from queues.core.seat import SEAT, Seat, SeatEvent


class SeatBook:
    """``window_s`` (> 0): over which a seat's occupancy is measured."""

    def __init__(self, seat_ids: Sequence[SeatId], window_s: float) -> None:
        self._seats = {seat_id: Seat(seat_id) for seat_id in seat_ids}
        self._occupancy = {seat_id: Occupancy(window_s) for seat_id in seat_ids}
        self._effects: list[Effect] = []

    def all(self) -> list[Seat]:
        """Every seat, in order of its number."""
        return list(self._seats.values())

    def find(self, seat_id: SeatId) -> Seat | None:
        """One seat, if there is one of this number."""
        return self._seats.get(seat_id)

    def get(self, seat_id: SeatId) -> Seat:
        """One seat.

        Raises:
            UsageError: no such seat.
        """
        try:
            return self._seats[seat_id]
        except KeyError:
            raise UsageError(f"there is no seat {seat_id}", code="unknown_seat") from None

    def holders(self, contact_id: ContactId) -> list[Seat]:
        """The seats that a contact holds."""
        return [seat for seat in self._seats.values() if seat.contact_id == contact_id]

    def share(self, seat_id: SeatId, now: Instant) -> float | None:
        """:meth:`Occupancy.share` of a seat."""
        return self._occupancy[seat_id].share(now)

    def whole_share(self, seat_id: SeatId, now: Instant) -> float | None:
        """:meth:`Occupancy.whole_share` of a seat."""
        return self._occupancy[seat_id].whole_share(now)

    def move(self, seat: Seat, event: SeatEvent, now: Instant) -> Seat:
        """``seat`` in its old state, with everything else as it will be.

        Raises:
            IllegalTransition: the event does not fit the state; nothing is changed.
        """
        return self.put(replace(seat, state=SEAT.next(seat.state, event), since=now), now)

    def put(self, seat: Seat, now: Instant) -> Seat:
        """From now on the seat is like this."""
        old = self._seats[seat.seat_id]
        self._seats[seat.seat_id] = seat
        self._occupancy[seat.seat_id].note(seat.state, now)
        has_new_reason = seat.state is SeatState.ON_BREAK and seat.reason != old.reason
        if seat.state is not old.state or has_new_reason:
            change = seats.SeatStateChanged(seat.seat_id, old.state, seat.state, seat.reason)
            self.say(seats.Publish(change))
        return seat

    def say(self, effect: Effect) -> None:
        """Something is to be done."""
        self._effects.append(effect)

    def take_effects(self) -> list[Effect]:
        """What was said since the last time."""
        effects, self._effects = self._effects, []
        return effects
