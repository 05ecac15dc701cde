"""Who may do what: one literal table. Invariant: what the table does not grant is refused."""

from collections.abc import Mapping
from enum import StrEnum


class Role(StrEnum):
    """What an account is for (FIELD.md 10)."""

    ADMIN = "admin"
    SHIFT_MANAGER = "shift_manager"
    QA_REVIEWER = "qa_reviewer"
    AGENT = "agent"
    AUDITOR = "auditor"


class Permission(StrEnum):
    """What an operation needs. ``ASK_OWN_SEAT`` covers the seat named in the account and no other.

    ``STEER``: surge levels and places in the line. ``REVIEW_MESSAGES``: say that a message has become a ticket.
    """

    SIGNED_IN = "signed_in"
    READ_BOARD = "board.read"
    READ_CONTACTS = "contact.read"
    READ_TICKETS = "ticket.read"
    READ_EVENTS = "event.read"
    ASK_OWN_SEAT = "seat.ask_own"
    ASK_ANY_SEAT = "seat.ask_any"
    STEER = "surge.steer"
    REVIEW_MESSAGES = "message.review"
    LISTEN = "recording.listen"
    UNMASK = "personal.unmask"
    CHECK_LEDGER = "ledger.check"
    READ_AUDIT = "audit.read"


_EVERYBODY = frozenset(
    {
        Permission.SIGNED_IN,
        Permission.READ_BOARD,
        Permission.READ_CONTACTS,
        Permission.READ_TICKETS,
        Permission.READ_EVENTS,
    }
)

GRANTS: Mapping[Role, frozenset[Permission]] = {
    Role.ADMIN: frozenset(Permission),
    Role.SHIFT_MANAGER: _EVERYBODY
    | {
        Permission.ASK_OWN_SEAT,
        Permission.ASK_ANY_SEAT,
        Permission.STEER,
        Permission.REVIEW_MESSAGES,
        Permission.LISTEN,
        Permission.UNMASK,
        Permission.CHECK_LEDGER,
    },
    Role.QA_REVIEWER: _EVERYBODY | {Permission.LISTEN},
    Role.AGENT: _EVERYBODY | {Permission.ASK_OWN_SEAT, Permission.REVIEW_MESSAGES},
    Role.AUDITOR: _EVERYBODY | {Permission.LISTEN, Permission.CHECK_LEDGER, Permission.READ_AUDIT},
}
"""Role -> permissions."""


def roles_with(permission: Permission) -> list[Role]:
    """The roles that hold ``permission``, in the order of :class:`Role`."""
    return [role for role in Role if permission in GRANTS[role]]
