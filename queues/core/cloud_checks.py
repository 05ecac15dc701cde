"""How a willing person's seat becomes capacity: its phone is there, its line is measured and found good.

Invariant: a line is checked when its phone is registered, on the hook and out of the queues, and never twice at once.
"""

from dataclasses import replace

from callcenter.core.clock import Instant, after
from callcenter.core.ids import SeatId
from callcenter.core.messages import cloud, seats
from callcenter.core.messages.cloud import CloudState
from queues.core.cloud_book import CloudBook
from queues.core.cloud_call import CloudRules
from queues.core.cloud_seat import ASK_AGAIN_S, CloudEvent, CloudSeat, judged
from queues.core.seat import IN_CALL
from queues.core.seats import Seats

_S, _E = CloudState, CloudEvent


class CloudChecks:
    """``seats_engine`` is only read."""

    def __init__(self, book: CloudBook, seats_engine: Seats, rules: CloudRules) -> None:
        self._book = book
        self._seats = seats_engine
        self._rules = rules

    def accept(self, seat: CloudSeat, now: Instant, rests_s: float = 0.0) -> None:
        """Somebody is willing; help is counted from his next proof on."""
        willing = replace(
            seat,
            reason="",
            until=after(now, self._rules.accepted_s),
            helps_until=None,
            warned=False,
            measured=None,
            look_at=None,
            not_before=after(now, rests_s),
        )
        self._book.move(willing, _E.ACCEPTED, now)
        self.begin_if_ready(self._book.get(seat.seat_id), now)

    def begin_if_ready(self, seat: CloudSeat, now: Instant) -> None:
        """Check the line as soon as its phone is there, on the hook, and out of the queues."""
        if seat.state is not _S.ACCEPTED or seat.check_until is not None or seat.waits_for_phone:
            return
        if seat.not_before > now:
            self._book.put(replace(seat, look_at=seat.not_before))
            return
        known = self._seats.get(seat.seat_id)
        if known.state in IN_CALL or not known.reachable:
            self._book.put(replace(seat, look_at=None))  # both ends are told
        elif known.is_member:
            self._book.say(seats.RemoveSeat(seat.seat_id))
            self._book.put(replace(seat, look_at=after(now, ASK_AGAIN_S)))
        else:
            until = after(now, self._rules.check_s)
            begun = replace(seat, reason="", until=until, check_until=until, look_at=None)
            self._book.move(begun, _E.CHECK_BEGUN, now)
            self._book.say(cloud.CheckPhone(seat.seat_id))

    def judge(self, seat: CloudSeat, checked: cloud.PhoneChecked, now: Instant) -> None:
        """A check has ended; one of a phone that is gone since says nothing."""
        seat = self._book.put(replace(seat, check_until=None))
        if seat.state is not _S.CHECKING:
            self.begin_if_ready(seat, now)
            return
        seat = replace(seat, measured=checked, until=None)
        reason = judged(checked, self._rules.limits)
        if reason:
            self._book.move(replace(seat, reason=reason), _E.FAILED, now)
        else:
            self._prove(seat, now)

    def _prove(self, seat: CloudSeat, now: Instant) -> None:
        """From now on it is capacity, until the help ends; a help that was interrupted is not prolonged."""
        proven = replace(
            seat,
            reason="",
            helps_until=seat.helps_until or after(now, self._rules.stay_s),
            look_at=after(now, ASK_AGAIN_S),
            is_in=False,
        )
        self._book.move(proven, _E.PASSED, now)
        self.add(seat.seat_id)

    def add(self, seat_id: SeatId) -> None:
        """Into its queues, with its skills."""
        self._book.say(seats.AddSeat(seat_id, self._seats.get(seat_id).skills))
