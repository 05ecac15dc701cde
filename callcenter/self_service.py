"""What a caller learns without a person: the state of his ticket, answers to common questions, and both in writing.

Invariants: caller ID alone opens nothing; unknown, wrong and locked sound alike; ``None`` always leads to a person, so
whatever fails here costs a caller nothing but a second.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Final

import structlog

from callcenter.core.clock import Clock
from callcenter.core.errors import CallcenterError, UsageError
from callcenter.core.ids import TicketNo
from callcenter.knowledge.articles import Article, Articles
from callcenter.outbox.letters import Letters
from callcenter.store.unit import Unit
from callcenter.store.writer import StoreWriter
from callcenter.tickets import store as tickets
from callcenter.tickets.core.draft import TicketState
from callcenter.tickets.pins import Pins

log = structlog.get_logger()

Facts = Mapping[str, str]
"""What is known in a walk, and what an answer adds to it."""

STATES: Final[Mapping[TicketState, str]] = {
    TicketState.DRAFT: "ticket_state_received",
    TicketState.READY: "ticket_state_handling",
}
"""State of a ticket -> the prompt that tells it."""

_KEYED_NUMBER = re.compile(r"(\d{8})-?(\d{6,9})")


@dataclass(frozen=True)
class SelfService:
    """Answers what flows look up. ``zone``: whose calendar day says whether an article is over."""

    writer: StoreWriter
    articles: Articles
    letters: Letters
    pins: Pins
    clock: Clock
    zone: tzinfo

    async def find(self, kind: str, facts: Facts) -> Facts | None:
        """Look something up; ``None``: nothing, and nobody says why.

        ``ticket``: ``ticket_number`` and ``pin`` as keyed, ``caller`` -> ``ticket_state`` (a prompt), ``ticket_no``,
        ``ticket_due`` (the day on which it is due, ``""``: not known), ``ticket_due_is`` (``ahead``, ``over``, ``unknown``).
        ``knowledge``: ``key``, or ``topic`` (an id, or what was said) -> ``article`` (the prompt of the answer),
        ``article_asked`` (the prompt that asks whether it is meant), ``article_id``.
        ``link``: ``article_id``, ``caller`` -> ``link`` = ``sent``: the answer in writing is on its way.
        """
        try:
            match kind:
                case "ticket":
                    return await self._ticket(facts)
                case "knowledge":
                    return self._knowledge(facts)
                case "link":
                    return await self._link(facts)
                case _:
                    return None
        except CallcenterError as error:
            log.warning("nothing looked up", kind=kind, code=error.code)
            return None

    async def _ticket(self, facts: Facts) -> Facts | None:
        keyed = _KEYED_NUMBER.fullmatch(facts.get("ticket_number", ""))
        if keyed is None:
            return None
        ticket_no = TicketNo(f"{keyed[1]}-{keyed[2]}")
        found: list[Facts] = []

        async def look(unit: Unit) -> None:
            found.clear()
            now, caller = self.clock.at(), facts.get("caller", "")
            if await self.pins.opens(unit, ticket_no, facts.get("pin", ""), caller, now):
                found.append(_told(await tickets.get(unit.connection, ticket_no), now.astimezone(self.zone)))

        await self.writer.do(look, "look up ticket")
        return found[0] if found else None

    def _knowledge(self, facts: Facts) -> Facts | None:
        article = self._article(facts.get("key") or facts.get("topic", ""))
        if article is None:
            return None
        return {"article": article.prompt, "article_asked": article.asking, "article_id": article.id}

    async def send(self, caller: str, article_id: str) -> bool:
        """Put an answer in writing on its way; false: no mobile number, or he has got enough messages.

        Raises:
            UsageError: ``unknown_article``: there is none, or it is over.
            PeerError: the database is in trouble.
        """
        article = self._article(article_id)
        if article is None:
            raise UsageError(f"there is no article '{article_id}' today", code="unknown_article")
        is_sent: list[bool] = []

        async def write(unit: Unit) -> None:
            is_sent[:] = [await self.letters.article(unit, caller, article, self.clock.at())]

        await self.writer.do(write, "send article")
        return any(is_sent)

    async def _link(self, facts: Facts) -> Facts | None:
        article_id = facts.get("article_id", "")
        if self._article(article_id) is None:
            return None
        return {"link": "sent"} if await self.send(facts.get("caller", ""), article_id) else None

    def _article(self, asked: str) -> Article | None:
        return self.articles.find(asked, self.clock.at().astimezone(self.zone).date())


def _told(ticket: tickets.Ticket, now: datetime) -> Facts:
    """``now``: in the zone of the calendar."""
    due = ticket.deadline.astimezone(now.tzinfo) if ticket.deadline else None
    return {
        "ticket_state": STATES[ticket.state],
        "ticket_no": ticket.ticket_no,
        "ticket_due": due.date().isoformat() if due else "",
        "ticket_due_is": "unknown" if due is None else "ahead" if now <= due else "over",
    }
