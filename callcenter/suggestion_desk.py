"""Proposals for a ticket's form from the words heard so far (:class:`callcenter.web.ports.agent.SuggestionDesk`).

Invariants: it only reads; captions count for the seat in the talk alone, all others get proposals from what is in the
database; numbers of persons are stars before any word is looked for.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from zoneinfo import ZoneInfo

from callcenter.captions.memory import CaptionMemory
from callcenter.core.clock import Clock
from callcenter.core.errors import UsageError
from callcenter.core.ids import SeatId, TicketNo
from callcenter.knowledge.articles import Articles
from callcenter.store.database import Database
from callcenter.tickets import store, work
from callcenter.tickets.catalog import Catalog
from callcenter.tickets.core.draft import Facts
from callcenter.tickets.core.proposal import Proposal, Source, due, propose
from callcenter.web.views.agent import FieldProposalView, ProposedField, SuggestionsView
from recordings.core.text_numbers import mask_together

_SENTENCE: Final = re.compile(r"[\n。？！]+")
FIELDS: Final[Sequence[ProposedField]] = ("nature", "topic", "place", "unit", "note")


@dataclass(frozen=True)
class SuggestionDesk:
    """``is_demo``: whether the captions' model recognizes no people; ``zone``: whose days count until it is due."""

    database: Database
    catalog: Catalog
    memory: CaptionMemory
    is_demo: Callable[[], bool]
    zone: ZoneInfo
    articles: Articles
    clock: Clock

    async def of(self, ticket_no: TicketNo, seat_id: SeatId | None) -> SuggestionsView:
        """What is proposed now, to who sits at ``seat_id``.

        Raises:
            UsageError: ``unknown_ticket``.
        """
        async with self.database.reading() as connection:
            ticket = await store.find(connection, ticket_no)
            if ticket is None:
                raise UsageError(f"there is no ticket {ticket_no}", code="unknown_ticket")
            facts = await store.facts_of(connection, ticket.contact_id)
            worked = await work.of_ticket(connection, ticket_no)
        heard: Sequence[str] = ()
        if seat_id is not None and seat_id == self.memory.seat_of(ticket.contact_id):
            heard = self.memory.said(ticket.contact_id)
        source, lines = words_of(facts, heard)
        catalog = self.catalog
        lines = mask_together(lines)
        found = propose(lines, catalog.natures, catalog.topics, catalog.places, catalog.units)
        nature = worked.nature or (found["nature"].value if "nature" in found else ticket.nature)
        when = due(nature, ticket.created_at, catalog.workdays, self.zone)
        return SuggestionsView(
            ticket_no=ticket_no,
            source=source.value,
            is_demo_model=self.is_demo() if source is Source.CAPTIONS else facts.is_demo,
            items=[self._view(field, found[field]) for field in FIELDS if field in found],
            articles=[article.id for article in self.articles.heard("".join(lines), self._today())],
            due_at=when.at if when else None,
            due_workdays=when.workdays if when else None,
        )

    def _today(self) -> date:
        return self.clock.at().astimezone(self.zone).date()

    def _view(self, field: ProposedField, proposal: Proposal) -> FieldProposalView:
        names = {"nature": self.catalog.natures.names, "topic": self.catalog.topics.names}.get(field, {})
        return FieldProposalView(
            field=field,
            value=proposal.value,
            name=names.get(proposal.value, proposal.value),
            words=list(proposal.words),
            certainty=proposal.certainty,
        )


def words_of(facts: Facts, heard: Sequence[str]) -> tuple[Source, list[str]]:
    """Where the words come from, and the words, sentence by sentence: stated first, then the talk's.

    The transcript stands before the captions: the same talk, heard twice and at leisure.
    """
    stated = _sentences(facts.stated_text)
    if facts.citizen_text:
        return Source.TRANSCRIPT, [*stated, *_sentences(facts.citizen_text)]
    if heard:
        return Source.CAPTIONS, [*stated, *heard]
    return (Source.STATEMENT, stated) if stated else (Source.NONE, [])


def _sentences(text: str | None) -> list[str]:
    return [part for part in _SENTENCE.split(text or "") if part.strip()]
