"""Carries out what is written: contacts, tickets, skill groups, ratings, the journal with its gaps.

Invariant: everything goes through the one ordered writer, so what was decided first is committed first; a letter to a
citizen is in the unit of work of what causes it.
"""

from datetime import timedelta
from functools import partial
from zoneinfo import ZoneInfo

from callcenter.beside.store import note_end
from callcenter.core.clock import Clock
from callcenter.core.contact import SaveContact
from callcenter.core.ids import ContactId
from callcenter.core.messages import calls, duty, flows, link, partner, seats, surge, work
from callcenter.core.messages.base import Message
from callcenter.core.messages.beside import BesideEnded
from callcenter.core.messages.guests import GuestAnswered, GuestDayOver
from callcenter.guests import store as guest_rows
from callcenter.outbox import store as outbox
from callcenter.outbox.letters import Letters
from callcenter.ratings import store as ratings
from callcenter.rebalance import store as rebalances
from callcenter.store import contacts, gaps, journal
from callcenter.store.unit import Unit
from callcenter.store.writer import StoreWriter
from callcenter.tickets import store as tickets
from callcenter.tickets.catalog import Catalog
from queues import skill_store as skill_rows
from queues import store as queue_rows

JOURNAL_KEPT = timedelta(days=100)
"""How long events can be replayed; contacts, promises and tickets stay."""

LIST_KEPT = timedelta(days=7)
"""How long a missed call that nobody can call back stays on the list."""


class Paperwork:
    """Hands the writer what engines decided. ``zone``: whose calendar day numbers tickets and counts until they are due."""

    def __init__(
        self, writer: StoreWriter, catalog: Catalog, clock: Clock, zone: ZoneInfo, letters: Letters
    ) -> None:
        self._writer = writer
        self._letters = letters
        self._catalog = catalog
        self._clock = clock
        self._zone = zone

    async def arrive(self, arrived: calls.CallArrived | partner.AidArrived) -> None:
        """Make the contact's row; returns once it is committed."""
        await self._writer.do(partial(contacts.arrive, arrival=arrived), "arrive")

    def journal(self, message: Message, derived: bool) -> None:
        """Append to the journal; a gap is kept beside it."""
        draft = journal.draft(message, self._clock.at(), self._clock.instant(), derived=derived)

        async def append(unit: Unit) -> None:
            unit.record(draft)
            match message:
                case link.LinkLost() | link.FrameDropped():
                    await gaps.open_gap(unit, draft.at, message.reason)
                case link.LinkRestored():
                    await gaps.close_gap(unit, draft.at)
                case surge.DayPlanned() if message.is_new_day:
                    await queue_rows.expire(unit, draft.at - LIST_KEPT, draft.at)
                    await journal.trim(unit, draft.at - JOURNAL_KEPT)
                case seats.SkillsAssigned() if message.by:
                    await skill_rows.assign_skills(
                        unit, message.seat_id, message.skills, message.by, draft.at
                    )
                    await rebalances.assigned(unit, message.seat_id, None, message.by, draft.at)
                case duty.DutyAssigned() if message.by:
                    await rebalances.assigned(unit, message.seat_id, message.duty, message.by, draft.at)
                case duty.SeatsRebalanced():
                    await rebalances.keep(unit, message, draft.at)
                case GuestAnswered():
                    await guest_rows.mark(unit, message)
                case GuestDayOver():
                    await guest_rows.over(unit, message.day_id)
                case BesideEnded():
                    await note_end(unit, message, draft.at)
                case flows.Rated():
                    await ratings.keep(unit, message, draft.at)
                    await outbox.supersede(unit, "rating", about=message.contact_id)
                case _:
                    pass

        self._writer.submit(append, message.type)

    def save_contact(self, effect: SaveContact) -> None:
        """Write the present truth about a contact."""

        async def save(unit: Unit) -> None:
            await contacts.save(unit, effect.contact)
            await self._letters.after_talk(unit, effect.contact, self._clock.at())

        self._writer.submit(save, "save contact")

    def draft_ticket(self, effect: work.DraftTicket) -> None:
        """Open the draft of an answered contact, and tell it."""
        self._writer.submit(partial(self.open_draft, contact_id=effect.contact_id), "draft ticket")

    async def open_draft(self, unit: Unit, contact_id: ContactId) -> None:
        """The same in a unit of work that makes more."""
        ticket = await tickets.draft(unit, contact_id, self._clock.at(), self._zone)
        self._tell(unit, ticket)

    def complete_ticket(self, effect: work.CompleteTicket) -> None:
        """Fill the draft from what is known by now, and tell it."""

        async def complete(unit: Unit) -> None:
            ticket = await tickets.complete(
                unit, effect.contact_id, self._clock.at(), self._catalog, self._zone
            )
            if ticket is None:
                return
            contact = await contacts.get(unit.connection, effect.contact_id)
            if contact is not None and contact.outcome is not None:  # who still waits is told then
                await self._letters.ticket(unit, ticket.ticket_no, ticket.citizen, self._clock.at())
            self._tell(unit, ticket)

        self._writer.submit(complete, "complete ticket")

    def finish_drafts(self) -> None:
        """Complete the drafts of contacts that have ended: what an earlier life may have left."""

        async def finish(unit: Unit) -> None:
            for ticket in await tickets.unfinished(unit.connection):
                completed = await tickets.complete(
                    unit, ticket.contact_id, self._clock.at(), self._catalog, self._zone, ticket.purpose
                )
                if completed is not None and completed != ticket:
                    self._tell(unit, completed)

        self._writer.submit(finish, "finish drafts")

    def _tell(self, unit: Unit, ticket: tickets.Ticket) -> None:
        news = work.TicketDrafted(ticket.contact_id, ticket.ticket_no, ticket.state.value)
        unit.record(journal.draft(news, self._clock.at(), self._clock.instant(), derived=True))
