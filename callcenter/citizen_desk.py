"""Behind the web's ports for citizens' matters: the outbox, satisfaction, PINs of tickets.

Invariant: it decides nothing; what changes anything goes through the one writer or the one inbox.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from sqlalchemy.ext.asyncio import AsyncConnection

from callcenter.controller import Controller
from callcenter.core.clock import Clock
from callcenter.core.errors import OurError, UsageError
from callcenter.core.ids import ContactId, TicketNo
from callcenter.core.messages.flows import Rated
from callcenter.outbox import store as outbox
from callcenter.outbox.runner import Runner
from callcenter.outbox.store import Entry
from callcenter.ratings import store as ratings
from callcenter.store.database import Database
from callcenter.store.unit import Unit
from callcenter.store.writer import StoreWriter
from callcenter.tickets import store as tickets
from callcenter.tickets.pins import Pins

LINK = "link"
"""How a rating by a page is told from one by keys."""


@dataclass(frozen=True)
class SqlOutbox:
    """The outbox (:class:`callcenter.web.ports.citizens.OutboxDesk`)."""

    database: Database
    runner: Runner

    @property
    def gateway(self) -> str:
        """``none``, ``http`` or ``smtp``."""
        return self.runner.settings.sender

    @property
    def trouble(self) -> str:
        """Why the last try failed; empty: it did not."""
        return self.runner.trouble

    async def waiting(self) -> int:
        """How many wait."""
        async with self.database.reading() as connection:
            return await outbox.waiting(connection)

    async def list(self, state: str, limit: int) -> Sequence[Entry]:
        """The newest in this state; ``""``: any."""
        async with self.database.reading() as connection:
            return await outbox.newest(connection, state, limit)

    async def retry(self, entry_id: int) -> None:
        """Try a failed one again.

        Raises:
            UsageError: ``unknown_message``, ``wrong_message_state``.
        """
        writer, now = self.runner.writer, self.runner.clock.at()
        await writer.do(partial(outbox.retry, entry_id=entry_id, now=now), "retry message")


@dataclass(frozen=True)
class RatingDesk:
    """Ratings by link (:class:`callcenter.web.ports.citizens.RatingDesk`)."""

    database: Database
    controller: Controller
    writer: StoreWriter
    clock: Clock

    async def linked(self, token: str) -> ContactId | None:
        """The talk that a token rates."""
        async with self.database.reading() as connection:
            return await ratings.linked_contact(connection, token, self.clock.at())

    async def rate(self, contact_id: ContactId, grade: int) -> None:
        """Tell it, and return when it is kept."""
        await self.controller.ask(Rated(contact_id, grade, LINK))
        await self.writer.flush()


@dataclass(frozen=True)
class PinDesk:
    """PINs that agents tell (:class:`callcenter.web.ports.citizens.PinDesk`)."""

    writer: StoreWriter
    database: Database
    pins: Pins
    clock: Clock

    async def seat_of(self, ticket_no: TicketNo) -> str | None:
        """Whose ticket it is.

        Raises:
            UsageError: ``unknown_ticket``.
        """
        async with self.database.reading() as connection:
            return (await _ticket(connection, ticket_no)).seat_id

    async def replace(self, ticket_no: TicketNo) -> str:
        """A new PIN; the one before opens nothing any more, and is not sent if it still waits.

        Raises:
            UsageError: ``unknown_ticket``.
        """
        told: list[str] = []

        async def make(unit: Unit) -> None:
            await _ticket(unit.connection, ticket_no)
            await outbox.supersede(unit, "ticket", about=ticket_no)
            told[:] = [await self.pins.replace(unit, ticket_no, self.clock.at())]

        await self.writer.do(make, "new PIN")
        return told[0]


async def _ticket(connection: AsyncConnection, ticket_no: TicketNo) -> tickets.Ticket:
    try:
        return await tickets.get(connection, ticket_no)
    except OurError:
        raise UsageError(f"there is no ticket {ticket_no}", code="unknown_ticket") from None
