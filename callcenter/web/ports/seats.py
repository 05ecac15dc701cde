"""What is asked of seats, and settled for them."""

from collections.abc import Sequence
from typing import Protocol

from callcenter.core.ids import QueueName, SeatId
from callcenter.core.messages.seats import SeatRequest
from callcenter.web.views.seats import RestAnswer, SeatAnswer, SkillsAnswer


class SeatRequests(Protocol):
    """Asks something of a seat."""

    async def ask(self, seat_id: SeatId, request: SeatRequest, reason: str, by: str) -> SeatAnswer:
        """Ask, and say when it takes effect.

        Raises:
            UsageError: ``unknown_seat``, or the seat's state forbids it.
        """


class SeatCare(Protocol):
    """What a shift manager settles for a seat, beside its state."""

    async def rest(self, seat_id: SeatId, by: str) -> RestAnswer:
        """The citizen was abusive: let the seat rest after the call.

        Raises:
            UsageError: ``unknown_seat``.
        """

    async def assign_skills(self, seat_id: SeatId, skills: Sequence[QueueName], by: str) -> SkillsAnswer:
        """Let these queues ring the seat first; none: every queue alike.

        Raises:
            UsageError: ``unknown_seat``, or ``unknown_queue``: a skill that is no queue.
        """
