"""What is asked of a seat by desk, API or command line: log-in, ready, break, log-out, its skills, its duty.

Invariant: a wish that makes no sense is refused; one that comes during a call is kept until its end.
"""

from collections.abc import Sequence
from dataclasses import replace

from callcenter.core.clock import Instant
from callcenter.core.errors import UsageError
from callcenter.core.ids import QueueName
from callcenter.core.messages import duty, seats
from callcenter.core.messages.seats import SeatRequest, SeatState
from queues.core.seat import CALLBACK, IN_CALL, OUR_REASONS, REST, Seat
from queues.core.seat_book import SeatBook
from queues.core.seat_pauses import SeatPauses

_S = SeatState


class SeatWishes:
    """``queues``: what a skill may name."""

    def __init__(self, book: SeatBook, pauses: SeatPauses, queues: Sequence[QueueName]) -> None:
        self._book = book
        self._pauses = pauses
        self._queues = queues

    def ask(self, asked: seats.SeatAsked, now: Instant) -> None:
        """Do it now, or after the call.

        Raises:
            UsageError: ``unknown_seat``; ``wrong_seat_state``, ``reserved_reason``: it makes no sense now.
        """
        seat = self._book.get(asked.seat_id)
        _check_request(seat, asked)
        if asked.request is SeatRequest.LOGIN:
            self._book.say(seats.AddSeat(seat.seat_id, seat.skills))
        elif seat.state in IN_CALL or seat.reason == CALLBACK:
            self._book.put(replace(seat, wish=asked), now)
        elif asked.request is SeatRequest.READY:
            self._make_ready(seat, now)
        else:
            self._pauses.grant(replace(seat, wish=asked), now)

    def _make_ready(self, seat: Seat, now: Instant) -> None:
        """The agent ends his after-call work, rest or break himself."""
        if seat.state is _S.WRAP_UP:
            self._pauses.end_work(seat, now)
        elif seat.state is _S.ON_BREAK and seat.reason == REST:
            self._pauses.release(seat, now)
        else:
            self._pauses.resume(seat)

    def assign_duty(self, assigned: duty.DutyAssigned, now: Instant) -> None:
        """At once where nobody is spoken with; else when the seat would become ready."""
        seat = self._book.put(replace(self._book.get(assigned.seat_id), duty=assigned.duty), now)
        if seat.is_misplaced:
            self._pauses.resume(seat)

    def assign(self, assigned: seats.SkillsAssigned, now: Instant) -> None:
        """The queues that ring it first.

        Raises:
            UsageError: ``unknown_seat``, ``unknown_queue``.
        """
        seat = self._book.get(assigned.seat_id)
        unknown = [queue for queue in assigned.skills if queue not in self._queues]
        if unknown:
            known = ", ".join(self._queues)
            raise UsageError(f"there is no queue '{unknown[0]}'; known: {known}", code="unknown_queue")
        self._book.put(replace(seat, skills=assigned.skills), now)
        if seat.is_member:
            self._book.say(seats.PreferSeat(seat.seat_id, assigned.skills))


def _check_request(seat: Seat, asked: seats.SeatAsked) -> None:
    """Refuse what makes no sense.

    Raises:
        UsageError: log-in of who is logged in, anything else of who is not, a break for a reason of ours, ready for the
            line of who has another duty.
    """
    if asked.request is SeatRequest.LOGIN and seat.is_member:
        raise UsageError(
            f"seat {seat.seat_id} is already logged in ({seat.state.value}): 'login' changes nothing",
            code="wrong_seat_state",
        )
    if asked.request is not SeatRequest.LOGIN and not seat.is_member:
        raise UsageError(f"seat {seat.seat_id} is not logged in: log in first", code="wrong_seat_state")
    if asked.request is SeatRequest.READY and seat.kept_for and seat.reason == seat.kept_for:
        raise UsageError(
            f"坐席{seat.seat_id}的岗位是{seat.kept_for}，先调回来电 / seat {seat.seat_id} is kept for {seat.kept_for}: "
            f"move it back first, `callcenter rebalance apply {seat.seat_id}:inbound --why ...`",
            code="wrong_seat_state",
        )
    if asked.request is SeatRequest.BREAK and asked.reason in OUR_REASONS:
        raise UsageError(
            f"'{asked.reason}' has a meaning of its own: name the break otherwise", code="reserved_reason"
        )
