"""The seats' engine: who is logged in, ready, talking, in after-call work, on break.

Asterisk's queue membership is the truth; the engine asks for changes and believes what it then observes.
Invariants: a seat in a talk keeps it whatever is asked (the wish is kept and applied after the call);
after-call work has a deadline; a seat that lets phones ring out too often is paused with a reason.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from callcenter.core.clock import Instant, after
from callcenter.core.errors import UsageError
from callcenter.core.ids import ContactId, SeatId
from callcenter.core.messages import calls, link, seats
from callcenter.core.messages.base import Effect, Message
from callcenter.core.messages.seats import SeatRequest, SeatState
from callcenter.core.transitions import LifeCycle

WRAP_UP = "wrap_up"
"""Pause reason of after-call work; every other reason is a break."""

RANG_OUT = "rang_out"
"""Pause reason of a seat that did not answer."""


BEGINNING = Instant(0.0)
"""Before anything was observed."""


class SeatEvent(StrEnum):
    """What moves a seat."""

    JOINED = "joined"
    JOINED_PAUSED = "joined_paused"
    LEFT = "left"
    OFFERED = "offered"
    OFFER_ENDED = "offer_ended"
    ANSWERED = "answered"
    TALK_ENDED = "talk_ended"
    PAUSED = "paused"
    RESUMED = "resumed"
    LOST = "lost"
    FOUND = "found"
    FOUND_PAUSED = "found_paused"


_S, _E = SeatState, SeatEvent

SEAT: LifeCycle[SeatState, SeatEvent] = LifeCycle(
    "seat",
    _S.OFF,
    frozenset(),
    {
        (_S.OFF, _E.JOINED): _S.READY,
        (_S.OFF, _E.JOINED_PAUSED): _S.ON_BREAK,
        (_S.READY, _E.OFFERED): _S.RINGING,
        (_S.READY, _E.PAUSED): _S.ON_BREAK,
        (_S.READY, _E.LEFT): _S.OFF,
        (_S.READY, _E.LOST): _S.UNREACHABLE,
        (_S.RINGING, _E.OFFER_ENDED): _S.READY,
        (_S.RINGING, _E.ANSWERED): _S.TALKING,
        (_S.RINGING, _E.PAUSED): _S.ON_BREAK,
        (_S.RINGING, _E.LEFT): _S.OFF,
        (_S.RINGING, _E.LOST): _S.UNREACHABLE,
        (_S.TALKING, _E.TALK_ENDED): _S.WRAP_UP,
        (_S.WRAP_UP, _E.PAUSED): _S.ON_BREAK,
        (_S.WRAP_UP, _E.RESUMED): _S.READY,
        (_S.WRAP_UP, _E.OFFERED): _S.RINGING,  # the pause came too late: the phone rings already
        (_S.WRAP_UP, _E.LEFT): _S.OFF,
        (_S.WRAP_UP, _E.LOST): _S.UNREACHABLE,
        (_S.ON_BREAK, _E.RESUMED): _S.READY,
        (_S.ON_BREAK, _E.OFFERED): _S.RINGING,
        (_S.ON_BREAK, _E.ANSWERED): _S.TALKING,
        (_S.ON_BREAK, _E.LEFT): _S.OFF,
        (_S.ON_BREAK, _E.LOST): _S.UNREACHABLE,
        (_S.UNREACHABLE, _E.FOUND): _S.READY,
        (_S.UNREACHABLE, _E.FOUND_PAUSED): _S.ON_BREAK,
        (_S.UNREACHABLE, _E.ANSWERED): _S.TALKING,  # a talk outlives a registration
        (_S.UNREACHABLE, _E.LEFT): _S.OFF,
    },
)
"""The life of a seat."""


@dataclass(frozen=True, slots=True)
class SeatRules:
    """What the operator set. Seconds >= 0."""

    wrap_up_s: float
    ring_outs_before_break: int


@dataclass(frozen=True, slots=True)
class Seat:
    """A seat as the world sees it. ``since``: when the state began; ``wish``: asked for after the call."""

    seat_id: SeatId
    state: SeatState = SEAT.initial
    since: Instant = BEGINNING
    reason: str = ""
    reachable: bool = False
    paused: bool = False
    contact_id: ContactId | None = None
    ring_outs: int = 0
    wish: seats.SeatAsked | None = None
    wrap_up_until: Instant | None = None


class Seats:
    """All seats of the house, on-site and cloud."""

    def __init__(self, seat_ids: Sequence[SeatId], rules: SeatRules) -> None:
        self._seats = {seat_id: Seat(seat_id) for seat_id in seat_ids}
        self._rules = rules
        self._effects: list[Effect] = []

    def receive(self, message: Message, now: Instant) -> None:
        """See :class:`callcenter.core.engine.Engine`.

        Raises:
            UsageError: a request for an unknown seat, or one that makes no sense now.
        """
        match message:
            case seats.SeatAsked():
                self._ask(message, now)
            case link.LinkRestored():
                self._rebuild(message.snapshot, now)
            case calls.CallAbandoned() | calls.CallEnded():
                self._silence(message.contact_id, now)
            case _:
                seat = self._seats.get(getattr(message, "seat_id", SeatId("")))
                if seat is not None:
                    self._observe(seat, message, now)

    def on_deadline(self, now: Instant) -> None:
        """After-call work is over: offer the seat calls again."""
        for seat in self._seats.values():
            if seat.wrap_up_until is not None and seat.wrap_up_until <= now:
                self._seats[seat.seat_id] = replace(seat, wrap_up_until=None)
                self._effects.append(seats.ResumeSeat(seat.seat_id))

    def next_deadline(self) -> Instant | None:
        """The end of the first after-call work."""
        return min(
            (s.wrap_up_until for s in self._seats.values() if s.wrap_up_until is not None), default=None
        )

    def take_effects(self) -> list[Effect]:
        """See :class:`callcenter.core.engine.Engine`."""
        effects, self._effects = self._effects, []
        return effects

    def all(self) -> Iterable[Seat]:
        """Every seat, in order of its number."""
        return self._seats.values()

    def get(self, seat_id: SeatId) -> Seat:
        """One seat.

        Raises:
            UsageError: no such seat.
        """
        try:
            return self._seats[seat_id]
        except KeyError:
            raise UsageError(f"there is no seat {seat_id}", code="unknown_seat") from None

    def _observe(self, seat: Seat, message: Message, now: Instant) -> None:
        match message:
            case seats.SeatJoined():
                self._join(seat, message, now)
            case seats.SeatLeft():
                self._leave(seat, now)
            case seats.SeatPaused():
                self._pause(seat, message, now)
            case seats.SeatReachable():
                self._reach(seat, message.reachable, now)
            case calls.CallOffered():
                if seat.state is not _S.RINGING:
                    self._move(seat, _E.OFFERED, now, contact_id=message.contact_id)
            case calls.OfferTimedOut():
                self._ring_out(seat, now)
            case calls.CallAnswered():
                self._move(seat, _E.ANSWERED, now, contact_id=message.contact_id, ring_outs=0)
            case calls.TalkEnded() | calls.CallTransferred():
                self._end_talk(seat, now)
            case _:
                pass

    def _move(self, seat: Seat, event: SeatEvent, now: Instant, **changes: object) -> Seat:
        state = SEAT.next(seat.state, event)
        moved = replace(seat, state=state, since=now, **changes)  # type: ignore[arg-type]  # fields by name
        self._seats[seat.seat_id] = moved
        if state is not seat.state:
            change = seats.SeatStateChanged(seat.seat_id, seat.state, state, moved.reason)
            self._effects.append(seats.Publish(change))
        return moved

    def _join(self, seat: Seat, message: seats.SeatJoined, now: Instant) -> None:
        """Logged in; a seat without a phone counts as capacity only once it is reachable."""
        if seat.state is not _S.OFF:
            return  # its second queue
        event = _E.JOINED_PAUSED if message.paused else _E.JOINED
        seat = self._move(seat, event, now, reason=message.reason, paused=message.paused)
        if not seat.reachable:
            self._move(seat, _E.LOST, now)

    def _leave(self, seat: Seat, now: Instant) -> None:
        if seat.state is _S.TALKING:
            self._seats[seat.seat_id] = replace(
                seat, wish=seats.SeatAsked(seat.seat_id, SeatRequest.LOGOUT, "", "asterisk")
            )
        elif seat.state is not _S.OFF:
            self._move(seat, _E.LEFT, now, reason="", paused=False, contact_id=None, wrap_up_until=None)

    def _pause(self, seat: Seat, message: seats.SeatPaused, now: Instant) -> None:
        if message.paused == seat.paused and message.reason == seat.reason:
            return  # the same news from the seat's second queue
        seat = replace(seat, paused=message.paused, reason=message.reason if message.paused else "")
        self._seats[seat.seat_id] = seat
        if message.paused and message.reason != WRAP_UP:
            if SEAT.allows(seat.state, _E.PAUSED):
                self._move(seat, _E.PAUSED, now, wrap_up_until=None)
        elif not message.paused and SEAT.allows(seat.state, _E.RESUMED):
            self._move(seat, _E.RESUMED, now, wrap_up_until=None)

    def _reach(self, seat: Seat, reachable: bool, now: Instant) -> None:
        seat = replace(seat, reachable=reachable)
        self._seats[seat.seat_id] = seat
        if not reachable and SEAT.allows(seat.state, _E.LOST):
            self._move(seat, _E.LOST, now, wrap_up_until=None)
        elif reachable and seat.state is _S.UNREACHABLE:
            self._move(seat, _E.FOUND_PAUSED if seat.paused else _E.FOUND, now)

    def _silence(self, contact_id: ContactId, now: Instant) -> None:
        """The caller hung up while the phone rang: nobody is to blame."""
        for seat in list(self._seats.values()):
            if seat.state is _S.RINGING and seat.contact_id == contact_id:
                self._move(seat, _E.OFFER_ENDED, now, contact_id=None)

    def _ring_out(self, seat: Seat, now: Instant) -> None:
        if seat.state is not _S.RINGING:
            return
        seat = self._move(seat, _E.OFFER_ENDED, now, contact_id=None, ring_outs=seat.ring_outs + 1)
        if seat.ring_outs >= self._rules.ring_outs_before_break:
            self._seats[seat.seat_id] = replace(seat, ring_outs=0)
            self._effects.append(seats.PauseSeat(seat.seat_id, RANG_OUT))

    def _end_talk(self, seat: Seat, now: Instant) -> None:
        if seat.state is not _S.TALKING:
            return  # a transfer ended this talk already
        wish, until = seat.wish, after(now, self._rules.wrap_up_s)
        self._move(seat, _E.TALK_ENDED, now, contact_id=None, wish=None, reason=WRAP_UP, wrap_up_until=until)
        self._effects.append(self._after_talk(seat.seat_id, wish))

    def _after_talk(self, seat_id: SeatId, wish: seats.SeatAsked | None) -> Effect:
        if wish is None:
            return seats.PauseSeat(seat_id, WRAP_UP)
        match wish.request:
            case SeatRequest.LOGOUT:
                return seats.RemoveSeat(seat_id)
            case SeatRequest.BREAK:
                return seats.PauseSeat(seat_id, wish.reason)
            case SeatRequest.READY | SeatRequest.LOGIN:
                return seats.ResumeSeat(seat_id)

    def _ask(self, asked: seats.SeatAsked, now: Instant) -> None:
        seat = self.get(asked.seat_id)
        if (seat.state is _S.OFF) != (asked.request is SeatRequest.LOGIN):
            raise UsageError(_refusal(seat, asked.request), code="wrong_seat_state")
        if seat.state in (_S.TALKING, _S.RINGING):
            self._seats[seat.seat_id] = replace(seat, wish=asked)
            return
        match asked.request:
            case SeatRequest.LOGIN:
                self._effects.append(seats.AddSeat(seat.seat_id))
            case SeatRequest.READY:
                self._effects.append(seats.ResumeSeat(seat.seat_id))
            case SeatRequest.BREAK:
                self._effects.append(seats.PauseSeat(seat.seat_id, asked.reason or "break"))
            case SeatRequest.LOGOUT:
                self._effects.append(seats.RemoveSeat(seat.seat_id))

    def _rebuild(self, snapshot: link.Snapshot, now: Instant) -> None:
        """Take over the truth; what agrees with it keeps its ``since``, wish and deadline."""
        members = {member.seat_id: member for member in snapshot.members}
        for seat in list(self._seats.values()):
            reachable = seat.seat_id in snapshot.reachable
            true = _true_seat(seat, members.get(seat.seat_id), reachable, self._rules, now)
            self._seats[seat.seat_id] = true
            if true.state is not seat.state:
                change = seats.SeatStateChanged(seat.seat_id, seat.state, true.state, true.reason)
                self._effects.append(seats.Publish(change))


def _true_seat(
    seat: Seat, member: link.QueueMember | None, reachable: bool, rules: SeatRules, now: Instant
) -> Seat:
    if member is None:
        state = _S.OFF
    elif member.in_call:
        state = seat.state if seat.state is _S.RINGING else _S.TALKING
    elif not reachable:
        state = _S.UNREACHABLE
    elif member.paused:
        state = _S.WRAP_UP if member.reason == WRAP_UP else _S.ON_BREAK
    else:
        state = seat.state if seat.state is _S.RINGING else _S.READY
    until = seat.wrap_up_until if state is _S.WRAP_UP else None
    if state is _S.WRAP_UP and until is None:
        until = after(now, rules.wrap_up_s)
    return replace(
        seat,
        state=state,
        since=seat.since if state is seat.state else now,
        reachable=reachable,
        paused=member.paused if member else False,
        reason=member.reason if member and member.paused else "",
        contact_id=seat.contact_id if state in (_S.TALKING, _S.RINGING) else None,
        wrap_up_until=until,
    )


def _refusal(seat: Seat, request: SeatRequest) -> str:
    if seat.state is _S.OFF:
        return f"seat {seat.seat_id} is not logged in: log in first"
    return f"seat {seat.seat_id} is already logged in ({seat.state.value}): '{request.value}' changes nothing"
