"""What an agent's desk shows beside a call."""

from datetime import date, datetime

from pydantic import Field

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
