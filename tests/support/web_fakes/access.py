"""Accounts, sessions, kept answers and the audit, in memory."""
# ruff: noqa: D102  each method is described by the port that it stands in for

from dataclasses import dataclass, field
from datetime import datetime

from callcenter.core.errors import CallcenterError
from callcenter.web.ports.accounts import Account, KeptAnswer, Session
from callcenter.web.ports.audit import EVERY_ENTRY, AuditEntry, AuditFilter
from callcenter.web.roles import Role
from callcenter.web.views import Page
from callcenter.web.views.ledger import AuditProofView, AuditView


@dataclass
class FakeAccounts:
    """Accounts in memory."""

    by_name: dict[str, Account] = field(default_factory=dict)

    async def find(self, name: str) -> Account | None:
        return self.by_name.get(name)

    async def all(self) -> list[Account]:
        return sorted(self.by_name.values(), key=lambda account: account.name)

    async def any_admin(self) -> bool:
        return any(account.role is Role.ADMIN for account in self.by_name.values())

    async def save(self, account: Account) -> None:
        self.by_name[account.name] = account


@dataclass
class FakeSessions:
    """Sessions in memory. ``error``: what looking one up raises."""

    open_: dict[str, Session] = field(default_factory=dict)
    error: CallcenterError | None = None

    async def open(self, session: Session) -> None:
        self.open_[session.token_hash] = session

    async def find(self, token_hash: str) -> Session | None:
        if self.error is not None:
            raise self.error
        return self.open_.get(token_hash)

    async def all_open(self, at: datetime) -> list[Session]:
        found = [session for session in self.open_.values() if session.expires_at > at]
        return sorted(found, key=lambda session: session.created_at, reverse=True)

    async def revoke(self, token_hash: str) -> None:
        self.open_.pop(token_hash, None)

    async def revoke_all(self, account: str, *, but: str = "") -> None:
        self.open_ = {k: s for k, s in self.open_.items() if s.account != account or k == but}


@dataclass
class FakeAnswers:
    """Kept answers in memory."""

    kept: dict[tuple[str, str], KeptAnswer] = field(default_factory=dict)

    async def find(self, account: str, key: str) -> KeptAnswer | None:
        return self.kept.get((account, key))

    async def keep(self, account: str, key: str, answer: KeptAnswer, at: datetime) -> None:
        self.kept.setdefault((account, key), answer)


@dataclass
class FakeAudit:
    """The book of accesses in memory."""

    entries: list[AuditEntry] = field(default_factory=list)
    asked: list[AuditFilter] = field(default_factory=list)

    async def record(self, entry: AuditEntry) -> None:
        self.entries.append(entry)

    async def list(self, limit: int, offset: int, which: AuditFilter = EVERY_ENTRY) -> Page[AuditView]:
        self.asked.append(which)
        items = [
            AuditView(at=e.at, by=e.by, action=e.action, resource=e.resource, why=e.why)
            for e in self.entries
            if which.by in (None, e.by) and (which.action is None or e.action.startswith(which.action))
        ]
        return Page(items=items[::-1][offset:][:limit], total=len(self.entries), filtered=len(items))

    async def prove(self) -> AuditProofView:
        return AuditProofView(entries=len(self.entries), head="0" * 64, broken_at=None)
