"""Whom a survey asks, on real databases: a talk once, a citizen once in a month, never who declined or is owed a call."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from rows import C1, C2, NOW, answered, arrival
from sqlalchemy import insert

from callcenter.core.contact import Contact
from callcenter.core.errors import UsageError
from callcenter.core.ids import ContactId, SeatId
from callcenter.core.messages.callbacks import CallbackBegun, survey_id
from callcenter.core.messages.calls import Outcome
from callcenter.core.messages.flows import Rated
from callcenter.ratings import store as ratings
from callcenter.reports.core.windows import Window
from callcenter.reports.store import Rows
from callcenter.store import contacts
from callcenter.store.database import Database
from callcenter.store.schema import promises
from callcenter.surveys import store

pytestmark = pytest.mark.contract

S4 = SeatId("8004")
ANNA, BEN = "13812345678", "13912345678"
SOON = NOW + timedelta(hours=1)


async def talked(
    database: Database, contact_id: ContactId, caller: str, at: datetime = NOW, **changes: Any
) -> None:
    """A talk of a minute."""
    contact: Contact = replace(answered(contact_id, at), caller=caller, **changes)
    async with database.unit() as unit:
        await contacts.arrive(unit, arrival(contact_id, caller, at))
        await contacts.save(unit, contact)


async def begin(database: Database, origin: ContactId, caller: str, at: datetime = SOON) -> None:
    """A survey call begins."""
    async with database.unit() as unit:
        await store.begin(unit, CallbackBegun(survey_id(origin), caller, S4, origin, at))


async def due(database: Database, now: datetime = SOON) -> Sequence[str]:
    """The talks to be asked about."""
    async with database.reading() as connection:
        return [each.contact_id for each in await store.due(connection, now, 50)]


async def test_who_talked_and_said_nothing_is_asked(database: Database) -> None:
    """Of several talks about the last one; not about a short one, an old one, or without a number."""
    await talked(database, C1, ANNA)
    await talked(database, C2, ANNA, NOW + timedelta(minutes=5))
    await talked(database, ContactId("cc-old"), BEN, NOW - timedelta(days=4))
    await talked(database, ContactId("cc-nobody"), "")
    short: dict[str, Any] = {
        "talk_ended_at": NOW + timedelta(seconds=20),
        "ended_at": NOW + timedelta(seconds=20),
    }
    await talked(database, ContactId("cc-short"), "13912345670", **short)
    gone: dict[str, Any] = {"outcome": Outcome.ABANDONED, "answered_at": None, "talk_ended_at": None}
    await talked(database, ContactId("cc-gone"), "13912345671", **gone)
    assert await due(database) == [C2]


async def test_a_talk_is_asked_about_once(database: Database) -> None:
    """Its citizen not again within a month; dialed twice is refused."""
    await talked(database, C1, ANNA)
    await begin(database, C1, ANNA)
    await talked(database, C2, ANNA, NOW + timedelta(minutes=50))
    assert await due(database) == []
    with pytest.raises(UsageError, match="asked about before"):
        await begin(database, C1, ANNA)
    later = NOW + timedelta(days=40)
    await talked(database, ContactId("cc-later"), ANNA, later)
    assert await due(database, later + timedelta(hours=1)) == ["cc-later"]


async def test_who_rated_declined_or_is_owed_a_call_is_not_asked(database: Database) -> None:
    """Declined is for good."""
    await talked(database, C1, ANNA)
    async with database.unit() as unit:
        await ratings.keep(unit, Rated(C1, 5, "key"), NOW)
    await talked(database, C2, BEN)
    owed = {"caller": BEN, "ground": "missed", "state": "open", "why": "", "origin_contact_id": C2}
    more = {
        "last_contact_id": C2,
        "attempts": 1,
        "made_at": NOW,
        "tries": 0,
        "reviewed": False,
        "can_be_called": True,
    }
    async with database.unit() as unit:
        await unit.connection.execute(insert(promises).values(owed | more))
    third = ContactId("cc-third")
    await talked(database, third, "13712345678")
    await begin(database, third, "13712345678")
    async with database.unit() as unit:
        await store.answer(unit, third, store.DECLINED)
    later = NOW + timedelta(days=60)
    await talked(database, ContactId("cc-again"), "13712345678", later)
    assert await due(database) == []
    assert await due(database, later) == []


async def test_the_answer_stays_and_is_found(database: Database) -> None:
    """With whether the citizen was reached."""
    await talked(database, C1, ANNA)
    await begin(database, C1, ANNA)
    async with database.unit() as unit:
        await ratings.keep(unit, Rated(C1, 4, "survey"), SOON)
        await store.answer(unit, C1, store.RATED)
        await store.answer(unit, C1, store.DECLINED)
    async with database.reading() as connection:
        asked = await store.get(connection, C1)
        assert await store.get(connection, C2) is None
        assert await store.newest(connection, 5) == [asked]
    assert asked is not None
    assert (asked.call_id, asked.seat_id, asked.answer, asked.joined) == (survey_id(C1), S4, "rated", False)


async def test_a_survey_serves_nobody(database: Database) -> None:
    """No figure counts its call, neither as an attempt nor as a call-back."""
    await talked(database, C1, ANNA)
    await begin(database, C1, ANNA)
    window = Window(NOW - timedelta(hours=1), NOW + timedelta(hours=2))
    assert [row.contact_id for row in await Rows(database).contacts(window)] == [C1]
