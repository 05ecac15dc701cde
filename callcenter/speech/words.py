"""The city's own words (单位、街道、话题): a plain list, and what a recognizer can make of each.

Invariant: every line that is no comment gets exactly one verdict with its reason; none is dropped silently.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from callcenter.core.errors import UsageError

LIST_NAME: Final = "words.txt"
WORDS_MAX: Final = 5000
CHARACTERS_MAX: Final = 20
LIST_BYTES_MAX: Final = 1 << 20


class Fate(StrEnum):
    """What a recognizer makes of a word."""

    KNOWN = "known"
    """It is in the model's vocabulary."""
    NEW = "new"
    """``words apply`` adds it."""
    PARTS = "parts"
    """It can be heard as several words of the vocabulary, which read the same; it gets no weight of its own."""
    UNKNOWN = "unknown"
    """It can never be heard with this model."""
    REFUSED = "refused"
    """It is no word, or stands twice."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """A line of the list. ``reason``: for people, in Chinese and English; empty for a known word."""

    line: int
    word: str
    fate: Fate
    reason: str


CanAdd = Callable[[str], str]
"""Why a model cannot take up a word; empty: it can."""


def read(path: Path) -> str:
    """The list; a file that is not there is an empty one.

    Raises:
        UsageError: ``bad_words``: too large, unreadable, or not UTF-8.
    """
    try:
        with path.open("rb") as file:
            content = file.read(LIST_BYTES_MAX + 1)
        text = content.decode("utf-8-sig")
    except FileNotFoundError:
        return ""
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}", code="bad_words") from None
    except UnicodeDecodeError:
        raise UsageError(f"{path} is not UTF-8: save it as UTF-8", code="bad_words") from None
    if len(content) > LIST_BYTES_MAX:
        raise UsageError(f"{path} is larger than {LIST_BYTES_MAX} bytes", code="bad_words")
    return text


def judge(text: str, vocabulary: Collection[str], can_add: CanAdd | None) -> list[Verdict]:
    """A verdict on each word of the list, in order. ``can_add`` ``None``: the model's words are fixed."""
    seen: set[str] = set()
    verdicts: list[Verdict] = []
    for line, word in _lines(text):
        problem = _problem(word, seen, len(verdicts))
        seen.add(word)
        if problem:
            verdicts.append(Verdict(line, word, Fate.REFUSED, problem))
        elif word in vocabulary:
            verdicts.append(Verdict(line, word, Fate.KNOWN, ""))
        else:
            verdicts.append(Verdict(line, word, *_fate(word, vocabulary, can_add)))
    return verdicts


def parts(word: str, vocabulary: Collection[str]) -> Sequence[str]:
    """The fewest words of the vocabulary that read like ``word``; empty: there are none."""
    best: list[tuple[str, ...] | None] = [(), *([None] * len(word))]
    for end in range(1, len(word) + 1):
        for start in range(end):
            before, piece = best[start], word[start:end]
            if before is None or piece not in vocabulary:
                continue
            shortest = best[end]
            if shortest is None or len(before) + 1 < len(shortest):
                best[end] = (*before, piece)
    return best[-1] or ()


def _lines(text: str) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(text.split("\n"), start=1):
        word = line.partition("#")[0].strip()
        if word:
            yield number, word


def _problem(word: str, seen: Collection[str], count: int) -> str:
    if count >= WORDS_MAX:
        return f"词表超过 {WORDS_MAX} 行 / more than {WORDS_MAX} words"
    if word in seen:
        return "重复 / stands twice"
    if len(word) > CHARACTERS_MAX:
        return f"超过 {CHARACTERS_MAX} 个字 / longer than {CHARACTERS_MAX} characters"
    if not word.isprintable() or any(character.isspace() for character in word):
        return "一行只写一个词 / one word a line"
    return ""


def _fate(word: str, vocabulary: Collection[str], can_add: CanAdd | None) -> tuple[Fate, str]:
    if can_add is not None:
        why_not = can_add(word)
        return (Fate.UNKNOWN, why_not) if why_not else (Fate.NEW, "可加入 / words apply adds it")
    pieces = parts(word, vocabulary)
    if pieces:
        return Fate.PARTS, f"只能分开识别 / heard as: {' '.join(pieces)}"
    missing = "".join(character for character in word if character not in vocabulary) or word
    return Fate.UNKNOWN, f"模型词表没有 / not in the model's vocabulary: {missing}"
