"""What an agent's desk shows beside a call, on the real store (:mod:`callcenter.web.ports.desk`). It only reads."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from callcenter.core.clock import Clock
from callcenter.core.ids import ContactId
from callcenter.knowledge.articles import Articles
from callcenter.store.database import Database
from callcenter.store.schema import contacts, ticket_work, tickets
from callcenter.tickets.core.work import Standing
from callcenter.web.views.desk import ArticleView, EarlierView


@dataclass(frozen=True)
class SqlCallerHistory:
    """Earlier contacts of one number. ``topic_names``: key -> Chinese name."""

    database: Database
    topic_names: Mapping[str, str]

    async def earlier(self, contact_id: ContactId, limit: int) -> Sequence[EarlierView] | None:
        """Newest first; empty for a number that is not known; ``None``: no such contact."""
        this = contacts.alias("this")
        topic = func.coalesce(ticket_work.c.topic, tickets.c.topic)
        standing = func.coalesce(ticket_work.c.standing, Standing.OPEN.value)
        joined = contacts.outerjoin(tickets, tickets.c.contact_id == contacts.c.contact_id).outerjoin(
            ticket_work, ticket_work.c.ticket_no == tickets.c.ticket_no
        )
        wanted = (
            select(contacts, tickets.c.ticket_no, topic.label("its_topic"), standing.label("standing"))
            .select_from(joined.join(this, this.c.caller == contacts.c.caller))
            .where(this.c.contact_id == contact_id, this.c.caller != "")
            .where(contacts.c.arrived_at < this.c.arrived_at)
            .order_by(contacts.c.arrived_at.desc(), tickets.c.ticket_no)
            .limit(limit)
        )
        known = select(contacts.c.contact_id).where(contacts.c.contact_id == contact_id)
        async with self.database.reading() as connection:
            if await connection.scalar(known) is None:
                return None
            rows = (await connection.execute(wanted)).mappings().all()
        return [
            EarlierView(
                contact_id=row["contact_id"],
                arrived_at=row["arrived_at"],
                outcome=row["outcome"],
                seat_id=row["seat_id"],
                talk_s=row["talk_s"],
                ticket_no=row["ticket_no"],
                topic_name=row["its_topic"] and self.topic_names.get(row["its_topic"], row["its_topic"]),
                standing=row["standing"] if row["ticket_no"] else None,
            )
            for row in rows
        ]


@dataclass(frozen=True)
class ArticleShelf:
    """The articles in force."""

    known: Articles
    clock: Clock
    zone: ZoneInfo

    def articles(self) -> Sequence[ArticleView]:
        """Those that are valid today, in the order of their file."""
        today = self.clock.at().astimezone(self.zone).date()
        return [
            ArticleView(
                id=article.id,
                question=article.question,
                words=list(article.words),
                zh=article.zh,
                en=article.en,
                sms=article.sms,
                valid_until=article.valid_until,
            )
            for article in self.known.by_id.values()
            if today <= article.valid_until
        ]
