"""Full text of calls: what is kept to be searched, the language of questions, and where in a call their words are.

Invariants: pure; both databases get the same tokens and the same text, so they give the same answers; tokens are
letters and digits only, so nothing that a person types reaches a database as an operator.

Chinese is cut into characters and pairs of characters: 暖气停 is 暖 气 停 暖气 气停. Unlike a dictionary's words these
are the same for every call and every question, whatever the recognizer heard, also for names of places that no
dictionary has; a word of two characters, the most common kind, is one look-up. Other scripts are cut into words.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from callcenter.core.errors import UsageError
from recordings.core.transcript import Transcript, Word, joined

QUESTION_CHARACTERS_MAX: Final = 200
PHRASES_MAX: Final = 8
TOKEN_BYTES_MAX: Final = 900_000
"""Of one call; PostgreSQL takes a megabyte. Words behind it are not found: four hours of speech stay far below."""
CONTEXT_CHARACTERS: Final = 20
"""What a passage shows before and after the words."""

_HAN: Final = "\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_HAN_UNIT = re.compile(f"[{_HAN}]")
_PLAIN_UNIT = re.compile(rf"[{_HAN}]|\n|[^\s{_HAN}]+")
_UNIT = re.compile(rf"[{_HAN}]|[^\W_{_HAN}]{{1,64}}|\*+")
_SIGNS = str.maketrans(dict.fromkeys("“”„‟「」『』«»", '"') | {"*": " "})
_PART = re.compile(r'(-?)(?:"([^"]*)"?|([^\s"]+))')
_STARS = re.compile(r"\*(?:\s?\*)*")
_BREAKS = re.compile(r"\n+")
_BREAK: Final = "\n"
"""Between speakers, and where a number was hidden: nothing is found across it."""


@dataclass(frozen=True, slots=True)
class Question:
    """What somebody looks for: every phrase of ``wanted``, none of ``unwanted``; each as :func:`plain` writes it."""

    wanted: tuple[str, ...]
    unwanted: tuple[str, ...] = ()

    @property
    def tokens(self) -> list[str]:
        """What a call must have; necessary, and enough unless :attr:`to_compare` says more."""
        found = {token for phrase in self.wanted for token in tokens(phrase)}
        pairs = "".join(token for token in found if _is_han(token[0]) and len(token) > 1)
        return sorted(token for token in found if len(token) > 1 or token not in pairs)

    @property
    def unwanted_tokens(self) -> list[str]:
        """What a call must not have; enough unless :attr:`to_compare_unwanted` says more."""
        return [phrase.strip() for phrase in self.unwanted if _is_token(phrase)]

    @property
    def to_compare(self) -> list[str]:
        """Wanted phrases that the tokens alone do not decide: the order of their parts counts."""
        return [phrase for phrase in self.wanted if not _is_token(phrase)]

    @property
    def to_compare_unwanted(self) -> list[str]:
        """Unwanted phrases that the tokens alone do not decide."""
        return [phrase for phrase in self.unwanted if not _is_token(phrase)]


@dataclass(frozen=True, slots=True)
class Passage:
    """Where a wanted phrase is first said on a channel: from second ``start`` to ``end``, with the words around it."""

    channel: str
    start: float
    end: float
    before: str
    hit: str
    after: str


def parse(text: str) -> Question:
    """Read a question: words, all of which must be said; ``"an exact phrase"``; ``-without``.

    Chinese and English quotation marks and full-width signs count alike. AND, OR, ``*`` and the like mean nothing.

    Raises:
        UsageError: ``bad_search``: no word to look for, too long, too many.
    """
    if len(text) > QUESTION_CHARACTERS_MAX:
        raise UsageError(f"search for at most {QUESTION_CHARACTERS_MAX} characters", code="bad_search")
    folded = unicodedata.normalize("NFKC", text).translate(_SIGNS)
    phrases: dict[bool, list[str]] = {True: [], False: []}
    for minus, quoted, bare in _PART.findall(folded):
        phrase = plain(quoted or bare)
        if phrase.strip():
            phrases[not minus].append(phrase)
    wanted, unwanted = (tuple(dict.fromkeys(phrases[key])) for key in (True, False))
    if not wanted:
        raise UsageError('name a word to look for: 暖气 停水 "没有人来" -投诉', code="bad_search")
    if len(wanted) + len(unwanted) > PHRASES_MAX:
        raise UsageError(f"search for at most {PHRASES_MAX} words", code="bad_search")
    return Question(wanted, unwanted)


def plain(text: str) -> str:
    """Text as it is compared: width and case folded, Chinese without spaces, other words with one on each side.

    One text contains another as a substring exactly when its words stand there in this order.
    """
    return "".join(_spaced(_units(text)))


def tokens(text: str) -> set[str]:
    """What is looked up of a :func:`plain` text: its words and Chinese characters, and pairs of the latter."""
    found: set[str] = set()
    before = ""
    for unit in _PLAIN_UNIT.findall(text):
        if unit != _BREAK:
            found.add(unit)
            if _is_han(before) and _is_han(unit):
                found.add(before + unit)
        before = unit
    return found


def said(transcript: Transcript) -> str:
    """What is kept of a call: both channels as :func:`plain` writes them, numbers of persons left out."""
    hidden = transcript.masked()
    text = _BREAK.join(_spoken(words).text for words in (hidden.citizen, hidden.agent))
    return _BREAKS.sub(_BREAK, text)


def indexed(text: str) -> list[str]:
    """The tokens of what :func:`said` gave, in order, bounded by ``TOKEN_BYTES_MAX``."""
    kept, size = [], 0
    for token in sorted(tokens(text)):
        size += len(token.encode()) + 4
        if size > TOKEN_BYTES_MAX:
            break
        kept.append(token)
    return kept


def passages(transcript: Transcript, question: Question) -> list[Passage]:
    """For each channel and wanted phrase its first place in the call, in order of time; numbers masked."""
    hidden = transcript.masked()
    found = [
        passage
        for channel, words in (("citizen", hidden.citizen), ("agent", hidden.agent))
        for passage in _on_channel(channel, words, question.wanted)
    ]
    return sorted(found, key=lambda passage: (passage.start, passage.channel))


@dataclass(frozen=True, slots=True)
class _Spoken:
    """A channel as it is compared. ``word_at``: the word of each character."""

    text: str
    word_at: tuple[int, ...]


def _spoken(words: Sequence[Word]) -> _Spoken:
    units = [(unit, place) for place, word in enumerate(words) for unit in _units(word.word)]
    pieces = list(_spaced([unit for unit, _ in units]))
    word_at = [place for piece, (_, place) in zip(pieces, units, strict=True) for _ in piece]
    return _Spoken("".join(pieces), tuple(word_at))


def _on_channel(channel: str, words: tuple[Word, ...], phrases: Iterable[str]) -> Iterator[Passage]:
    spoken = _spoken(words)
    seen = set()
    for phrase in phrases:
        at = spoken.text.find(phrase)
        if at < 0:
            continue
        first = spoken.word_at[at + len(phrase) - len(phrase.lstrip())]
        last = spoken.word_at[at + len(phrase.rstrip()) - 1]
        if (first, last) not in seen:
            seen.add((first, last))
            yield _passage(channel, words, first, last)


def _passage(channel: str, words: tuple[Word, ...], first: int, last: int) -> Passage:
    return Passage(
        channel,
        words[first].start,
        words[last].end,
        _shown(words[max(0, first - CONTEXT_CHARACTERS) : first])[-CONTEXT_CHARACTERS:],
        _shown(words[first : last + 1]),
        _shown(words[last + 1 : last + 1 + CONTEXT_CHARACTERS])[:CONTEXT_CHARACTERS],
    )


def _shown(words: tuple[Word, ...]) -> str:
    """Words for people to read, a hidden number as four stars."""
    return _STARS.sub("****", joined(words))


def _units(text: str) -> list[str]:
    """Chinese characters, words of other letters and digits, and breaks where a number was hidden."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return [_BREAK if unit[0] == "*" else unit for unit in _UNIT.findall(folded)]


def _spaced(units: Sequence[str]) -> Iterator[str]:
    """Each unit as it stands in a plain text: between two words one space belongs to the first."""
    is_apart = False
    for unit in units:
        is_word = not (_is_han(unit) or unit == _BREAK)
        yield (f"{unit} " if is_apart else f" {unit} ") if is_word else unit
        is_apart = is_word


def _is_token(phrase: str) -> bool:
    """Whether one look-up decides whether a call has it."""
    return phrase.strip() in tokens(phrase)


def _is_han(unit: str) -> bool:
    return _HAN_UNIT.fullmatch(unit) is not None
