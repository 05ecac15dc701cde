"""What the words heard so far propose for a ticket's form: nature, topic, place, unit, due date, note.

Invariants: pure, and by the same words as the draft that the machine fills after the call; every proposal names the words it
rests on; a note holds only what the citizen said, with numbers of persons as stars.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from enum import StrEnum
from typing import Final

from callcenter.tickets.core.deadline import deadline
from callcenter.tickets.core.place import PlaceWords
from callcenter.tickets.core.suggest import Suggestion, WordList, silent, suggest

NOTE_CHARACTERS_MAX: Final = 400

PLACE_CERTAINTY: Final = 0.5
"""A place is what fits the shape of a name; that it is the matter's is not known."""


_PAUSE: Final = re.compile("[，。？！]")


class Source(StrEnum):
    """Where the words come from, the nearest to the call last."""

    NONE = "none"
    STATEMENT = "statement"
    """What he stated while he waited."""
    CAPTIONS = "captions"
    """What is heard while he talks."""
    TRANSCRIPT = "transcript"
    """What the recognizer made of the recording."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A value for a field, the words it rests on, and how sure the words are, 0 to 1."""

    value: str
    words: tuple[str, ...]
    certainty: float


@dataclass(frozen=True, slots=True)
class Due:
    """When a ticket of this nature is due, and after how many working days."""

    at: datetime
    workdays: int


def propose(
    lines: Sequence[str], natures: WordList, topics: WordList, places: PlaceWords, units: Mapping[str, str]
) -> Mapping[str, Proposal]:
    """Field -> what is proposed for it; a field of which nothing was said is missing.

    ``lines``: the citizen's, in order; ``units``: topic -> whose matter it usually is.
    """
    text = "\n".join(lines)
    nature, topic = suggest(text, natures), suggest(text, topics)
    found: dict[str, Proposal | None] = {
        "nature": _of(nature),
        "topic": _of(topic),
        "place": _place(lines, places),
        "unit": _unit(topic, units),
    }
    proposals = {field: proposal for field, proposal in found.items() if proposal is not None}
    note = _note(lines, [word for proposal in proposals.values() for word in proposal.words])
    return proposals | ({"note": note} if note else {})


def due(nature: str | None, created_at: datetime, workdays: Mapping[str, int], zone: tzinfo) -> Due | None:
    """When a ticket of this nature is due; ``None``: no norm."""
    days = workdays.get(nature) if nature else None
    return Due(deadline(created_at, days, zone), days) if days else None


def _of(suggestion: Suggestion) -> Proposal | None:
    if suggestion.category is None:
        return None
    return Proposal(suggestion.category, suggestion.words, suggestion.certainty)


def _place(lines: Sequence[str], places: PlaceWords) -> Proposal | None:
    """The first place of a line, for what was said before a pause belongs to no name; else one over several lines."""
    found = (places.find(part) for line in [*lines, "".join(lines)] for part in _PAUSE.split(line))
    place = next(filter(None, found), None)
    return Proposal(place, (place,), PLACE_CERTAINTY) if place else None


def _unit(topic: Suggestion, units: Mapping[str, str]) -> Proposal | None:
    unit = units.get(topic.category) if topic.category else None
    return Proposal(unit, topic.words, topic.certainty) if unit else None


def _note(lines: Iterable[str], words: Sequence[str]) -> Proposal | None:
    """The lines in which something was heard, whole ones, as many as fit."""
    said, length = [], 0
    for line in lines:
        line = line.strip(" ，。、\n")
        if not line or not any(word in silent(line).lower() for word in words):
            continue
        if length + len(line) + 1 > NOTE_CHARACTERS_MAX:
            break
        said.append(line)
        length += len(line) + 1
    heard = tuple(dict.fromkeys(word for word in words if any(word in silent(line).lower() for line in said)))
    return Proposal("，".join(said) + "。", heard, 1.0) if said else None
