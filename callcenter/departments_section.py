"""The directory of departments that may be joined to a talk (部门名录)."""

import re
from collections.abc import Mapping
from typing import Annotated

from pydantic import AfterValidator, Field

NAME = re.compile(r"(?![0-9]+$)[^\s\x00-\x1f,\"\\]{1,40}")
"""No number: those are looked for among the numbers."""

NUMBER = re.compile(r"[0-9]{3}|[0-9]{5,12}")
"""Digits as the trunk dials them; four are a seat's."""


def checked(directory: Mapping[str, str]) -> dict[str, str]:
    """The directory, names and numbers checked.

    Raises:
        ValueError: what is wrong with which entry.
    """
    for name, number in directory.items():
        if not NAME.fullmatch(name):
            raise ValueError(
                f"“{name}”不能作部门名：1 至 40 字，无空格，不全是数字 / '{name}' is no name: 1 to 40 characters without "
                "spaces, not digits alone"
            )
        if not NUMBER.fullmatch(number):
            raise ValueError(
                f"“{name}”的号码“{number}”须是 3 位或 5 至 12 位数字，例如 051788001234 / the number of '{name}' is not 3 "
                "or 5 to 12 digits, for example 051788001234"
            )
    return dict(directory)


Directory = Annotated[
    dict[str, str],
    AfterValidator(checked),
    Field(
        max_length=500,
        description="name = number, each reviewed by a person: who may be joined to a talk over the trunk, "
        "for example 水务局 = '051788001234'; nobody else outside the house can be",
    ),
]
"""By name."""
