"""What the operator sets about shifts (班次)."""

from collections.abc import Mapping
from datetime import timedelta

from pydantic import Field, field_validator

from callcenter.core.messages.shifts import GRACE_MAX_S
from callcenter.sections import Section
from callcenter.staff.core.roster_sheet import code_hours
from callcenter.staff.core.sheet_values import Hours

USUAL_CODES = {
    "早": "08:00-16:00",
    "中": "14:00-22:00",
    "夜": "22:00-08:00",
    "A": "08:00-16:00",
    "B": "14:00-22:00",
    "C": "22:00-08:00",
    "休": "",
}


class Shifts(Section):
    """Rosters and who keeps to them."""

    codes: dict[str, str] = Field(
        USUAL_CODES,
        description="hours of the shift codes that rosters use (班次代码); empty: a day off; a file may bring its own",
    )
    longest_h: float = Field(16.0, gt=0, le=24, description="longest shift that a roster may hold")
    rest_h: float = Field(
        11.0,
        ge=0,
        le=24,
        description="rest between two shifts of one person, demanded of swaps, warned of in rosters",
    )
    no_show_after_s: float = Field(
        45.0,
        ge=0,
        le=GRACE_MAX_S,
        description="an absence is told when it has lasted so long: after the shift's begin, or since he logged off",
    )

    @field_validator("codes")
    @classmethod
    def _check(cls, codes: dict[str, str]) -> dict[str, str]:
        code_hours(codes, timedelta(hours=24))
        return codes

    @property
    def longest(self) -> timedelta:
        """Longest shift."""
        return timedelta(hours=self.longest_h)

    @property
    def rest(self) -> timedelta:
        """Rest between shifts."""
        return timedelta(hours=self.rest_h)

    def hours(self) -> Mapping[str, Hours | None]:
        """The codes' hours; ``None``: a day off."""
        return code_hours(self.codes, timedelta(hours=24))
