"""What a ticket draft says, when it is ready, and what is missing. Invariant: what is missing has a name in ``problems``."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from callcenter.tickets.core.place import PlaceWords
from callcenter.tickets.core.suggest import NOTHING, Suggestion, WordList, suggest

SHORT_S: Final = 1.0
"""A recording shorter than the talk by more than this is named."""


class TicketState(StrEnum):
    """A draft is filled by the machine; a ready one waits for a person."""

    DRAFT = "draft"
    READY = "ready"


class TranscriptState(StrEnum):
    """What became of the words that were spoken."""

    PENDING = "pending"
    READY = "ready"
    PARKED = "parked"
    """Given up after all tries."""
    NONE = "none"
    """There is nothing to transcribe."""


class Problem(StrEnum):
    """What a person who reads the ticket must know is missing."""

    CALLER_UNKNOWN = "caller_unknown"
    RECORDING_MISSING = "recording_missing"
    RECORDING_SHORT = "recording_short"
    TRANSCRIPT_PARKED = "transcript_parked"
    TRANSCRIPT_BY_DEMO_MODEL = "transcript_by_demo_model"
    """The words come from a recognizer that was made for the demo and understands no real people."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known about a contact when its ticket is filled. ``short_by_s``: seconds of talk not recorded.

    ``stated_text``: what the citizen had stated while he waited, if he talked or left a message afterwards.
    """

    caller: str
    has_ended: bool
    recording_state: str | None = None
    short_by_s: float = 0.0
    job_state: str | None = None
    citizen_text: str | None = None
    is_demo: bool = False
    stated_text: str | None = None


@dataclass(frozen=True, slots=True)
class Filling:
    """What the ticket says now. ``place``: ``None``: not known; ``workdays``: until it is due; ``None``: no norm."""

    state: TicketState
    transcript_state: TranscriptState
    nature: Suggestion
    topic: Suggestion
    place: str | None
    workdays: int | None
    problems: tuple[Problem, ...]


def fill(
    facts: Facts, natures: WordList, topics: WordList, places: PlaceWords, workdays: Mapping[str, int]
) -> Filling:
    """Decide what the ticket says, from the facts alone."""
    transcript_state = _transcript_state(facts)
    is_ready = facts.has_ended and transcript_state is not TranscriptState.PENDING
    text = "\n".join(filter(None, (facts.stated_text, facts.citizen_text)))
    nature = suggest(text, natures) if text else NOTHING
    return Filling(
        TicketState.READY if is_ready else TicketState.DRAFT,
        transcript_state,
        nature,
        suggest(text, topics) if text else NOTHING,
        places.find(text) if text else None,
        workdays.get(nature.category) if nature.category else None,
        tuple(_problems(facts, transcript_state)),
    )


def _transcript_state(facts: Facts) -> TranscriptState:
    if facts.citizen_text is not None:
        return TranscriptState.READY
    if facts.recording_state == "missing":
        return TranscriptState.NONE
    if facts.job_state == "parked":
        return TranscriptState.PARKED
    return TranscriptState.PENDING


def _problems(facts: Facts, transcript_state: TranscriptState) -> list[Problem]:
    checks = {
        Problem.CALLER_UNKNOWN: not facts.caller,
        Problem.RECORDING_MISSING: facts.recording_state == "missing",
        Problem.RECORDING_SHORT: facts.short_by_s > SHORT_S,
        Problem.TRANSCRIPT_PARKED: transcript_state is TranscriptState.PARKED,
        Problem.TRANSCRIPT_BY_DEMO_MODEL: facts.is_demo,
    }
    return [problem for problem, is_so in checks.items() if is_so]
