"""Accounts, sessions, kept answers, the book of accesses, and gaps."""

from dataclasses import replace
from datetime import timedelta

import pytest
from rows import NOW

from callcenter.core.ids import SeatId
from callcenter.store import gaps
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
from callcenter.web.ports import Account, AuditEntry, KeptAnswer, Session
from callcenter.web.roles import Role

pytestmark = pytest.mark.contract

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
    audit = SqlAudit(database)
    for number in range(3):
        await audit.record(AuditEntry(NOW, "li", "recording.listen", f"recording/{number}", "QA"))
    page = await audit.list(2, 1)
    assert ([item.resource for item in page.items], page.total) == (["recording/1", "recording/0"], 3)


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
