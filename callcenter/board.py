"""The live board: what the engines know, put into the shape that the outside sees.

Invariant: it only reads; while the link to Asterisk is down, figures that would be guesses are ``None``.
"""

from collections.abc import Callable
from dataclasses import dataclass

from callcenter.controller import Controller
from callcenter.core.clock import Clock
from callcenter.core.contact import Contact
from callcenter.core.contacts import Contacts
from callcenter.core.errors import UsageError
from callcenter.core.ids import ContactId, QueueName, SeatId
from callcenter.core.messages.seats import SeatAsked, SeatRequest, SeatState
from callcenter.web.views.board import (
    BesideView,
    CallView,
    ComponentView,
    QueueView,
    SeatView,
    StatusView,
    WaitingView,
)
from callcenter.web.views.presence import OnDutyView
from callcenter.web.views.seats import SeatAnswer
from queues.core.beside import Listener
from queues.core.seat import IN_CALL
from queues.core.seats import REST, WRAP_UP, Seat, Seats
from queues.core.waiting import WaitingLine


@dataclass(frozen=True)
class LiveBoard:
    """Reads the engines. ``is_linked``: whether events from Asterisk flow; ``seq``: the last event committed."""

    contacts: Contacts
    seats: Seats
    line: WaitingLine
    clock: Clock
    cloud: frozenset[SeatId]
    components: Callable[[], list[ComponentView]]
    is_linked: Callable[[], bool]
    seq: Callable[[], int]
    counts: Callable[[SeatId], bool]
    """Whether a cloud seat is proven."""
    duty: Callable[[], OnDutyView | None] = lambda: None
    is_paused: Callable[[ContactId], bool] = lambda _: False
    """Whether the recording of a call is paused."""
    listener: Callable[[ContactId], Listener | None] = lambda _: None
    """Who is beside the talk of a contact."""

    def status(self) -> StatusView:
        """Everything at once."""
        return StatusView(
            as_of=self.clock.at(),
            seq=self.seq(),
            components=self.components(),
            queues=[self._queue(queue) for queue in self.line.queues],
            seats=[self._seat(seat) for seat in self.seats.all()],
            calls=[self._call(contact) for contact in self.contacts.live()],
            duty=self.duty(),
        )

    def waiting(self, queue: QueueName) -> list[WaitingView]:
        """Who waits in ``queue``, longest first.

        Raises:
            UsageError: no such queue.
        """
        if queue not in self.line.queues:
            raise UsageError(f"there is no queue '{queue}'", code="unknown_queue")
        now = self.clock.instant()
        return [
            WaitingView(
                contact_id=waiting.contact_id,
                citizen=self._caller(waiting.contact_id),
                queue=queue,
                position=position,
                waited_s=round(now - waiting.since, 1),
            )
            for position, waiting in enumerate(self.line.waiting(queue), start=1)
        ]

    def _caller(self, contact_id: str) -> str:
        return next((c.caller for c in self.contacts.live() if c.contact_id == contact_id), "")

    def _queue(self, queue: QueueName) -> QueueView:
        if not self.is_linked():
            return QueueView(queue=queue, waiting=None, longest_wait_s=None, ready_seats=None)
        longest_s = self.line.longest_wait_s(queue, self.clock.instant())
        return QueueView(
            queue=queue,
            waiting=len(self.line.waiting(queue)),
            longest_wait_s=None if longest_s is None else round(longest_s, 1),
            ready_seats=sum(seat.state is SeatState.READY for seat in self.seats.all()),
        )

    def _seat(self, seat: Seat) -> SeatView:
        return SeatView(
            seat_id=seat.seat_id,
            kind="cloud" if seat.seat_id in self.cloud else "on_site",
            proven=self.counts(seat.seat_id) if seat.seat_id in self.cloud else None,
            state=seat.state,
            state_s=max(0.0, round(self.clock.instant() - seat.since, 1)),
            lasts_s=_lasts_s(seat),
            reason=seat.reason,
            reachable=seat.reachable,
            contact_id=seat.contact_id,
            wish=seat.wish.request if seat.wish else None,
            skills=list(seat.skills),
            occupancy=self.seats.occupancy(seat.seat_id, self.clock.instant()),
        )

    def _call(self, contact: Contact) -> CallView:
        return CallView(
            contact_id=contact.contact_id,
            citizen=contact.caller,
            state=contact.state.value,
            queue=contact.queue,
            seat_id=self.contacts.talks_with(contact.contact_id),
            duration_s=max(0.0, (self.clock.at() - contact.arrived_at).total_seconds()),
            is_recording_paused=self.is_paused(contact.contact_id),
            has_statement=self.contacts.has_stated(contact.contact_id),
            beside=self._beside(contact.contact_id),
        )

    def _beside(self, contact_id: ContactId) -> BesideView | None:
        it = self.listener(contact_id)
        return BesideView(by=it.by, mode=it.mode, is_there=it.is_there) if it else None


def _lasts_s(seat: Seat) -> float | None:
    """How long the state of a seat lasts from its beginning, if it ends by itself."""
    if seat.reason not in (WRAP_UP, REST) or seat.state not in (SeatState.WRAP_UP, SeatState.ON_BREAK):
        return None
    return None if seat.until is None else max(0.0, round(seat.until - seat.since, 1))


class SeatDesk:
    """Takes what desks ask of seats to the controller, and says when it takes effect."""

    def __init__(self, controller: Controller, seats: Seats) -> None:
        self._controller = controller
        self._seats = seats

    async def ask(self, seat_id: SeatId, request: SeatRequest, reason: str, by: str) -> SeatAnswer:
        """Ask something of a seat.

        Raises:
            UsageError: unknown seat, or its state forbids it.
        """
        await self._controller.ask(SeatAsked(seat_id, request, reason, by))
        return seat_answer(self._seats.get(seat_id), request)


def seat_answer(seat: Seat, request: SeatRequest) -> SeatAnswer:
    """When a request that was accepted takes effect."""
    waits = seat.state in IN_CALL and seat.wish is not None
    return SeatAnswer(seat_id=seat.seat_id, request=request, takes_effect="after_call" if waits else "now")
