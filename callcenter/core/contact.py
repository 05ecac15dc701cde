"""One contact: the row of the ledger, its life cycle, and how it ends."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from callcenter.core.ids import ChannelName, ContactId, QueueName, SeatId
from callcenter.core.messages import calls, partner
from callcenter.core.messages.base import Effect
from callcenter.core.messages.calls import Outcome
from callcenter.core.transitions import LifeCycle


class ContactState(StrEnum):
    """Where a contact is on its way."""

    ARRIVED = "arrived"
    WAITING = "waiting"
    RINGING = "ringing"
    TALKING = "talking"
    TALKED = "talked"
    LEAVING = "leaving"
    ENDED = "ended"


class ContactEvent(StrEnum):
    """What moves a contact."""

    QUEUED = "queued"
    OFFERED = "offered"
    OFFER_TIMED_OUT = "offer_timed_out"
    ANSWERED = "answered"
    REACHED = "reached"
    """The citizen picked up a call-back."""
    TRANSFERRED = "transferred"
    TALK_ENDED = "talk_ended"
    HELPED = "helped"
    """A seat of the partner city answered."""
    RETURNED = "returned"
    """The partner city gave him back, or was cut off: he still waits for a person."""
    ABANDONED = "abandoned"
    ENDED = "ended"


_S, _E = ContactState, ContactEvent

CALLBACK = "callback"
"""Source of the contacts that we begin."""

FOUND = "found"
"""Source of the contacts that came while nobody watched; the books will tell their number and their end."""

PARTNER = "partner"
"""Source of the contacts that belong to the partner city: a seat of ours helps, their records are kept there."""

CONTACT: LifeCycle[ContactState, ContactEvent] = LifeCycle(
    "contact",
    _S.ARRIVED,
    frozenset({_S.ENDED}),
    {
        (_S.ARRIVED, _E.QUEUED): _S.WAITING,
        (_S.ARRIVED, _E.REACHED): _S.TALKING,
        (_S.ARRIVED, _E.HELPED): _S.TALKING,
        (_S.ARRIVED, _E.ENDED): _S.ENDED,
        (_S.WAITING, _E.QUEUED): _S.WAITING,  # moved to another queue
        (_S.WAITING, _E.OFFERED): _S.RINGING,
        (_S.WAITING, _E.OFFER_TIMED_OUT): _S.WAITING,  # the second of two phones that rang
        (_S.WAITING, _E.ANSWERED): _S.TALKING,
        (_S.WAITING, _E.ABANDONED): _S.LEAVING,
        (_S.WAITING, _E.ENDED): _S.ENDED,
        (_S.RINGING, _E.OFFERED): _S.RINGING,
        (_S.RINGING, _E.OFFER_TIMED_OUT): _S.WAITING,
        (_S.RINGING, _E.ANSWERED): _S.TALKING,
        (_S.RINGING, _E.ABANDONED): _S.LEAVING,
        (_S.RINGING, _E.ENDED): _S.ENDED,
        (_S.TALKING, _E.TRANSFERRED): _S.TALKING,
        (_S.TALKING, _E.TALK_ENDED): _S.TALKED,
        (_S.TALKING, _E.RETURNED): _S.LEAVING,
        (_S.TALKING, _E.ENDED): _S.ENDED,
        (_S.TALKED, _E.TRANSFERRED): _S.TALKED,
        (_S.TALKED, _E.RETURNED): _S.LEAVING,
        (_S.TALKED, _E.QUEUED): _S.WAITING,  # handed back into a queue
        (_S.TALKED, _E.OFFERED): _S.RINGING,  # his talk broke, and the same seat rings again
        (_S.TALKED, _E.ENDED): _S.ENDED,
        (_S.LEAVING, _E.OFFER_TIMED_OUT): _S.LEAVING,  # the phone that rang falls silent afterwards
        (_S.LEAVING, _E.QUEUED): _S.WAITING,  # withdrawn and queued anew
        (_S.LEAVING, _E.HELPED): _S.TALKING,  # withdrawn and handed to the partner city
        (_S.LEAVING, _E.ENDED): _S.ENDED,
    },
)
"""The life of a contact."""


@dataclass(frozen=True, slots=True)
class Contact:
    """One inbound attempt, or one call-back: the row of the ledger.

    ``caller``: digits or ``""``. ``source``: ``controller`` (met by us at intake), ``found`` (alive in Asterisk
    after a gap), ``books`` (known only from CEL), ``callback`` (begun by us) or ``partner`` (the partner city's).
    Seconds are >= 0; ``None`` means it did not happen. ``answered_at`` is ``None``, too, in a talk whose begin nobody saw. ``leaning``: how it will end if
    nothing else happens; ``None``: early. ``last_step``: of his walk through the flows, ``flow.step``. ``seat_id``: who
    answered first; ``apart_s``: seconds between two talks, when the first was broken or handed back.
    """

    contact_id: ContactId
    channel: ChannelName
    caller: str
    called: str
    source: str
    state: ContactState
    arrived_at: datetime
    queued_at: datetime | None = None
    answered_at: datetime | None = None
    talk_ended_at: datetime | None = None
    ended_at: datetime | None = None
    queue: QueueName | None = None
    seat_id: SeatId | None = None
    outcome: Outcome | None = None
    cause: int | None = None
    transferred: bool = False
    leaning: Outcome | None = None
    last_step: str | None = None
    apart_s: float = 0.0

    @property
    def is_for_the_books(self) -> bool:
        """Whether only the books know how it went: who called, or since when he talks."""
        talks = self.state in (ContactState.TALKING, ContactState.TALKED)
        return self.source == FOUND or (talks and self.answered_at is None)

    @property
    def is_aid(self) -> bool:
        """Whether it is a caller of the partner city."""
        return self.source == PARTNER

    @property
    def wait_s(self) -> float | None:
        """Seconds from joining the queue to the answer or, without one, to the end."""
        until = self.answered_at or self.ended_at
        return (until - self.queued_at).total_seconds() if self.queued_at and until else None

    @property
    def talk_s(self) -> float:
        """Seconds joined with a person. A transferred citizen talks until he hangs up."""
        until = self.ended_at if self.transferred else self.talk_ended_at or self.ended_at
        talked_s = (until - self.answered_at).total_seconds() if self.answered_at and until else 0.0
        return max(0.0, talked_s - self.apart_s)


@dataclass(frozen=True, slots=True)
class SaveContact(Effect):
    """Write this truth about a contact to its row; there is one row per contact, so this may repeat."""

    contact: Contact


def arrived(message: calls.CallArrived | partner.AidArrived) -> Contact:
    """The contact that begins with an arrival: a citizen's own call, or a caller of the partner city."""
    return Contact(
        message.contact_id,
        message.channel,
        message.caller,
        called="" if isinstance(message, partner.AidArrived) else message.called,
        source=PARTNER if isinstance(message, partner.AidArrived) else "controller",
        state=CONTACT.initial,
        arrived_at=message.at,
    )


def outcome_of(contact: Contact) -> Outcome:
    """How a contact ends that hangs up in this state (base counters, FIELD.md 4)."""
    if contact.answered_at is not None:
        return Outcome.ANSWERED
    if contact.leaning is not None:
        return contact.leaning
    return Outcome.LEFT_EARLY if contact.queued_at is None else Outcome.ABANDONED
