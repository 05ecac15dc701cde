"""Surveys in SQL: who is to be asked how satisfied he was, who was asked, what he answered.

Invariants: a talk is asked about once at most, a citizen once in a month; who declined is never asked again; who rated his
talk, or is owed a call, is not asked.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, exists, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from callcenter.core.contact import CALLBACK
from callcenter.core.errors import UsageError
from callcenter.core.ids import ContactId, SeatId
from callcenter.core.messages.callbacks import CallbackBegun
from callcenter.core.messages.calls import Outcome
from callcenter.store import contacts as ledger
from callcenter.store.schema import contacts, promises, ratings, survey_asks
from callcenter.store.unit import Unit

TALKS_BACK: Final = timedelta(days=3)
"""Later nobody remembers his talk."""

CITIZEN_REST: Final = timedelta(days=30)
"""A citizen is asked once in so long, whatever he calls about."""

TALK_S: Final = 20.0
"""Shortest talk that is asked about, as for the other surveys."""

DECLINED: Final = "declined"
RATED: Final = "rated"


@dataclass(frozen=True, slots=True)
class Due:
    """A talk to be asked about."""

    contact_id: ContactId
    caller: str
    answered_at: datetime
    seat_id: SeatId | None


@dataclass(frozen=True, slots=True)
class Ask:
    """A survey that was begun. ``answer``: ``""``, ``rated`` or ``declined``; ``joined``: whether the citizen was reached."""

    contact_id: ContactId
    caller: str
    call_id: ContactId
    seat_id: SeatId
    begun_at: datetime
    answer: str
    joined: bool


async def due(connection: AsyncConnection, now: datetime, limit: int) -> list[Due]:
    """Whom to ask, the oldest talk first; of several talks of a citizen the last one."""
    row, asked = contacts.c, survey_asks.c
    never_again = exists().where(
        asked.caller == row.caller, (asked.begun_at >= now - CITIZEN_REST) | (asked.answer == DECLINED)
    )
    later = contacts.alias()
    has_later = exists().where(
        later.c.caller == row.caller,
        later.c.arrived_at > row.arrived_at,
        later.c.source != CALLBACK,
        later.c.outcome == Outcome.ANSWERED.value,
        later.c.talk_s >= TALK_S,
    )
    is_owed = exists().where(promises.c.caller == row.caller, promises.c.state == "open")
    statement = (
        select(row.contact_id, row.caller, row.answered_at, row.seat_id)
        .where(
            row.arrived_at >= now - TALKS_BACK,
            row.outcome == Outcome.ANSWERED.value,
            row.answered_at.is_not(None),
            row.talk_s >= TALK_S,
            row.source != CALLBACK,
            row.caller != "",
            ~exists().where(ratings.c.contact_id == row.contact_id),
            ~exists().where(asked.contact_id == row.contact_id),
            ~never_again,
            ~has_later,
            ~is_owed,
        )
        .order_by(row.arrived_at, row.contact_id)
        .limit(limit)
    )
    return [Due(*found) for found in await connection.execute(statement)]


async def begin(unit: Unit, begun: CallbackBegun) -> None:
    """Make the rows of a survey call, before any telephone rings.

    Raises:
        UsageError: code ``already_dialed``: this talk was asked about before.
    """
    if not await ledger.call_back(unit, begun):
        raise UsageError("已经回访过 / this talk was asked about before", code="already_dialed")
    row = {
        "contact_id": begun.origin,
        "caller": begun.caller,
        "call_id": begun.contact_id,
        "seat_id": begun.seat_id,
        "begun_at": begun.at,
        "answer": "",
    }
    try:
        async with unit.connection.begin_nested():
            await unit.connection.execute(insert(survey_asks).values(row))
    except IntegrityError:
        if not unit.is_repeat:
            raise UsageError("已经回访过 / this talk was asked about before", code="already_dialed") from None


async def answer(unit: Unit, contact_id: ContactId, said: str) -> None:
    """The citizen rated his talk, or declined to."""
    first = (survey_asks.c.contact_id == contact_id) & (survey_asks.c.answer == "")
    await unit.connection.execute(update(survey_asks).where(first).values(answer=said))


async def get(connection: AsyncConnection, contact_id: ContactId) -> Ask | None:
    """The survey about a talk."""
    found = await _asks(connection, survey_asks.c.contact_id == contact_id, 1)
    return found[0] if found else None


async def newest(connection: AsyncConnection, limit: int) -> list[Ask]:
    """The last ones, newest first."""
    return await _asks(connection, survey_asks.c.contact_id.is_not(None), limit)


async def _asks(connection: AsyncConnection, which: ColumnElement[bool], limit: int) -> list[Ask]:
    joined = contacts.c.answered_at.is_not(None).label("joined")
    statement = (
        select(survey_asks, joined)
        .outerjoin(contacts, contacts.c.contact_id == survey_asks.c.call_id)
        .where(which)
        .order_by(survey_asks.c.begun_at.desc())
        .limit(limit)
    )
    return [
        Ask(**(dict(row) | {"joined": bool(row["joined"])}))
        for row in (await connection.execute(statement)).mappings()
    ]
