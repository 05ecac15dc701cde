"""From the voice's symbols to phones: where each begins and ends, and how each word is spoken.

Invariant: pure. A phone is an initial or a final without its tone (MFCC do not hear tones), or ``SIL``.
A syllable is (initial, final) or (final): the voice writes ``^`` where there is no initial.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from callcenter.core.errors import OurError

SILENCE = "SIL"
INITIALS = frozenset(["zh", "ch", "sh", *"bcdfghjklmnpqrstxz"])

_NO_INITIAL, _SYLLABLE_END = "^", "#0"
_SILENT = frozenset(["sil", "eos", "#1", "#2", "#3"])

Pronunciation = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Segment:
    """A phone from frame ``start`` up to frame ``end`` of the voice."""

    phone: str
    start: int
    end: int


def phone_of(symbol: str) -> str:
    """``uan3`` -> ``uan``; silences -> ``SIL``."""
    return SILENCE if symbol in _SILENT else symbol.rstrip("12345")


def segments(symbols: Sequence[str], durations: Sequence[int]) -> list[Segment]:
    """Phones with their places. ``^`` belongs to the final after it, ``#0`` to the final before it."""
    found: list[Segment] = []
    now = start = 0
    for symbol, duration in zip(symbols, durations, strict=True):
        now += duration
        if symbol == _NO_INITIAL:
            continue
        if symbol == _SYLLABLE_END:
            last = found.pop()
            found.append(Segment(last.phone, last.start, now))
        else:
            found.append(Segment(phone_of(symbol), start, now))
        start = now
    return found


def syllables(symbols: Iterable[str]) -> list[Pronunciation]:
    """The syllables of a clause, in order."""
    found: list[Pronunciation] = []
    initial: Pronunciation = ()
    for symbol in symbols:
        if symbol in _SILENT or symbol in (_NO_INITIAL, _SYLLABLE_END):
            continue
        phone = phone_of(symbol)
        if phone in INITIALS:
            initial = (phone,)
        else:
            found.append((*initial, phone))
            initial = ()
    return found


def lexicon(
    clauses: Iterable[tuple[Sequence[str], Sequence[str]]],
) -> dict[str, set[Pronunciation]]:
    """Words -> the ways they were spoken, from pairs of (words, symbols) of the same clause.

    Raises:
        OurError: a clause whose syllables are not one for each character (an 儿 that melts into its neighbor).
    """
    found: dict[str, set[Pronunciation]] = defaultdict(set)
    for words, symbols in clauses:
        spoken = syllables(symbols)
        if len(spoken) != sum(map(len, words)):
            raise OurError(f"the voice does not speak one syllable for each character of '{''.join(words)}'")
        for word in words:
            found[word].add(tuple(phone for syllable in spoken[: len(word)] for phone in syllable))
            spoken = spoken[len(word) :]
    return dict(found)


@dataclass(frozen=True)
class PhoneSet:
    """The phones of a model and their acoustic states: two for a final, one for the rest."""

    phones: tuple[str, ...]

    @staticmethod
    def of(pronunciations: Iterable[Pronunciation]) -> "PhoneSet":
        """Silence first, then every phone that occurs, sorted."""
        return PhoneSet((SILENCE, *sorted({phone for spoken in pronunciations for phone in spoken})))

    def states(self, phone: str) -> tuple[int, ...]:
        """The numbers of the acoustic states of a phone."""
        return self._table()[phone]

    @property
    def state_count(self) -> int:
        """How many acoustic states there are."""
        return sum(map(len, self._table().values()))

    def _table(self) -> dict[str, tuple[int, ...]]:
        table: dict[str, tuple[int, ...]] = {}
        first = 0
        for phone in self.phones:
            count = 1 if phone == SILENCE or phone in INITIALS else 2
            table[phone] = tuple(range(first, first + count))
            first += count
        return table
