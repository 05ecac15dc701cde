"""The project's own sentences: what the demo recognizer is trained on and tried on.

Invariant: the texts are written for this project; words are separated by spaces, "，" is a short pause.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from callcenter.speech.dialog import demo_dialog

_COMMA = "，"


@dataclass(frozen=True, slots=True)
class Sentence:
    """One utterance: clauses of words."""

    clauses: tuple[tuple[str, ...], ...]

    @property
    def words(self) -> tuple[str, ...]:
        """All words, pauses left out."""
        return tuple(word for clause in self.clauses for word in clause)

    @property
    def text(self) -> str:
        """As it is written, for the voice."""
        return _COMMA.join("".join(clause) for clause in self.clauses)


def parse(line: str) -> Sentence:
    """``您好 ， 请 讲`` -> two clauses of one and two words."""
    return Sentence(tuple(tuple(clause.split()) for clause in line.split(_COMMA)))


def training_sentences() -> list[Sentence]:
    """``sentences.txt`` and the turns of the demo call."""
    return _read("sentences.txt") + [parse(line.words) for line in demo_dialog()]


def heldout_sentences() -> list[Sentence]:
    """Sentences that are in no training text, made of words that are."""
    return _read("heldout.txt")


def vocabulary(sentences: Iterable[Sentence]) -> list[str]:
    """All words, sorted."""
    return sorted({word for sentence in sentences for word in sentence.words})


def _read(name: str) -> list[Sentence]:
    lines = (Path(__file__).with_name(name)).read_text("utf-8").splitlines()
    return [parse(line) for line in lines if line and not line.startswith("#")]
