"""The surge: its levels, who switches them and why, and the plan of the day they are judged against."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from callcenter.core.clock import Instant
from callcenter.core.messages.base import Message


@dataclass(frozen=True, slots=True)
class DayPlanned(Message):
    """What is known before the day, told at its begin and whenever clock or roster change.

    ``began``, ``began_at``: local midnight on both clocks; tuples hold one value an hour: seats on the roster, share of the day's citizens.
    Seconds > 0 except ``callback_from_s``/``callback_to_s``, which count from midnight.
    """

    type: ClassVar[str] = "surge.day_planned"
    began: Instant
    began_at: datetime
    length_s: float
    roster: tuple[int, ...]
    profile: tuple[float, ...]
    citizens: float
    callback_from_s: float
    callback_to_s: float
    talk_s: float
    wrap_up_s: float
    review_s: float
    patience_s: float
    is_new_day: bool


@dataclass(frozen=True, slots=True)
class RosterAsked(Message):
    """A shift manager changes today's roster: seats in each of 24 hours. ``DayPlanned`` follows; it holds until midnight."""

    type: ClassVar[str] = "surge.roster_asked"
    roster: tuple[int, ...]
    by: str
    why: str


@dataclass(frozen=True, slots=True)
class LevelAsked(Message):
    """A shift manager sets a level by hand (0 to 3), hands it back to the figures (``None``), or undoes the last switch."""

    type: ClassVar[str] = "surge.level_asked"
    level: int | None
    undo: bool
    by: str
    why: str


@dataclass(frozen=True, slots=True)
class LevelSwitched(Message):
    """Derived: the surge level changed, or (``applied`` false) the figures propose it.

    ``by``: who, or ``figures``; ``declared``: a shift manager holds the new level. ``load``: offered work over seat
    time; ``ewt_s``: plain estimate; ``waiting``: in line. Of the new level: ``wrap_up_cap_s``, the longest after-call work
    (0: no cap), and ``greeting``, the prompt heard on arrival.
    """

    type: ClassVar[str] = "surge.level_switched"
    old: int
    new: int
    applied: bool
    by: str
    why: str
    load: float
    ewt_s: float
    waiting: int
    wrap_up_cap_s: float
    declared: bool = False
    greeting: str = "greeting"


@dataclass(frozen=True, slots=True)
class CloudSeatsWanted(Message):
    """Derived: the engine asks for so many more cloud seats (云坐席)."""

    type: ClassVar[str] = "surge.cloud_seats_wanted"
    seats: int
