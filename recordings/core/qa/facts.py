"""What is known about a call when its quality is assessed. ``None`` is unknown, never zero."""

from dataclasses import dataclass
from datetime import date
from math import isfinite
from typing import Final

from callcenter.core.ids import RecordingId
from callcenter.tickets.core.suggest import Nature
from recordings.core.qa.heard import CALL_S_MAX, Heard, heard
from recordings.core.transcript import Transcript

NOT_TRANSCRIBED: Final = ""
"""The model of an assessment without words."""


@dataclass(frozen=True, slots=True)
class Span:
    """Seconds of the recording, ``from_s <= to_s``."""

    from_s: float
    to_s: float


@dataclass(frozen=True, slots=True)
class TicketFacts:
    """What the call's ticket says. ``place`` and ``deadline``: ``None`` when it does not tell; ``deadline``: the city's day."""

    nature: Nature | None = None
    has_phone: bool = False
    place: str | None = None
    deadline: date | None = None


@dataclass(frozen=True, slots=True)
class CallFacts:
    """One answered call.

    ``talk_s``: seconds from the answer to the end; ``holds``: when the citizen was on hold, in seconds of the
    recording; ``earlier``: contacts of the same citizen in the 30 days before; ``answered_on``: the city's day.
    """

    recording_id: RecordingId
    transcript: Transcript | None = None
    talk_s: float = 0.0
    holds: tuple[Span, ...] | None = None
    transfers: int = 0
    ticket: TicketFacts | None = None
    earlier: int | None = None
    answered_on: date | None = None

    @property
    def model(self) -> str:
        """The recognizer that heard it."""
        return self.transcript.model if self.transcript else NOT_TRANSCRIBED

    @property
    def is_demo(self) -> bool:
        """Whether the recognizer was made for the demo and understands no people."""
        return self.transcript.is_demo if self.transcript else False


@dataclass(frozen=True)
class Call:
    """A call made ready for rules: facts and clean words. ``ends_s``: the end of the sound or of the last word."""

    facts: CallFacts
    citizen: Heard
    agent: Heard
    ends_s: float

    def voice(self, channel: str) -> Heard:
        """The channel ``citizen`` or ``agent``."""
        return self.citizen if channel == "citizen" else self.agent

    @property
    def confidence(self) -> float:
        """Mean confidence of all words, by characters; 0 without words."""
        sizes = [sum(len(word.word) for word in voice.words) for voice in (self.citizen, self.agent)]
        spoken = self.citizen.confidence * sizes[0] + self.agent.confidence * sizes[1]
        return spoken / sum(sizes) if any(sizes) else 0.0


def ready(facts: CallFacts) -> Call:
    """Clean the words of a call."""
    spoken = facts.transcript
    citizen = heard("citizen", spoken.citizen if spoken else ())
    agent = heard("agent", spoken.agent if spoken else ())
    last = max((word.end for word in (*citizen.words, *agent.words)), default=0.0)
    return Call(facts, citizen, agent, max(last, _length(spoken)))


def _length(transcript: Transcript | None) -> float:
    seconds = transcript.seconds if transcript else 0.0
    return min(max(seconds, 0.0), CALL_S_MAX) if isfinite(seconds) else 0.0
