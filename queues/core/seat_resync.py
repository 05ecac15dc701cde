"""What a seat is, told by a snapshot of Asterisk and by what was known of it before.

Invariant: the snapshot wins; the past fills in only what it does not say.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from callcenter.core.clock import Instant
from callcenter.core.ids import ContactId, SeatId
from callcenter.core.messages.link import QueueMember, Snapshot
from callcenter.core.messages.seats import SeatState
from queues.core.seat import CALLBACK, WRAP_UP, Seat, SeatRules, with_end, with_pause


@dataclass(frozen=True)
class Truth:
    """A snapshot, arranged by seat.

    ``held``: every contact that Asterisk holds; ``joined``: seat -> its citizen; ``rung``: seat -> for whom it rings.
    """

    members: dict[SeatId, QueueMember]
    reachable: frozenset[SeatId]
    held: frozenset[ContactId]
    joined: dict[SeatId, ContactId]
    rung: dict[SeatId, ContactId]

    @classmethod
    def of(cls, snapshot: Snapshot) -> "Truth":
        """Arrange a snapshot."""
        return cls(
            members={member.seat_id: member for member in snapshot.members},
            reachable=snapshot.reachable,
            held=frozenset(_held(snapshot)),
            joined=dict(_joined(snapshot)),
            rung={phone.seat_id: phone.contact_id for phone in snapshot.ringing},
        )


def true_seat(seat: Seat, truth: Truth, rules: SeatRules, now: Instant) -> Seat:
    """``seat`` as the truth has it; what agrees with it keeps its ``since``, wish and deadline."""
    seat = replace(seat, reachable=seat.seat_id in truth.reachable)
    member = truth.members.get(seat.seat_id)
    if member is None:
        true = Seat(seat.seat_id, reachable=seat.reachable, skills=seat.skills, duty=seat.duty)
    else:
        seat = replace(with_pause(seat, member.paused, member.reason), is_member=True)
        true = _in_call(seat, member.in_call, truth) or with_end(_out_of_call(seat), rules, now)
    return replace(true, since=seat.since if true.state is seat.state else now)


def _in_call(seat: Seat, talks: bool, truth: Truth) -> Seat | None:
    """The seat with its contact, if it has one. ``talks``: Asterisk's queue says that it talks."""
    if joined := truth.joined.get(seat.seat_id):
        return replace(seat, state=SeatState.TALKING, contact_id=joined, until=None)
    if rung := truth.rung.get(seat.seat_id):
        return replace(seat, state=SeatState.RINGING, contact_id=rung, until=None)
    lives = seat.contact_id in truth.held
    rings = lives and seat.state is SeatState.RINGING and (talks or not seat.paused)
    if rings or (lives and seat.calls_back):
        return seat
    if talks:
        contact_id = seat.contact_id if lives else None
        return replace(seat, state=SeatState.TALKING, contact_id=contact_id, until=None)
    return None


def _out_of_call(seat: Seat) -> Seat:
    return replace(seat, state=_state_out_of_call(seat), contact_id=None)


def _state_out_of_call(seat: Seat) -> SeatState:
    if not seat.reachable:
        return SeatState.UNREACHABLE
    if not seat.paused:
        return SeatState.READY
    if seat.reason == WRAP_UP:
        return SeatState.WRAP_UP
    waits_for_callback = seat.state is SeatState.DIALING and seat.contact_id is None
    return SeatState.DIALING if seat.reason == CALLBACK and waits_for_callback else SeatState.ON_BREAK


def _joined(snapshot: Snapshot) -> Iterator[tuple[SeatId, ContactId]]:
    for call in snapshot.calls:
        if call.seat_id is not None:
            yield call.seat_id, call.contact_id
        yield from ((SeatId(who), call.contact_id) for who in call.conference)


def _held(snapshot: Snapshot) -> Iterator[ContactId]:
    yield from (call.contact_id for call in snapshot.calls)
    yield from (call.contact_id for call in snapshot.waiting)
