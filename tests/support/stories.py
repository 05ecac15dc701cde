"""Builders of messages for tests of the engines, with defaults that a call usually has."""

from datetime import UTC, datetime

from callcenter.core.clock import Instant
from callcenter.core.engine import Engine
from callcenter.core.ids import ChannelName, ContactId, QueueName, SeatId
from callcenter.core.messages import calls, link, seats
from callcenter.core.messages.base import Effect, Message

C1, C2 = ContactId("cc00000001-1.1"), ContactId("cc00000001-2.2")
S1, S2 = SeatId("8001"), SeatId("8002")
GENERAL = QueueName("general")
NINE = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


def arrived(contact_id: ContactId = C1, caller: str = "13800000001") -> calls.CallArrived:
    """A citizen dials 12345 at nine."""
    return calls.CallArrived(contact_id, ChannelName("PJSIP/trunk-00000001"), caller, "12345", NINE)


def queued(contact_id: ContactId = C1) -> calls.CallQueued:
    """He waits."""
    return calls.CallQueued(contact_id, GENERAL, 1)


def offered(contact_id: ContactId = C1, seat_id: SeatId = S1) -> calls.CallOffered:
    """A phone rings for him."""
    return calls.CallOffered(contact_id, GENERAL, seat_id)


def rang_out(contact_id: ContactId = C1, seat_id: SeatId = S1) -> calls.OfferTimedOut:
    """The phone was not answered."""
    return calls.OfferTimedOut(contact_id, GENERAL, seat_id, 20.0)


def answered(contact_id: ContactId = C1, seat_id: SeatId = S1) -> calls.CallAnswered:
    """An agent answers."""
    return calls.CallAnswered(contact_id, GENERAL, seat_id, 5.0)


def talked(contact_id: ContactId = C1, seat_id: SeatId = S1) -> calls.TalkEnded:
    """The talk is over."""
    return calls.TalkEnded(contact_id, GENERAL, seat_id, 60.0)


def abandoned(contact_id: ContactId = C1) -> calls.CallAbandoned:
    """He gives up."""
    return calls.CallAbandoned(contact_id, GENERAL, 30.0)


def ended(contact_id: ContactId = C1) -> calls.CallEnded:
    """His channel is gone."""
    return calls.CallEnded(contact_id, 16, NINE)


def joined(seat_id: SeatId = S1, *, paused: bool = False) -> seats.SeatJoined:
    """A seat logs in."""
    return seats.SeatJoined(seat_id, GENERAL, paused, "")


def paused(seat_id: SeatId = S1, reason: str = "lunch") -> seats.SeatPaused:
    """A seat is paused."""
    return seats.SeatPaused(seat_id, GENERAL, paused=True, reason=reason)


def resumed(seat_id: SeatId = S1) -> seats.SeatPaused:
    """A seat is resumed."""
    return seats.SeatPaused(seat_id, GENERAL, paused=False, reason="")


def snapshot(
    *,
    live: tuple[link.LiveCall, ...] = (),
    waiting: tuple[link.WaitingCall, ...] = (),
    members: tuple[link.QueueMember, ...] = (),
    reachable: frozenset[SeatId] = frozenset({S1, S2}),
    listeners: tuple[ContactId, ...] = (),
) -> link.LinkRestored:
    """The truth after a gap."""
    truth = link.Snapshot("cc00000001", live, waiting, members, reachable, listeners=listeners)
    return link.LinkRestored(truth, NINE)


def tell(engine: Engine, *messages: Message, at: float = 0.0) -> list[Effect]:
    """Give the messages to the engine at one instant; its effects."""
    for message in messages:
        engine.receive(message, Instant(at))
    return engine.take_effects()
