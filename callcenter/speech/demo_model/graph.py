"""The decoding graph: which transitions of the HMMs make which words, at what cost.

Invariant: words and phones get their numbers here once; ``words.txt`` and ``HCLG.fst`` come from the same table.
"""

import math
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import kaldifst

from callcenter.speech.demo_model.bigram import END, START, Bigram
from callcenter.speech.demo_model.hmm import POSITIONS, Hmm, placed
from callcenter.speech.demo_model.phones import SILENCE, Pronunciation

_EVEN = -math.log(0.5)
_NONE = 0  # the empty label of OpenFst


@dataclass(frozen=True)
class Graph:
    """Lexicon, word pairs and phone models; ``write`` composes them."""

    hmm: Hmm
    lexicon: dict[str, set[Pronunciation]]
    bigram: Bigram

    def write(self, folder: Path) -> None:
        """Write ``HCLG.fst``, ``words.txt`` and ``phones/word_boundary.int``."""
        (folder / "phones").mkdir(parents=True)
        table = "".join(f"{word} {number}\n" for word, number in self.word_ids.items())
        (folder / "words.txt").write_text(table, "utf-8")
        (folder / "phones" / "word_boundary.int").write_text(self._word_boundary(), "utf-8")
        self._compose().write(str(folder / "HCLG.fst"))

    @cached_property
    def word_ids(self) -> dict[str, int]:
        """Word -> number; the empty label first, as Kaldi wants it."""
        names = ["<eps>", *sorted(self.lexicon), "#0", START, END]
        return {name: number for number, name in enumerate(names)}

    def _word_boundary(self) -> str:
        return "".join(
            f"{number} {'nonword' if name == SILENCE else POSITIONS[name[-1]]}\n"
            for name, number in self.hmm.phone_ids.items()
        )

    def _compose(self) -> kaldifst.StdVectorFst:
        pronunciations, sentences = self._pronunciations(), self._sentences()
        kaldifst.arcsort(pronunciations, sort_type="olabel")
        kaldifst.arcsort(sentences, sort_type="ilabel")
        return kaldifst.compose(pronunciations, sentences)

    def _pronunciations(self) -> kaldifst.StdVectorFst:
        """A loop over all words, each followed by one silence or none: transitions in, words out.

        More than one silence in a row would make the paths through a pause uncountable.
        """
        fst = kaldifst.StdVectorFst()
        pause, hub = fst.add_state(), fst.add_state()
        fst.start = pause
        fst.set_final(hub, 0.0)
        fst.add_arc(pause, kaldifst.StdArc(_NONE, _NONE, _EVEN, hub))
        self._add_phones(fst, (pause, hub), [SILENCE], _NONE)
        for word, ways in sorted(self.lexicon.items()):
            for spoken in sorted(ways):
                self._add_phones(fst, (hub, pause), placed(spoken), self.word_ids[word])
        return fst

    def _add_phones(
        self, fst: kaldifst.StdVectorFst, way: tuple[int, int], names: list[str], word: int
    ) -> None:
        """These phones from one state to another; a state's loop comes after its exit, as Kaldi orders them."""
        here, end = way
        for stay, leave in (pair for name in names for pair in self.hmm.transitions(name)):
            there = fst.add_state()
            fst.add_arc(here, kaldifst.StdArc(leave, word, _EVEN, there))
            fst.add_arc(there, kaldifst.StdArc(stay, _NONE, _EVEN, there))
            here, word = there, _NONE
        fst.add_arc(here, kaldifst.StdArc(_NONE, _NONE, 0.0, end))

    def _sentences(self) -> kaldifst.StdVectorFst:
        """The bigram as an acceptor.

        After an utterance another may begin at once, but not after a forgotten history: back-off and new beginning
        would form a cycle without a word in it.
        """
        fst = kaldifst.StdVectorFst()
        states = {
            history: fst.add_state() for history in (START, *sorted(self.bigram.pairs.keys() - {START}))
        }
        anything = fst.add_state()
        fst.start = states[START]
        fst.set_final(anything, self.bigram.cost(END))
        for word in sorted(self.lexicon):
            self._add_word(fst, (anything, states.get(word, anything)), word, self.bigram.cost(word))
        for history, state in states.items():
            fst.add_arc(state, kaldifst.StdArc(_NONE, _NONE, self.bigram.back_off_cost(history), anything))
            for word in sorted(self.bigram.pairs[history].keys() - {END}):
                there = states.get(word, anything)
                self._add_word(fst, (state, there), word, self.bigram.pair_cost(history, word))
            if END in self.bigram.pairs[history]:
                cost = self.bigram.pair_cost(history, END)
                fst.set_final(state, cost)
                fst.add_arc(state, kaldifst.StdArc(_NONE, _NONE, cost + _EVEN, states[START]))
        return fst

    def _add_word(self, fst: kaldifst.StdVectorFst, way: tuple[int, int], word: str, cost: float) -> None:
        label = self.word_ids[word]
        fst.add_arc(way[0], kaldifst.StdArc(label, label, cost, way[1]))
