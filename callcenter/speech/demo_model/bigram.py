"""How likely a word follows another: a bigram with absolute discounting and back-off to words alone.

Invariant: pure; every word of the vocabulary has a chance after every other.
P(w|h) = (c(hw) - D) / c(h) where the pair was seen, else B(h) P(w), with B(h) = D n(h) / c(h),
n(h) the number of different followers (Ney, Essen and Kneser 1994); P(w) = (c(w) + 1/2) / (N + V/2).
"""

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise, product

START, END = "<s>", "</s>"
DISCOUNT = 0.5
DIGITS = tuple("零一二三四五六七八九幺")


@dataclass(frozen=True)
class Bigram:
    """Counts, and the costs (negative natural logarithms) that follow from them."""

    pairs: dict[str, Counter[str]]
    words: Counter[str]

    def cost(self, word: str) -> float:
        """Of a word alone, or of ``END`` alone."""
        return -math.log((self.words[word] + 0.5) / (self.words.total() + 0.5 * len(self.words)))

    def pair_cost(self, history: str, word: str) -> float:
        """Of a pair that was seen."""
        followers = self.pairs[history]
        return -math.log((followers[word] - DISCOUNT) / followers.total())

    def back_off_cost(self, history: str) -> float:
        """Of forgetting the history."""
        followers = self.pairs[history]
        return -math.log(DISCOUNT * len(followers) / followers.total())


def count(utterances: Iterable[Sequence[str]]) -> Bigram:
    """Count utterances of words; telephone numbers make every digit follow every digit."""
    pairs: dict[str, Counter[str]] = {}
    words: Counter[str] = Counter()
    sequences = [(START, *words, END) for words in utterances]
    for left, right in [pair for sequence in sequences for pair in pairwise(sequence)] + _numbers():
        pairs.setdefault(left, Counter())[right] += 1
        words[right] += 1
    return Bigram(pairs, words)


def _numbers() -> list[tuple[str, str]]:
    return list(product(DIGITS, DIGITS))
