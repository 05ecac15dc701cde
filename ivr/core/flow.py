"""Flows (流程): what a caller hears and what his keys mean, as data.

Invariant: a step does one thing, and names every step that may come after it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

KEYS = "0123456789*#"
"""Keys of a telephone."""

PERSON_KEY = "0"
"""Leads to a person from every step of an arrival flow."""

SPOKEN_KEY = "#"
"""Ends what a caller says."""

CONFIRM_KEY = "1"
"""Confirms what a recognizer made of it: nothing else does."""

FIGURES = frozenset({"wait", "number", "digits", "date", "time", "money", "place", "prompt"})
"""Kinds of figures that are composed when they are heard."""


class Kind(StrEnum):
    """When a flow is walked."""

    ARRIVAL = "arrival"
    """From the answer to a person, or to where the caller chooses."""
    QUESTION = "question"
    """One thing is asked or told on the way; ends in a reply."""
    AFTER = "after"
    """When the talk is over."""


class Occasion(StrEnum):
    """In what hours of the house a flow may be heard."""

    NORMAL = "normal"
    WATCH = "watch"
    HIGH = "high"
    OVERLOAD = "overload"
    NIGHT = "night"
    HOLIDAY = "holiday"


@dataclass(frozen=True, slots=True)
class Figure:
    """Something to be said that is known only when it is heard. ``kind``: one of :data:`FIGURES`."""

    kind: str
    fact: str


Words = tuple[str | Figure, ...]
"""Prompt ids and figures, heard one after the other."""

Ways = Mapping[str, str]
"""Key of the telephone, or value of a fact -> step."""


@dataclass(frozen=True, slots=True)
class Play:
    """``words`` are heard once; one of ``keys`` cuts them short."""

    words: Words
    keys: Ways
    next: str


@dataclass(frozen=True, slots=True)
class Ask:
    """One key is awaited, ``wait_s`` after the last word, at most ``tries`` times; else ``silence``.

    ``into``: the fact that the key becomes, if it matters which it was.
    """

    words: Words
    keys: Ways
    silence: str
    wait_s: int = 5
    tries: int = 1
    wrong: Words = ()
    into: str = ""


@dataclass(frozen=True, slots=True)
class Collect:
    """``least`` to ``most`` digits become the fact ``into``; ``end`` closes them early."""

    words: Words
    least: int
    most: int
    into: str
    next: str
    silence: str
    end: str = "#"
    wait_s: int = 5
    tries: int = 2
    wrong: Words = ()


@dataclass(frozen=True, slots=True)
class Branch:
    """Where a fact's value leads; an unknown fact leads ``otherwise``."""

    fact: str
    cases: Ways
    otherwise: str


@dataclass(frozen=True, slots=True)
class LookUp:
    """``kind`` is looked up with the facts known so far; what is found adds facts."""

    kind: str
    found: str
    missing: str


@dataclass(frozen=True, slots=True)
class Hear:
    """He says in at most ``max_s`` what he wants; one of ``keys`` leads on without a word.

    What is recognized adds facts; it counts only when the step ``found`` has asked him and he pressed
    :data:`CONFIRM_KEY`. ``missing``: nothing was recognized, or nobody can listen.
    """

    kind: str
    words: Words
    found: str
    missing: str
    keys: Ways = field(default_factory=dict)
    max_s: int = 6


@dataclass(frozen=True, slots=True)
class Go:
    """The walk goes on at the start of another flow."""

    flow: str


@dataclass(frozen=True, slots=True)
class Line:
    """Into the line: of ``queues`` the first that the house has."""

    queues: tuple[str, ...]
    urgent: bool = False


@dataclass(frozen=True, slots=True)
class Transfer:
    """To another service."""

    to: str


@dataclass(frozen=True, slots=True)
class TakeMessage:
    """To the voice message (留言)."""


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer to the question."""

    accepted: bool


@dataclass(frozen=True, slots=True)
class Resolved:
    """He confirmed that he needs nothing more; last words, then hang-up."""

    words: Words


@dataclass(frozen=True, slots=True)
class Rate:
    """He gave a grade, 1 to 5."""

    grade: int
    next: str


@dataclass(frozen=True, slots=True)
class HangUp:
    """Last words, then hang-up."""

    words: Words


Step = (
    Play
    | Ask
    | Collect
    | Branch
    | LookUp
    | Hear
    | Go
    | Line
    | Transfer
    | TakeMessage
    | Reply
    | Resolved
    | Rate
    | HangUp
)


@dataclass(frozen=True, slots=True)
class Places:
    """In which line of the file something stands, counted from 1."""

    file: str
    lines: Mapping[tuple[str, str], int]

    def line(self, step: str = "", key: str = "") -> int:
        """The line of a step's key, else of the step, else of the file's first line."""
        known = self.lines
        return known.get((step, key)) or known.get((step, "")) or known.get(("steps", step)) or 1


@dataclass(frozen=True, slots=True)
class Flow:
    """One flow. ``version``: 0 is the file; published versions count from 1. ``person``: the step that ``0`` means."""

    name: str
    title: str
    kind: Kind
    start: str
    steps: Mapping[str, Step]
    occasions: frozenset[Occasion] = frozenset({Occasion.NORMAL})
    version: int = 0
    places: Places = field(default=Places("", {}), compare=False)

    @property
    def person(self) -> str | None:
        """The step that ``0`` leads to: the first line in the file, one that is not urgent if there is one."""
        lines = {name: step for name, step in self.steps.items() if isinstance(step, Line)}
        calm = [name for name, step in lines.items() if not step.urgent]
        return next(iter([*calm, *lines]), None)

    @property
    def is_exception(self) -> bool:
        """Whether it is a menu or announcement beyond the norm (``ivr_exception``, GB/T 33358, FIELD.md N6)."""
        return Occasion.NORMAL not in self.occasions


@dataclass(frozen=True, slots=True)
class Mistake:
    """Something wrong in a flow. ``code``: stable name of its kind."""

    code: str
    file: str
    line: int
    zh: str
    en: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.zh} / {self.en}"


def caller_ways(step: Step) -> Ways:
    """Where a step leads by the caller's doing, by what he does."""
    match step:
        case Play() | Ask():
            return step.keys
        case Collect():
            return {"数字 digits": step.next}
        case Hear():
            return {**step.keys, "听懂 found": step.found}
        case _:
            return {}


def silent_ways(step: Step) -> Ways:
    """Where a step leads without the caller's doing, by what happens."""
    match step:
        case Play() | Rate():
            return {"": step.next}
        case Ask() | Collect():
            return {"无按键 silence": step.silence}
        case Branch():
            return {
                **{f"={value}": way for value, way in step.cases.items()},
                "其他 otherwise": step.otherwise,
            }
        case LookUp():
            return {"找到 found": step.found, "没有 missing": step.missing}
        case Hear():
            return {"没听懂 missing": step.missing}
        case _:
            return {}


def words_of(step: Step) -> Words:
    """All that may be heard at a step."""
    match step:
        case Ask() | Collect():
            return (*step.words, *step.wrong)
        case Play() | Hear() | Resolved() | HangUp():
            return step.words
        case _:
            return ()
