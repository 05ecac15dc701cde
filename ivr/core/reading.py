"""How a flow is read from its TOML text; every mistake is told with its line.

Invariant: a flow that was read without a mistake has a known verb in each step, and every value has its right form;
whether its steps hang together is judged by :mod:`ivr.core.check`.
"""

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from enum import StrEnum
from typing import Any, TypeVar

from ivr.core.flow import (
    FIGURES,
    Ask,
    Branch,
    Collect,
    Figure,
    Flow,
    Go,
    HangUp,
    Hear,
    Kind,
    Line,
    LookUp,
    Mistake,
    Occasion,
    Places,
    Play,
    Rate,
    Reply,
    Resolved,
    Step,
    TakeMessage,
    Transfer,
    Ways,
    Words,
)

WAIT_S_MAX = 15
HEAR_S_MIN, HEAR_S_MAX = 2, 10
TRIES_MAX = 3
DIGITS_MAX = 32
STEPS_MAX = 60
"""Steps of one flow."""
FLOW_BYTES_MAX = 64 * 1024

_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}", re.ASCII)
_FIGURE = re.compile(r"\{([a-z]+)(?::([a-z][a-z0-9_]*))?\}", re.ASCII)
_HEADER = re.compile(r"\s*\[\s*([^\[\]]+?)\s*\]")
_KEY = re.compile(r"\s*(\"[^\"]*\"|[A-Za-z0-9_-]+)\s*=")
_AT_LINE = re.compile(r"line (\d+)")

E = TypeVar("E", bound=StrEnum)


def read(name: str, text: str, file: str, version: int = 0) -> tuple[Flow | None, list[Mistake]]:
    """The flow, or ``None`` and what is wrong with its text. ``file``: how mistakes name it."""
    return _Reader(name, text, file, version).read()


def places_in(text: str, file: str) -> Places:
    """Where each step and key of a flow's text stands: ``("", key)`` is a key above the steps."""
    lines: dict[tuple[str, str], int] = {}
    step, inside = "", ""
    for number, line in enumerate(text.splitlines(), 1):
        if header := _HEADER.match(line):
            parts = [part.strip().strip('"') for part in header[1].split(".")]
            step = parts[1] if parts[0] == "steps" and len(parts) > 1 else parts[0]
            inside = parts[2] if len(parts) > 2 else ""
            lines.setdefault((step, inside), number)
        elif (key := _KEY.match(line)) and not inside:
            lines.setdefault((step, key[1].strip('"')), number)
    return Places(file, lines)


class _Wrong(Exception):
    """A value that a step cannot have."""

    def __init__(self, code: str, key: str, zh: str, en: str) -> None:
        super().__init__(code)
        self.code, self.key, self.zh, self.en = code, key, zh, en


class _Table:
    """One table of the file: its values are taken by name, each in its form; what is left over is unknown."""

    def __init__(self, tree: Mapping[str, Any]) -> None:
        self._tree = dict(tree)
        self._taken: set[str] = set()

    def left_over(self) -> Iterator[str]:
        return (key for key in self._tree if key not in self._taken)

    def has(self, key: str) -> bool:
        return key in self._tree

    def text(self, key: str) -> str:
        value = self._take(key)
        if not isinstance(value, str) or not value.strip():
            raise _bad_value(key, "非空文字", "a text that is not empty")
        return value

    def step(self, key: str, *, dead_end: bool = True) -> str:
        if key not in self._tree and dead_end:
            raise _Wrong(
                "dead_end",
                "",
                f"死路：缺少“{key}”，请写明下一步",
                f"dead end: '{key}' is missing, say which step comes then",
            )
        return self.text(key)

    def ways(self, key: str) -> Ways:
        value = self._take(key, {})
        if not isinstance(value, dict) or not all(isinstance(way, str) for way in value.values()):
            raise _bad_value(key, '{ 键 = "步骤" }', 'a table { key = "step" }')
        return value

    def number(self, key: str, low: int, high: int, default: int | None = None) -> int:
        value = self._take(key, default)
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            raise _bad_value(key, f"{low} 到 {high} 的整数", f"a whole number from {low} to {high}")
        return value

    def flag(self, key: str) -> bool:
        value = self._take(key, False)
        if not isinstance(value, bool):
            raise _bad_value(key, "true 或 false", "true or false")
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """One text, or several in a list."""
        value = self._take(key)
        listed = [value] if isinstance(value, str) else value
        if not isinstance(listed, list) or not listed or not all(isinstance(one, str) for one in listed):
            raise _bad_value(key, "文字或文字列表", "a text or a list of texts")
        return tuple(listed)

    def words(self, key: str, *, may_be_empty: bool = False) -> Words:
        value = self._take(key, [] if may_be_empty else None)
        if not isinstance(value, list) or not all(isinstance(word, str) for word in value):
            raise _bad_value(key, "提示音列表", "a list of prompt ids")
        if not value and not may_be_empty:
            raise _bad_value(key, "至少一条提示音", "at least one prompt")
        return tuple(_word(key, word) for word in value)

    def digits(self, key: str) -> tuple[int, int]:
        value = self._take(key)
        fits = isinstance(value, list) and len(value) == 2 and all(type(one) is int for one in value)
        if not fits or not 1 <= value[0] <= value[1] <= DIGITS_MAX:
            raise _bad_value(key, f"[最少, 最多]，1 到 {DIGITS_MAX}", f"[least, most] from 1 to {DIGITS_MAX}")
        return value[0], value[1]

    def _take(self, key: str, default: Any = None) -> Any:
        self._taken.add(key)
        value = self._tree.get(key, default)
        if value is None:
            raise _Wrong("missing_value", "", f"缺少“{key}”", f"'{key}' is missing")
        return value


def _bad_value(key: str, zh: str, en: str) -> _Wrong:
    return _Wrong("bad_value", key, f"“{key}”应为{zh}", f"'{key}' must be {en}")


def _word(key: str, word: str) -> str | Figure:
    if not word.startswith("{"):
        return word
    match = _FIGURE.fullmatch(word)
    if match is None or match[1] not in FIGURES or (match[2] is None) is not (match[1] == "wait"):
        raise _Wrong(
            "unknown_figure",
            key,
            f"未知的播报“{word}”，可用：{{wait}}，或 {{种类:事实}}，种类为 {'、'.join(sorted(FIGURES - {'wait'}))}",
            f"unknown figure '{word}': use {{wait}} or {{kind:fact}}",
        )
    return Figure(match[1], match[2] or "")


def _play(table: _Table) -> Step:
    return Play(table.words("play"), table.ways("keys"), table.step("next"))


def _ask(table: _Table) -> Step:
    return Ask(
        table.words("ask"),
        table.ways("keys"),
        table.step("silence"),
        table.number("wait_s", 1, WAIT_S_MAX, 5),
        table.number("tries", 1, TRIES_MAX, 1),
        table.words("wrong", may_be_empty=True),
        table.text("into") if table.has("into") else "",
    )


def _collect(table: _Table) -> Step:
    words, (least, most) = table.words("collect"), table.digits("digits")
    end = table.text("end") if table.has("end") else "#"
    if end not in ("#", "*"):
        raise _bad_value("end", "“#”或“*”", "'#' or '*'")
    into, after, silence = table.text("into"), table.step("next"), table.step("silence")
    wait_s = table.number("wait_s", 1, WAIT_S_MAX, 5)
    tries = table.number("tries", 1, TRIES_MAX, 2)
    wrong = table.words("wrong", may_be_empty=True)
    return Collect(words, least, most, into, after, silence, end, wait_s, tries, wrong)


def _branch(table: _Table) -> Step:
    return Branch(table.text("branch"), table.ways("cases"), table.step("otherwise"))


def _look_up(table: _Table) -> Step:
    return LookUp(table.text("look_up"), table.step("found"), table.step("missing"))


def _hear(table: _Table) -> Step:
    kind, words = table.text("hear"), table.words("prompts")
    found, missing = table.step("found"), table.step("missing")
    return Hear(
        kind, words, found, missing, table.ways("keys"), table.number("max_s", HEAR_S_MIN, HEAR_S_MAX, 6)
    )


def _message(table: _Table) -> Step:
    if not table.flag("message"):
        raise _bad_value("message", "true", "true")
    return TakeMessage()


def _reply(table: _Table) -> Step:
    answer = table.text("reply")
    if answer not in ("yes", "no"):
        raise _bad_value("reply", "“yes”或“no”", "'yes' or 'no'")
    return Reply(answer == "yes")


_VERBS: Mapping[str, Callable[[_Table], Step]] = {
    "play": _play,
    "ask": _ask,
    "collect": _collect,
    "branch": _branch,
    "look_up": _look_up,
    "hear": _hear,
    "go": lambda table: Go(table.text("go")),
    "line": lambda table: Line(table.texts("line"), table.flag("urgent")),
    "transfer": lambda table: Transfer(table.text("transfer")),
    "message": _message,
    "reply": _reply,
    "resolved": lambda table: Resolved(table.words("resolved", may_be_empty=True)),
    "rate": lambda table: Rate(table.number("rate", 1, 5), table.step("next")),
    "hang_up": lambda table: HangUp(table.words("hang_up", may_be_empty=True)),
}
"""How each verb's step is read."""


class _Reader:
    """Reads one file and gathers all its mistakes."""

    def __init__(self, name: str, text: str, file: str, version: int) -> None:
        self._name, self._text, self._version = name, text, version
        self._places = places_in(text, file)
        self._mistakes: list[Mistake] = []

    def read(self) -> tuple[Flow | None, list[Mistake]]:
        tree = self._tree()
        flow = self._flow(tree) if tree is not None else None
        return (None if self._mistakes else flow), self._mistakes

    def _tree(self) -> dict[str, Any] | None:
        if not _NAME.fullmatch(self._name):
            self._note(
                "bad_name", 1, "流程名只用小写字母、数字、下划线", "a flow's name is of a-z, 0-9 and _"
            )
        if len(self._text.encode()) > FLOW_BYTES_MAX:
            self._note(
                "too_long", 1, f"流程超过 {FLOW_BYTES_MAX} 字节", f"longer than {FLOW_BYTES_MAX} bytes"
            )
            return None
        try:
            return tomllib.loads(self._text)
        except tomllib.TOMLDecodeError as error:
            at = _AT_LINE.search(str(error))
            line = int(at[1]) if at else len(self._text.splitlines())
            self._note("bad_toml", line, f"不是有效的 TOML：{error}", f"not valid TOML: {error}")
            return None

    def _flow(self, tree: dict[str, Any]) -> Flow | None:
        steps = self._steps(tree.pop("steps", None))
        head = _Table(tree)
        try:
            title, start = head.text("title"), head.text("start")
            kind = self._word_of(Kind, "kind", head.text("kind"))
            named = head.texts("occasions") if head.has("occasions") else (Occasion.NORMAL.value,)
            occasions = frozenset(self._word_of(Occasion, "occasions", one) for one in named)
        except _Wrong as wrong:
            self._note(wrong.code, self._places.line("", wrong.key), wrong.zh, wrong.en)
            return None
        self._refuse_left_over("", head)
        return Flow(self._name, title, kind, start, steps, occasions, self._version, self._places)

    def _word_of(self, words: type[E], key: str, text: str) -> E:
        try:
            return words(text)
        except ValueError:
            known = [word.value for word in words]
            zh, en = f"“{key}”只能是：{'、'.join(known)}", f"'{key}' is one of {', '.join(known)}"
            raise _Wrong("bad_value", key, zh, en) from None

    def _steps(self, tree: Any) -> dict[str, Step]:
        if not isinstance(tree, dict) or not tree:
            self._note("no_steps", 1, "没有步骤，请写 [steps.名称]", "no steps: write [steps.name]")
            return {}
        if len(tree) > STEPS_MAX:
            self._note("too_long", 1, f"步骤超过 {STEPS_MAX} 个", f"more than {STEPS_MAX} steps")
            return {}
        read = {name: self._step(name, table) for name, table in tree.items()}
        return {name: step for name, step in read.items() if step is not None}

    def _step(self, name: str, tree: Any) -> Step | None:
        if not isinstance(tree, dict) or not _NAME.fullmatch(name):
            self._note(
                "bad_name",
                self._places.line(name),
                f"步骤“{name}”须为 [steps.名称]，名称用小写字母、数字、下划线",
                f"step '{name}' must be a table [steps.name], its name of a-z, 0-9 and _",
            )
            return None
        verbs = [verb for verb in _VERBS if verb in tree]
        if len(verbs) != 1:
            self._note_verbs(name, tree, verbs)
            return None
        table = _Table(tree)
        try:
            step = _VERBS[verbs[0]](table)
        except _Wrong as wrong:
            self._note(
                wrong.code,
                self._places.line(name, wrong.key),
                f"步骤“{name}”{wrong.zh}",
                f"step '{name}': {wrong.en}",
            )
            return None
        self._refuse_left_over(name, table)
        return step

    def _note_verbs(self, name: str, tree: Mapping[str, Any], verbs: list[str]) -> None:
        if verbs:
            zh, en = (
                f"有几个动作：{'、'.join(verbs)}，只能有一个",
                f"has several verbs: {', '.join(verbs)}; one a step",
            )
            self._note(
                "two_verbs", self._places.line(name, verbs[1]), f"步骤“{name}”{zh}", f"step '{name}' {en}"
            )
            return
        first = next(iter(tree), "")
        self._note(
            "unknown_verb",
            self._places.line(name, first),
            f"步骤“{name}”没有已知的动作，可用：{'、'.join(_VERBS)}",
            f"step '{name}' has no known verb; known: {', '.join(_VERBS)}",
        )

    def _refuse_left_over(self, step: str, table: _Table) -> None:
        for key in table.left_over():
            self._note(
                "unknown_key", self._places.line(step, key), f"未知的设置“{key}”", f"unknown setting '{key}'"
            )

    def _note(self, code: str, line: int, zh: str, en: str) -> None:
        self._mistakes.append(Mistake(code, self._places.file, line, zh, en))
