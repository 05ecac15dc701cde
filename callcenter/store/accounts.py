"""Who may sign in, open sessions, kept answers and the book of accesses: the web's ports (``callcenter.web.ports``).

Invariants: only hashes of passwords and tokens are kept; the book of accesses is only ever added to; the first
answer under an idempotency key stays.
"""

from dataclasses import asdict, fields
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, RowMapping, Select, delete, insert, select, true, update

from callcenter.core.ids import SeatId
from callcenter.store import audit
from callcenter.store import unit as units
from callcenter.store.database import Database
from callcenter.store.lists import counts
from callcenter.store.schema import accounts, idempotency, sessions
from callcenter.store.schema import audit as book
from callcenter.web.ports.accounts import Account, KeptAnswer, Session
from callcenter.web.ports.audit import EVERY_ENTRY, AuditEntry, AuditFilter
from callcenter.web.roles import Role
from callcenter.web.views import Page
from callcenter.web.views.ledger import AuditProofView, AuditView

ANSWERS_KEPT: Final = timedelta(days=1)
SESSIONS_KEPT: Final = timedelta(days=30)
"""How long an expired session stays to be looked at."""


class SqlAccounts:
    """Accounts."""

    def __init__(self, database: Database):
        self._database = database

    async def find(self, name: str) -> Account | None:
        """One account."""
        async with self._database.reading() as connection:
            rows = await connection.execute(select(accounts).where(accounts.c.name == name))
            row = rows.mappings().one_or_none()
        return _account(row) if row else None

    async def all(self) -> list[Account]:
        """Everybody, by name."""
        async with self._database.reading() as connection:
            rows = await connection.execute(select(accounts).order_by(accounts.c.name))
            return [_account(row) for row in rows.mappings()]

    async def any_admin(self) -> bool:
        """Whether anybody could administer the house."""
        async with self._database.reading() as connection:
            condition = accounts.c.role == Role.ADMIN.value
            return await connection.scalar(select(accounts.c.name).where(condition).limit(1)) is not None

    async def save(self, account: Account) -> None:
        """Add or replace."""
        values = asdict(account) | {"role": account.role.value}
        async with self._database.unit() as unit:
            statement = units.insert(unit.connection, accounts).values(values)
            await unit.connection.execute(
                statement.on_conflict_do_update(index_elements=["name"], set_=values)
            )


def _account(row: RowMapping) -> Account:
    seat_id = SeatId(row["seat_id"]) if row["seat_id"] else None
    return Account(**{**row, "role": Role(row["role"]), "seat_id": seat_id})


class SqlSessions:
    """Sessions, by the hash of their token."""

    def __init__(self, database: Database):
        self._database = database

    async def open(self, session: Session) -> None:
        """Keep a new one; those long expired go."""
        values = {
            "token_hash": session.token_hash,
            "account": session.account,
            "created_at": session.created_at,
            "expires_at": session.expires_at,
            "is_revoked": False,
            "address": session.address,
            "program": session.program,
        }
        expired = sessions.c.expires_at < session.created_at - SESSIONS_KEPT
        async with self._database.unit() as unit:
            await unit.connection.execute(delete(sessions).where(expired))
            await unit.connection.execute(insert(sessions).values(values))

    async def find(self, token_hash: str) -> Session | None:
        """One that was opened and not revoked; the caller looks at its expiry."""
        statement = _not_revoked().where(sessions.c.token_hash == token_hash)
        async with self._database.reading() as connection:
            row = (await connection.execute(statement)).one_or_none()
        return Session(*row) if row else None

    async def all_open(self, at: datetime) -> list[Session]:
        """Those that may be used at ``at``, newest first."""
        statement = _not_revoked().where(sessions.c.expires_at > at).order_by(sessions.c.created_at.desc())
        async with self._database.reading() as connection:
            return [Session(*row) for row in await connection.execute(statement)]

    async def revoke(self, token_hash: str) -> None:
        """End one."""
        await self._revoke(sessions.c.token_hash == token_hash)

    async def revoke_all(self, account: str, *, but: str = "") -> None:
        """End all of an account except the one with token hash ``but``."""
        await self._revoke((sessions.c.account == account) & (sessions.c.token_hash != but))

    async def _revoke(self, condition: ColumnElement[bool]) -> None:
        async with self._database.unit() as unit:
            await unit.connection.execute(update(sessions).where(condition).values(is_revoked=True))


def _not_revoked() -> Select[Any]:
    columns = [sessions.c[name.name] for name in fields(Session)]
    return select(*columns).where(sessions.c.is_revoked.is_(False))


class SqlAnswers:
    """Answers kept under their ``Idempotency-Key``, for a day."""

    def __init__(self, database: Database):
        self._database = database

    async def find(self, account: str, key: str) -> KeptAnswer | None:
        """The answer under this key."""
        statement = select(idempotency.c.request_sha256, idempotency.c.status, idempotency.c.body).where(
            idempotency.c.account == account, idempotency.c.key == key
        )
        async with self._database.reading() as connection:
            row = (await connection.execute(statement)).one_or_none()
        return KeptAnswer(*row) if row else None

    async def keep(self, account: str, key: str, answer: KeptAnswer, at: datetime) -> None:
        """Keep an answer; the first one under a key stays."""
        values = {
            "account": account,
            "key": key,
            "request_sha256": answer.request_sha256,
            "status": answer.status,
            "body": answer.body,
            "at": at,
        }
        async with self._database.unit() as unit:
            old = idempotency.c.at < at - ANSWERS_KEPT
            await unit.connection.execute(delete(idempotency).where(old))
            statement = units.insert(unit.connection, idempotency).values(values)
            await unit.connection.execute(statement.on_conflict_do_nothing(index_elements=["account", "key"]))


class SqlAudit:
    """The book of accesses."""

    def __init__(self, database: Database):
        self._database = database

    async def record(self, entry: AuditEntry) -> None:
        """Write; when this fails, the access must not happen."""
        async with self._database.unit() as unit:
            await audit.write(
                unit, at=entry.at, by=entry.by, action=entry.action, resource=entry.resource, why=entry.why
            )

    async def list(self, limit: int, offset: int, which: AuditFilter = EVERY_ENTRY) -> Page[AuditView]:
        """Newest first."""
        wanted = _wanted(which)
        statement = select(book).where(wanted).order_by(book.c.id.desc()).limit(limit).offset(offset)
        async with self._database.reading() as connection:
            rows = (await connection.execute(statement)).mappings().all()
            total, filtered = await counts(connection, book, wanted)
        items = [
            AuditView(
                at=row["at"], by=row["by"], action=row["action"], resource=row["resource"], why=row["why"]
            )
            for row in rows
        ]
        return Page[AuditView](items=items, total=total, filtered=filtered)

    async def prove(self) -> AuditProofView:
        """Whether the chain is whole."""
        async with self._database.reading() as connection:
            found = await audit.prove(connection)
        return AuditProofView(entries=found.entries, head=found.head, broken_at=found.broken_at)


def _wanted(which: AuditFilter) -> ColumnElement[bool]:
    condition: ColumnElement[bool] = true()
    if which.by:
        condition &= book.c.by == which.by
    if which.action:
        is_kind = which.action.endswith(".")
        condition &= (
            book.c.action.startswith(which.action, autoescape=True)
            if is_kind
            else (book.c.action == which.action)
        )
    if which.of:
        condition &= book.c.resource.contains(which.of, autoescape=True)
    if which.at_from:
        condition &= book.c.at >= which.at_from
    if which.at_until:
        condition &= book.c.at < which.at_until
    return condition
