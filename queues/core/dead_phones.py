"""Phones that die in a call: whoever they were to help is given to another seat.

Invariants: a phone from which sound comes is never hung up, nor a SIP phone that answers; one that rings and does not answer
any more is hung up at once, one in a talk when nothing has come from it either. A page (软电话) is judged by its sound alone:
its registration comes and goes with its WebSocket while the sound goes on, and a page that is loaded anew registers at once
though its sound is lost.
"""

from collections.abc import Collection

from callcenter.core.clock import Instant, after
from callcenter.core.ids import SeatId
from callcenter.core.messages import calls, link, seats
from callcenter.core.messages.base import Effect, Message
from callcenter.core.messages.seats import SeatState
from queues.core.seat import Seat
from queues.core.seats import Seats

AGAIN_S = 2.0
"""After so long a phone is listened to once more that talks and does not answer."""

UNHEARD_S = 8.0
"""After so long what was asked is asked again: listening, or the end of the call."""


class DeadPhones:
    """Watches the seats in calls. Told of everything before ``seats``: it has to know for whom a phone rang that is gone.

    ``pages``: seats whose phone is a page of the browser.
    """

    def __init__(self, seats: Seats, pages: Collection[SeatId] = ()) -> None:
        self._seats = seats
        self._pages = frozenset(pages)
        self._doubted: set[SeatId] = set()
        """Pages in talks whose registration has changed: which page it is now, only its sound tells. On hold it sends on."""
        self._again: dict[SeatId, Instant] = {}
        self._effects: list[Effect] = []

    def receive(self, message: Message, now: Instant) -> None:
        """See :class:`callcenter.core.engine.Engine`."""
        match message:
            case seats.SeatReachable(seat_id, reachable):
                self._again.pop(seat_id, None)
                self._doubt(self._seats.get(seat_id), reachable, now)
            case seats.SeatListened():
                self._judge(message, now)
            case calls.CallAnswered():
                self._doubted.discard(message.seat_id)
            case link.LinkRestored():
                self._again.clear()
                self._doubted.clear()
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

    def _doubt(self, seat: Seat, reachable: bool, now: Instant) -> None:
        """It does not answer any more; or a page has registered, which may be another than the one that talks."""
        is_page = seat.seat_id in self._pages
        if is_page and seat.state is SeatState.TALKING:
            self._doubted.add(seat.seat_id)
        else:
            self._doubted.discard(seat.seat_id)
        if not reachable or seat.seat_id in self._doubted:
            self._miss(seat, now)

    def _miss(self, seat: Seat, now: Instant) -> None:
        """The phone is to be hung up, or listened to."""
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
        is_doubted = seat.seat_id in self._doubted
        if listened.packets and listened.reachable:
            self._doubted.discard(seat.seat_id)
        elif listened.packets:
            self._again[seat.seat_id] = after(now, AGAIN_S)
        elif not listened.reachable or is_doubted:
            # A SIP phone that answers is left alone: many send nothing while their agent says nothing.
            self._again[seat.seat_id] = after(now, UNHEARD_S)
            self._effects.append(seats.HangUpSeat(seat.seat_id, seat.contact_id))
