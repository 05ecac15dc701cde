"""The web's readers of what is owed and of the surge log, on the real store."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert

from callcenter.core.clock import Instant
from callcenter.core.ids import ContactId
from callcenter.core.messages.surge import LevelAsked, LevelSwitched
from callcenter.store import journal, schema
from callcenter.store.database import Database
from callcenter.web.ports.callbacks import CallbackFilter
from callcenter.web.readers.callbacks import SqlCallbacks
from callcenter.web.readers.surge import SurgeLog

pytestmark = pytest.mark.contract

AT = datetime(2026, 11, 22, 1, 0, tzinfo=UTC)
ANNA, BO = "13812345678", "13900000000"
ANYTHING = CallbackFilter()


def _contact(contact_id: str, caller: str) -> dict[str, Any]:
    return {
        "contact_id": contact_id,
        "caller": caller,
        "called": "12345",
        "channel": "",
        "source": "controller",
        "state": "ended",
        "outcome": "abandoned",
        "arrived_at": AT,
        "ended_at": AT,
        "transferred": False,
    }


def _promise(origin: str, caller: str, minutes: int, **other: Any) -> dict[str, Any]:
    at = AT + timedelta(minutes=minutes)
    plain = {
        "caller": caller,
        "ground": "missed",
        "state": "open",
        "why": "",
        "origin_contact_id": origin,
        "last_contact_id": origin,
        "attempts": 1,
        "made_at": at,
        "due_at": at,
        "tries": 0,
        "reviewed": False,
        "can_be_called": caller != "",
        "closed_at": None,
    }
    return plain | other


def _ticket(number: int, contact_id: str, caller: str) -> dict[str, Any]:
    return {
        "ticket_no": f"20261122-{number:06}",
        "contact_id": contact_id,
        "purpose": "call",
        "state": "draft",
        "citizen": caller,
        "nature_words": [],
        "topic_words": [],
        "transcript_state": "none",
        "problems": [],
        "created_at": AT,
    }


async def _fill(database: Database) -> None:
    """Anna missed twice and has two tickets, Bo's promise was kept, a stranger left a message."""
    callers = {"c-1": ANNA, "c-2": ANNA, "c-3": BO, "c-4": ""}
    async with database.unit() as unit:
        for contact_id, caller in callers.items():
            await unit.connection.execute(insert(schema.contacts).values(_contact(contact_id, caller)))
        for row in (
            _promise("c-1", ANNA, 0, last_contact_id="c-2", attempts=2, tries=1, tried_at=AT),
            _promise("c-3", BO, 1, ground="accepted", state="closed", why="kept", closed_at=AT, due_at=None),
            _promise("c-4", "", 2, ground="message"),
        ):
            await unit.connection.execute(insert(schema.promises).values(row))
        for number, contact_id in enumerate(("c-1", "c-2", "c-4"), 1):
            ticket = _ticket(number, contact_id, callers[contact_id])
            await unit.connection.execute(insert(schema.tickets).values(ticket))


async def test_what_is_owed_is_filtered_and_paged(database: Database) -> None:
    """Newest first; state and ground narrow it down; ``filtered`` counts what matches."""
    await _fill(database)
    reader = SqlCallbacks(database)
    page = await reader.list(ANYTHING, 2, 0)
    assert ([c.contact_id for c in page.items], page.total, page.filtered) == (["c-4", "c-3"], 3, 3)
    page = await reader.list(CallbackFilter(state="open", ground="missed"), 10, 0)
    assert ([c.contact_id for c in page.items], page.filtered) == (["c-1"], 1)
    page = await reader.list(CallbackFilter(state="closed"), 10, 0)
    assert [(c.why, c.closed_at, c.ticket_no) for c in page.items] == [("kept", AT, None)]


async def test_an_entry_is_found_by_its_first_and_last_contact(database: Database) -> None:
    """The same entry as in the list, with attempts, tries, due time and the citizen's newest ticket."""
    await _fill(database)
    reader = SqlCallbacks(database)
    first = await reader.get(ContactId("c-1"))
    assert first is not None
    assert first == await reader.get(ContactId("c-2"))
    assert first == (await reader.list(ANYTHING, 10, 2)).items[0]
    assert (first.citizen, first.attempts, first.tries, first.due_at) == (ANNA, 2, 1, AT)
    assert (first.ticket_no, first.tried_at) == ("20261122-000002", AT)
    assert await reader.get(ContactId("c-9")) is None


async def test_a_caller_without_number_keeps_his_own_ticket(database: Database) -> None:
    """Strangers are told apart by their contact."""
    await _fill(database)
    message = await SqlCallbacks(database).get(ContactId("c-4"))
    assert message is not None
    assert (message.citizen, message.ground, message.can_be_called) == ("", "message", False)
    assert message.ticket_no == "20261122-000003"


async def test_the_surge_log_is_read_from_the_journal(database: Database) -> None:
    """Only switches and proposals, newest first, with the figures of their moment."""
    switches = [
        LevelSwitched(0, 2, True, "li", "暴雨停水", 1.4, 312.5, 12, 120.0),
        LevelSwitched(2, 1, False, "figures", "load 0.80", 0.8, 20.0, 0, 0.0),
    ]
    async with database.unit() as unit:
        for minute, message in enumerate([LevelAsked(2, False, "li", "暴雨停水"), *switches]):
            at = AT + timedelta(minutes=minute)
            unit.record(journal.draft(message, at, Instant(0.0), derived=True))
    log = SurgeLog(database)
    newest, oldest = await log.newest(10)
    assert (newest.old, newest.new, newest.new_name, newest.applied) == (2, 1, "关注", False)
    assert (oldest.by, oldest.why, oldest.at) == ("li", "暴雨停水", AT + timedelta(minutes=1))
    assert (oldest.load, oldest.ewt_s, oldest.waiting) == (1.4, 312.5, 12)
    assert [switch.seq for switch in await log.newest(1)] == [newest.seq]
