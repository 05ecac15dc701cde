"""The values of one table of a flow's file: taken by name, each in its form.

Invariant: a value that passes has the form that its step needs; whatever is wrong with it is told in both languages.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ivr.core.flow import FIGURES, Figure, Ways, Words

DIGITS_MAX = 32

_FIGURE = re.compile(r"\{([a-z]+)(?::([a-z][a-z0-9_]*))?\}", re.ASCII)


class Wrong(Exception):
    """A value that a step cannot have."""

    def __init__(self, code: str, key: str, zh: str, en: str) -> None:
        super().__init__(code)
        self.code, self.key, self.zh, self.en = code, key, zh, en


class Table:
    """One table of the file: its values are taken by name, each in its form; what is left over is unknown.

    Every method raises :class:`Wrong`.
    """

    def __init__(self, tree: Mapping[str, Any]) -> None:
        self._tree = dict(tree)
        self._taken: set[str] = set()

    def left_over(self) -> Iterator[str]:
        """Keys that nobody took."""
        return (key for key in self._tree if key not in self._taken)

    def has(self, key: str) -> bool:
        """Whether the key is there."""
        return key in self._tree

    def text(self, key: str) -> str:
        """A text that is not empty."""
        value = self._take(key)
        if not isinstance(value, str) or not value.strip():
            raise bad_value(key, "非空文字", "a text that is not empty")
        return value

    def step(self, key: str) -> str:
        """The name of the step that comes then; without one it is a dead end."""
        if key not in self._tree:
            raise Wrong(
                "dead_end",
                "",
                f"死路：缺少“{key}”，请写明下一步",
                f"dead end: '{key}' is missing, say which step comes then",
            )
        return self.text(key)

    def ways(self, key: str) -> Ways:
        """A table of names of steps; empty if there is none."""
        value = self._take(key, {})
        if not isinstance(value, dict) or not all(isinstance(way, str) for way in value.values()):
            raise bad_value(key, '{ 键 = "步骤" }', 'a table { key = "step" }')
        return value

    def number(self, key: str, low: int, high: int, default: int | None = None) -> int:
        """A whole number from ``low`` to ``high``."""
        value = self._take(key, default)
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            raise bad_value(key, f"{low} 到 {high} 的整数", f"a whole number from {low} to {high}")
        return value

    def flag(self, key: str) -> bool:
        """True or false; false if there is none."""
        value = self._take(key, False)
        if not isinstance(value, bool):
            raise bad_value(key, "true 或 false", "true or false")
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """One text, or several in a list."""
        value = self._take(key)
        listed = [value] if isinstance(value, str) else value
        if not isinstance(listed, list) or not listed or not all(isinstance(one, str) for one in listed):
            raise bad_value(key, "文字或文字列表", "a text or a list of texts")
        return tuple(listed)

    def words(self, key: str, *, may_be_empty: bool = False) -> Words:
        """A list of prompts and figures."""
        value = self._take(key, [] if may_be_empty else None)
        if not isinstance(value, list) or not all(isinstance(word, str) for word in value):
            raise bad_value(key, "提示音列表", "a list of prompt ids")
        if not value and not may_be_empty:
            raise bad_value(key, "至少一条提示音", "at least one prompt")
        return tuple(_word(key, word) for word in value)

    def digits(self, key: str) -> tuple[int, int]:
        """The least and the most digits."""
        value = self._take(key)
        fits = isinstance(value, list) and len(value) == 2 and all(type(one) is int for one in value)
        if not fits or not 1 <= value[0] <= value[1] <= DIGITS_MAX:
            raise bad_value(key, f"[最少, 最多]，1 到 {DIGITS_MAX}", f"[least, most] from 1 to {DIGITS_MAX}")
        return value[0], value[1]

    def _take(self, key: str, default: Any = None) -> Any:
        self._taken.add(key)
        value = self._tree.get(key, default)
        if value is None:
            raise Wrong("missing_value", "", f"缺少“{key}”", f"'{key}' is missing")
        return value


def bad_value(key: str, zh: str, en: str) -> Wrong:
    """The value of ``key`` should be something else."""
    return Wrong("bad_value", key, f"“{key}”应为{zh}", f"'{key}' must be {en}")


def _word(key: str, word: str) -> str | Figure:
    if not word.startswith("{"):
        return word
    match = _FIGURE.fullmatch(word)
    if match is None or match[1] not in FIGURES or (match[2] is None) is not (match[1] == "wait"):
        raise Wrong(
            "unknown_figure",
            key,
            f"未知的播报“{word}”，可用：{{wait}}，或 {{种类:事实}}，种类为 {'、'.join(sorted(FIGURES - {'wait'}))}",
            f"unknown figure '{word}': use {{wait}} or {{kind:fact}}",
        )
    return Figure(match[1], match[2] or "")
