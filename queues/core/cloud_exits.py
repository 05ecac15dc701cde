"""How a cloud seat ends its help: withdrawn at once or after its call, its phone lost, locked because somebody guesses.

Invariant: who leaves is taken out of the queues; a seat that is locked is left by unlocking alone.
"""

from collections import deque
from dataclasses import replace

from callcenter.core.clock import Instant, after
from callcenter.core.errors import UsageError
from callcenter.core.ids import SeatId
from callcenter.core.messages import cloud, seats
from callcenter.core.messages.cloud import CloudRequest, CloudState
from queues.core.cloud_book import CloudBook
from queues.core.cloud_call import CloudRules
from queues.core.cloud_checks import CloudChecks
from queues.core.cloud_seat import CLOUD_SEAT, LOCKED_BY_GUARD, REGISTER_ANEW, CloudEvent, CloudSeat
from queues.core.seat import IN_CALL
from queues.core.seats import Seats

_S, _E = CloudState, CloudEvent


class CloudExits:
    """``seats_engine`` is only read; ``checks``: a refused line may be checked again on request."""

    def __init__(self, book: CloudBook, seats_engine: Seats, rules: CloudRules, checks: CloudChecks) -> None:
        self._book = book
        self._seats = seats_engine
        self._rules = rules
        self._checks = checks
        self._wrong: dict[SeatId, deque[Instant]] = {}
        """When wrong passwords were tried of late."""

    def do_as_asked(self, seat: CloudSeat, asked: cloud.CloudSeatAsked, now: Instant) -> None:
        """Withdraw, lock, unlock or check it again.

        Raises:
            UsageError: ``wrong_cloud_state``: the seat is not where this makes sense.
        """
        event = {
            CloudRequest.WITHDRAW: _E.WITHDRAWN,
            CloudRequest.LOCK: _E.LOCKED,
            CloudRequest.UNLOCK: _E.UNLOCKED,
            CloudRequest.CHECK: _E.ACCEPTED,
        }[asked.request]
        if not CLOUD_SEAT.allows(seat.state, event) or (
            event is _E.ACCEPTED and seat.state is not _S.REFUSED
        ):
            raise UsageError(
                f"cloud seat {seat.seat_id} is {seat.state.value}: '{asked.request.value}' makes no sense now",
                code="wrong_cloud_state",
            )
        match asked.request:
            case CloudRequest.WITHDRAW:
                self.withdraw(seat, _withdrawn_by(asked), now)
            case CloudRequest.LOCK:
                self._lock(seat, f"{asked.by} 锁定 / locked by {asked.by}", now)
            case CloudRequest.UNLOCK:
                self._wrong.pop(seat.seat_id, None)
                free = CloudSeat(seat.seat_id, seat.state, reason=REGISTER_ANEW, waits_for_phone=True)
                self._book.move(replace(free, check_until=seat.check_until), _E.UNLOCKED, now)
            case CloudRequest.CHECK:
                self._checks.accept(seat, now)

    def withdraw(self, seat: CloudSeat, reason: str, now: Instant) -> None:
        """At once, or after its call."""
        if seat.state is _S.PROVEN and self._seats.get(seat.seat_id).state in IN_CALL:
            self._book.put(replace(seat, leaving=reason))
        else:
            self.withdraw_now(seat, reason, now)

    def withdraw_now(self, seat: CloudSeat, reason: str, now: Instant) -> None:
        """Its call, if it had one, is over."""
        self._take_out(seat)
        gone = CloudSeat(
            seat.seat_id,
            seat.state,
            staff_no=seat.staff_no,
            reason=reason,
            check_until=seat.check_until,
            waits_for_phone=seat.waits_for_phone,
        )
        self._book.move(gone, _E.WITHDRAWN, now)

    def _lock(self, seat: CloudSeat, reason: str, now: Instant) -> None:
        self._book.say(seats.RemoveSeat(seat.seat_id))
        locked = CloudSeat(seat.seat_id, seat.state, reason=reason, check_until=seat.check_until)
        self._book.move(locked, _E.LOCKED, now)

    def count_wrong(self, seat: CloudSeat, now: Instant) -> None:
        """Somebody guesses, or has an old password."""
        tries = self._wrong.setdefault(seat.seat_id, deque(maxlen=self._rules.lock_after))
        tries.append(now)
        is_full = len(tries) == self._rules.lock_after
        if is_full and now - tries[0] <= self._rules.lock_window_s and seat.state is not _S.LOCKED:
            self._lock(seat, LOCKED_BY_GUARD, now)

    def _take_out(self, seat: CloudSeat) -> None:
        if seat.state is _S.PROVEN or self._seats.get(seat.seat_id).is_member:
            self._book.say(seats.RemoveSeat(seat.seat_id))

    def lose(self, seat: CloudSeat, reason: str, now: Instant) -> None:
        """Nothing proven of the phone holds any more."""
        if not CLOUD_SEAT.allows(seat.state, _E.LOST):
            return
        if seat.leaving:
            self.withdraw_now(seat, seat.leaving, now)
            return
        if seat.state is _S.PROVEN:
            self._book.say(seats.RemoveSeat(seat.seat_id))
        lost = replace(
            seat, reason=reason, until=after(now, self._rules.accepted_s), is_in=False, look_at=None
        )
        self._book.move(lost, _E.LOST, now)


def _withdrawn_by(asked: cloud.CloudSeatAsked) -> str:
    return f"{asked.by} 撤回 / withdrawn by {asked.by}"
