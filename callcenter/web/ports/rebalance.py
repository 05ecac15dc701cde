"""What the web needs to move seats."""

from collections.abc import Sequence
from typing import Protocol

from callcenter.core.messages.duty import SeatMove
from callcenter.web.views.rebalance import PreviewView, RebalancesView, RebalanceView


class RebalancePort(Protocol):
    """Moves seats between skill groups, inbound calls and surveys."""

    async def preview(self, moves: Sequence[SeatMove], hours: float) -> PreviewView:
        """What the moves should come to; nothing is moved, and no version is compared.

        Raises:
            UsageError: moves that make no sense.
        """

    async def apply(self, moves: Sequence[SeatMove], hours: float, by: str, why: str) -> RebalanceView:
        """Move all of them or none; every seat's next call is the first that notices.

        Raises:
            UsageError: ``wrong_seat_version``: somebody else moved a seat since; or moves that make no sense.
        """

    async def undo(self, rebalance_id: str, by: str, why: str) -> RebalanceView:
        """Restore what was before, for the seats that nobody moved since. ``rebalance_id`` ``""``: the last one.

        Raises:
            UsageError: ``unknown_rebalance``, or ``wrong_rebalance_state``: undone already, or nothing can be.
        """

    async def newest(self, limit: int) -> RebalancesView:
        """The last ones, and where every seat is."""
