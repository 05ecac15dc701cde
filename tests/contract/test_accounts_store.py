"""Accounts, sessions, kept answers, the book of accesses, and gaps."""

from dataclasses import replace
from datetime import timedelta

import pytest
from rows import NOW
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from callcenter.core.errors import CallcenterError
from callcenter.core.ids import SeatId
from callcenter.store import audit, gaps, schema
from callcenter.store.accounts import (
    ANSWERS_KEPT,
    SESSIONS_KEPT,
    SqlAccounts,
    SqlAnswers,
    SqlAudit,
    SqlSessions,
)
from callcenter.store.database import Database
from callcenter.store.gaps import Gap
from callcenter.web.ports.accounts import Account, KeptAnswer, Session
from callcenter.web.ports.audit import AuditEntry, AuditFilter
from callcenter.web.roles import Role

pytestmark = pytest.mark.contract

UNGUARD = {
    "sqlite": ["DROP TRIGGER audit_is_not_changed", "DROP TRIGGER audit_is_not_deleted"],
    "postgresql": ["ALTER TABLE audit DISABLE TRIGGER USER"],
}
GUARD = {"sqlite": [], "postgresql": ["ALTER TABLE audit ENABLE TRIGGER USER"]}
LI = Account("li", Role.AGENT, "$argon2id$...", must_change_password=True, seat_id=SeatId("8001"))
SESSION = Session("ab" * 32, "li", NOW, NOW + timedelta(hours=8))


async def test_an_account_is_found_and_replaced(database: Database) -> None:
    """Saving a name again replaces the account; an admin is found only when there is one."""
    accounts = SqlAccounts(database)
    await accounts.save(LI)
    assert (await accounts.find("li"), await accounts.find("LI"), await accounts.any_admin()) == (
        LI,
        None,
        False,
    )
    admin = replace(LI, role=Role.ADMIN, seat_id=None, must_change_password=False)
    await accounts.save(admin)
    assert (await accounts.find("li"), await accounts.any_admin()) == (admin, True)


async def test_sessions_are_opened_and_revoked(database: Database) -> None:
    """A revoked session is not found any more; revoking all may spare the present one."""
    await SqlAccounts(database).save(LI)
    sessions = SqlSessions(database)
    tokens = ["a", "b", "c"]
    for token in tokens:
        await sessions.open(replace(SESSION, token_hash=token))
    await sessions.revoke("a")
    assert [await sessions.find(token) is not None for token in tokens] == [False, True, True]
    await sessions.revoke_all("li", but="c")
    assert [await sessions.find(token) is not None for token in tokens] == [False, False, True]
    assert await sessions.find("c") == replace(SESSION, token_hash="c")


async def test_sessions_long_expired_go(database: Database) -> None:
    """The table does not grow for ever."""
    await SqlAccounts(database).save(LI)
    sessions = SqlSessions(database)
    await sessions.open(SESSION)
    later = NOW + SESSIONS_KEPT + timedelta(days=1)
    await sessions.open(Session("new", "li", later, later + timedelta(hours=8)))
    assert await sessions.find(SESSION.token_hash) is None


async def test_the_first_answer_under_a_key_stays(database: Database) -> None:
    """A repeated call gets the first answer, each account for itself, for a day."""
    answers = SqlAnswers(database)
    first = KeptAnswer("0" * 64, 201, '{"ok":true}')
    await answers.keep("li", "k", first, NOW)
    await answers.keep("li", "k", replace(first, status=500), NOW)
    assert (await answers.find("li", "k"), await answers.find("wang", "k")) == (first, None)
    await answers.keep("wang", "k", first, NOW + ANSWERS_KEPT + timedelta(seconds=1))
    assert await answers.find("li", "k") is None


async def test_accesses_are_listed_newest_first(database: Database) -> None:
    """The book of accesses keeps every entry and pages through them."""
    page = await (await three_entries(database)).list(2, 1)
    assert ([item.resource for item in page.items], page.total) == (["recording/1", "recording/0"], 3)


async def three_entries(database: Database) -> SqlAudit:
    """A book with three entries."""
    book = SqlAudit(database)
    for number in range(3):
        await book.record(AuditEntry(NOW, "li", "recording.listen", f"recording/{number}", "质检"))
    return book


async def test_a_whole_chain_is_proven(database: Database) -> None:
    """Every entry fits to the one before; the head names them all."""
    proof = await (await three_entries(database)).prove()
    before = "0" * 64
    for number in range(3):
        before = audit.link(before, NOW, "li", "recording.listen", f"recording/{number}", "质检")
    assert (proof.entries, proof.head, proof.broken_at) == (3, before, None)


@pytest.mark.parametrize(
    "change", ["UPDATE audit SET why = 'x' WHERE id = {second}", "DELETE FROM audit WHERE id = {second}"]
)
async def test_what_is_changed_by_hand_is_refused_and_found(database: Database, change: str) -> None:
    """The database refuses; who takes its triggers away breaks the chain there."""
    book = await three_entries(database)
    async with database.reading() as connection:
        ids = list(await connection.scalars(select(schema.audit.c.id).order_by(schema.audit.c.id)))
    by_hand = text(change.format(second=ids[1]))
    with pytest.raises((DBAPIError, CallcenterError)):
        async with database.unit() as unit:
            await unit.connection.execute(by_hand)
    assert (await book.prove()).broken_at is None
    async with database.unit() as unit:
        for statement in UNGUARD[unit.connection.dialect.name]:
            await unit.connection.execute(text(statement))
        await unit.connection.execute(by_hand)
        for statement in GUARD[unit.connection.dialect.name]:
            await unit.connection.execute(text(statement))
    proof = await book.prove()
    assert (proof.entries, proof.broken_at) == (1, ids[1] if "UPDATE" in change else ids[2])


async def test_one_gap_at_a_time(database: Database) -> None:
    """A second loss while a gap is open opens no other; a closed gap touches its window only."""
    until = NOW + timedelta(minutes=5)
    async with database.unit() as unit:
        await gaps.open_gap(unit, NOW, "link lost")
        await gaps.open_gap(unit, NOW + timedelta(minutes=1), "again")
    async with database.reading() as connection:
        assert await gaps.between(connection, NOW, until) == [Gap(NOW, None, "link lost")]
    async with database.unit() as unit:
        await gaps.close_gap(unit, until)
    async with database.reading() as connection:
        assert await gaps.between(connection, NOW, until) == [Gap(NOW, until, "link lost")]
        assert await gaps.between(connection, until, until + timedelta(hours=1)) == []


async def test_open_sessions_are_listed_newest_first(database: Database) -> None:
    """With whence and with what; those expired or revoked are not."""
    await SqlAccounts(database).save(LI)
    sessions = SqlSessions(database)
    here = replace(SESSION, address="192.0.2.7", program="Chrome 126 / Windows")
    await sessions.open(here)
    later = replace(here, token_hash="b", created_at=NOW + timedelta(hours=1))
    for session in (later, replace(later, token_hash="c")):
        await sessions.open(session)
    await sessions.revoke("c")
    assert await sessions.all_open(NOW) == [later, here]
    assert await sessions.all_open(SESSION.expires_at) == []


async def test_accesses_are_filtered(database: Database) -> None:
    """By whom, by kind of action, by what it was done to, by time; a percent sign is a percent sign."""
    book = await three_entries(database)
    await book.record(
        AuditEntry(NOW + timedelta(hours=1), "bo", "number.unmasked", "contact/c-1", "call back")
    )
    asked = {
        AuditFilter(by="li"): 3,
        AuditFilter(action="recording."): 3,
        AuditFilter(action="recording"): 0,
        AuditFilter(action="number.unmasked"): 1,
        AuditFilter(of="contact"): 1,
        AuditFilter(of="%"): 0,
        AuditFilter(at_from=NOW + timedelta(minutes=1)): 1,
        AuditFilter(at_until=NOW + timedelta(minutes=1)): 3,
    }
    for which, found in asked.items():
        page = await book.list(50, 0, which)
        assert (page.filtered, len(page.items), page.total) == (found, found, 4), which
