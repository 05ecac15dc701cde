"""The contact ledger, the gaps in its figures, its comparison with Asterisk's books."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from callcenter.core.ids import ContactId
from callcenter.web.views import Page
from callcenter.web.views.ledger import ContactView, GapView, LedgerReport


@dataclass(frozen=True, slots=True)
class ContactFilter:
    """Which contacts. ``arrived_from`` inclusive, ``arrived_until`` exclusive; ``None``: any."""

    arrived_from: datetime | None = None
    arrived_until: datetime | None = None
    outcome: str | None = None
    queue: str | None = None
    seat_id: str | None = None


class ContactReader(Protocol):
    """The ledger."""

    async def get(self, contact_id: ContactId) -> ContactView | None:
        """One contact."""

    async def list(self, which: ContactFilter, limit: int, offset: int) -> Page[ContactView]:
        """Contacts, newest first."""


class GapReader(Protocol):
    """Times without events."""

    async def list(self, limit: int) -> list[GapView]:
        """Newest first."""


class LedgerChecker(Protocol):
    """Compares the two books."""

    async def check(self) -> LedgerReport:
        """Every difference, named."""
