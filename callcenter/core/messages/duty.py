"""What a seat is there for (岗位), and how a shift manager moves seats between skill groups and duties (调岗)."""

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from callcenter.core.ids import QueueName, SeatId
from callcenter.core.messages.base import Message


class Duty(StrEnum):
    """What a seat is there for. ``SURVEYS`` and ``HELPING`` are offered no inbound calls."""

    INBOUND = "inbound"
    SURVEYS = "surveys"
    """Asks citizens how satisfied they were (满意度回访)."""
    GUEST = "guest"
    """Inbound calls, answered by a guest of a call day (接话日)."""
    HELPING = "helping"
    """Sits beside a guest and speaks to nobody but him."""


MOVABLE = frozenset({Duty.INBOUND, Duty.SURVEYS})
"""Between these a shift manager moves seats; the others begin and end with a call day."""


@dataclass(frozen=True, slots=True)
class DutyAssigned(Message):
    """The seat has this duty from its next call on. ``by`` ``""``: as before a restart."""

    type: ClassVar[str] = "seat.duty_assigned"
    seat_id: SeatId
    duty: Duty
    by: str


@dataclass(frozen=True, slots=True)
class SeatVersion:
    """How often a seat was assigned anything, and by whom last."""

    seat_id: SeatId
    version: int
    by: str


@dataclass(frozen=True, slots=True)
class VersionsRestored(Message):
    """At start: how often seats were assigned anything before."""

    type: ClassVar[str] = "rebalance.versions_restored"
    versions: tuple[SeatVersion, ...]


@dataclass(frozen=True, slots=True)
class SeatMove:
    """Where one seat is to go. ``skills`` or ``duty`` ``None``: as it is.

    ``version``: of the seat when whoever asks looked at it; another one means that somebody else moved it since.
    """

    seat_id: SeatId
    skills: tuple[QueueName, ...] | None
    duty: Duty | None
    version: int


@dataclass(frozen=True, slots=True)
class SeatMoved:
    """What became of one seat. ``version``: afterwards."""

    seat_id: SeatId
    skills_before: tuple[QueueName, ...]
    duty_before: Duty
    skills: tuple[QueueName, ...]
    duty: Duty
    version: int


@dataclass(frozen=True, slots=True)
class MoveRefused:
    """Why one seat of an undone rebalancing stays where it is."""

    seat_id: SeatId
    why: str


@dataclass(frozen=True, slots=True)
class RebalanceAsked(Message):
    """A shift manager moves seats: all or none. ``undoes``: what is undone, as far as nobody moved a seat since.

    ``predicted``: what the moves should come to, as JSON; ``hours``: for so long.
    """

    type: ClassVar[str] = "rebalance.asked"
    rebalance_id: str
    moves: tuple[SeatMove, ...]
    by: str
    why: str
    hours: float
    predicted: str = ""
    undoes: str = ""


@dataclass(frozen=True, slots=True)
class SeatsRebalanced(Message):
    """Derived: seats were moved, in one action. Fields as in :class:`RebalanceAsked`."""

    type: ClassVar[str] = "rebalance.done"
    rebalance_id: str
    moved: tuple[SeatMoved, ...]
    refused: tuple[MoveRefused, ...]
    by: str
    why: str
    hours: float
    predicted: str
    undoes: str


@dataclass(frozen=True, slots=True)
class SeatsWantedBack(Message):
    """Derived: the surge leaves no time for surveys; these seats should take inbound calls again."""

    type: ClassVar[str] = "rebalance.seats_wanted"
    seat_ids: tuple[SeatId, ...]
    level: int
