"""What a walk through flows hears (events), what it wants done (acts), and what it notes on the way."""

from collections.abc import Mapping
from dataclasses import dataclass

from callcenter.core.messages.flows import Exit


@dataclass(frozen=True, slots=True)
class Key:
    """A key, or ``""``: all was heard, or the wait was over, without one."""

    key: str


@dataclass(frozen=True, slots=True)
class Digits:
    """What was collected, without the key that closes it; ``""``: nothing."""

    text: str


@dataclass(frozen=True, slots=True)
class Found:
    """What was looked up; ``None``: there is nothing."""

    facts: Mapping[str, str] | None


@dataclass(frozen=True, slots=True)
class Heard:
    """What was recognized in what he said; ``None``: nothing, or nobody could listen."""

    facts: Mapping[str, str] | None


@dataclass(frozen=True, slots=True)
class Failed:
    """The last act could not be carried out."""


@dataclass(frozen=True, slots=True)
class Gone:
    """The caller hung up."""


Event = Key | Digits | Found | Heard | Failed | Gone


@dataclass(frozen=True, slots=True)
class Speak:
    """Play ``prompts``; one of ``keys`` cuts them short. Answered by :class:`Key`."""

    prompts: tuple[str, ...]
    keys: str


@dataclass(frozen=True, slots=True)
class Listen:
    """Wait for any key. Answered by :class:`Key`."""

    wait_s: int


@dataclass(frozen=True, slots=True)
class Collect:
    """Play ``prompts`` and gather up to ``most`` digits; ``end`` closes them early, or ``wait_s`` without a key.

    Answered by :class:`Digits`.
    """

    prompts: tuple[str, ...]
    most: int
    end: str
    wait_s: int


@dataclass(frozen=True, slots=True)
class Find:
    """Look ``kind`` up with these facts. Answered by :class:`Found`."""

    kind: str
    facts: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Hear:
    """If somebody can listen: play ``prompts``, then recognize ``max_s`` of speech as ``kind``; ``#`` ends it early.

    One of ``keys`` ends it too. Answered by :class:`Heard`, or by :class:`Key` of ``keys``.
    """

    kind: str
    prompts: tuple[str, ...]
    keys: str
    max_s: int


@dataclass(frozen=True, slots=True)
class Leave:
    """The walk is over. ``queues`` and ``urgent`` go with a line, ``to`` with a transfer, ``accepted`` with a reply.

    ``insists``: he asked for a person by key.
    """

    exit: Exit
    queues: tuple[str, ...] = ()
    urgent: bool = False
    insists: bool = False
    to: str = ""
    accepted: bool = False


Act = Speak | Listen | Collect | Find | Hear | Leave


@dataclass(frozen=True, slots=True)
class Entered:
    """A step was entered."""

    flow: str
    version: int
    step: str


@dataclass(frozen=True, slots=True)
class Graded:
    """The caller gave a grade, 1 to 5."""

    grade: int


Note = Entered | Graded
