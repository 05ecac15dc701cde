"""What the web needs for call days."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from callcenter.core.ids import SeatId
from callcenter.web.views.guests import FollowUpsView, GuestDayView


class GuestPort(Protocol):
    """Opens, lists and closes call days."""

    async def open(
        self,
        name: str,
        title: str,
        seat_id: SeatId,
        helper_id: SeatId | None,
        from_at: datetime,
        to_at: datetime,
        by: str,
    ) -> GuestDayView:
        """A guest will answer at this seat; at once when ``from_at`` is past.

        Raises:
            UsageError: ``unknown_seat``, ``bad_seats``, ``bad_times``, ``wrong_guest_day`` (overlaps another one), ``wrong_duty``.
        """

    async def newest(self, limit: int) -> Sequence[GuestDayView]:
        """The last ones, newest first."""

    async def close(self, day_id: int, by: str) -> GuestDayView:
        """Close one before its end; a running call goes on and stays the guest's.

        Raises:
            UsageError: ``unknown_guest_day``, ``wrong_guest_day``: it is over.
        """

    async def follow_ups(self, day_id: int) -> FollowUpsView:
        """The tickets of its calls.

        Raises:
            UsageError: ``unknown_guest_day``.
        """
