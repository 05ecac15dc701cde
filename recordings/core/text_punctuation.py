"""Punctuation of recognized words: from pauses and final particles, and from nothing else.

Invariant: pure; no word is changed, dropped or moved. A question mark stands only where a word says that it is a
question: 吗, 呢 after an interrogative, 请问. What is not known is a comma or a full stop, never a guess.
"""

import re
from collections.abc import Sequence
from typing import Final, Protocol

COMMA_S: Final = 0.25
"""A silence between two words from which on a comma stands."""
STOP_S: Final = 0.7
"""A silence from which on a sentence ends."""

_ASKS = "吗"
_INTERROGATIVE = re.compile("谁|什么|哪|几|多少|怎么|为何|为什么|咋")
_POLITE = "请问"
_SHORT_CLAUSE = 4
"""我呢 and 水费呢 ask without an interrogative; 我在看呢 does not."""
_MARKS = frozenset("，。？！、；：,.?!;:")


class Timed(Protocol):
    """A word from second ``start`` to ``end``."""

    @property
    def word(self) -> str:
        """As recognized."""

    @property
    def start(self) -> float:
        """Its beginning, in seconds."""

    @property
    def end(self) -> float:
        """Its end, in seconds."""


def joined(words: Sequence[Timed]) -> str:
    """Words as written text without punctuation: Chinese without spaces, others apart."""
    text = ""
    for word in words:
        text += _space(text, word.word) + word.word
    return text


def punctuated(words: Sequence[Timed]) -> str:
    """The words of one turn, in order of time, as a reader likes them."""
    return "".join(pieces(words))


def pieces(words: Sequence[Timed]) -> list[str]:
    """For each word of one turn what it adds to the text: the space before it, itself, the mark behind it."""
    found: list[str] = []
    text, clause, sentence = "", "", ""
    for index, word in enumerate(words):
        piece = _space(text, word.word) + word.word
        clause, sentence = clause + word.word, sentence + word.word
        is_last = index + 1 == len(words)
        mark = _mark(clause, sentence, STOP_S if is_last else words[index + 1].start - word.end)
        if mark and (text + piece)[-1:] not in _MARKS:
            piece += mark
        if mark:
            clause = ""
        if mark in ("。", "？"):
            sentence = ""
        text = (text + piece)[-1:]
        found.append(piece)
    return found


def _mark(clause: str, sentence: str, pause_s: float) -> str:
    """What stands behind this word."""
    if not clause.strip():
        return ""
    if clause.endswith(_ASKS):
        return "？"
    if pause_s >= STOP_S:
        return "？" if _is_question(clause, sentence) else "。"
    return "，" if pause_s >= COMMA_S else ""


def _is_question(clause: str, sentence: str) -> bool:
    if clause.endswith("呢"):
        return len(clause) <= _SHORT_CLAUSE - 1 or bool(_INTERROGATIVE.search(clause))
    return sentence.startswith(_POLITE) and bool(_INTERROGATIVE.search(sentence))


def _space(before: str, after: str) -> str:
    is_latin = bool(before and after) and before[-1].isascii() and after[0].isascii()
    return " " if is_latin else ""
