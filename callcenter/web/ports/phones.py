"""What the web needs of seats' own phones."""

from typing import Protocol

from callcenter.core.errors import UsageError
from callcenter.core.ids import SeatId
from callcenter.web.views.phones import LineCheckView, PhoneView


class PhonePort(Protocol):
    """Seats' own phones. ``host``: by what name the page reached this server."""

    def origin(self, host: str) -> str:
        """Scheme, host and port of the phones' WebSocket, as in ``ws://127.0.0.1:30088``; empty: no page is a phone."""

    def view(self, seat_id: SeatId, host: str) -> PhoneView:
        """How a page becomes this seat's phone.

        Raises:
            UsageError: ``unknown_seat``.
        """

    async def check(self, seat_id: SeatId, by: str) -> LineCheckView:
        """Ring the phone, let it hear itself, and say how good the line is: 10 to 30 s.

        Raises:
            UsageError: ``unknown_seat``, ``wrong_seat_state`` (it is in a call, or its phone is not there).
        """


class NoPhones:
    """A house that knows nothing of its phones."""

    def origin(self, host: str) -> str:
        """See :class:`PhonePort`."""
        return ""

    def view(self, seat_id: SeatId, host: str) -> PhoneView:
        """See :class:`PhonePort`."""
        raise UsageError(f"there is no seat {seat_id}", code="unknown_seat")

    async def check(self, seat_id: SeatId, by: str) -> LineCheckView:
        """See :class:`PhonePort`."""
        raise UsageError(f"there is no seat {seat_id}", code="unknown_seat")
