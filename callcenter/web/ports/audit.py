"""The book of accesses."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from callcenter.web.views import Page
from callcenter.web.views.ledger import AuditProofView, AuditView


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """An access to personal data, or a change of who may access it."""

    at: datetime
    by: str
    action: str
    resource: str
    why: str


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """Which entries. ``action``: exact, or ``session.`` for all that begin so; ``of``: part of the resource; ``None``: any."""

    by: str | None = None
    action: str | None = None
    of: str | None = None
    at_from: datetime | None = None
    at_until: datetime | None = None


EVERY_ENTRY = AuditFilter()


class Audit(Protocol):
    """The book of accesses."""

    async def record(self, entry: AuditEntry) -> None:
        """Write; when this fails, the access must not happen."""

    async def list(self, limit: int, offset: int, which: AuditFilter = EVERY_ENTRY) -> Page[AuditView]:
        """Newest first."""

    async def prove(self) -> AuditProofView:
        """Whether its chain is whole."""
