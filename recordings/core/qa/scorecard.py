"""Scorecards (评分表): what a reviewer grades, with weights, as data of the city.

Invariant: a score is 0..100, the weighted share of the best grades over the criteria that were graded.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Final, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from callcenter.core.errors import UsageError
from recordings.core.qa.rules import explained

CARD_ID: Final = r"[a-z][a-z0-9_]{0,39}"
GRADES_MAX: Final = 11
CRITERIA_MAX: Final = 50

Grades = Mapping[str, int | None]
"""Criterion -> grade from 0 up; ``None``: it does not apply to this call."""


class Criterion(BaseModel):
    """One thing to grade.

    ``grades``: names of the grades from the worst, 0, to the best; ``grades_en``: the same in English, or none. ``weight``: its share of the score against the
    others. ``veto``: with the worst grade the whole score is 0 (一票否决). ``optional``: it need not apply.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    zh: str = Field(min_length=1, max_length=100)
    en: str = Field(min_length=1, max_length=100)
    hint: str = Field("", max_length=400, description="how to grade")
    weight: float = Field(gt=0, le=1000)
    grades: tuple[Annotated[str, Field(min_length=1, max_length=40)], ...] = Field(
        min_length=2, max_length=GRADES_MAX
    )
    hint_en: str = Field("", max_length=400)
    grades_en: tuple[Annotated[str, Field(min_length=1, max_length=60)], ...] = Field(
        (), max_length=GRADES_MAX
    )
    veto: bool = False
    optional: bool = False

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.grades_en and len(self.grades_en) != len(self.grades):
            raise ValueError(
                f"grades_en 须与 grades 一样多：{len(self.grades)} 个 / grades_en needs as many names as grades: "
                f"{len(self.grades)}"
            )
        return self

    @property
    def best(self) -> int:
        """The best grade."""
        return len(self.grades) - 1


class Scorecard(BaseModel):
    """One card. ``card_id``: the name of its file."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    card_id: str = Field(pattern=rf"^{CARD_ID}$")
    version: str = Field(pattern=r"^[0-9A-Za-z][0-9A-Za-z._-]{0,39}$")
    zh: str = Field(min_length=1, max_length=100)
    en: str = Field(min_length=1, max_length=100)
    criteria: Mapping[Annotated[str, Field(pattern=rf"^{CARD_ID}$")], Criterion] = Field(
        min_length=1, max_length=CRITERIA_MAX
    )

    def check(self, grades: Grades) -> None:
        """See that every criterion has a grade that it knows.

        Raises:
            UsageError: code ``bad_grades``.
        """
        strangers = sorted(set(grades) - set(self.criteria))
        if strangers:
            raise _bad(f"scorecard {self.card_id} has no criterion {strangers[0][:40]}")
        for name, criterion in self.criteria.items():
            if name not in grades or (grades[name] is None and not criterion.optional):
                raise _bad(f"criterion {name} needs a grade")
            grade = grades[name]
            if grade is not None and not 0 <= grade <= criterion.best:
                raise _bad(f"criterion {name} has the grades 0 to {criterion.best}")
        if all(grade is None for grade in grades.values()):
            raise _bad("at least one criterion needs a grade")

    def score(self, grades: Grades) -> float:
        """The score of these grades, which were checked: 100 * sum(weight * grade / best) / sum(weight)."""
        graded = [(self.criteria[name], grade) for name, grade in grades.items() if grade is not None]
        if any(criterion.veto and grade == 0 for criterion, grade in graded):
            return 0.0
        earned = sum(criterion.weight * grade / criterion.best for criterion, grade in graded)
        return round(100.0 * earned / sum(criterion.weight for criterion, _ in graded), 2)


def scorecard(card_id: str, tree: Mapping[str, Any], origin: str) -> Scorecard:
    """The card of a parsed file. ``origin``: the file, for errors.

    Raises:
        UsageError: code ``bad_scorecard``; the message names file, key and what is wrong.
    """
    try:
        return Scorecard.model_validate({**tree, "card_id": card_id})
    except ValidationError as error:
        raise UsageError(f"{origin}: {explained(error)}", code="bad_scorecard") from None


def _bad(what: str) -> UsageError:
    return UsageError(what, code="bad_grades")
