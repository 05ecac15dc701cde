"""``[beside]``: shift managers and team leaders beside a talk (监听、耳语、介入). Invariant: what passes is usable as it is."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import AfterValidator, Field

from callcenter.departments_section import NUMBER
from callcenter.sections import Section

ACCOUNTS_MAX = 200


def _checked(telephones: Mapping[str, str]) -> dict[str, str]:
    for account, number in telephones.items():
        if not NUMBER.fullmatch(number):
            raise ValueError(
                f"“{account}”的号码须是 3 位或 5 至 12 位数字，例如 13800138000 / the number of '{account}' is not 3 or 5 "
                "to 12 digits, for example 13800138000"
            )
    return dict(telephones)


Telephones = Annotated[
    dict[str, str],
    AfterValidator(_checked),
    Field(
        max_length=ACCOUNTS_MAX,
        description="account = number, each reviewed by a person: a telephone outside the house that its holder may "
        "listen on; others listen on their own seat's",
    ),
]


class Beside(Section):
    """Who is told, and on which telephones of their own people may listen."""

    agents_are_told: bool = Field(
        True, description="agents see on their desk that somebody is beside their talk, who, and how"
    )
    telephones: Telephones = Field(default_factory=dict)
