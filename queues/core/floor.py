"""The seats as the hotline's engine counts them: who is on duty, who is free, who is spoken for.

Invariant: a seat that the queue is about to ring, or that is being paused for a call-back, is not free.
"""

from collections.abc import Callable, Iterator

from callcenter.core.clock import Instant
from callcenter.core.ids import SeatId
from callcenter.core.messages.seats import SeatState
from queues.core.dialogue import SeatsCounted
from queues.core.dials import Dials
from queues.core.seats import Seat, Seats

ON_DUTY = frozenset(
    {SeatState.READY, SeatState.RINGING, SeatState.DIALING, SeatState.TALKING, SeatState.WRAP_UP}
)


class Floor:
    """Counts seats. ``freed``: a seat that asks for work before it becomes ready. ``counts``: whether a seat is capacity."""

    def __init__(
        self, seats: Seats, dials: Dials, cloud: frozenset[SeatId], counts: Callable[[SeatId], bool]
    ) -> None:
        self._seats, self._dials, self._cloud, self._counts = seats, dials, cloud, counts
        self._expected: dict[str, Instant] = {}
        self._works: dict[SeatId, tuple[str, Instant]] = {}
        self.freed: SeatId | None = None

    def count(self) -> SeatsCounted:
        """The seats as they are, less what is promised: expected callers take home seats first."""
        on_duty = [seat for seat in self._capacity() if seat.state in ON_DUTY and not seat.kept_for]
        free = self._free()
        home_free = sum(seat.seat_id not in self._cloud for seat in free)
        cloud_free = len(free) - home_free
        home_taken = min(home_free, len(self._expected))
        cloud_taken = min(cloud_free, len(self._expected) - home_taken)
        home_staffed = sum(seat.seat_id not in self._cloud for seat in on_duty)
        return SeatsCounted(
            home_staffed=home_staffed,
            home_free=home_free - home_taken,
            cloud_staffed=len(on_duty) - home_staffed,
            cloud_free=cloud_free - cloud_taken,
        )

    def seat_for_dial(self) -> SeatId | None:
        """Who makes a call-back: the seat that asks for work, else the longest idle one, home before cloud."""
        if self.freed is not None and self._dials.at(self.freed) is None:
            return self.freed
        free = sorted(self._free(), key=lambda seat: (seat.seat_id in self._cloud, seat.since, seat.seat_id))
        return free[0].seat_id if free else None

    def expect(self, key: str, until: Instant) -> None:
        """The queue should ring a free seat for this caller until then."""
        self._expected[key] = until

    def expects(self, key: str) -> bool:
        """Whether a phone should be about to ring for him."""
        return key in self._expected

    def forget(self, key: str) -> None:
        """He rings, talks, or is gone."""
        self._expected.pop(key, None)

    def overdue(self, now: Instant) -> list[str]:
        """Callers for whom no phone rang in time; they are expected no longer."""
        late = [key for key, until in self._expected.items() if until <= now]
        for key in late:
            del self._expected[key]
        return late

    def next_due(self) -> Instant | None:
        """When the first expectation ends."""
        return min(self._expected.values(), default=None)

    def begin_work(self, seat_id: SeatId, caller: str, now: Instant) -> None:
        """A seat talks with a citizen."""
        self._works[seat_id] = (caller, now)

    def end_work(self, seat_id: SeatId) -> tuple[str, Instant] | None:
        """With whom and since when a seat worked that is done now."""
        return self._works.pop(seat_id, None)

    def _capacity(self) -> Iterator[Seat]:
        return (seat for seat in self._seats.all() if self._counts(seat.seat_id))

    def _free(self) -> list[Seat]:
        taken = {dial.seat_id for dial in self._dials}
        return [
            seat
            for seat in self._capacity()
            if (seat.state is SeatState.READY or seat.seat_id == self.freed)
            and seat.seat_id not in taken
            and not seat.kept_for
        ]
