"""Phones that die in a call: whoever they were to help is given to another seat.

Invariants: a phone that answers, or from which sound comes, is never hung up; one that rings and does not answer any more
is hung up at once, one in a talk when nothing has come from it either.
"""

from callcenter.core.clock import Instant, after
from callcenter.core.ids import SeatId
from callcenter.core.messages import link, seats
from callcenter.core.messages.base import Effect, Message
from callcenter.core.messages.seats import SeatState
from queues.core.seat import Seat
from queues.core.seats import Seats

AGAIN_S = 2.0
"""After so long a phone is listened to once more that talks and does not answer."""

UNHEARD_S = 8.0
"""After so long what was asked is asked again: listening, or the end of the call."""


class DeadPhones:
    """Watches the seats in calls. Told of everything before ``seats``: it has to know for whom a phone rang that is gone."""

    def __init__(self, seats: Seats) -> None:
        self._seats = seats
        self._again: dict[SeatId, Instant] = {}
        self._effects: list[Effect] = []

    def receive(self, message: Message, now: Instant) -> None:
        """See :class:`callcenter.core.engine.Engine`."""
        match message:
            case seats.SeatReachable(seat_id, reachable):
                self._again.pop(seat_id, None)
                if not reachable:
                    self._miss(self._seats.get(seat_id), now)
            case seats.SeatListened():
                self._judge(message, now)
            case link.LinkRestored():
                self._again.clear()
                talking = ((it.seat_id, it.contact_id) for it in message.snapshot.calls)
                self._effects += [seats.ListenToSeat(seat, contact) for seat, contact in talking if seat]
            case _:
                pass

    def on_deadline(self, now: Instant) -> None:
        """Listen once more."""
        for seat_id in [seat_id for seat_id, due in self._again.items() if due <= now]:
            del self._again[seat_id]
            self._miss(self._seats.get(seat_id), now)

    def next_deadline(self) -> Instant | None:
        """The first instant at which a phone has to be listened to."""
        return min(self._again.values(), default=None)

    def take_effects(self) -> list[Effect]:
        """See :class:`callcenter.core.engine.Engine`."""
        effects, self._effects = self._effects, []
        return effects

    def _miss(self, seat: Seat, now: Instant) -> None:
        """The phone does not answer any more."""
        if seat.state is SeatState.RINGING:
            self._effects.append(seats.HangUpSeat(seat.seat_id, None))
        elif seat.contact_id is not None:
            self._again[seat.seat_id] = after(now, UNHEARD_S)
            self._effects.append(seats.ListenToSeat(seat.seat_id, seat.contact_id))

    def _judge(self, listened: seats.SeatListened, now: Instant) -> None:
        seat = self._seats.get(listened.seat_id)
        if seat.contact_id != listened.contact_id:
            return
        self._again.pop(seat.seat_id, None)
        if not listened.reachable and listened.packets:
            self._again[seat.seat_id] = after(now, AGAIN_S)
        elif not listened.reachable:
            self._again[seat.seat_id] = after(now, UNHEARD_S)
            self._effects.append(seats.HangUpSeat(seat.seat_id, seat.contact_id))
