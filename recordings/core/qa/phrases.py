"""Finds phrases in what was heard. Invariant: a phrase inside a longer hidden one is not a hit."""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from recordings.core.qa.heard import Heard, Passage, comparable

PATTERNS_KEPT: Final = 512


def hits(channel: Heard, phrases: tuple[str, ...], hidden: tuple[str, ...] = ()) -> Iterator[Passage]:
    """Where one of ``phrases`` was said, the longest first where they overlap, in order of time.

    ``hidden``: longer phrases that mean something else and hide the shorter ones inside them.
    """
    pattern, meant = _compiled(phrases, hidden)
    return (passage for match, passage in channel.find(pattern) if match.group() in meant)


def said_near(channel: Heard, phrases: tuple[str, ...], begin: int, end: int, within: int) -> bool:
    """Whether a phrase stands within so many characters before ``begin`` or after ``end`` of the text."""
    pattern, _ = _compiled(phrases, ())
    return pattern.search(channel.text[max(0, begin - within) : end + within]) is not None


@lru_cache(PATTERNS_KEPT)
def _compiled(phrases: tuple[str, ...], hidden: tuple[str, ...]) -> tuple[re.Pattern[str], frozenset[str]]:
    meant = frozenset(map(comparable, phrases)) - {""}
    others = frozenset(map(comparable, hidden)) - {""} - meant
    longest_first = sorted(meant | others, key=lambda text: (-len(text), text))
    pattern = "|".join(map(re.escape, longest_first)) or r"(?!)"
    return re.compile(pattern), meant
