"""The rules that every call is checked by (质检规则): their kinds, their fields, what a city may write into them.

A rule set is data: a table ``rules.<id>`` for each rule with its ``kind``, its words and limits, its weight, and what it
says in Chinese and English. Invariant: a rule set that was read is consistent.
"""

from collections.abc import Mapping
from enum import StrEnum
from string import Formatter
from typing import Annotated, Any, ClassVar, Final, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from callcenter.core.errors import UsageError
from callcenter.tickets.core.suggest import Nature
from recordings.core.qa.heard import comparable

PHRASES_MAX: Final = 500
RULES_MAX: Final = 200
RULE_ID: Final = r"[a-z][a-z0-9_]{0,39}"


class Severity(StrEnum):
    """How bad it is when a finding is true."""

    INFO = "info"
    MINOR = "minor"
    MAJOR = "major"
    CRITICAL = "critical"


def _distinct(phrases: tuple[str, ...]) -> tuple[str, ...]:
    seen: set[str] = set()
    for phrase in phrases:
        compared = comparable(phrase)
        if not compared:
            raise ValueError(f"the phrase '{phrase}' has no letter or digit")
        if compared in seen:
            raise ValueError(f"the phrase '{phrase}' stands twice")
        seen.add(compared)
    return phrases


Phrases = Annotated[tuple[str, ...], Field(max_length=PHRASES_MAX), AfterValidator(_distinct)]
SomePhrases = Annotated[Phrases, Field(min_length=1)]
Seconds = Annotated[float, Field(gt=0, le=24 * 3600)]
Voice = Literal["citizen", "agent"]


class _Rule(BaseModel):
    """What all rules have.

    ``points``: what a certain finding takes off a call's 100. ``at_most``: findings of one call that count.
    ``zh``, ``en``: what a finding says; ``{name}`` stands for one of the kind's ``FIGURES``.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)
    FIGURES: ClassVar[tuple[str, ...]] = ()

    severity: Severity
    points: float = Field(ge=0, le=100)
    at_most: int = Field(1, ge=1, le=100)
    zh: str = Field(min_length=1, max_length=200)
    en: str = Field(min_length=1, max_length=200)

    @model_validator(mode="after")
    def _check_texts(self) -> Self:
        for text in (self.zh, self.en):
            for _, name, form, conversion in Formatter().parse(text):
                if name is not None and (name not in self.FIGURES or form or conversion):
                    known = ", ".join(self.FIGURES) or "none"
                    raise ValueError(f"'{{{name}}}' is no figure of this kind of rule; known: {known}")
        return self


class Required(_Rule):
    """One of ``phrases`` must be said in the first ``first_s`` or the last ``last_s`` seconds of the talk."""

    FIGURES: ClassVar = ("limit_s",)
    kind: Literal["required"]
    channel: Voice = "agent"
    phrases: SomePhrases
    first_s: Seconds | None = None
    last_s: Seconds | None = None

    @model_validator(mode="after")
    def _check_window(self) -> Self:
        if (self.first_s is None) == (self.last_s is None):
            raise ValueError("name either first_s or last_s")
        return self


class Forbidden(_Rule):
    """None of ``phrases`` may be said."""

    kind: Literal["forbidden"]
    channel: Voice = "agent"
    phrases: SomePhrases
    hidden: Phrases = ()


class Soothed(_Rule):
    """When the citizen says one of ``upset``, the agent says one of ``phrases`` within ``within_s`` seconds."""

    FIGURES: ClassVar = ("limit_s",)
    kind: Literal["soothed"]
    upset: SomePhrases
    hidden: Phrases = ()
    phrases: SomePhrases
    within_s: Seconds


class Promise(_Rule):
    """A time that the agent names beside one of ``phrases`` (答复, 处理 ...) must be the ticket's deadline."""

    FIGURES: ClassVar = ("promised", "deadline")
    kind: Literal["promise"]
    phrases: SomePhrases


class Silence(_Rule):
    """Nobody speaks for more than ``over_s`` seconds, hold not counted."""

    FIGURES: ClassVar = ("seconds", "limit_s")
    kind: Literal["silence"]
    over_s: Seconds


class Overtalk(_Rule):
    """Both speak at once for more than ``over_s`` seconds and more than ``over_share`` of the speech."""

    FIGURES: ClassVar = ("seconds", "share")
    kind: Literal["overtalk"]
    over_s: Seconds
    over_share: float = Field(gt=0, lt=1)


class Interruptions(_Rule):
    """The agent begins more than ``over`` times while the citizen speaks on.

    ``spoken_s``: the citizen has spoken for at least so long; ``goes_on_s``: and speaks on for at least so long.
    """

    FIGURES: ClassVar = ("count", "limit")
    kind: Literal["interruptions"]
    over: int = Field(ge=0, le=1000)
    spoken_s: Seconds = 1.0
    goes_on_s: Seconds = 0.5


class Rate(_Rule):
    """Speech of ``channel`` outside ``slowest`` to ``fastest`` characters a minute, pauses not counted.

    ``at_least_s``: less speech than that is not measured.
    """

    FIGURES: ClassVar = ("rate", "slowest", "fastest")
    kind: Literal["rate"]
    channel: Voice = "agent"
    slowest: float = Field(gt=0, le=2000)
    fastest: float = Field(gt=0, le=2000)
    at_least_s: Seconds = 10.0

    @model_validator(mode="after")
    def _check_range(self) -> Self:
        if self.slowest >= self.fastest:
            raise ValueError("slowest must be below fastest")
        return self


class HoldTime(_Rule):
    """The citizen was on hold for more than ``over_s`` seconds in all."""

    FIGURES: ClassVar = ("seconds", "limit_s")
    kind: Literal["hold"]
    over_s: Seconds


class Transfers(_Rule):
    """The citizen was handed on more than ``over`` times."""

    FIGURES: ClassVar = ("count", "limit")
    kind: Literal["transfers"]
    over: int = Field(ge=0, le=100)


class Recorded(_Rule):
    """The citizen says one of ``phrases`` and the ticket's nature is one of ``as_``: 投诉 recorded as 咨询."""

    FIGURES: ClassVar = ("nature",)
    kind: Literal["recorded"]
    phrases: SomePhrases
    hidden: Phrases = ()
    as_: tuple[Nature, ...] = Field(min_length=1, alias="as")


class Missing(_Rule):
    """The ticket lacks its ``field``.

    ``place``: for tickets of ``natures``; where the ticket names none, one of ``spoken`` must have been said.
    ``phone``: the caller's number is unknown and no number that may be a telephone's was said.
    """

    kind: Literal["missing"]
    field: Literal["place", "phone"]
    natures: tuple[Nature, ...] = tuple(Nature)
    spoken: Phrases = ()
    hidden: Phrases = ()

    @model_validator(mode="after")
    def _check_spoken(self) -> Self:
        if self.field == "place" and not self.spoken:
            raise ValueError("a place needs the words by which it is heard: spoken")
        return self


class Repeated(_Rule):
    """The citizen says one of ``phrases``: he has told it before."""

    FIGURES: ClassVar = ("earlier",)
    kind: Literal["repeated"]
    phrases: SomePhrases
    hidden: Phrases = ()


class Urgent(_Rule):
    """The citizen says one of ``phrases`` and nothing shows that it was handed on.

    It counts as handed on when the agent says one of ``escalated`` afterwards, or the call was transferred.
    """

    kind: Literal["urgent"]
    phrases: SomePhrases
    hidden: Phrases = ()
    escalated: SomePhrases


Rule = (
    Required
    | Forbidden
    | Soothed
    | Promise
    | Silence
    | Overtalk
    | Interruptions
    | Rate
    | HoldTime
    | Transfers
    | Recorded
    | Missing
    | Repeated
    | Urgent
)
RuleId = Annotated[str, Field(pattern=rf"^{RULE_ID}$")]


class RuleSet(BaseModel):
    """All rules in force. ``version``: the city's name for it and the first digits of its hash."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: str = Field(pattern=r"^[0-9A-Za-z][0-9A-Za-z._+-]{0,59}$")
    rules: Mapping[RuleId, Annotated[Rule, Field(discriminator="kind")]] = Field(
        min_length=1, max_length=RULES_MAX
    )


def rule_set(tree: Mapping[str, Any], fingerprint: str, origin: str) -> RuleSet:
    """The rules of a parsed file.

    ``fingerprint``: hash of the file's meaning, so that two files of the same ``version`` are told apart.
    ``origin``: the file, for errors.

    Raises:
        UsageError: code ``bad_rules``; the message names file, key and what is wrong.
    """
    try:
        found = RuleSet.model_validate(tree)
    except ValidationError as error:
        raise UsageError(f"{origin}: {explained(error)}", code="bad_rules") from None
    return found.model_copy(update={"version": f"{found.version}+{fingerprint[:8]}"})


def explained(error: ValidationError) -> str:
    """The first mistake of a file: its key and what is wrong."""
    first = error.errors(include_url=False, include_input=False)[0]
    location = [str(part) for part in first["loc"]]
    if len(location) > 2 and location[0] == "rules":
        del location[2]  # the kind of the rule, which the union of kinds puts there
    key = ".".join(location) or "the file"
    if first["type"] == "extra_forbidden":
        return f"unknown key '{key}'"
    return f"'{key}': {first['msg'].removeprefix('Value error, ')}"
