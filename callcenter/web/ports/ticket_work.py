"""What the web needs for the work on tickets."""

from collections.abc import Mapping
from typing import Protocol

from callcenter.core.ids import TicketNo
from callcenter.tickets.core.work import Standing, Work


class TicketDesk(Protocol):
    """Corrects, ends and opens tickets."""

    def words(self) -> Mapping[str, Mapping[str, str]]:
        """``natures`` and ``topics``, each key -> name."""

    async def read(self, ticket_no: TicketNo) -> Work:
        """A person's part of a ticket.

        Raises:
            UsageError: ``unknown_ticket``.
        """

    async def correct(
        self, ticket_no: TicketNo, changes: Mapping[str, str | None], version: int, by: str
    ) -> Work:
        """Correct some fields.

        Raises:
            UsageError: ``unknown_ticket``, ``unknown_word``, ``wrong_version``, ``wrong_ticket_state``.
        """

    async def end(self, ticket_no: TicketNo, ending: Standing, version: int, by: str) -> Work:
        """It is answered, or handed on.

        Raises:
            UsageError: ``unknown_ticket``, ``ticket_incomplete``, ``wrong_version``, ``wrong_ticket_state``.
        """

    async def reopen(self, ticket_no: TicketNo, version: int, by: str) -> Work:
        """It had not ended after all.

        Raises:
            UsageError: ``unknown_ticket``, ``wrong_version``, ``wrong_ticket_state``.
        """
