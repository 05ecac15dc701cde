"""Turns what the seats' engine wants into queue membership, by AMI.

Invariant: it keeps no state; what Asterisk then reports is what the engine believes.
"""

from collections.abc import Sequence

from callcenter.core.errors import PeerError
from callcenter.core.ids import QueueName, SeatId
from callcenter.core.messages import seats
from queues.actor import Actor, interface

ALREADY_SO = ("Unable to add interface: Already there", "Unable to remove interface: Not there")
"""Refusals that say the wished state holds already."""

NO_MEMBER = "Invalid interface, queuename or penalty"
"""The refusal of a penalty for a seat that is not logged in."""


class Members:
    """Adds, pauses and removes seats. ``queues``: the queues that a seat serves."""

    def __init__(self, actor: Actor, queues: Sequence[QueueName]) -> None:
        self._actor = actor
        self._queues = queues

    async def add(self, effect: seats.AddSeat) -> None:
        """Make the seat a member of all its queues, ready."""
        for queue in self._queues:
            await self._ask_unless(
                {
                    "Action": "QueueAdd",
                    "Queue": queue,
                    "Interface": interface(effect.seat_id),
                    "MemberName": effect.seat_id,
                    "Penalty": _penalty(queue, effect.skills),
                    "Paused": "false",
                },
                ALREADY_SO,
            )

    async def prefer(self, effect: seats.PreferSeat) -> None:
        """Say which queues ring the seat first, from the next call on; a seat that is not logged in has no queues."""
        for queue in self._queues:
            await self._ask_unless(
                {
                    "Action": "QueuePenalty",
                    "Queue": queue,
                    "Interface": interface(effect.seat_id),
                    "Penalty": _penalty(queue, effect.skills),
                },
                (NO_MEMBER,),
            )

    async def remove(self, effect: seats.RemoveSeat) -> None:
        """Take the seat out of all its queues."""
        for queue in self._queues:
            await self._ask_unless(
                {"Action": "QueueRemove", "Queue": queue, "Interface": interface(effect.seat_id)}, ALREADY_SO
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

    async def _ask_unless(self, action: dict[str, str | list[str]], harmless: tuple[str, ...]) -> None:
        """Ask; a refusal that ends with one of these texts is none."""
        try:
            await self._actor.ask(action)
        except PeerError as error:
            if not str(error).endswith(harmless):
                raise


def _penalty(queue: QueueName, skills: Sequence[QueueName]) -> str:
    """Members of penalty 1 are rung when none of penalty 0 is free."""
    return "0" if not skills or queue in skills else "1"
