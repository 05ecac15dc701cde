"""Small calls for the quality rules' tests: who said what, when, and how sure the recognizer was."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from callcenter.core.ids import RecordingId
from recordings.core.qa.facts import CallFacts, TicketFacts
from recordings.core.transcript import Transcript, Word

RECORDING = RecordingId("cc-1763784000.1")
SUNDAY = date(2026, 11, 22)
CHARACTER_S = 0.25
"""How long a character takes: 240 a minute."""


def say(start: float, text: str, conf: float = 0.9, character_s: float = CHARACTER_S) -> tuple[Word, ...]:
    """Words, apart by spaces, spoken without a pause from second ``start``."""
    words = []
    for part in text.split():
        end = start + len(part) * character_s
        words.append(Word(part, start, end, conf))
        start = end
    return tuple(words)


def call(
    agent: Sequence[Word] = (), citizen: Sequence[Word] = (), seconds: float = 60.0, **facts: object
) -> CallFacts:
    """An answered call of so many seconds that was heard whole."""
    spoken = Transcript(RECORDING, "good", False, seconds, tuple(citizen), tuple(agent))
    known = CallFacts(RECORDING, spoken, talk_s=seconds, holds=(), ticket=TicketFacts(has_phone=True))
    return replace(known, **facts)  # type: ignore[arg-type]  # fields by name
