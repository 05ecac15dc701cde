"""Mutual aid between two cities (城际协作): offers of waiting callers, their hand-over, and callers who come for help.

A *partner* is the other city. We are *helped* where our caller talks with a seat of the partner; we *aid* where its caller
talks with a seat of ours. Invariant: a token is good for one call within :data:`TOKEN_S` and says nothing about anybody.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from callcenter.core.ids import ChannelName, ContactId, QueueName, SeatId
from callcenter.core.messages.base import Effect, Message

PARTNER_SEAT = SeatId("partner")
"""The seat of a contact that the partner city answered."""
TOKEN_S = 10.0
"""How long an accepted offer may be used; meanwhile it counts as a taken seat."""
TOKEN_DIGITS = 16
NORMAL_CLEARING = 16
"""Q.850: the talk is over. A call that a partner ends with any other cause has not been dealt with."""
GIVEN_BACK = 8
"""Q.850, preemption: the partner cannot keep the caller and gives him back."""

FAILURES = frozenset({"silent", "garbled", "unauthorized"})
"""Reasons why an offer came to nothing that are a partner's failure, not its decision."""


@dataclass(frozen=True, slots=True)
class OfferAnswered(Message):
    """The partner's answer to an offer of ours. ``token`` ``""``: declined, ``reason`` says why."""

    type: ClassVar[str] = "partner.offer_answered"
    contact_id: ContactId
    token: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class CityRung(Message):
    """Our caller's call to the partner has begun."""

    type: ClassVar[str] = "partner.city_rung"
    contact_id: ContactId


@dataclass(frozen=True, slots=True)
class CityAnswered(Message):
    """A seat of the partner talks with our caller."""

    type: ClassVar[str] = "partner.city_answered"
    contact_id: ContactId


@dataclass(frozen=True, slots=True)
class CityLeft(Message):
    """The leg to the partner is gone; whether the caller comes back to our line is told by :class:`CameBack`."""

    type: ClassVar[str] = "partner.city_left"
    contact_id: ContactId
    cause: int


@dataclass(frozen=True, slots=True)
class CameBack(Message):
    """Our caller comes back to the head of our line. ``why``: ``no_answer``, ``cut`` or ``given_back``."""

    type: ClassVar[str] = "partner.came_back"
    contact_id: ContactId
    why: str


@dataclass(frozen=True, slots=True)
class CapacitySeen(Message):
    """The partner says that it would take ``free`` callers. Only an accepted offer proves it."""

    type: ClassVar[str] = "partner.capacity_seen"
    free: int


@dataclass(frozen=True, slots=True)
class PauseAsked(Message):
    """A shift manager pauses mutual aid in both directions, or resumes it; talks go on."""

    type: ClassVar[str] = "partner.pause_asked"
    paused: bool
    by: str
    why: str


@dataclass(frozen=True, slots=True)
class OfferMade(Message):
    """The partner offers us a caller; refused as ``UsageError`` whose code is the reason.

    ``caller``: digits or ``""``. ``record``: his contact's id there. ``collected``: what its IVR learned. ``hops``: cities
    that have handed him on already.
    """

    type: ClassVar[str] = "partner.offer_made"
    token: str
    record: str
    origin: str
    caller: str
    urgent: bool
    waited_s: float
    hops: int
    collected: str = ""


@dataclass(frozen=True, slots=True)
class OfferDeclined(Message):
    """We declined an offer."""

    type: ClassVar[str] = "partner.offer_declined"
    record: str
    reason: str


@dataclass(frozen=True, slots=True)
class TokenShown(Message):
    """A call from the partner shows a token; refused as ``UsageError`` when it is not good."""

    type: ClassVar[str] = "partner.token_shown"
    contact_id: ContactId
    token: str


@dataclass(frozen=True, slots=True)
class AidArrived(Message):
    """A caller of the partner reached us with a good token; his contact's row is committed. ``record``: of there."""

    type: ClassVar[str] = "partner.aid_arrived"
    contact_id: ContactId
    channel: ChannelName
    caller: str
    origin: str
    record: str
    at: datetime
    late_s: float = 0.0


@dataclass(frozen=True, slots=True)
class GiveBackAsked(Message):
    """A caller of the partner is to be given back."""

    type: ClassVar[str] = "partner.give_back_asked"
    contact_id: ContactId
    by: str


@dataclass(frozen=True, slots=True)
class OfferCaller(Effect):
    """Ask the partner whether it takes this caller; answered by :class:`OfferAnswered`, whatever happens."""

    contact_id: ContactId
    caller: str
    urgent: bool
    waited_s: float
    collected: str = ""


@dataclass(frozen=True, slots=True)
class Fetch(Effect):
    """Take a waiting caller out of the line at once; the dialplan brings him into a session."""

    contact_id: ContactId
    channel: ChannelName
    queue: QueueName


@dataclass(frozen=True, slots=True)
class HandOver(Effect):
    """End the caller's session: the dialplan calls the partner with this token."""

    contact_id: ContactId
    token: str


@dataclass(frozen=True, slots=True)
class GiveBack(Effect):
    """End the call of a partner's caller so that his own city takes him back."""

    contact_id: ContactId
    channel: ChannelName
