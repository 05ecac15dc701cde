"""Who may do what: one literal table. Invariant: what the table does not grant is refused."""

from collections.abc import Mapping
from enum import StrEnum


class Role(StrEnum):
    """What an account is for.

    A shift manager (值班长) answers for the whole line. A team leader (组长) answers for agents: hears and coaches them, helps
    with their seats; sees numbers masked and takes nothing out of the house.
    """

    ADMIN = "admin"
    SHIFT_MANAGER = "shift_manager"
    TEAM_LEADER = "team_leader"
    QA_REVIEWER = "qa_reviewer"
    AGENT = "agent"
    AUDITOR = "auditor"


class Permission(StrEnum):
    """What an operation needs. ``ASK_OWN_SEAT`` covers the seat named in the account and no other.

    ``STEER``: surge levels and places in the line. ``REVIEW_MESSAGES``: say that a message has become a ticket.
    ``DOWNLOAD``: take a marked copy of a recording out of the house.
    ``SIT_BESIDE``: listen to a running talk, whisper to its agent, join it.
    ``READ_OWN_QUALITY`` covers calls of the seat named in the account; ``READ_QUALITY`` those of all.
    ``PLAN_QUALITY``: draw calls, assign reviews, rule on agents' answers.
    ``READ_VAULT``: holds, gaps and proofs; ``HOLD_RECORDINGS``: place and release legal holds.
    ``READ_HOUSE``: how the house is set up; ``SET_HOUSE``: change what may be changed while it runs.
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
    WORK_TICKETS = "ticket.work"
    LISTEN = "recording.listen"
    SIT_BESIDE = "call.beside"
    DOWNLOAD = "recording.download"
    UNMASK = "personal.unmask"
    READ_QUALITY = "quality.read"
    READ_OWN_QUALITY = "quality.read_own"
    REVIEW_CALLS = "quality.review"
    ANSWER_REVIEWS = "quality.answer"
    PLAN_QUALITY = "quality.plan"
    REDO_TRANSCRIPTS = "transcript.redo"
    READ_VAULT = "vault.read"
    VERIFY_VAULT = "vault.verify"
    HOLD_RECORDINGS = "vault.hold"
    CHECK_LEDGER = "ledger.check"
    READ_AUDIT = "audit.read"
    READ_HOUSE = "house.read"
    SET_HOUSE = "house.settings"
    ADMINISTER = "house.administer"


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
        Permission.WORK_TICKETS,
        Permission.LISTEN,
        Permission.SIT_BESIDE,
        Permission.DOWNLOAD,
        Permission.UNMASK,
        Permission.CHECK_LEDGER,
        Permission.READ_QUALITY,
        Permission.READ_OWN_QUALITY,
        Permission.REVIEW_CALLS,
        Permission.PLAN_QUALITY,
        Permission.REDO_TRANSCRIPTS,
        Permission.READ_VAULT,
        Permission.VERIFY_VAULT,
        Permission.HOLD_RECORDINGS,
        Permission.READ_HOUSE,
        Permission.SET_HOUSE,
    },
    Role.TEAM_LEADER: _EVERYBODY
    | {
        Permission.ASK_OWN_SEAT,
        Permission.ASK_ANY_SEAT,
        Permission.REVIEW_MESSAGES,
        Permission.WORK_TICKETS,
        Permission.LISTEN,
        Permission.SIT_BESIDE,
        Permission.READ_QUALITY,
        Permission.READ_OWN_QUALITY,
        Permission.REVIEW_CALLS,
        Permission.READ_VAULT,
    },
    Role.QA_REVIEWER: _EVERYBODY
    | {
        Permission.LISTEN,
        Permission.READ_VAULT,
        Permission.READ_QUALITY,
        Permission.READ_OWN_QUALITY,
        Permission.REVIEW_CALLS,
    },
    Role.AGENT: _EVERYBODY
    | {
        Permission.ASK_OWN_SEAT,
        Permission.REVIEW_MESSAGES,
        Permission.WORK_TICKETS,
        Permission.READ_OWN_QUALITY,
        Permission.ANSWER_REVIEWS,
    },
    Role.AUDITOR: _EVERYBODY
    | {
        Permission.LISTEN,
        Permission.READ_VAULT,
        Permission.VERIFY_VAULT,
        Permission.CHECK_LEDGER,
        Permission.READ_AUDIT,
        Permission.READ_HOUSE,
        Permission.READ_QUALITY,
        Permission.READ_OWN_QUALITY,
    },
}
"""Role -> permissions."""


def roles_with(permission: Permission) -> list[Role]:
    """The roles that hold ``permission``, in the order of :class:`Role`."""
    return [role for role in Role if permission in GRANTS[role]]
