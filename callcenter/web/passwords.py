"""Passwords: hashed with argon2id outside the event loop, a few at a time.

Invariant: checking a name that nobody has takes as long as checking a wrong password.
"""

import asyncio
import hashlib
import secrets

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from callcenter.core.errors import UsageError

MIN_LENGTH, MAX_LENGTH = 12, 256
AT_ONCE = 2
"""Hashes computed at the same time: each takes 64 MiB and a core."""


class Passwords:
    """Hashes and checks passwords. ``hasher``: tests pass a cheap one."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._places = asyncio.Semaphore(AT_ONCE)
        self._nobody: str | None = None

    async def hash(self, password: str) -> str:
        """The argon2id hash to keep."""
        async with self._places:
            return await asyncio.to_thread(self._hasher.hash, password)

    async def matches(self, password_hash: str | None, password: str) -> bool:
        """Whether the password is right; ``None``: nobody's, checked all the same and always wrong."""
        kept = password_hash or await self._nobodys_hash()
        async with self._places:
            right = await asyncio.to_thread(self._verify, kept, password)
        return right and password_hash is not None

    async def _nobodys_hash(self) -> str:
        if self._nobody is None:
            self._nobody = await self.hash(secrets.token_urlsafe(24))
        return self._nobody

    def _verify(self, kept: str, password: str) -> bool:
        try:
            return self._hasher.verify(kept, password)
        except (VerificationError, InvalidHashError):
            return False


def refuse_weak(name: str, password: str) -> None:
    """Refuse what is guessed first.

    Raises:
        UsageError: ``weak_password``.
    """
    if not MIN_LENGTH <= len(password) <= MAX_LENGTH:
        raise UsageError(f"a password has {MIN_LENGTH} to {MAX_LENGTH} characters", code="weak_password")
    if name.lower() in password.lower() or len(set(password)) < 5:
        raise UsageError("this password is too easy to guess", code="weak_password")


def new_token() -> str:
    """A secret of 256 bits."""
    return secrets.token_urlsafe(32)


def token_hash(token: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def csrf_of(token: str) -> str:
    """The CSRF token that belongs to a session token; it cannot be turned back."""
    return hashlib.sha256(b"csrf:" + token.encode()).hexdigest()
