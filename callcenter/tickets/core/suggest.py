"""What a citizen's words suggest: the nature and the topic of an appeal, each with the words that led there.

Invariants: the same text gives the same suggestion; where no word speaks the answer is None, never a guess;
a suggestion always carries at least one word that stands in the text.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

STRONG: Final = 3
WEAK: Final = 1
_SILENT = re.compile(r"[\s,.!?;:，。！？；：、…]+")


class Nature(StrEnum):
    """The nature of an appeal (性质分类, FIELD.md 10)."""

    HELP = "help"
    CONSULT = "consult"
    COMPLAINT = "complaint"
    TIP_OFF = "tip_off"
    SUGGESTION = "suggestion"
    PRAISE = "praise"


@dataclass(frozen=True, slots=True)
class WordList:
    """Which word speaks for which category, and how loud (``STRONG`` or ``WEAK``).

    ``names``: category -> its Chinese name. A word with category ``None`` only hides shorter ones inside it.
    """

    names: Mapping[str, str]
    words: Mapping[str, tuple[str | None, int]]


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A category (or ``None``) and the words that spoke for it, in the order in which they were said.

    ``certainty``, 0 to 1: its share of all that was heard, loud or quiet, less where not even one strong word spoke. It ranks
    and is shown; it is no probability.
    """

    category: str | None
    words: tuple[str, ...]
    certainty: float = field(default=0.0, compare=False)


NOTHING: Final = Suggestion(None, ())


def suggest(text: str, word_list: WordList) -> Suggestion:
    """The category with the loudest words; of two equally loud ones the first that was mentioned."""
    heard = _heard(text, word_list)
    loudness: dict[str, int] = {}
    for word in heard:
        category, weight = word_list.words[word]
        if category is not None:
            loudness[category] = loudness.get(category, 0) + weight
    if not loudness:
        return NOTHING
    best = max(loudness, key=lambda category: loudness[category])
    words = tuple(word for word in heard if word_list.words[word][0] == best)
    loud = loudness[best]
    return Suggestion(best, words, round(loud / sum(loudness.values()) * min(1.0, loud / STRONG), 2))


def silent(text: str) -> str:
    """Text as words are looked for in it: without spaces and punctuation."""
    return _SILENT.sub("", text)


def _heard(text: str, word_list: WordList) -> list[str]:
    """The listed words of the text, each once, longest first where they overlap."""
    longest_first = sorted(word_list.words, key=lambda word: (-len(word), word))
    if not longest_first:
        return []
    pattern = re.compile("|".join(map(re.escape, longest_first)))
    return list(dict.fromkeys(pattern.findall(silent(text))))
