"""Working on tickets (:class:`callcenter.web.ports.ticket_work.TicketDesk`): one writer, everybody told.

Invariant: what is answered is committed.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from callcenter.core.clock import Clock
from callcenter.core.errors import UsageError
from callcenter.core.ids import TicketNo
from callcenter.core.messages.work import TicketWorked
from callcenter.store import journal
from callcenter.store.database import Database
from callcenter.store.unit import Unit
from callcenter.store.writer import StoreWriter
from callcenter.tickets import store, work
from callcenter.tickets.catalog import Catalog
from callcenter.tickets.core.proposal import due
from callcenter.tickets.core.work import Standing, Work, correct, end, reopen
from callcenter.tickets.store import Ticket

Change = Callable[[Work, Ticket], Work]


@dataclass(frozen=True)
class TicketDesk:
    """Corrects, ends and opens tickets."""

    writer: StoreWriter
    database: Database
    catalog: Catalog
    clock: Clock
    zone: ZoneInfo
    """Whose calendar days count until a ticket is due."""

    def words(self) -> Mapping[str, Mapping[str, str]]:
        """Natures and topics by key, as the city names them."""
        return {"natures": self.catalog.natures.names, "topics": self.catalog.topics.names}

    async def read(self, ticket_no: TicketNo) -> Work:
        """A person's part of a ticket.

        Raises:
            UsageError: ``unknown_ticket``.
        """
        async with self.database.reading() as connection:
            if await store.find(connection, ticket_no) is None:
                raise UsageError(f"there is no ticket {ticket_no}", code="unknown_ticket")
            return await work.of_ticket(connection, ticket_no)

    async def correct(
        self, ticket_no: TicketNo, changes: Mapping[str, str | None], version: int, by: str
    ) -> Work:
        """Correct some fields of an open ticket.

        Raises:
            UsageError: ``unknown_ticket``, ``unknown_word``, ``wrong_version``, ``wrong_ticket_state``.
        """
        for field, words in (("nature", self.catalog.natures), ("topic", self.catalog.topics)):
            if changes.get(field) and changes[field] not in words.names:
                raise UsageError(f"there is no {field} '{changes[field]}'", code="unknown_word")
        at = self.clock.at()
        return await self._change(
            ticket_no, lambda now, _: correct(now, changes, version, by, at), renames="nature" in changes
        )

    async def end(self, ticket_no: TicketNo, ending: Standing, version: int, by: str) -> Work:
        """It is answered, or handed on.

        Raises:
            UsageError: ``unknown_ticket``, ``ticket_incomplete``, ``wrong_version``, ``wrong_ticket_state``.
        """
        at = self.clock.at()

        def ended(now: Work, ticket: Ticket) -> Work:
            known = {"nature": now.nature or ticket.nature, "topic": now.topic or ticket.topic}
            lacks = [name for name, value in known.items() if not value]
            return end(now, ending, lacks, version, by, at)

        return await self._change(ticket_no, ended)

    async def reopen(self, ticket_no: TicketNo, version: int, by: str) -> Work:
        """It had not ended after all.

        Raises:
            UsageError: ``unknown_ticket``, ``wrong_version``, ``wrong_ticket_state``.
        """
        at = self.clock.at()
        return await self._change(ticket_no, lambda now, _: reopen(now, version, by, at))

    async def _change(self, ticket_no: TicketNo, change: Change, *, renames: bool = False) -> Work:
        """``renames``: the nature may be another one now, and with it the day on which it is due."""
        changed: list[Work] = []

        async def carry_out(unit: Unit) -> None:
            ticket = await store.find(unit.connection, ticket_no)
            if ticket is None:
                raise UsageError(f"there is no ticket {ticket_no}", code="unknown_ticket")
            fresh = change(await work.locked(unit, ticket_no), ticket)
            await work.keep(unit, ticket_no, fresh)
            if renames:
                nature = fresh.nature or ticket.nature
                wanted = due(nature, ticket.created_at, self.catalog.workdays, self.zone)
                await store.set_deadline(unit, ticket_no, wanted.at if wanted else None)
            told = TicketWorked(ticket.contact_id, ticket_no, fresh.standing.value, fresh.by)
            unit.record(journal.draft(told, self.clock.at(), self.clock.instant(), derived=True))
            changed[:] = [fresh]

        await self.writer.do(carry_out, "ticket work")
        return changed[0]
