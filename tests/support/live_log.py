"""What robots of a replay share: their pace, the log that they write, and what one robot is.

Invariant: the log is in the order of what happened, in milliseconds of SCENARIOS.md, and ends with the window.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from callcenter.sim.log import Entry
from callcenter.sim.person import Outcome

PREFIX = "139"
"""Numbers must be possible ones: the product dials no other. SCENARIOS.md 2.1 has ``1`` and ten digits, which no network has."""
SEAT_VOICES = 1_000_000
"""Voices of seats are numbered from here."""

SETTLED = frozenset({Outcome.LIVE, Outcome.CALLBACK, Outcome.SELF, Outcome.MESSAGE_OPEN})


def number_of(cid: int) -> str:
    """A citizen's number."""
    return f"{PREFIX}{cid:08d}"


def cid_of(number: str) -> int:
    """Whose number it is."""
    return int(number.removeprefix(PREFIX))


class Signal(NamedTuple):
    """What one on the line notices: ``step`` of a flow, ``greeted``, ``queued``, ``met`` a seat, ``gone``: hung up on."""

    what: str
    flow: str = ""
    step: str = ""


class Pace:
    """Time of a replay: milliseconds of SCENARIOS.md since its begin."""

    def __init__(self, speed: float) -> None:
        self.speed = speed
        self._begun = 0.0

    def begin(self) -> None:
        """Now is 0."""
        self._begun = asyncio.get_running_loop().time()

    def now_ms(self) -> int:
        """Milliseconds since the begin."""
        return int((asyncio.get_running_loop().time() - self._begun) * 1000 * self.speed)

    def real_s(self, span_ms: float) -> float:
        """How long milliseconds of the page last here."""
        return span_ms / 1000 / self.speed

    async def wait_until(self, at_ms: int) -> None:
        """Sleep until then."""
        await asyncio.sleep(max(0.0, self.real_s(at_ms - self.now_ms())))

    async def wait(self, span_ms: float) -> None:
        """Sleep so long."""
        await asyncio.sleep(self.real_s(span_ms))


class WireLog:
    """The event log (SCENARIOS.md 10), in order of time whatever the order of writing."""

    def __init__(self, pace: Pace, length_ms: int) -> None:
        self._pace, self._length = pace, length_ms
        self._entries: list[Entry] = []

    def note(
        self, event: str, cid: int | str = "", a: int | str = "", b: int | str = "", at: int = -1
    ) -> int:
        """Note what happened just now, or at ``at``; when. After the end nothing is noted."""
        now = self._pace.now_ms() if at < 0 else at
        if now < self._length:
            self._entries.append(Entry(now, event, cid, a, b))
        return now

    def entries(self) -> list[Entry]:
        """All, in order."""
        return sorted(self._entries, key=lambda entry: entry.t_ms)


@dataclass(slots=True)
class Robot:
    """One citizen."""

    cid: int
    attempts: int = 0
    outcome: Outcome | None = None
    ground: str = ""
    pending: bool = False
    has_sms: bool = False
    dials: int = 0
    failed_at: int = -1
    """When his newest call failed; -1: none has."""
    hearings: dict[str, int] = field(default_factory=dict)
    inbox: asyncio.Queue[Signal] | None = None
    """While he is on the line."""
    talks_back: bool = False
    """While he talks in a call-back."""

    def hears(self, family: str) -> int:
        """Count one use of a draw; its number from 1."""
        self.hearings[family] = count = self.hearings.get(family, 0) + 1
        return count


class Talk(NamedTuple):
    """One talk as one side measured it: packets of the other's voice, and how many our own generator sent meanwhile."""

    cid: int
    heard: int
    packets: int


class Guide(Protocol):
    """What tells the robots which prompt runs. ``None`` of a house that only greets and queues."""

    def follow(self, number: str, tell: Callable[[Signal], None]) -> None:
        """Tell of everything in this caller's newest call."""
