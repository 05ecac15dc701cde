"""Spreadsheets handed in: their size, and how their faults are told."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

from pydantic import Base64Bytes, Field

from callcenter.staff.core.roster import FaultySheet
from callcenter.staff.core.sheet import FILE_MAX_BYTES
from callcenter.web.refusals import Refusal
from callcenter.web.views.sheets import FaultView

FAULTS_MAX = 50
"""Faults that are told; more are counted."""

UPLOAD_MAX_BYTES = FILE_MAX_BYTES * 4 // 3 + 4096
"""A file in base64, and what is said beside it."""

Content = Annotated[Base64Bytes, Field(description="the file, xlsx or csv, in base64; at most 512 KiB")]


@contextmanager
def faults_told() -> Iterator[None]:
    """A faulty sheet is refused, with where its faults are.

    Raises:
        Refusal: 422, the sheet's code.
    """
    try:
        yield
    except FaultySheet as refused:
        raise _faulty(refused) from None


def _faulty(refused: FaultySheet) -> Refusal:
    faults = [
        FaultView(
            sheet=fault.place.sheet,
            row=fault.place.row,
            column=fault.place.column,
            value=fault.value,
            problem=fault.problem,
        ).model_dump()
        for fault in refused.faults[:FAULTS_MAX]
    ]
    return Refusal(422, refused.code, str(refused), details={"faults": faults, "total": len(refused.faults)})
