"""A transcript (转写): words with times and confidence, for the citizen's channel and the agent's.

Invariant: pure; ``Transcript.from_json(t.to_json()) == t``, also through ``json``. What was said is personal data: never in a log.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from callcenter.core.errors import OurError

FORMAT = 1
_TURN_GAP_S = 1.0


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
        """Both channels as a dialog, in order of time."""
        tagged = [("citizen", word) for word in self.citizen] + [("agent", word) for word in self.agent]
        groups: list[tuple[str, list[Word]]] = []
        for channel, word in sorted(tagged, key=lambda pair: (pair[1].start, pair[1].end)):
            if groups and groups[-1][0] == channel and word.start - groups[-1][1][-1].end <= _TURN_GAP_S:
                groups[-1][1].append(word)
            else:
                groups.append((channel, [word]))
        return [
            Turn(channel, words[0].start, words[-1].end, joined(tuple(words))) for channel, words in groups
        ]

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
    text = ""
    for word in words:
        text += " " + word.word if _needs_space(text, word.word) else word.word
    return text


def _needs_space(before: str, after: str) -> bool:
    return bool(before and after) and before[-1].isascii() and after[0].isascii()


def _channel(words: tuple[Word, ...]) -> dict[str, Any]:
    return {"text": joined(words), "words": [asdict(word) for word in words]}
