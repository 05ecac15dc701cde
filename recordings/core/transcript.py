"""A transcript (转写): words with times and confidence, for the citizen's channel and the agent's.

Invariant: pure; ``Transcript.from_json(t.to_json()) == t``, also through ``json``. What was said is personal data: never in a log.
"""

import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from math import isfinite
from typing import Any, Final

from callcenter.core.errors import OurError
from recordings.core import text_numbers, text_punctuation

FORMAT = 1
_TURN_GAP_S = 1.0
"""A turn does not go on over a longer silence of its speaker."""
_BREATH_S = 0.3
"""Where the other speaks in a silence longer than this, the turn ends: he was let in, or took the word."""

_UNSTORABLE: Final = frozenset({"Cc", "Cf", "Cs"})
"""Kinds of characters that nobody says: control, invisible (they turn what stands around them), half a pair."""


@dataclass(frozen=True, slots=True)
class Word:
    """A recognized word from second ``start`` to ``end``; ``conf`` is 0..1."""

    word: str
    start: float
    end: float
    conf: float


@dataclass(frozen=True, slots=True)
class Turn:
    """What one speaker said without a long pause or the other coming in. ``channel``: citizen or agent."""

    channel: str
    start: float
    end: float
    text: str


@dataclass(frozen=True, slots=True)
class Transcript:
    """What a recognizer made of a recording. ``seconds``: length of the sound.

    ``is_demo``: it came from the demo model, which recognizes no people.
    """

    recording_id: str
    model: str
    is_demo: bool
    seconds: float
    citizen: tuple[Word, ...]
    agent: tuple[Word, ...]

    @property
    def citizen_text(self) -> str:
        """What the citizen said."""
        return joined(self.citizen)

    @property
    def agent_text(self) -> str:
        """What the agent said."""
        return joined(self.agent)

    def turns(self) -> list[Turn]:
        """Both channels as a dialog, in order of time, punctuated.

        Who talks over the other keeps his turn whole; words are never moved from one turn to another.
        """
        return [turn for turn, _ in self.spoken()]

    def spoken(self) -> list[tuple[Turn, list[tuple[str, float]]]]:
        """The turns, each with its words: what a word adds to the turn's text, and its second."""
        citizen, agent = _in_time(self.citizen), _in_time(self.agent)
        spoken = [("citizen", part) for part in _parts(citizen, agent)]
        spoken += [("agent", part) for part in _parts(agent, citizen)]
        return [
            _turn(channel, part)
            for channel, part in sorted(spoken, key=lambda pair: (pair[1][0].start, pair[1][0].end))
        ]

    def masked(self) -> "Transcript":
        """The same words at the same times, numbers of persons as stars (:mod:`recordings.core.text_numbers`)."""
        return replace(self, citizen=_masked(self.citizen), agent=_masked(self.agent))

    def clean(self) -> "Transcript":
        """What every database takes and every screen may show: no control characters, finite times and confidences.

        A word of which nothing is left, or whose times are none, goes.
        """
        seconds = self.seconds if isfinite(self.seconds) else 0.0
        return replace(self, seconds=seconds, citizen=_clean(self.citizen), agent=_clean(self.agent))

    def text_of(self, channel: str) -> str:
        """What was said on ``citizen`` or ``agent``."""
        return {"citizen": self.citizen_text, "agent": self.agent_text}[channel]

    def to_json(self) -> dict[str, Any]:
        """What lies, as JSON, beside the recording."""
        return {
            "format": FORMAT,
            "recording_id": self.recording_id,
            "model": self.model,
            "is_demo": self.is_demo,
            "seconds": self.seconds,
            "channels": {"citizen": _channel(self.citizen), "agent": _channel(self.agent)},
            "turns": [asdict(turn) for turn in self.turns()],
        }

    @staticmethod
    def from_json(tree: Mapping[str, Any]) -> "Transcript":
        """Read what ``to_json`` gave.

        Raises:
            OurError: another format, or damaged.
        """
        try:
            if tree["format"] != FORMAT:
                raise OurError("unknown transcript format", code="bad_transcript")
            channels = tree["channels"]
            return Transcript(
                recording_id=str(tree["recording_id"]),
                model=str(tree["model"]),
                is_demo=bool(tree["is_demo"]),
                seconds=float(tree["seconds"]),
                citizen=words_of(channels["citizen"]["words"]),
                agent=words_of(channels["agent"]["words"]),
            )
        except (ValueError, KeyError, TypeError):
            raise OurError("damaged transcript", code="bad_transcript") from None


def words_of(rows: list[dict[str, Any]]) -> tuple[Word, ...]:
    """Words from JSON rows with ``word``, ``start``, ``end`` and ``conf``."""
    return tuple(
        Word(str(row["word"]), float(row["start"]), float(row["end"]), float(row["conf"])) for row in rows
    )


def joined(words: tuple[Word, ...]) -> str:
    """Words as written text: Chinese without spaces, others apart."""
    return text_punctuation.joined(words)


def _channel(words: tuple[Word, ...]) -> dict[str, Any]:
    return {"text": joined(words), "words": [asdict(word) for word in words]}


def _turn(channel: str, part: Sequence[Word]) -> tuple[Turn, list[tuple[str, float]]]:
    texts = text_punctuation.pieces(part)
    turn = Turn(channel, part[0].start, max(word.end for word in part), "".join(texts))
    return turn, [(text, word.start) for text, word in zip(texts, part, strict=True)]


def _in_time(words: tuple[Word, ...]) -> list[Word]:
    return sorted(words, key=lambda word: (word.start, word.end))


def _parts(own: Sequence[Word], others: Sequence[Word]) -> Iterator[list[Word]]:
    """The turns of one speaker."""
    starts = [word.start for word in others]
    part: list[Word] = []
    for word in own:
        if part and _ends_between(part[-1].end, word.start, starts):
            yield part
            part = []
        part.append(word)
    if part:
        yield part


def _ends_between(end: float, start: float, others: Sequence[float]) -> bool:
    """Whether a turn ends in this silence of its speaker. ``others``: when the other's words begin, sorted."""
    other_came_in = bisect_right(others, start) > bisect_right(others, end)
    return start - end > (_BREATH_S if other_came_in else _TURN_GAP_S)


def _clean(words: Iterable[Word]) -> tuple[Word, ...]:
    timed = (word for word in words if isfinite(word.start) and isfinite(word.end))
    spoken = (replace(w, word=_sayable(w.word), conf=w.conf if isfinite(w.conf) else 0.0) for w in timed)
    return tuple(word for word in spoken if word.word)


def _sayable(text: str) -> str:
    return "".join(character for character in text if unicodedata.category(character) not in _UNSTORABLE)


def _masked(words: tuple[Word, ...]) -> tuple[Word, ...]:
    texts = text_numbers.mask_together([word.word for word in words])
    return tuple(replace(word, word=text) for word, text in zip(words, texts, strict=True))
