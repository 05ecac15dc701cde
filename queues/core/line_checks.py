"""Line checks that agents ask for themselves, and seats with a browser phone that need one before they count.

Invariant: no check rings a phone that is in a call, or that a queue may ring at the same moment; what was proven of one
phone says nothing of the next.
"""

from collections.abc import Collection

from callcenter.core.clock import Instant
from callcenter.core.errors import UsageError
from callcenter.core.ids import SeatId
from callcenter.core.messages import cloud, link, seats
from callcenter.core.messages.base import Effect, Message
from callcenter.core.messages.seats import SeatRequest, SeatState
from queues.core.cloud_seat import PhoneLimits, judged
from queues.core.seats import Seats

QUIET = frozenset({SeatState.OFF, SeatState.ON_BREAK, SeatState.WRAP_UP})
"""No queue rings a seat in these."""


class LineChecks:
    """Told of everything before ``seats``, so that a log-in can be refused. ``needed``: seats that need a good check.

    Cloud seats are none of these: their way to the proof is the roll's.
    """

    def __init__(self, seats: Seats, needed: Collection[SeatId], limits: PhoneLimits) -> None:
        self._seats = seats
        self._needed = frozenset(needed)
        self._limits = limits
        self._passed: set[SeatId] = set()
        self._effects: list[Effect] = []

    def receive(self, message: Message, now: Instant) -> None:
        """See :class:`callcenter.core.engine.Engine`.

        Raises:
            UsageError: no check can begin now, or a log-in without one.
        """
        match message:
            case cloud.LineCheckAsked():
                self._begin(message.seat_id)
            case cloud.PhoneChecked():
                is_good = not judged(message, self._limits)
                (self._passed.add if is_good else self._passed.discard)(message.seat_id)
            case cloud.PhoneChanged() | seats.SeatLeft():
                self._passed.discard(message.seat_id)  # another phone, or the next person
            case seats.SeatAsked(seat_id, SeatRequest.LOGIN) if self._lacks(seat_id):
                raise UsageError(
                    "请先通过线路检测再签入 / check the line first, then log in", code="wrong_line_check"
                )
            case seats.SeatJoined(seat_id) if self._lacks(seat_id):
                self._effects.append(seats.RemoveSeat(seat_id))  # by *11
            case link.LinkRestored():
                self._passed |= {member.seat_id for member in message.snapshot.members}
            case _:
                pass

    def on_deadline(self, now: Instant) -> None:
        """Nothing is waited for: a check ends by itself."""

    def next_deadline(self) -> Instant | None:
        """None."""
        return None

    def take_effects(self) -> list[Effect]:
        """See :class:`callcenter.core.engine.Engine`."""
        effects, self._effects = self._effects, []
        return effects

    def needs(self, seat_id: SeatId) -> bool:
        """Whether the seat logs in only after a good check."""
        return seat_id in self._needed

    def has_passed(self, seat_id: SeatId) -> bool:
        """Whether its present phone was found good."""
        return seat_id in self._passed

    def _lacks(self, seat_id: SeatId) -> bool:
        return seat_id in self._needed and seat_id not in self._passed

    def _begin(self, seat_id: SeatId) -> None:
        seat = self._seats.get(seat_id)
        if not seat.reachable:
            raise UsageError(
                f"坐席 {seat_id} 的话机不在线 / the phone of seat {seat_id} is not there",
                code="wrong_seat_state",
            )
        if seat.state not in QUIET:
            raise UsageError(
                "请先小休或签出再检测 / go on break or log out first: a check must meet no call",
                code="wrong_seat_state",
            )
        self._effects.append(cloud.CheckPhone(seat_id))
