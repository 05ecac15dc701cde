"""Contacts, calls and moments for the store's tests."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from callcenter.core.clock import Instant
from callcenter.core.contact import Contact, ContactState
from callcenter.core.ids import ChannelName, ContactId, QueueName, SeatId
from callcenter.core.messages.calls import CallArrived, Outcome

NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
C1 = ContactId("cc-1763784000.1")
C2 = ContactId("cc-1763784000.7")


class StillClock:
    """A clock that moves only when told."""

    def __init__(self, at: datetime = NOW) -> None:
        self.now = at
        self.elapsed_s = 0.0

    def instant(self) -> Instant:
        """Monotonic now."""
        return Instant(self.elapsed_s)

    def at(self) -> datetime:
        """Wall-clock now."""
        return self.now + timedelta(seconds=self.elapsed_s)

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self.elapsed_s += seconds


def arrival(contact_id: ContactId = C1, caller: str = "13812345678", at: datetime = NOW) -> CallArrived:
    """A citizen's call."""
    return CallArrived(contact_id, ChannelName("PJSIP/trunk-00000001"), caller, "12345", at)


def answered(contact_id: ContactId = C1, at: datetime = NOW, *, ended: bool = True) -> Contact:
    """A contact that waited 10 s and talked 60 s with seat 8001."""
    return Contact(
        contact_id,
        ChannelName("PJSIP/trunk-00000001"),
        "13812345678",
        "12345",
        "controller",
        ContactState.ENDED if ended else ContactState.TALKING,
        at,
        queued_at=at + timedelta(seconds=5),
        answered_at=at + timedelta(seconds=15),
        talk_ended_at=at + timedelta(seconds=75) if ended else None,
        ended_at=at + timedelta(seconds=75) if ended else None,
        queue=QueueName("general"),
        seat_id=SeatId("8001"),
        outcome=Outcome.ANSWERED if ended else None,
        cause=16 if ended else None,
    )


async def until(condition: Callable[[], bool], limit_s: float = 20.0) -> None:
    """Wait for a condition, within a limit."""
    async with asyncio.timeout(limit_s):
        while not condition():
            await asyncio.sleep(0.01)
