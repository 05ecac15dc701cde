"""What is written to citizens, and to whom: each letter in the unit of work of what causes it.

Invariant: only the number that called is written to, only if it is an ordinary domestic mobile number, and never to
advertise.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from callcenter.core.contact import Contact
from callcenter.core.ids import TicketNo
from callcenter.core.messages.callbacks import is_survey
from callcenter.core.messages.calls import Outcome
from callcenter.knowledge.articles import Article
from callcenter.outbox import store
from callcenter.outbox.section import Sms
from callcenter.outbox.store import Letter, Limits
from callcenter.outbox.texts import text_of
from callcenter.ratings import store as ratings
from callcenter.store.unit import Unit
from callcenter.tickets.pins import Pins

RATED_TALK_S: Final = 20.0
"""Shortest talk that a citizen is asked about (as for having spoken with a person, FIELD.md 4)."""
RATING_PATH: Final = "/r/"
"""Where the page of a link is; the token follows."""


@dataclass(frozen=True)
class Letters:
    """``mobile``: the number as it is written to, or ``None``; ``city``: its name in the signature."""

    settings: Sms
    city: str
    mobile: Callable[[str], str | None]
    pins: Pins = field(repr=False)

    async def missed(self, unit: Unit, caller: str, contact_id: str, now: datetime) -> None:
        """A missed caller is told that he will be called back: once in a while, as the surge engine's ``RecordMissed``."""
        if self.settings.missed:
            await self._put(unit, "missed", contact_id, caller, text_of("missed"), now)

    async def reached(self, unit: Unit, caller: str) -> None:
        """Nothing is owed to him any more: a promise that still waits to be sent would be wrong."""
        number = self.mobile(caller)
        if number is not None:
            await store.supersede(unit, "missed", number=number)

    async def ticket(self, unit: Unit, ticket_no: TicketNo, caller: str, now: datetime) -> None:
        """The citizen is told the number of his ticket and its PIN, once."""
        if not (self.settings.ticket and await self._may(unit, "ticket", ticket_no, caller, now)):
            return
        pin = await self.pins.issue(unit, ticket_no, now)
        if pin is not None:
            text = text_of("ticket", ticket_no=ticket_no, pin=pin)
            await self._put(unit, "ticket", ticket_no, caller, text, now)

    async def after_talk(self, unit: Unit, contact: Contact, now: datetime) -> None:
        """Who talked long enough to judge and has not rated gets a link."""
        settings = self.settings
        if not (settings.rating and settings.link_base and _is_to_be_rated(contact)):
            return
        if not await self._may(unit, "rating", contact.contact_id, contact.caller, now):
            return
        lasts = timedelta(days=settings.link_days)
        token = await ratings.make_link(unit, contact.contact_id, now, lasts)
        if token is not None:
            link = f"{settings.link_base}{RATING_PATH}{token}"
            text = text_of("rating", link=link, days=str(settings.link_days))
            after_s = settings.rating_after_s
            await self._put(unit, "rating", contact.contact_id, contact.caller, text, now, after_s)

    async def article(self, unit: Unit, caller: str, article: Article, now: datetime) -> bool:
        """The caller wants an answer in writing; whether he gets it."""
        return await self._put(unit, "article", article.id, caller, article.sms, now)

    async def _may(self, unit: Unit, kind: str, about: str, caller: str, now: datetime) -> bool:
        """Whether he would get it: asked before a secret is made that can be told only once."""
        number = self.mobile(caller)
        if number is None:
            return False
        return await store.is_allowed(unit.connection, Letter(kind, about, number, ""), now, self._limits())

    async def _put(
        self, unit: Unit, kind: str, about: str, caller: str, text: str, now: datetime, after_s: float = 0
    ) -> bool:
        number = self.mobile(caller)
        if number is None:
            return False
        signed = self.settings.sign.replace("{city}", self.city) + text
        letter = Letter(kind, about, number, signed)
        return await store.put(unit, letter, now, self._limits(), after_s=after_s)

    def _limits(self) -> Limits:
        return Limits(timedelta(hours=self.settings.gap_h), self.settings.day_max)


def _is_to_be_rated(contact: Contact) -> bool:
    """A person was spoken with. What only the books know never comes here: it is too old to ask about."""
    is_ours = not contact.is_aid and not is_survey(contact.contact_id)
    return is_ours and contact.outcome is Outcome.ANSWERED and contact.talk_s >= RATED_TALK_S
