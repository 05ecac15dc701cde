"""The contact ledger in SQL."""

from dataclasses import replace
from datetime import timedelta

import pytest
from rows import C1, C2, NOW, answered, arrival

from callcenter.core.contact import Contact, ContactState
from callcenter.core.ids import ChannelName
from callcenter.core.messages.calls import Outcome
from callcenter.store import contacts
from callcenter.store.database import Database

pytestmark = pytest.mark.contract


async def test_a_contact_comes_back_as_it_was_written(database: Database) -> None:
    """All fields of a contact survive the table."""
    await _save(database, answered())
    async with database.reading() as connection:
        assert await contacts.get(connection, C1) == answered()


async def test_an_arrival_is_one_row(database: Database) -> None:
    """Committing the same arrival twice makes one row, without outcome."""
    async with database.unit() as unit:
        await contacts.arrive(unit, arrival())
        await contacts.arrive(unit, arrival())
    async with database.reading() as connection:
        (contact,) = await contacts.without_outcome(connection)
    assert (contact.contact_id, contact.state, contact.outcome) == (C1, ContactState.ARRIVED, None)


async def test_a_late_arrival_does_not_turn_a_contact_back(database: Database) -> None:
    """A repeated intake leaves a contact that has gone on as it is."""
    await _save(database, answered(ended=False))
    async with database.unit() as unit:
        await contacts.arrive(unit, arrival())
    assert (await _get(database)).state is ContactState.TALKING


async def test_the_outcome_is_final(database: Database) -> None:
    """Whatever is written after the outcome changes nothing."""
    await _save(database, answered())
    await _save(database, replace(answered(), outcome=Outcome.LOST, seat_id=None))
    assert await _get(database) == answered()


async def test_what_is_unknown_does_not_erase_what_was_known(database: Database) -> None:
    """A settlement from the books keeps the number and channel that the intake saw."""
    async with database.unit() as unit:
        await contacts.arrive(unit, arrival())
    await _save(database, replace(answered(), caller="", channel=ChannelName(""), source="books"))
    contact = await _get(database)
    assert (contact.caller, contact.channel, contact.source) == (
        "13812345678",
        "PJSIP/trunk-00000001",
        "controller",
    )


async def test_a_message_corrects_an_outcome_except_an_answer(database: Database) -> None:
    """Who left a message is counted so; who talked with a person stays answered."""
    left = replace(
        answered(C2), answered_at=None, talk_ended_at=None, seat_id=None, outcome=Outcome.ABANDONED
    )
    await _save(database, answered())
    await _save(database, left)
    async with database.unit() as unit:
        await contacts.becomes_message(unit, C1)
        await contacts.becomes_message(unit, C2)
    async with database.reading() as connection:
        outcomes = await contacts.counts(connection, NOW, NOW + timedelta(days=1))
    assert outcomes == {Outcome.ANSWERED: 1, Outcome.MESSAGE: 1}


async def test_lists_follow_the_arrival(database: Database) -> None:
    """The newest list goes back in time, the window's list forward, and its end is exclusive."""
    later = answered(C2, NOW + timedelta(minutes=1))
    await _save(database, answered())
    await _save(database, later)
    async with database.reading() as connection:
        assert [c.contact_id for c in await contacts.newest(connection, 10)] == [C2, C1]
        assert [c.contact_id for c in await contacts.newest(connection, 10, later.arrived_at)] == [C1]
        window = await contacts.arrived_between(connection, NOW, later.arrived_at)
    assert [c.contact_id for c in window] == [C1]


async def test_hostile_text_is_text(database: Database) -> None:
    """SQL, quotes and HTML in a called number are kept as they are and do nothing."""
    hostile = "1'; DROP TABLE contacts; --<script>=cmd()"
    await _save(database, replace(answered(), called=hostile))
    assert (await _get(database)).called == hostile


async def _save(database: Database, contact: Contact) -> None:
    async with database.unit() as unit:
        await contacts.save(unit, contact)


async def _get(database: Database) -> Contact:
    async with database.reading() as connection:
        contact = await contacts.get(connection, C1)
    assert contact is not None
    return contact
