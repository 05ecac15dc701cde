"""What was heard, made fit for rules: clean words, one searchable text a channel, stretches of speech.

Invariant: whatever a recognizer or a hostile hand put into a transcript, the words here stand in order of time, have
finite times and confidences in 0..1, hold no control characters, and are no more than ``WORDS_MAX``.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import islice
from math import isfinite
from typing import Final

from recordings.core.text_numbers import Kind, mask_together
from recordings.core.text_numbers import find as find_numbers
from recordings.core.transcript import Word, joined

WORDS_MAX: Final = 100_000
"""Words of one channel that are looked at; four hours of quick speech have half of that."""
WORD_CHARACTERS_MAX: Final = 40
WORD_S_MAX: Final = 10.0
"""No word lasts longer; a longer one is a mistake of the recognizer."""
CALL_S_MAX: Final = 24 * 3600.0
EVIDENCE_CHARACTERS_MAX: Final = 120
PAUSE_S: Final = 1.5
"""A phrase does not go on over a longer pause."""
TURN_GAP_S: Final = 0.5
"""A stretch of speech goes on over gaps up to this."""

_PAUSE = "\n"
_PHONES = frozenset({Kind.MOBILE, Kind.LANDLINE, Kind.LONG})


@dataclass(frozen=True, slots=True)
class Passage:
    """Words that were found: who said them, when, and how sure the recognizer was of the least sure one.

    ``words``: for people to read, numbers of persons masked, at most ``EVIDENCE_CHARACTERS_MAX`` characters.
    """

    channel: str
    from_s: float
    to_s: float
    words: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Stretch:
    """Speech without a gap of more than ``TURN_GAP_S``: seconds, and the words ``first`` to ``last``."""

    from_s: float
    to_s: float
    first: int
    last: int


@dataclass(frozen=True)
class Heard:
    """One channel, ``citizen`` or ``agent``, in clean words."""

    channel: str
    words: tuple[Word, ...]

    @cached_property
    def text(self) -> str:
        """Everything said, as rules compare it, with a mark at each pause."""
        return self._searchable[0]

    @cached_property
    def confidence(self) -> float:
        """Mean confidence by characters; 0 when nothing was heard."""
        weights = [len(word.word) for word in self.words]
        spoken = sum(word.conf * weight for word, weight in zip(self.words, weights, strict=True))
        return spoken / sum(weights) if weights else 0.0

    @cached_property
    def stretches(self) -> tuple[Stretch, ...]:
        """The stretches of speech, in order."""
        found: list[Stretch] = []
        for index, word in enumerate(self.words):
            if found and word.start - found[-1].to_s <= TURN_GAP_S:
                last = found.pop()
                found.append(Stretch(last.from_s, max(last.to_s, word.end), last.first, index))
            else:
                found.append(Stretch(word.start, word.end, index, index))
        return tuple(found)

    def find(self, pattern: re.Pattern[str]) -> Iterator[tuple[re.Match[str], Passage]]:
        """Where the text matches, in order of time."""
        owners = self._searchable[1]
        for match in pattern.finditer(self.text):
            if match.end() > match.start():
                yield match, self.passage(owners[match.start()], owners[match.end() - 1])

    def passage(self, first: int, last: int) -> Passage:
        """The words ``first`` to ``last``, both included."""
        part = self.words[first : last + 1]
        said = joined(self._shown[first : last + 1][:EVIDENCE_CHARACTERS_MAX])[:EVIDENCE_CHARACTERS_MAX]
        ends = max(word.end for word in part)
        return Passage(self.channel, part[0].start, ends, said, min(word.conf for word in part))

    def names_a_phone(self) -> bool:
        """Whether a number was said that may be a telephone's."""
        return any(number.kind in _PHONES for number in find_numbers(self.text))

    @cached_property
    def _shown(self) -> tuple[Word, ...]:
        """The words as people may read them: a number is found also when it is spread over several."""
        masked = mask_together([word.word for word in self.words])
        return tuple(replace(word, word=shown) for word, shown in zip(self.words, masked, strict=True))

    @cached_property
    def _searchable(self) -> tuple[str, list[int]]:
        """The text, and for each of its characters the word from which it comes."""
        pieces: list[str] = []
        owners: list[int] = []
        quiet_since = 0.0
        for index, word in enumerate(self.words):
            said = comparable(word.word)
            if pieces and word.start - quiet_since > PAUSE_S:
                said = _PAUSE + said
            pieces.append(said)
            owners += [index] * len(said)
            quiet_since = max(quiet_since, word.end)
        return "".join(pieces), owners


def heard(channel: str, words: Iterable[Word]) -> Heard:
    """A channel of a transcript, cleaned."""
    clean = [fixed for word in islice(words, WORDS_MAX) if (fixed := _fixed(word)) is not None]
    return Heard(channel, tuple(sorted(clean, key=lambda word: (word.start, word.end))))


def comparable(text: str) -> str:
    """Text as rules compare it: width and case folded, without spaces and punctuation."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(character for character in folded if character.isalnum())


def _fixed(word: Word) -> Word | None:
    if not (isfinite(word.start) and isfinite(word.end)):
        return None
    text = _plain(word.word)
    if not text:
        return None
    start, end = sorted(min(max(second, 0.0), CALL_S_MAX) for second in (word.start, word.end))
    conf = min(max(word.conf, 0.0), 1.0) if isfinite(word.conf) else 0.0
    return Word(text, start, min(end, start + WORD_S_MAX), conf)


def _plain(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text[:WORD_CHARACTERS_MAX])
    return "".join(c for c in folded if unicodedata.category(c)[0] != "C")[:WORD_CHARACTERS_MAX].strip()
