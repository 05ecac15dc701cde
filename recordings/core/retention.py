"""How long a recording is kept (保存期限), and what keeps it longer (法律保全).

Invariant: pure. The longest class that applies counts; a held recording is never due.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

COMPLAINT = "complaint"
"""The nature of a ticket."""


class RecordingClass(StrEnum):
    """What a recording is kept as."""

    CALL = "call"
    CALLBACK = "callback"
    MESSAGE = "message"
    COMPLAINT = "complaint"


@dataclass(frozen=True, slots=True)
class Facts:
    """What decides about a recording. ``natures``: of the tickets of its contact and of the contact that it answers.

    ``is_message``: the citizen spoke to nobody, be it instead of waiting or while he waited.
    """

    is_callback: bool
    is_message: bool
    natures: frozenset[str]
    arrived_at: datetime
    is_held: bool


@dataclass(frozen=True, slots=True)
class Policy:
    """Days that each class is kept, counted from the contact's arrival."""

    days: Mapping[RecordingClass, int]

    @property
    def shortest(self) -> timedelta:
        """Nothing younger is ever due."""
        return timedelta(days=min(self.days.values()))


def classify(facts: Facts) -> RecordingClass:
    """The class of a recording: a complaint is one however it came."""
    if COMPLAINT in facts.natures:
        return RecordingClass.COMPLAINT
    if facts.is_message:
        return RecordingClass.MESSAGE
    return RecordingClass.CALLBACK if facts.is_callback else RecordingClass.CALL


def due_at(facts: Facts, policy: Policy) -> datetime | None:
    """When its time is over; ``None``: it is held."""
    return None if facts.is_held else facts.arrived_at + timedelta(days=policy.days[classify(facts)])


def is_due(facts: Facts, policy: Policy, now: datetime) -> bool:
    """Whether it is to be deleted now."""
    due = due_at(facts, policy)
    return due is not None and due <= now
