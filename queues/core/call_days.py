"""Call days (接话日): a seat is a guest's for some hours, another one his helper's.

Invariants: a seat has at most one part in one call day at a time, and no other duty beside it; what the guest answers while
the day runs is his; the helper is joined to a call that has begun, never to one that may yet come.
"""

from dataclasses import dataclass

from callcenter.core.clock import Instant
from callcenter.core.errors import UsageError
from callcenter.core.ids import ContactId, SeatId
from callcenter.core.messages import calls, link
from callcenter.core.messages.base import Effect, Message
from callcenter.core.messages.duty import Duty, DutyAssigned
from callcenter.core.messages.guests import (
    GuestAnswered,
    GuestDayClosed,
    GuestDayOpened,
    GuestDayOver,
    SitBeside,
)
from callcenter.core.messages.seats import Publish, SeatState
from queues.core.seats import Seats

LONGEST_S = 12 * 3600.0
"""A call day is a part of a day."""


@dataclass(slots=True)
class _Day:
    opened: GuestDayOpened
    runs: bool = False

    @property
    def seats(self) -> list[SeatId]:
        helper = self.opened.helper_id
        return [self.opened.seat_id] if helper is None else [self.opened.seat_id, helper]


class CallDays:
    """Begins and ends call days, and tells whose calls are a guest's. ``seats`` hear every message before this does."""

    def __init__(self, seats: Seats) -> None:
        self._seats = seats
        self._days: dict[int, _Day] = {}
        self._effects: list[Effect] = []

    def receive(self, message: Message, now: Instant) -> None:
        """See :class:`callcenter.core.engine.Engine`.

        Raises:
            UsageError: a call day that cannot be, or that is not open.
        """
        match message:
            case GuestDayOpened():
                self._open(message, now)
            case GuestDayClosed():
                self._close(message.day_id)
            case calls.CallAnswered():
                self._note(message.contact_id, message.seat_id)
            case link.LinkRestored():
                self._find()
            case _:
                pass

    def on_deadline(self, now: Instant) -> None:
        """A day begins, or is over."""
        for day in list(self._days.values()):
            if day.opened.ends <= now:
                self._end(day)
            elif not day.runs and day.opened.begins <= now:
                self._begin(day)

    def next_deadline(self) -> Instant | None:
        """The next begin or end."""
        due = (day.opened.ends if day.runs else day.opened.begins for day in self._days.values())
        return min(due, default=None)

    def take_effects(self) -> list[Effect]:
        """See :class:`callcenter.core.engine.Engine`."""
        effects, self._effects = self._effects, []
        return effects

    def check(self, opened: GuestDayOpened, now: Instant) -> None:
        """Refuse a call day that cannot be.

        Raises:
            UsageError: unknown seats, one for both, bad times, a seat with another duty or in another call day then.
        """
        if not max(opened.begins, now) < opened.ends <= opened.begins + LONGEST_S:
            raise UsageError(
                "时间不对：结束须晚于开始和现在，最长12小时 / bad times: the end must come after the begin and after now, "
                "at most 12 hours later",
                code="bad_times",
            )
        if opened.seat_id == opened.helper_id:
            raise UsageError("嘉宾与陪同须在不同坐席 / guest and helper need a seat each", code="bad_seats")
        for seat_id in _Day(opened).seats:
            self._require_free(seat_id, opened)

    def _require_free(self, seat_id: SeatId, opened: GuestDayOpened) -> None:
        for other in self._days.values():
            overlaps = other.opened.begins < opened.ends and opened.begins < other.opened.ends
            if overlaps and seat_id in other.seats:
                raise UsageError(
                    f"坐席{seat_id}那时已有接话日{other.opened.day_id} / "
                    f"seat {seat_id} is in call day {other.opened.day_id} then",
                    code="wrong_guest_day",
                )
        if self._seats.get(seat_id).duty is Duty.SURVEYS:
            raise UsageError(
                f"坐席{seat_id}正在回访，先调回来电 / seat {seat_id} is on surveys: move it back first, "
                f"`callcenter rebalance apply {seat_id}:inbound --why ...`",
                code="wrong_duty",
            )

    def _open(self, opened: GuestDayOpened, now: Instant) -> None:
        self.check(opened, now)
        day = self._days[opened.day_id] = _Day(opened)
        if opened.begins <= now:
            self._begin(day)

    def _close(self, day_id: int) -> None:
        day = self._days.get(day_id)
        if day is None:
            raise UsageError(
                f"接话日{day_id}没有在开放 / call day {day_id} is not open", code="wrong_guest_day"
            )
        self._end(day)

    def _begin(self, day: _Day) -> None:
        day.runs = True
        for seat_id, duty in zip(day.seats, (Duty.GUEST, Duty.HELPING), strict=False):
            self._publish(DutyAssigned(seat_id, duty, day.opened.by))

    def _end(self, day: _Day) -> None:
        """The guest's running call stays his; the seats are as others from their next call on."""
        del self._days[day.opened.day_id]
        if day.runs:
            for seat_id in day.seats:
                self._publish(DutyAssigned(seat_id, Duty.INBOUND, day.opened.by))
        self._publish(GuestDayOver(day.opened.day_id))

    def _note(self, contact_id: ContactId, seat_id: SeatId) -> None:
        """The guest's talk begins; the helper's phone rings now."""
        day = next((day for day in self._days.values() if day.runs and day.opened.seat_id == seat_id), None)
        if day is None:
            return
        self._publish(GuestAnswered(contact_id, seat_id, day.opened.day_id))
        helper = day.opened.helper_id
        if helper is not None and self._is_there(helper):
            self._effects.append(SitBeside(contact_id, helper, seat_id, day.opened.day_id))

    def _is_there(self, helper: SeatId) -> bool:
        """A helper whose phone is registered and who speaks with nobody."""
        seat = self._seats.get(helper)
        return seat.reachable and seat.state not in (SeatState.RINGING, SeatState.DIALING, SeatState.TALKING)

    def _find(self) -> None:
        """A talk that began while nobody watched is the guest's too; told twice it is one."""
        for day in self._days.values():
            seat = self._seats.get(day.opened.seat_id)
            if day.runs and seat.state is SeatState.TALKING and seat.contact_id is not None:
                self._publish(GuestAnswered(seat.contact_id, seat.seat_id, day.opened.day_id))

    def _publish(self, message: Message) -> None:
        self._effects.append(Publish(message))
