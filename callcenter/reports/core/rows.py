"""The plain rows that figures are made of. ``None`` is unknown or not yet, never zero.

They are tuples, since a year has a million of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from callcenter.reports.core.windows import Window

HUMAN_TALK_S = 20.0
"""Shortest two-way talk that counts as having spoken with a person (FIELD.md 4)."""

OURS = "callback"
"""The source of contacts that we began: never an attempt of a citizen."""

AID = "partner"
"""The source of contacts that are the partner city's attempts; also the seat of ours that it answered."""

EXITS_BEFORE = ("blocked", "left_early", "self_resolved", "lost_early")
"""Outcomes of who never asked for a person."""

EXITS_AFTER = ("answered", "abandoned", "callback", "message", "partner_failed", "lost")
"""Outcomes of who asked for a person."""


class ContactRow(NamedTuple):
    """One contact of the ledger. ``caller``: digits, or ``""`` when the number is not believable."""

    contact_id: str
    caller: str
    source: str
    outcome: str | None
    arrived_at: datetime
    queued_at: datetime | None = None
    answered_at: datetime | None = None
    talk_ended_at: datetime | None = None
    ended_at: datetime | None = None
    talk_s: float | None = None
    seat_id: str | None = None

    @property
    def citizen(self) -> str:
        """Whose attempt it is; without a believable number each one is a citizen of its own."""
        return self.caller or self.contact_id

    @property
    def is_attempt(self) -> bool:
        """A citizen dialed us; we did not dial him, and he is no other city's."""
        return self.source not in (OURS, AID)

    @property
    def exit(self) -> str | None:
        """The outcome; who talks right now is answered already. ``None``: still open."""
        return "answered" if self.outcome is None and self.answered_at else self.outcome

    @property
    def asked(self) -> bool:
        """Whether anything shows that he asked for a person: his outcome, or that he waited or talked."""
        return self.exit in EXITS_AFTER or self.queued_at is not None or self.answered_at is not None

    def wait_s(self, as_of: datetime) -> float | None:
        """Seconds in line until the answer, the end or ``as_of``; ``None``: he never joined the line."""
        if self.queued_at is None:
            return None
        return max(0.0, ((self.answered_at or self.ended_at or as_of) - self.queued_at).total_seconds())

    def is_human_talk(self, as_of: datetime) -> bool:
        """Whether a person was spoken with for at least twenty seconds; a call-back must have been proven first."""
        if self.answered_at is None or self.exit != "answered":
            return False
        if self.outcome is None:
            until = self.talk_ended_at or as_of
            return self.is_attempt and (until - self.answered_at).total_seconds() >= HUMAN_TALK_S
        return (self.talk_s or 0.0) >= HUMAN_TALK_S


class Promise(NamedTuple):
    """What we owe a citizen: a call, or to hear his message. ``why`` it was closed: ``""`` while open.

    ``origin``: the contact that began it. ``talk_at``, ``talk_s``: of the call-back that closed it. ``reviewed_at``: when
    a person made his message a ticket.
    """

    caller: str
    origin: str
    ground: str
    can_be_called: bool
    made_at: datetime
    closed_at: datetime | None = None
    why: str = ""
    talk_at: datetime | None = None
    talk_s: float | None = None
    reviewed_at: datetime | None = None

    @property
    def citizen(self) -> str:
        """Whom it is owed to; without a believable number each contact is a citizen of its own."""
        return self.caller or self.origin

    @property
    def is_callback(self) -> bool:
        """A call is what is owed; a message is owed a review first."""
        return self.can_be_called and self.ground != "message"

    @property
    def fate(self) -> str:
        """``kept``, ``unreached``, ``open``, or ``superseded``: he got through or helped himself before.

        Without a talk of twenty seconds nothing was kept, whatever the row says.
        """
        if self.closed_at is None:
            return "open"
        if self.why in ("answered", "self_resolved"):
            return "superseded"
        spoke = self.why == "kept" and self.talk_at is not None and (self.talk_s or 0.0) >= HUMAN_TALK_S
        return "kept" if spoke else "unreached"


class Announcement(NamedTuple):
    """A wait that a caller was told, ``low_s`` to ``high_s`` seconds from ``at``, and how his waiting ended."""

    at: datetime
    low_s: float
    high_s: float
    answered_at: datetime | None = None
    ended_at: datetime | None = None


class SeatChange(NamedTuple):
    """A seat's state moved; states as in FIELD.md 10."""

    at: datetime
    seat_id: str
    old: str
    new: str


class LevelChange(NamedTuple):
    """The surge level moved: 0 normal, 1 watch, 2 surge, 3 overload."""

    at: datetime
    old: int
    new: int


class Gap(NamedTuple):
    """A time with incomplete data. ``until_at`` ``None``: it still lasts."""

    from_at: datetime
    until_at: datetime | None
    reason: str


@dataclass(frozen=True, slots=True)
class DayRows:
    """The rows of one calendar day. ``contacts``: in order of arrival, ours among them; ``promises``: also of shortly before."""

    day: Window
    contacts: Sequence[ContactRow] = ()
    promises: Sequence[Promise] = ()
    announcements: Sequence[Announcement] = ()
