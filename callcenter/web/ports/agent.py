"""What an agent's desk asks for its own call and day."""

from typing import Protocol

from callcenter.core.ids import SeatId, TicketNo
from callcenter.web.views.agent import SeatDayView, SuggestionsView


class ArticlePost(Protocol):
    """Answers in writing."""

    async def send(self, caller: str, article_id: str) -> bool:
        """Put one on its way; whether it will be sent.

        Raises:
            UsageError: ``unknown_article``.
        """


class SuggestionDesk(Protocol):
    """Proposals for tickets."""

    async def of(self, ticket_no: TicketNo, seat_id: SeatId | None) -> SuggestionsView:
        """What is proposed now. ``seat_id``: of who asks; captions count for the seat in the talk alone.

        Raises:
            UsageError: ``unknown_ticket``.
        """


class SeatDays(Protocol):
    """Days of seats."""

    async def of(self, seat_id: SeatId) -> SeatDayView:
        """The seat's figures of today so far."""
