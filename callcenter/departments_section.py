"""The directory of departments that may be joined to a talk (部门名录)."""

from typing import Annotated

from pydantic import Field, StringConstraints

DepartmentName = Annotated[str, StringConstraints(pattern=r"^[^\s\x00-\x1f,\"\\]{1,40}$")]
DepartmentNumber = Annotated[str, StringConstraints(pattern=r"^[0-9]{3,12}$")]

Directory = Annotated[
    dict[DepartmentName, DepartmentNumber],
    Field(
        max_length=500,
        description="name = number, each reviewed by a person: who may be joined to a talk over the trunk, "
        "for example 水务局 = '051788001234'; nobody else outside the house can be",
    ),
]
"""By name; digits as the trunk dials them."""
