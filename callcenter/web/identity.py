"""Who is asking. Invariant: an identity is made here from a session or by the control socket, never from a header."""

from dataclasses import dataclass
from enum import StrEnum

from callcenter.core.ids import SeatId
from callcenter.web.ports.accounts import Account
from callcenter.web.roles import GRANTS, Permission, Role

COOKIE = "callcenter_session"
"""HttpOnly, SameSite=Strict."""


MANAGERS = frozenset({Role.ADMIN, Role.SHIFT_MANAGER})
"""Of whom one-time codes can be demanded."""


class Via(StrEnum):
    """How an identity was shown."""

    COOKIE = "cookie"
    BEARER = "bearer"
    CONTROL = "control"


@dataclass(frozen=True, slots=True)
class Identity:
    """Who asks. ``token_hash`` and ``csrf`` are empty on the control socket.

    ``must_bind``: the house wants one-time codes of this role, and there are none yet.
    """

    name: str
    role: Role
    via: Via
    token_hash: str = ""
    csrf: str = ""
    seat_id: SeatId | None = None
    must_change_password: bool = False
    must_bind: bool = False

    def has(self, permission: Permission) -> bool:
        """Whether the role grants ``permission``; who must bind a second factor first may do nothing else."""
        return permission in GRANTS[self.role] and (not self.must_bind or permission is Permission.SIGNED_IN)

    def may_ask_seat(self, seat_id: SeatId) -> bool:
        """Whether this seat, or every seat, is theirs to speak for."""
        own = self.seat_id == seat_id and self.has(Permission.ASK_OWN_SEAT)
        return own or self.has(Permission.ASK_ANY_SEAT)


OPERATOR = Identity("operator", Role.ADMIN, Via.CONTROL)
"""Whoever can open the control socket (mode 600) already owns the files and secrets of this house."""


def of_account(
    account: Account, via: Via, token_hash: str, csrf: str, *, managers_need_code: bool = False
) -> Identity:
    """The identity of a signed-in account."""
    return Identity(
        account.name,
        account.role,
        via,
        token_hash,
        csrf,
        account.seat_id,
        account.must_change_password,
        managers_need_code
        and account.role in MANAGERS
        and not (account.totp_secret or account.subject),  # a second factor is the provider's business
    )
