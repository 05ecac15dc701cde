"""One citizen during the day. Invariant: what he does next depends on his own draws and on what he met, never on the policy's plans."""

from dataclasses import dataclass, field
from enum import StrEnum


class Outcome(StrEnum):
    """How a citizen's day ended; the order is the one in which SCENARIOS.md 9.1 asks."""

    LIVE = "live"
    CALLBACK = "callback"
    SELF = "self"
    MESSAGE = "message"
    MESSAGE_OPEN = "message_open"
    PENDING = "pending"
    ON_LINE = "on_line"
    UNREACHED = "unreached"
    LOST = "lost"


class Place(StrEnum):
    """Where a citizen is."""

    AWAY = "away"
    GREETING = "greeting"
    CHOOSING = "choosing"
    PROMPTS = "prompts"
    CONFIRMING = "confirming"
    WAITING = "waiting"
    TALKING = "talking"


@dataclass(slots=True)
class Person:
    """A citizen's state. ``hearings``: how often he heard each kind of offer."""

    cid: int
    place: Place = Place.AWAY
    attempts: int = 0
    outcome: Outcome | None = None
    ground: str = ""
    """Why he may be dialed: the strongest consent so far, or ``""``."""
    pending: bool = False
    has_sms: bool = False
    joined: int = 0
    dials: int = 0
    last_dial: int = -(10**12)
    home_tasks: int = 0
    hearings: dict[str, int] = field(default_factory=dict)

    @property
    def is_on_line(self) -> bool:
        """Whether he holds an inbound channel."""
        return self.place is not Place.AWAY

    def hears(self, kind: str) -> int:
        """Count one hearing; its number from 1."""
        self.hearings[kind] = count = self.hearings.get(kind, 0) + 1
        return count
