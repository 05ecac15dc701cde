"""Hot-topic notices (热点公告) in SQL: what was on air when, who heard it, and what those callers did then.

Invariant: at most one notice is on air; putting one ends the one before.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import RowMapping, and_, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from callcenter.core.messages.calls import Outcome
from callcenter.store.schema import contacts, notice_heard, notices
from callcenter.store.unit import Unit, insert

AGAIN_WITHIN = timedelta(hours=24)
"""Who calls again so soon was not helped."""

_CONTENT = (Outcome.SELF_RESOLVED.value, Outcome.LEFT_EARLY.value, Outcome.ABANDONED.value)
"""Outcomes of callers who hung up without a person, a call-back or a message."""


@dataclass(frozen=True, slots=True)
class Notice:
    """A notice. ``seconds``: how long it is heard; ``withdrawn_by``: ``""`` while it may run until ``until_at``."""

    id: int
    text: str
    spoken: str
    seconds: float
    by: str
    at: datetime
    until_at: datetime
    withdrawn_at: datetime | None = None
    withdrawn_by: str = ""

    def is_on_air(self, now: datetime) -> bool:
        """Whether callers hear it."""
        return self.withdrawn_at is None and self.at <= now < self.until_at


@dataclass(frozen=True, slots=True)
class Hearing:
    """What became of those who heard a notice.

    ``satisfied``: hung up while it was heard or right after it; of these ``again`` called again within
    :data:`AGAIN_WITHIN`, and ``unknown`` withheld their number, so nobody knows.
    """

    heard: int = 0
    satisfied: int = 0
    again: int = 0
    unknown: int = 0


async def put(unit: Unit, notice: Notice) -> None:
    """Put a notice on air in place of the one before; harmless to repeat."""
    ends = {"withdrawn_at": notice.at, "withdrawn_by": notice.by}
    is_before = and_(
        notices.c.id < notice.id, notices.c.withdrawn_at.is_(None), notices.c.until_at > notice.at
    )
    await unit.connection.execute(update(notices).where(is_before).values(ends))
    values = {column.name: getattr(notice, column.name) for column in notices.c}
    await unit.connection.execute(insert(unit.connection, notices).values(values).on_conflict_do_nothing())


async def withdraw(unit: Unit, notice_id: int, at: datetime, by: str) -> None:
    """End a notice; harmless to repeat."""
    is_it = and_(notices.c.id == notice_id, notices.c.withdrawn_at.is_(None))
    await unit.connection.execute(update(notices).where(is_it).values(withdrawn_at=at, withdrawn_by=by))


async def note_heard(
    unit: Unit, notice_id: int, contact_id: str, at: datetime, content_until: datetime
) -> None:
    """A caller begins to hear a notice; who hangs up before ``content_until`` counts as satisfied by it."""
    values = {
        "notice_id": notice_id,
        "contact_id": contact_id,
        "heard_at": at,
        "content_until_at": content_until,
    }
    await unit.connection.execute(
        insert(unit.connection, notice_heard).values(values).on_conflict_do_nothing()
    )


async def newest(connection: AsyncConnection, limit: int) -> list[Notice]:
    """The newest notices, newest first."""
    rows = await connection.execute(select(notices).order_by(notices.c.id.desc()).limit(limit))
    return [Notice(**row) for row in rows.mappings()]


async def hearings(connection: AsyncConnection, ids: Sequence[int]) -> dict[int, Hearing]:
    """What became of the callers who heard these notices."""
    is_wanted = notice_heard.c.notice_id.in_(ids)
    counted = await connection.execute(
        select(notice_heard.c.notice_id, func.count()).where(is_wanted).group_by(notice_heard.c.notice_id)
    )
    content = (
        (
            await connection.execute(
                select(
                    notice_heard.c.notice_id, contacts.c.contact_id, contacts.c.caller, contacts.c.ended_at
                )
                .select_from(_heard_by())
                .where(is_wanted, _is_content())
            )
        )
        .mappings()
        .all()
    )
    again = await _again(connection, ids)
    return {
        notice_id: _hearing(heard, [row for row in content if row["notice_id"] == notice_id], again)
        for notice_id, heard in counted
    }


def _hearing(heard: int, content: Sequence[RowMapping], again: Iterable[str]) -> Hearing:
    return Hearing(
        heard,
        satisfied=len(content),
        again=sum(row["contact_id"] in again for row in content),
        unknown=sum(not row["caller"] for row in content),
    )


async def _again(connection: AsyncConnection, ids: Sequence[int]) -> set[str]:
    """The content contacts whose citizen called again in time."""
    later = contacts.alias("later")
    is_again = and_(
        later.c.caller == contacts.c.caller,
        later.c.arrived_at > contacts.c.ended_at,
        later.c.answers_contact_id.is_(None),
    )
    statement = (
        select(contacts.c.contact_id, contacts.c.ended_at, func.min(later.c.arrived_at).label("next_at"))
        .select_from(_heard_by().join(later, is_again))
        .where(notice_heard.c.notice_id.in_(ids), _is_content(), contacts.c.caller != "")
        .group_by(contacts.c.contact_id, contacts.c.ended_at)
    )
    rows = (await connection.execute(statement)).mappings()
    return {row["contact_id"] for row in rows if row["next_at"] - row["ended_at"] <= AGAIN_WITHIN}


def _heard_by() -> Any:
    return notice_heard.join(contacts, contacts.c.contact_id == notice_heard.c.contact_id)


def _is_content() -> Any:
    return and_(
        contacts.c.outcome.in_(_CONTENT),
        contacts.c.answered_at.is_(None),
        contacts.c.ended_at <= notice_heard.c.content_until_at,
    )
