"""Hot-topic notices in SQL: one on air, and what became of those who heard it."""

from datetime import datetime, timedelta

import pytest
from rows import NOW, answered, arrival

from callcenter.core.contact import Contact, ContactState
from callcenter.core.ids import ChannelName, ContactId
from callcenter.core.messages.calls import Outcome
from callcenter.store import contacts, notices
from callcenter.store.database import Database
from callcenter.store.notices import Hearing, Notice

pytestmark = pytest.mark.contract

ANNA, BO = "13812345678", "13900000000"
FIRST = Notice(1, "停水", "停水", 6.0, "anna", NOW, NOW + timedelta(hours=4))
SECOND = Notice(2, "停电", "停电", 5.0, "bo", NOW + timedelta(hours=1), NOW + timedelta(hours=2))


async def test_a_new_notice_ends_the_one_before(database: Database) -> None:
    """By whoever put it; told twice it changes nothing."""
    for notice in (FIRST, SECOND, SECOND):
        async with database.unit() as unit:
            await notices.put(unit, notice)
    async with database.reading() as connection:
        newest, before = await notices.newest(connection, 5)
    assert newest == SECOND
    assert (before.withdrawn_at, before.withdrawn_by) == (SECOND.at, "bo")
    at = SECOND.at + timedelta(minutes=1)
    assert newest.is_on_air(at)
    assert not before.is_on_air(at)
    assert not newest.is_on_air(newest.until_at)


async def test_what_is_over_is_not_withdrawn(database: Database) -> None:
    """A notice that ran until its end keeps its end; one that is withdrawn keeps who did it first."""
    late = Notice(3, "通水", "通水", 5.0, "cleo", NOW + timedelta(hours=9), NOW + timedelta(hours=10))
    async with database.unit() as unit:
        await notices.put(unit, FIRST)
        await notices.put(unit, late)
        await notices.withdraw(unit, 3, late.at + timedelta(minutes=1), "dora")
        await notices.withdraw(unit, 3, late.at + timedelta(minutes=2), "emil")
    async with database.reading() as connection:
        newest, before = await notices.newest(connection, 5)
    assert before.withdrawn_at is None
    assert (newest.withdrawn_at, newest.withdrawn_by) == (late.at + timedelta(minutes=1), "dora")


async def test_who_was_satisfied_is_counted(database: Database) -> None:
    """Content: hung up by then without a person. Again: the same number within 24 h; a call-back of ours is none."""
    async with database.unit() as unit:
        await notices.put(unit, FIRST)
    await _heard(database, 1, ANNA, ended_s=10)  # content, never again
    await _heard(database, 2, BO, ended_s=16)  # content, again after 23 h
    await _heard(database, 3, BO, ended_s=17)  # too late: he waited on
    await _heard(database, 4, "", ended_s=5)  # content, nobody knows
    await _heard(database, 5, "13700000000", ended_s=12, outcome=Outcome.CALLBACK)
    await _heard(database, 6, ANNA, ended_s=9, outcome=Outcome.ANSWERED)
    await _arrive(database, 7, BO, NOW + timedelta(hours=23))
    await _arrive(database, 8, ANNA, NOW + timedelta(hours=25))
    async with database.reading() as connection:
        counted = await notices.hearings(connection, [1, 2])
    assert counted == {1: Hearing(heard=6, satisfied=3, again=1, unknown=1)}


async def test_a_hearing_is_counted_once(database: Database) -> None:
    """However often it is written."""
    async with database.unit() as unit:
        await notices.put(unit, FIRST)
    for _ in range(2):
        await _heard(database, 1, ANNA, ended_s=10)
    async with database.reading() as connection:
        assert (await notices.hearings(connection, [1]))[1].heard == 1


async def _heard(
    database: Database, number: int, caller: str, ended_s: float, outcome: Outcome = Outcome.ABANDONED
) -> None:
    """Somebody hears the first notice at NOW, would be content until 16 s, and ends."""
    contact_id = await _arrive(database, number, caller, NOW)
    ended_at = NOW + timedelta(seconds=ended_s)
    async with database.unit() as unit:
        await notices.note_heard(unit, 1, contact_id, NOW, NOW + timedelta(seconds=16))
        await contacts.save(unit, contact=_ended(contact_id, caller, ended_at, outcome))


async def _arrive(database: Database, number: int, caller: str, at: datetime) -> ContactId:
    contact_id = ContactId(f"cc-1763784000.{number}")
    async with database.unit() as unit:
        await contacts.arrive(unit, arrival(contact_id, caller, at))
    return contact_id


def _ended(contact_id: ContactId, caller: str, ended_at: datetime, outcome: Outcome) -> Contact:
    if outcome is Outcome.ANSWERED:
        return answered(contact_id)
    return Contact(
        contact_id,
        ChannelName("PJSIP/trunk-00000001"),
        caller,
        "12345",
        "controller",
        ContactState.ENDED,
        NOW,
        ended_at=ended_at,
        outcome=outcome,
        cause=16,
    )
