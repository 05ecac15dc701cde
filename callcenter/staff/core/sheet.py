"""A spreadsheet as rows of cells, and the table that begins somewhere in it.

Invariant: every complaint names sheet, row, column and what stands there.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, TypeVar

from callcenter.staff.core.roster import Fault, Place
from callcenter.staff.core.sheet_values import Cell, Unreadable, meaning, shown, text_of

T = TypeVar("T")

FILE_MAX_BYTES = 512 * 1024
"""A month of a hundred people is a tenth of it."""

HEADER_WITHIN = 12
"""The header stands in one of the first rows."""


@dataclass(frozen=True, slots=True)
class Odd:
    """A cell whose value cannot be taken as it is: a formula, an error value. ``problem``: what to do."""

    text: str
    problem: str


class Merge(NamedTuple):
    """Merged cells; rows and columns from 0, ends included. ``name``: as the sheet names it, ``A1:B2``."""

    first_row: int
    last_row: int
    first_column: int
    last_column: int
    name: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet, in rows from the top left."""

    name: str
    rows: Sequence[Sequence[Cell | Odd]]
    merged: Sequence[Merge] = ()

    def cell(self, row: int, column: int) -> Cell | Odd:
        """A cell; outside of what was written it is empty."""
        cells = self.rows[row] if row < len(self.rows) else ()
        return cells[column] if column < len(cells) else None

    def filled(self, row: int) -> list[int]:
        """The columns of a row in which something stands."""
        return [n for n, cell in enumerate(self.rows[row]) if isinstance(cell, Odd) or text_of(cell)]

    @property
    def is_empty(self) -> bool:
        """Whether nothing is written anywhere."""
        return not any(self.filled(row) for row in range(len(self.rows)))


@dataclass
class Table:
    """A table in a sheet: its header's row, and the columns by their meaning. ``faults``: collected while it is read."""

    sheet: Sheet
    header: int
    columns: Mapping[str, int]
    faults: list[Fault] = field(default_factory=list)

    def rows(self) -> list[int]:
        """The rows below the header that are more than a remark of one cell."""
        return [
            row for row in range(self.header + 1, len(self.sheet.rows)) if len(self.sheet.filled(row)) > 1
        ]

    def place(self, row: int, column: int) -> Place:
        """Where a cell stands, as people count; the column by its letter."""
        return Place(self.sheet.name, row + 1, letter(column))

    def complain(self, row: int, column: int, problem: str) -> None:
        """Note a fault of a cell."""
        cell = self.sheet.cell(row, column)
        value = cell.text if isinstance(cell, Odd) else shown(cell)
        self.faults.append(Fault(self.place(row, column), value, problem))

    def value(self, row: int, column: int | None) -> Cell:
        """A cell's value; ``None`` is empty.

        Raises:
            Unreadable: a formula or an error value.
        """
        cell = self.sheet.cell(row, column) if column is not None else None
        if isinstance(cell, Odd):
            raise Unreadable(cell.problem)
        return cell if text_of(cell) else None

    def read(self, row: int, name: str, parse: Callable[[Cell], T]) -> T | None:
        """A cell by its column's meaning, parsed; ``None`` where it is empty, or faulty and complained of."""
        column = self.columns.get(name)
        try:
            value = self.value(row, column)
            return None if value is None else parse(value)
        except Unreadable as problem:
            self.complain(row, column or 0, str(problem))
            return None

    def refuse_merged(self, columns: Collection[int]) -> None:
        """Complain of merged cells among those that are read."""
        used = {self.header, *self.rows()}
        for merge in self.sheet.merged:
            rows = used & set(range(merge.first_row, merge.last_row + 1))
            if rows and set(columns) & set(range(merge.first_column, merge.last_column + 1)):
                self.complain(
                    merge.first_row,
                    merge.first_column,
                    f"{merge.name} 是合并单元格，请取消合并并逐格填写 / {merge.name} is merged: split it and fill each cell",
                )


def find_table(sheet: Sheet, needed: Callable[[Mapping[str, int]], bool]) -> Table | None:
    """The first row whose headers are enough for ``needed`` begins the table."""
    for row in range(min(HEADER_WITHIN, len(sheet.rows))):
        columns: dict[str, int] = {}
        for column, cell in enumerate(sheet.rows[row]):
            name = None if isinstance(cell, Odd) else meaning(cell)
            if name is not None:
                columns.setdefault(name, column)
        if needed(columns):
            return Table(sheet, row, columns)
    return None


def letter(column: int) -> str:
    """``0`` -> ``A``, ``26`` -> ``AA``."""
    name = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(ord("A") + rest) + name
    return name
