"""What an agent's desk shows beside a call: earlier contacts of the same citizen, and articles to answer from."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Protocol

from pydantic import Field

from callcenter.core.ids import ContactId
from callcenter.web.views import View


class EarlierView(View):
    """A contact that the same number made before, and what came of it."""

    contact_id: str
    arrived_at: datetime
    outcome: str | None
    seat_id: str | None
    talk_s: float | None
    ticket_no: str | None
    topic_name: str | None
    standing: str | None = Field(description="of the ticket: open, answered, handed_on; null: no ticket")


class ArticleView(View):
    """What may be told. ``sms``: the same in writing."""

    id: str
    question: str
    words: list[str] = Field(description="what somebody says who means this")
    zh: str
    en: str
    sms: str
    valid_until: date


class CallerHistory(Protocol):
    """What a citizen's number did before."""

    async def earlier(self, contact_id: ContactId, limit: int) -> Sequence[EarlierView] | None:
        """Newest first; empty for a number that is not known; ``None``: no such contact."""


class ArticleReader(Protocol):
    """The city's articles."""

    def articles(self) -> Sequence[ArticleView]:
        """Those that are valid today, in the order of their file."""
