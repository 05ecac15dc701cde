"""The talk of the demo call, from ``dialog.toml``.

Invariant: the recognizer's training texts contain every line, so the demo's transcript can be compared with it.
"""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Line:
    """One turn. ``speaker`` is ``agent`` or ``citizen``; ``words`` is Chinese text, words apart by spaces."""

    speaker: str
    words: str
    english: str

    @property
    def text(self) -> str:
        """Chinese text as it is written, for the voice and for comparison."""
        return self.words.replace(" ", "")


@cache
def demo_dialog() -> tuple[Line, ...]:
    """All turns, in order."""
    tree = tomllib.loads(Path(__file__).with_name("dialog.toml").read_text("utf-8"))
    return tuple(Line(entry["speaker"], entry["zh"], entry["en"]) for entry in tree["line"])
