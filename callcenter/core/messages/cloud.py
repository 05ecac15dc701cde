"""Cloud seats (云坐席): people who help from elsewhere, and the proof that their line is good enough."""

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from callcenter.core.clock import Instant
from callcenter.core.ids import SeatId
from callcenter.core.messages.base import Effect, Message

INVITATION_PREFIX = "invite-"
"""Ids of invitations begin with this; they name the Asterisk channel too, which is no contact."""


class CloudState(StrEnum):
    """How far a cloud seat is; only ``proven`` counts as capacity."""

    IDLE = "idle"
    INVITED = "invited"
    ACCEPTED = "accepted"
    """Its person is willing; his phone is awaited."""
    CHECKING = "checking"
    PROVEN = "proven"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    LOCKED = "locked"


class CloudRequest(StrEnum):
    """What a manager may ask of a cloud seat."""

    WITHDRAW = "withdraw"
    LOCK = "lock"
    UNLOCK = "unlock"
    CHECK = "check"
    """Measure the line (again)."""


class Way(StrEnum):
    """How somebody is invited, and how he accepts."""

    PHONE = "phone"
    LINK = "link"
    SEAT = "seat"
    """By ``*11`` on the seat's own phone, uninvited or not."""


class Reply(StrEnum):
    """What became of an invitation."""

    ACCEPTED = "accepted"
    DECLINED = "declined"
    UNANSWERED = "unanswered"
    """Nobody picked up, or nobody pressed a key: a mailbox presses none."""


@dataclass(frozen=True, slots=True)
class CheckPhone(Effect):
    """Ring the seat's phone, let it hear itself, and measure the line. ``PhoneChecked`` follows in any case."""

    seat_id: SeatId


@dataclass(frozen=True, slots=True)
class PhoneChecked(Message):
    """What the echo test of a seat's phone measured.

    ``failed``: why nothing could be measured (``no_answer``, ``unreachable``, ``hung_up``), ``""`` when it could.
    ``loss_in``, ``loss_out``: shares of packets lost from and to the phone; ``jitter_ms``: variation of arrival from it;
    ``rtt_ms``: there and back; ``seconds``: of test; ``heard``: whether there was a voice.
    """

    type: ClassVar[str] = "cloud.phone_checked"
    seat_id: SeatId
    failed: str = ""
    loss_in: float = 0.0
    loss_out: float = 0.0
    jitter_ms: float = 0.0
    rtt_ms: float = 0.0
    seconds: float = 0.0
    heard: bool = False


@dataclass(frozen=True, slots=True)
class LineCheckAsked(Message):
    """Somebody wants the line of his own seat checked. ``PhoneChecked`` follows in any case."""

    type: ClassVar[str] = "seat.line_check_asked"
    seat_id: SeatId
    by: str


@dataclass(frozen=True, slots=True)
class PhoneChanged(Message):
    """Another phone has registered as this seat: what was proven of the last one says nothing of it."""

    type: ClassVar[str] = "cloud.phone_changed"
    seat_id: SeatId


@dataclass(frozen=True, slots=True)
class PhoneRefused(Message):
    """Somebody gave a wrong password for this seat. ``address``: from where, as Asterisk names it."""

    type: ClassVar[str] = "cloud.phone_refused"
    seat_id: SeatId
    address: str


@dataclass(frozen=True, slots=True)
class CloudPerson:
    """Somebody who may be invited. ``seat_id`` ``None``: at any seat.

    ``by_phone``: his number can be dialed; ``by_link``: it can be written to. It is known at the edge only.
    """

    staff_no: str
    seat_id: SeatId | None
    by_phone: bool
    by_link: bool = False


@dataclass(frozen=True, slots=True)
class PeopleKnown(Message):
    """Who may be invited from now on."""

    type: ClassVar[str] = "cloud.people_known"
    people: tuple[CloudPerson, ...]


@dataclass(frozen=True, slots=True)
class CloudAsked(Message):
    """A manager asks for so many more cloud seats."""

    type: ClassVar[str] = "cloud.asked"
    seats: int
    by: str
    why: str


@dataclass(frozen=True, slots=True)
class CallOffAsked(Message):
    """A manager takes the running call for help back."""

    type: ClassVar[str] = "cloud.call_off_asked"
    by: str
    why: str


@dataclass(frozen=True, slots=True)
class CloudProposed(Message):
    """Derived: the figures ask for so many, and wait for a manager."""

    type: ClassVar[str] = "cloud.proposed"
    seats: int


@dataclass(frozen=True, slots=True)
class ProposalAnswered(Message):
    """A manager applies or declines what the figures propose."""

    type: ClassVar[str] = "cloud.proposal_answered"
    applied: bool
    by: str
    why: str


@dataclass(frozen=True, slots=True)
class CloudSeatAsked(Message):
    """A manager, or the person himself, asks something of one cloud seat."""

    type: ClassVar[str] = "cloud.seat_asked"
    seat_id: SeatId
    request: CloudRequest
    by: str
    why: str


@dataclass(frozen=True, slots=True)
class InvitationReplied(Message):
    """An invitation by phone has ended; told at most once by Asterisk, and missing when it died."""

    type: ClassVar[str] = "cloud.invitation_replied"
    invitation: str
    reply: Reply


@dataclass(frozen=True, slots=True)
class LinkAccepted(Message):
    """Somebody has pressed the button of his link."""

    type: ClassVar[str] = "cloud.link_accepted"
    staff_no: str
    seat_id: SeatId


@dataclass(frozen=True, slots=True)
class KeptCloudSeat:
    """What is known of a cloud seat from before. ``until``: when its present step ends by itself.

    ``helps_until``: when its help ends, once it was proven.
    """

    seat_id: SeatId
    state: CloudState
    staff_no: str
    reason: str
    invitation: str
    since: Instant
    until: Instant | None
    helps_until: Instant | None


@dataclass(frozen=True, slots=True)
class KeptInvitation:
    """Somebody was invited then. ``reply`` ``None``: not known yet."""

    staff_no: str
    made: Instant
    reply: Reply | None


@dataclass(frozen=True, slots=True)
class RollRestored(Message):
    """What the last controller knew."""

    type: ClassVar[str] = "cloud.roll_restored"
    seats: tuple[KeptCloudSeat, ...]
    invitations: tuple[KeptInvitation, ...]


@dataclass(frozen=True, slots=True)
class CloudSeatMoved(Message):
    """Derived: a cloud seat is one step further, or back. ``reason``: in Chinese and English, ``""`` where none is needed."""

    type: ClassVar[str] = "cloud.seat_moved"
    seat_id: SeatId
    staff_no: str
    old: CloudState
    new: CloudState
    reason: str


@dataclass(frozen=True, slots=True)
class HelpEnding(Message):
    """Derived: the seat's help ends in so many seconds."""

    type: ClassVar[str] = "cloud.help_ending"
    seat_id: SeatId
    staff_no: str
    in_s: float


@dataclass(frozen=True, slots=True)
class CallForHelpEnded(Message):
    """Derived: nobody more is invited. ``missing``: how many seats did not come.

    ``why``: ``enough``, ``nobody_left``, ``tried``, ``called_off``.
    """

    type: ClassVar[str] = "cloud.call_ended"
    wanted: int
    missing: int
    why: str


@dataclass(frozen=True, slots=True)
class InviteByPhone(Effect):
    """Ring his own phone and ask. ``InvitationReplied`` follows, if nothing breaks."""

    invitation: str
    staff_no: str
    seat_id: SeatId


@dataclass(frozen=True, slots=True)
class InviteByLink(Effect):
    """Write him a short message with a link that is good once."""

    staff_no: str
    seat_id: SeatId


@dataclass(frozen=True, slots=True)
class KeepCloudSeat(Effect):
    """Write down where the seat is, and what was measured last of its line."""

    seat: KeptCloudSeat
    measured: PhoneChecked | None


@dataclass(frozen=True, slots=True)
class KeepInvitation(Effect):
    """Write down who was invited, or what he replied."""

    invitation: str
    seat_id: SeatId
    kept: KeptInvitation
