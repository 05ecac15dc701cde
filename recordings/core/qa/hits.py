"""What a check found: where, what was said, how sure, and the figures that its text shows."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from recordings.core.qa.heard import Passage

NOBODY = ""
"""The channel of a hit that concerns no single voice."""


@dataclass(frozen=True, slots=True)
class Hit:
    """One place of a call. ``from_s`` and ``to_s``: ``None`` when it is about the whole call."""

    channel: str
    from_s: float | None
    to_s: float | None
    words: str
    confidence: float
    figures: Mapping[str, str] = field(default_factory=dict)


def at(passage: Passage, **figures: str) -> Hit:
    """A hit on words."""
    return Hit(passage.channel, passage.from_s, passage.to_s, passage.words, passage.confidence, figures)


def all_at(passages: Iterable[Passage]) -> Iterable[Hit]:
    """A hit on each of these."""
    return (at(passage) for passage in passages)


def whole(confidence: float, **figures: str) -> Hit:
    """A hit about the whole call."""
    return Hit(NOBODY, None, None, "", confidence, figures)


def seconds(value: float) -> str:
    """Seconds for people."""
    return f"{value:.0f}" if value >= 10 else f"{value:.1f}"
