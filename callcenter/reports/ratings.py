"""Satisfaction on the ledger: the talks of a window, each with what its citizen said, counted by the database.

Invariant: a rating belongs to the window of its call, whenever it was given, so that no rate exceeds one.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

from sqlalchemy import func, select

from callcenter.core.clock import Clock
from callcenter.core.messages.callbacks import SURVEY_PREFIX
from callcenter.core.messages.calls import Outcome
from callcenter.reports.core.ratings import DUE_TALK_S, RatedTalk
from callcenter.reports.core.windows import Window, parse
from callcenter.store.database import Database
from callcenter.store.schema import contacts, ratings


@dataclass(frozen=True)
class SqlRatings:
    """(:class:`callcenter.web.ports.citizens.RatingReader`). ``zone``: whose calendar days count."""

    database: Database
    clock: Clock
    zone: tzinfo

    async def talks(self, window: str) -> tuple[Window, datetime, list[RatedTalk]]:
        """The talks of a window that were due for a survey, and when they were counted.

        Raises:
            UsageError: ``bad_window``.
        """
        as_of = self.clock.at().astimezone(UTC)
        asked = parse(window, as_of, self.zone)
        rows = contacts.c
        statement = (
            select(rows.seat_id, ratings.c.grade, func.coalesce(ratings.c.by, ""), func.count())
            .outerjoin(ratings, ratings.c.contact_id == rows.contact_id)
            .where(
                rows.arrived_at >= asked.from_at,
                rows.arrived_at < asked.until_at,
                rows.outcome == Outcome.ANSWERED.value,
                rows.talk_s >= DUE_TALK_S,
                ~rows.contact_id.startswith(SURVEY_PREFIX),
            )
            .group_by(rows.seat_id, ratings.c.grade, ratings.c.by)
        )
        async with self.database.reading() as connection:
            found = (await connection.execute(statement)).all()
        return asked, as_of, [RatedTalk._make(row) for row in found]
