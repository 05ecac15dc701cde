"""Who may sign in (账号): made, changed, locked out, given new passwords and second factors.

Invariants: a password is told once, to who makes it; whoever is changed signs in again; the house keeps an administrator.
"""

import secrets
from dataclasses import dataclass, replace

from callcenter.core.errors import UsageError
from callcenter.core.ids import SeatId
from callcenter.web import second_factor
from callcenter.web.passwords import Passwords
from callcenter.web.ports import Ports
from callcenter.web.ports.accounts import Account
from callcenter.web.roles import Role

ONE_TIME_BYTES = 12


@dataclass(frozen=True)
class AccountDesk:
    """Looks after accounts."""

    ports: Ports
    passwords: Passwords

    async def all(self) -> list[Account]:
        """Every account, by name."""
        return await self.ports.accounts.all()

    async def make(self, name: str, role: Role, seat_id: SeatId | None) -> str:
        """A new account; its one-time password.

        Raises:
            UsageError: ``wrong_account_state``: the name is taken; ``unknown_seat``.
        """
        if await self.ports.accounts.find(name) is not None:
            raise UsageError(f"there is an account '{name}' already", code="wrong_account_state")
        self._require_seat(seat_id)
        password = secrets.token_urlsafe(ONE_TIME_BYTES)
        hashed = await self.passwords.hash(password)
        await self.ports.accounts.save(
            Account(name, role, hashed, must_change_password=True, seat_id=seat_id)
        )
        return password

    async def change(self, name: str, role: Role, seat_id: SeatId | None, *, is_disabled: bool) -> Account:
        """Another role or seat, or locked out; sessions end, so that the change holds at once.

        Raises:
            UsageError: ``unknown_account``, ``unknown_seat``, ``last_admin``.
        """
        account = await self._get(name)
        self._require_seat(seat_id)
        changed = replace(account, role=role, seat_id=seat_id, is_disabled=is_disabled)
        if account.role is Role.ADMIN and (role is not Role.ADMIN or is_disabled):
            await self._require_another_admin(name)
        await self.ports.accounts.save(changed)
        await self.ports.sessions.revoke_all(name)
        return changed

    async def reset(self, name: str) -> str:
        """A new one-time password, and no second factor: for who has lost either.

        Raises:
            UsageError: ``unknown_account``.
        """
        account = await self._get(name)
        password = secrets.token_urlsafe(ONE_TIME_BYTES)
        hashed = await self.passwords.hash(password)
        fresh = replace(
            account, password_hash=hashed, must_change_password=True, totp_secret="", totp_pending=""
        )
        await self.ports.accounts.save(fresh)
        await self.ports.sessions.revoke_all(name)
        return password

    async def begin_second_factor(self, name: str) -> str:
        """A secret for an authenticator app; it counts once a code of it was shown.

        Raises:
            UsageError: ``unknown_account``.
        """
        secret = second_factor.new_secret()
        await self.ports.accounts.save(replace(await self._get(name), totp_pending=secret))
        return secret

    async def confirm_second_factor(self, name: str, code: str) -> None:
        """From now on sign-in asks for codes.

        Raises:
            UsageError: ``unknown_account``, ``wrong_code``, or nothing was begun.
        """
        account = await self._get(name)
        if not account.totp_pending:
            raise UsageError("begin with a new secret first", code="wrong_account_state")
        step = second_factor.used_step(account.totp_pending, code, self.ports.clock.at(), 0)
        if step is None:
            raise UsageError("this code is wrong: is the telephone's clock right?", code="wrong_code")
        confirmed = replace(account, totp_secret=account.totp_pending, totp_pending="", totp_step=step)
        await self.ports.accounts.save(confirmed)

    async def _get(self, name: str) -> Account:
        account = await self.ports.accounts.find(name)
        if account is None:
            raise UsageError(f"there is no account '{name}'", code="unknown_account")
        return account

    async def _require_another_admin(self, name: str) -> None:
        accounts = await self.all()
        others = [one for one in accounts if one.role is Role.ADMIN and one.name != name]
        if not any(not one.is_disabled for one in others):
            raise UsageError("the house needs another administrator first", code="last_admin")

    def _require_seat(self, seat_id: SeatId | None) -> None:
        if seat_id is not None and seat_id not in {row.seat_id for row in self.ports.board.status().seats}:
            raise UsageError(f"there is no seat {seat_id}", code="unknown_seat")
