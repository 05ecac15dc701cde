"""Phones as hidden Markov models: the numbers by which Kaldi knows phones and transitions.

Invariant: pure; the acoustic model and the graph are written from the same object, so their numbers agree.
"""

from dataclasses import dataclass
from functools import cached_property

from callcenter.speech.demo_model.phones import SILENCE, PhoneSet, Pronunciation

POSITIONS = {"B": "begin", "E": "end", "I": "internal", "S": "singleton"}
"""Where in its word a phone stands; Vosk finds word boundaries by it."""


@dataclass(frozen=True)
class Hmm:
    """Phones in four positions, one HMM state for each acoustic state, from left to right."""

    phones: PhoneSet

    @cached_property
    def phone_ids(self) -> dict[str, int]:
        """``SIL``, ``uan_E`` ... -> number from 1."""
        placed = [f"{phone}_{position}" for phone in self.phones.phones[1:] for position in POSITIONS]
        return {name: number for number, name in enumerate([SILENCE, *placed], start=1)}

    @cached_property
    def triples(self) -> list[tuple[int, int, int]]:
        """(phone, state, acoustic state) of every HMM state, in Kaldi's order."""
        return [
            (number, state, acoustic)
            for name, number in self.phone_ids.items()
            for state, acoustic in enumerate(self.states(name))
        ]

    @cached_property
    def _first_transition(self) -> dict[tuple[int, int], int]:
        return {(phone, state): 2 * n + 1 for n, (phone, state, _) in enumerate(self.triples)}

    def states(self, name: str) -> tuple[int, ...]:
        """The acoustic states of a placed phone."""
        return self.phones.states(name.partition("_")[0])

    def transitions(self, name: str) -> list[tuple[int, int]]:
        """(stay, move on) of each state of a placed phone."""
        phone = self.phone_ids[name]
        first = [self._first_transition[phone, state] for state in range(len(self.states(name)))]
        return [(number, number + 1) for number in first]


def placed(spoken: Pronunciation) -> list[str]:
    """The phones of one word with their positions."""
    if len(spoken) == 1:
        return [f"{spoken[0]}_S"]
    inner = [f"{phone}_I" for phone in spoken[1:-1]]
    return [f"{spoken[0]}_B", *inner, f"{spoken[-1]}_E"]
