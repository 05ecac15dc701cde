"""What the web needs for citizens' matters: the outbox, satisfaction, PINs of tickets."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from callcenter.core.ids import ContactId, TicketNo
from callcenter.outbox.store import Entry
from callcenter.reports.core.ratings import RatedTalk
from callcenter.reports.core.windows import Window


class OutboxDesk(Protocol):
    """Short messages on their way."""

    @property
    def gateway(self) -> str:
        """``none``, ``http`` or ``smtp``."""

    @property
    def trouble(self) -> str:
        """Why the last try failed; empty: it did not."""

    async def waiting(self) -> int:
        """How many wait."""

    async def list(self, state: str, limit: int) -> Sequence[Entry]:
        """The newest in this state (``waiting``, ``sent``, ``failed``; ``""``: any)."""

    async def retry(self, entry_id: int) -> None:
        """Try a failed one again.

        Raises:
            UsageError: ``unknown_message``, ``wrong_message_state``.
        """


class RatingReader(Protocol):
    """What citizens said of talks."""

    async def talks(self, window: str) -> tuple[Window, datetime, Sequence[RatedTalk]]:
        """The talks of a window that were due for a survey, and when they were counted.

        Raises:
            UsageError: ``bad_window``.
        """


class RatingDesk(Protocol):
    """Ratings by link."""

    async def linked(self, token: str) -> ContactId | None:
        """The talk that a token rates; ``None``: unknown, over, or rated already."""

    async def rate(self, contact_id: ContactId, grade: int) -> None:
        """Keep the grade, 1 to 5; the first one of a talk stays."""


class PinDesk(Protocol):
    """PINs that agents tell citizens."""

    async def seat_of(self, ticket_no: TicketNo) -> str | None:
        """Whose ticket it is.

        Raises:
            UsageError: ``unknown_ticket``.
        """

    async def replace(self, ticket_no: TicketNo) -> str:
        """A new PIN, told once; the one before opens nothing any more.

        Raises:
            UsageError: ``unknown_ticket``.
        """
