"""Ratings in SQL.

Invariants: a talk has at most one rating, and the first one stays: nobody can be talked into another grade afterwards,
and a fact told twice is one fact. A link is good until its talk is rated or its time is over; its token is kept as a hash
only.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import and_, delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from callcenter.core.ids import ContactId
from callcenter.core.messages.flows import GRADES, Rated
from callcenter.store.schema import contacts, rating_links, ratings
from callcenter.store.unit import Unit
from callcenter.store.unit import insert as insert_or

TOKEN_BYTES: Final = 12
"""96 bits: past guessing, and short enough for a message."""


@dataclass(frozen=True, slots=True)
class Rating:
    """What a citizen said of a talk."""

    contact_id: ContactId
    grade: int
    by: str
    at: datetime


async def keep(unit: Unit, rated: Rated, at: datetime) -> bool:
    """Keep a rating of a contact that we know; whether it is the talk's first."""
    known = select(contacts.c.contact_id).where(contacts.c.contact_id == rated.contact_id)
    if rated.grade not in GRADES or await unit.connection.scalar(known) is None:
        return False
    row = {"contact_id": rated.contact_id, "grade": rated.grade, "by": rated.by, "at": at}
    statement = insert_or(unit.connection, ratings).values(row)
    made = await unit.connection.execute(
        statement.on_conflict_do_nothing(index_elements=["contact_id"]).returning(ratings.c.contact_id)
    )
    return made.scalar_one_or_none() is not None


async def of_contact(connection: AsyncConnection, contact_id: ContactId) -> Rating | None:
    """The rating of a talk."""
    found = await connection.execute(select(ratings).where(ratings.c.contact_id == contact_id))
    row = found.mappings().one_or_none()
    return Rating(**row) if row else None


async def make_link(unit: Unit, contact_id: ContactId, now: datetime, lasts: timedelta) -> str | None:
    """The token of a new link, to be told once; ``None``: the talk is rated, or has a link."""
    if await of_contact(unit.connection, contact_id) is not None:
        return None
    await unit.connection.execute(delete(rating_links).where(rating_links.c.expires_at < now))
    linked = select(rating_links.c.contact_id).where(rating_links.c.contact_id == contact_id)
    if await unit.connection.scalar(linked) is not None:
        return None
    token = secrets.token_urlsafe(TOKEN_BYTES)
    row = {"token_hash": _hash(token), "contact_id": contact_id, "expires_at": now + lasts}
    await unit.connection.execute(insert(rating_links).values(row))
    return token


async def linked_contact(connection: AsyncConnection, token: str, now: datetime) -> ContactId | None:
    """The talk that a token rates; ``None``: unknown, over, or rated already."""
    is_his = and_(rating_links.c.token_hash == _hash(token), rating_links.c.expires_at > now)
    statement = (
        select(rating_links.c.contact_id)
        .outerjoin(ratings, ratings.c.contact_id == rating_links.c.contact_id)
        .where(is_his, ratings.c.contact_id.is_(None))
    )
    found = await connection.scalar(statement)
    return ContactId(found) if found else None


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
