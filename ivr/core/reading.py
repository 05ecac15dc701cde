"""How a flow is read from its TOML text; every mistake is told with its line.

Invariant: a flow that was read without a mistake has a known verb in each step, and every value has its right form;
whether its steps hang together is judged by :mod:`ivr.core.check`.
"""

import re
import tomllib
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any, TypeVar

from ivr.core.flow import (
    Ask,
    Branch,
    Collect,
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
)
from ivr.core.table import Table, Wrong, bad_value

WAIT_S_MAX = 15
HEAR_S_MIN, HEAR_S_MAX = 2, 10
TRIES_MAX = 3
STEPS_MAX = 60
"""Steps of one flow."""
FLOW_BYTES_MAX = 64 * 1024

_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}", re.ASCII)
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


def _play(table: Table) -> Step:
    return Play(table.words("play"), table.ways("keys"), table.step("next"))


def _ask(table: Table) -> Step:
    return Ask(
        table.words("ask"),
        table.ways("keys"),
        table.step("silence"),
        table.number("wait_s", 1, WAIT_S_MAX, 5),
        table.number("tries", 1, TRIES_MAX, 1),
        table.words("wrong", may_be_empty=True),
        table.text("into") if table.has("into") else "",
    )


def _collect(table: Table) -> Step:
    words, (least, most) = table.words("collect"), table.digits("digits")
    end = table.text("end") if table.has("end") else "#"
    if end not in ("#", "*"):
        raise bad_value("end", "“#”或“*”", "'#' or '*'")
    into, after, silence = table.text("into"), table.step("next"), table.step("silence")
    wait_s = table.number("wait_s", 1, WAIT_S_MAX, 5)
    tries = table.number("tries", 1, TRIES_MAX, 2)
    wrong = table.words("wrong", may_be_empty=True)
    return Collect(words, least, most, into, after, silence, end, wait_s, tries, wrong)


def _branch(table: Table) -> Step:
    return Branch(table.text("branch"), table.ways("cases"), table.step("otherwise"))


def _look_up(table: Table) -> Step:
    return LookUp(table.text("look_up"), table.step("found"), table.step("missing"))


def _hear(table: Table) -> Step:
    kind, words = table.text("hear"), table.words("prompts")
    found, missing = table.step("found"), table.step("missing")
    return Hear(
        kind, words, found, missing, table.ways("keys"), table.number("max_s", HEAR_S_MIN, HEAR_S_MAX, 6)
    )


def _message(table: Table) -> Step:
    if not table.flag("message"):
        raise bad_value("message", "true", "true")
    return TakeMessage()


def _reply(table: Table) -> Step:
    answer = table.text("reply")
    if answer not in ("yes", "no"):
        raise bad_value("reply", "“yes”或“no”", "'yes' or 'no'")
    return Reply(answer == "yes")


_VERBS: Mapping[str, Callable[[Table], Step]] = {
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
        head = Table(tree)
        try:
            title, start = head.text("title"), head.text("start")
            kind = self._word_of(Kind, "kind", head.text("kind"))
            named = head.texts("occasions") if head.has("occasions") else (Occasion.NORMAL.value,)
            occasions = frozenset(self._word_of(Occasion, "occasions", one) for one in named)
        except Wrong as wrong:
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
            raise Wrong("bad_value", key, zh, en) from None

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
        table = Table(tree)
        try:
            step = _VERBS[verbs[0]](table)
        except Wrong as wrong:
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

    def _refuse_left_over(self, step: str, table: Table) -> None:
        for key in table.left_over():
            self._note(
                "unknown_key", self._places.line(step, key), f"未知的设置“{key}”", f"unknown setting '{key}'"
            )

    def _note(self, code: str, line: int, zh: str, en: str) -> None:
        self._mistakes.append(Mistake(code, self._places.file, line, zh, en))
