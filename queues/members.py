"""Turns what the seats' engine wants into queue membership, by AMI.

Invariant: it keeps no state; what Asterisk then reports is what the engine believes.
"""

from collections.abc import Sequence
from typing import Protocol

from callcenter.core.errors import PeerError
from callcenter.core.ids import QueueName, SeatId
from callcenter.core.messages import seats

ALREADY_SO = ("Unable to add interface: Already there", "Unable to remove interface: Not there")
"""Refusals that say the wished state holds already."""


class Actor(Protocol):
    """The link that may act (see ``callcenter.asterisk.ami``)."""

    async def ask(self, action: dict[str, str | list[str]]) -> object:
        """Send one action; raises PeerError."""


class Members:
    """Adds, pauses and removes seats. ``queues``: the queues that a seat serves."""

    def __init__(self, actor: Actor, queues: Sequence[QueueName]) -> None:
        self._actor = actor
        self._queues = queues

    async def add(self, effect: seats.AddSeat) -> None:
        """Make the seat a member of all its queues, ready."""
        for queue in self._queues:
            await self._ask_unless_so(
                {
                    "Action": "QueueAdd",
                    "Queue": queue,
                    "Interface": interface(effect.seat_id),
                    "MemberName": effect.seat_id,
                    "Paused": "false",
                }
            )

    async def remove(self, effect: seats.RemoveSeat) -> None:
        """Take the seat out of all its queues."""
        for queue in self._queues:
            await self._ask_unless_so(
                {"Action": "QueueRemove", "Queue": queue, "Interface": interface(effect.seat_id)}
            )

    async def pause(self, effect: seats.PauseSeat) -> None:
        """Offer the seat no calls, in any queue."""
        await self._pause(effect.seat_id, "true", effect.reason)

    async def resume(self, effect: seats.ResumeSeat) -> None:
        """Offer the seat calls again."""
        await self._pause(effect.seat_id, "false", "")

    async def _pause(self, seat_id: SeatId, paused: str, reason: str) -> None:
        action: dict[str, str | list[str]] = {
            "Action": "QueuePause",
            "Interface": interface(seat_id),
            "Paused": paused,
        }
        if reason:
            action["Reason"] = reason
        await self._actor.ask(action)

    async def _ask_unless_so(self, action: dict[str, str | list[str]]) -> None:
        try:
            await self._actor.ask(action)
        except PeerError as error:
            if not str(error).endswith(ALREADY_SO):
                raise


def interface(seat_id: SeatId) -> str:
    """The queue member's device of a seat."""
    return f"PJSIP/{seat_id}"
