"""Signing in and out. Invariants: guesses are counted before they are checked; tokens are kept hashed only."""

import secrets
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import structlog

from callcenter.private_files import write_private
from callcenter.web.identity import Identity, Via, of_account
from callcenter.web.limiter import Limiter
from callcenter.web.passwords import Passwords, csrf_of, new_token, refuse_weak, token_hash
from callcenter.web.ports import Ports
from callcenter.web.ports.accounts import Account, Accounts, Session
from callcenter.web.ports.audit import AuditEntry
from callcenter.web.refusals import Refusal
from callcenter.web.roles import Role
from callcenter.web.second_factor import used_step

log = structlog.get_logger()

SESSION_LIFE = timedelta(hours=12)
"""One shift: nobody stays signed in overnight."""

TRIES_PER_ACCOUNT, TRIES_PER_ADDRESS, WINDOW_S = 10, 50, 300.0
ADMIN = "admin"
ADMIN_FILE = "admin.txt"


@dataclass(frozen=True, slots=True)
class Opened:
    """A new session and its token, which is shown this once."""

    identity: Identity
    token: str
    session: Session


class SignIn:
    """Opens, recognizes and ends sessions."""

    def __init__(self, ports: Ports, passwords: Passwords, *, managers_need_code: bool = False) -> None:
        self._ports = ports
        self._passwords = passwords
        self._managers_need_code = managers_need_code
        self._by_account = Limiter(TRIES_PER_ACCOUNT, WINDOW_S)
        self._by_address = Limiter(TRIES_PER_ADDRESS, WINDOW_S)

    async def open(
        self, name: str, password: str, via: Via, address: str, code: str = "", program: str = ""
    ) -> Opened:
        """Open a session. ``code``: the one-time code of an account that has them; ``program``: what signs in.

        Raises:
            Refusal: 429 after too many tries, 401 for a wrong name or password (which of them is not told), or without the
                right code.
        """
        account = await self._with_code(await self._checked(name, password, address), code)
        return await self.begin(account, via, address, program)

    async def recognize(self, token: str, via: Via) -> Identity | None:
        """Whose token this is; ``None``: nobody's, expired or revoked."""
        identity = await self.recall(token_hash(token), via)
        return replace(identity, csrf=csrf_of(token)) if identity else None

    async def recall(self, hashed: str, via: Via) -> Identity | None:
        """As :meth:`recognize`, for a token of which only the hash is known; without CSRF token."""
        session = await self._ports.sessions.find(hashed)
        if session is None or session.expires_at <= self._ports.clock.at():
            return None
        account = await self._ports.accounts.find(session.account)
        return self._identity(account, via, hashed, "") if account and not account.is_disabled else None

    async def change_password(self, identity: Identity, old: str, new: str, address: str) -> None:
        """Change one's own password; all other sessions of the account end.

        Raises:
            UsageError: ``weak_password``.
            Refusal: as for :meth:`open`.
        """
        refuse_weak(identity.name, new)
        account = await self._checked(identity.name, old, address)
        hashed = await self._passwords.hash(new)
        await self._ports.accounts.save(replace(account, password_hash=hashed, must_change_password=False))
        await self._ports.sessions.revoke_all(account.name, but=identity.token_hash)
        entry = AuditEntry(self._ports.clock.at(), account.name, "password.changed", account.name, "")
        await self._ports.audit.record(entry)

    async def begin(self, account: Account, via: Via, address: str, program: str) -> Opened:
        """Open a session of somebody who has proved who he is."""
        token, now = new_token(), self._ports.clock.at()
        session = Session(token_hash(token), account.name, now, now + SESSION_LIFE, address, program)
        await self._ports.sessions.open(session)
        await self._ports.audit.record(AuditEntry(now, account.name, "session.opened", account.name, ""))
        return Opened(self._identity(account, via, session.token_hash, csrf_of(token)), token, session)

    def _identity(self, account: Account, via: Via, hashed: str, csrf: str) -> Identity:
        return of_account(account, via, hashed, csrf, managers_need_code=self._managers_need_code)

    async def _with_code(self, account: Account, code: str) -> Account:
        """The account, its code used up; the password was right, so it may be told what is missing."""
        if not account.totp_secret:
            return account
        if not code:
            raise Refusal(401, "code_needed", "a one-time code is needed")
        step = used_step(account.totp_secret, code, self._ports.clock.at(), account.totp_step)
        if step is None:
            self._ports.metrics.refused_sign_ins.inc()
            raise Refusal(401, "wrong_code", "this one-time code is wrong or was used")
        used = replace(account, totp_step=step)
        await self._ports.accounts.save(used)
        self._by_account.forget(account.name.lower())
        return used

    async def _checked(self, name: str, password: str, address: str) -> Account:
        self._count_try(name.lower(), address)
        account = await self._ports.accounts.find(name)
        if (
            not await self._passwords.matches(account.password_hash if account else None, password)
            or account is None
            or account.is_disabled
        ):
            self._ports.metrics.refused_sign_ins.inc()
            log.warning("sign-in refused", account_pii=name, address_pii=address)
            raise Refusal(401, "wrong_credentials", "wrong name or password")
        if not account.totp_secret:
            self._by_account.forget(name.lower())  # else guesses of the code count on
        self._by_address.forgive(address)  # a whole shift may sign in through one proxy
        return account

    def _count_try(self, name: str, address: str) -> None:
        now = self._ports.clock.instant()
        wait_s = max(self._by_account.wait_s(name, now), self._by_address.wait_s(address, now))
        if wait_s > 0:
            self._ports.metrics.refused_sign_ins.inc()
            raise Refusal(
                429,
                "too_many_tries",
                "too many tries; wait",
                details={"wait_s": round(wait_s)},
                headers={"Retry-After": str(int(wait_s) + 1)},
            )
        self._by_account.note(name, now)
        self._by_address.note(address, now)


async def ensure_admin(
    accounts: Accounts, secrets_path: Path, passwords: Passwords | None = None
) -> str | None:
    """Make the first administrator ``admin`` if the house has none.

    The one-time password goes to ``admin.txt`` (mode 600) before the account exists, so a crash between the
    two is healed by the next start. Returns the password when it was made now.
    """
    if await accounts.any_admin():
        return None
    password = secrets.token_urlsafe(18)
    secrets_path.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_private(secrets_path / ADMIN_FILE, password + "\n")
    hashed = await (passwords or Passwords()).hash(password)
    await accounts.save(Account(ADMIN, Role.ADMIN, hashed, must_change_password=True))
    return password


def forget_admin_file(secrets_path: Path) -> None:
    """The one-time password was changed: its file would only mislead."""
    (secrets_path / ADMIN_FILE).unlink(missing_ok=True)
