"""Who may sign in, who is signed in, and the answers kept for them."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from callcenter.core.ids import SeatId
from callcenter.web.roles import Role


@dataclass(frozen=True, slots=True)
class Account:
    """Who may sign in. ``seat_id``: the seat that an agent may speak for.

    ``totp_secret``: of one-time codes, ``""``: none are asked for; ``totp_pending``: not confirmed yet; ``totp_step``: of the
    last code used. ``subject``: issuer and person at the identity provider; ``""``: signs in by password.
    """

    name: str
    role: Role
    password_hash: str
    must_change_password: bool = False
    seat_id: SeatId | None = None
    totp_secret: str = field(default="", repr=False)
    totp_pending: str = field(default="", repr=False)
    totp_step: int = 0
    is_disabled: bool = False
    subject: str = ""


@dataclass(frozen=True, slots=True)
class Session:
    """A sign-in that lasts. Only the SHA-256 of its token is kept. ``address``, ``program``: whence, and with what."""

    token_hash: str
    account: str
    created_at: datetime
    expires_at: datetime
    address: str = ""
    program: str = ""


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """The answer to a mutating call, kept under its ``Idempotency-Key``. ``request_sha256``: what was asked."""

    request_sha256: str
    status: int
    body: str


class Accounts(Protocol):
    """Who may sign in."""

    async def find(self, name: str) -> Account | None:
        """One account."""

    async def all(self) -> list[Account]:
        """Everybody, by name."""

    async def any_admin(self) -> bool:
        """Whether anybody could administer the house."""

    async def save(self, account: Account) -> None:
        """Add or replace."""


class Sessions(Protocol):
    """Open sessions."""

    async def open(self, session: Session) -> None:
        """Keep a new one."""

    async def find(self, token_hash: str) -> Session | None:
        """One that was opened and not revoked; the caller looks at its expiry."""

    async def all_open(self, at: datetime) -> list[Session]:
        """Those that may be used at ``at``, newest first."""

    async def revoke(self, token_hash: str) -> None:
        """End one."""

    async def revoke_all(self, account: str, *, but: str = "") -> None:
        """End all of an account except the one with token hash ``but``."""


class Answers(Protocol):
    """Kept answers, by account and key."""

    async def find(self, account: str, key: str) -> KeptAnswer | None:
        """The answer under this key."""

    async def keep(self, account: str, key: str, answer: KeptAnswer, at: datetime) -> None:
        """Keep an answer; the first one under a key stays."""
