"""The citizens of a day, with every random number already drawn, and the partner city's own calls.

Invariant: a ``Citizens`` that exists has all columns, for every citizen, with no negative time; a mistake in a file is one
``UsageError`` that names file, line and column. Durations are whole milliseconds.
"""

import csv
import gzip
import io
import math
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from callcenter.core.errors import UsageError
from callcenter.sim.params import ms

ATTEMPTS, REACHES, BREAKS = 8, 3, 5
DONOR_STEP = 7919
"""How far away the donor stands whose column is read when a citizen's own are used up (SCENARIOS.md 2.3)."""

_FLAGS = ("consult", "hot", "urgent", "surge")
_SINGLES = (
    *(
        "talk_s",
        "acw_s",
        "review_s",
        "u_announce",
        "u_selfsvc_try",
        "u_selfsvc_ok",
        "u_callback",
        "u_message",
    ),
    *("u_callback2", "u_status", "u_chase", "chase_gap_s", "u_contact"),
)


def _numbered(prefix: str, count: int, suffix: str = "") -> tuple[str, ...]:
    return tuple(f"{prefix}{k}{suffix}" for k in range(1, count + 1))


_FAMILIES = {
    "u_reach": _numbered("u_reach", REACHES),
    "break_s": _numbered("break", BREAKS, "_s"),
    "patience_s": _numbered("patience", ATTEMPTS, "_s"),
    "u_redial": _numbered("u_redial", ATTEMPTS),
    "gap_abandon_s": _numbered("gap_abandon", ATTEMPTS, "_s"),
    "gap_busy_s": _numbered("gap_busy", ATTEMPTS, "_s"),
}
COLUMNS = ("cid", "t0_s", *_FLAGS, *_SINGLES, *(name for family in _FAMILIES.values() for name in family))
"""The header of a citizens' file, in order."""


class Citizens:
    """The people of a day, column by column. ``t0`` in ms, flags 0/1, others by :meth:`draw`."""

    def __init__(self, columns: dict[str, list[int]]) -> None:
        self.t0 = columns["t0_s"]
        self.consult, self.hot = columns["consult"], columns["hot"]
        self.urgent, self.surge = columns["urgent"], columns["surge"]
        self._columns = columns
        self._families = {name: [columns[name]] for name in _SINGLES}
        self._families |= {name: [columns[c] for c in parts] for name, parts in _FAMILIES.items()}

    def __len__(self) -> int:
        return len(self.t0)

    def columns(self) -> dict[str, list[int]]:
        """All columns by name: ms, ten-thousandths, flags."""
        return self._columns

    def draw(self, family: str, cid: int, use: int = 1) -> int:
        """The value of a citizen's ``use``-th use (from 1) of a family: ms or ten-thousandths."""
        columns = self._families[family]
        turn, column = divmod(use - 1, len(columns))
        return columns[column][(cid + DONOR_STEP * turn) % len(self.t0)]

    def rest(self, cid: int, task: int) -> int:
        """The break in ms after a home seat's ``task``-th task for this citizen; none after the fifth."""
        return self.draw("break_s", cid, task) if task <= BREAKS else 0


@dataclass(frozen=True, slots=True)
class Traffic:
    """The partner city's own calls: instants and service times in ms."""

    arrivals: list[int]
    services: list[int]


def load_citizens(path: Path) -> Citizens:
    """Read and check a citizens' file (plain or gzip).

    Raises:
        UsageError: unreadable, a column missing or unknown, a value that is no number, negative or out of range.
    """
    columns = _table(path, COLUMNS, _citizen_value)
    _check_order(path, columns, "cid", "t0_s")
    if not columns["cid"]:
        raise UsageError(f"{path}: has no citizen")
    return Citizens(columns)


def load_traffic(path: Path) -> Traffic:
    """Read and check the partner city's own calls.

    Raises:
        UsageError: as for :func:`load_citizens`.
    """
    columns = _table(path, ("pid", "t_s", "service_s"), _citizen_value)
    _check_order(path, columns, "pid", "t_s")
    return Traffic(columns["t_s"], columns["service_s"])


def _table(
    path: Path, wanted: tuple[str, ...], reader: Callable[[str], Callable[[str], int]]
) -> dict[str, list[int]]:
    rows = list(csv.reader(io.StringIO(_text(path))))
    if not rows:
        raise UsageError(f"{path}:1: is empty")
    header = rows[0]
    for name in wanted:
        if name not in header:
            raise UsageError(f"{path}:1: column {name} is missing")
    for name in header:
        if name not in wanted or header.count(name) > 1:
            raise UsageError(f"{path}:1: column {name} is unknown or there twice")
    for number, row in enumerate(rows[1:], 2):
        if len(row) != len(header):
            raise UsageError(f"{path}:{number}: {len(row)} columns instead of {len(header)}")
    cells = zip(*rows[1:], strict=True) if len(rows) > 1 else ([] for _ in header)
    return {
        name: _column(path, name, column, reader(name)) for name, column in zip(header, cells, strict=True)
    }


def _column(path: Path, name: str, cells: object, read: Callable[[str], int]) -> list[int]:
    values = list(cells)  # type: ignore[call-overload]  # a column of the transposed table
    try:
        return [read(cell) for cell in values]
    except ValueError:
        pass
    for number, cell in enumerate(values, 2):
        try:
            read(cell)
        except ValueError as error:
            raise UsageError(f"{path}:{number}: column {name}: {error}") from None
    raise AssertionError("a cell was bad")


def _citizen_value(name: str) -> Callable[[str], int]:
    if name.endswith("_s"):
        return _duration
    if name in _FLAGS:
        return _flag
    return _share if name.startswith("u_") else _whole


def _duration(cell: str) -> int:
    seconds = float(cell)
    if not 0 <= seconds < 1e9 or math.isnan(seconds):
        raise ValueError(f"must be seconds >= 0, not {cell[:20]!r}")
    return ms(seconds)


def _flag(cell: str) -> int:
    if cell not in ("0", "1"):
        raise ValueError(f"must be 0 or 1, not {cell[:20]!r}")
    return int(cell)


def _share(cell: str) -> int:
    value = int(cell)
    if not 0 <= value <= 9999:
        raise ValueError(f"must be 0 to 9999, not {cell[:20]!r}")
    return value


def _whole(cell: str) -> int:
    value = int(cell)
    if value < 0:
        raise ValueError(f"must not be negative: {cell[:20]!r}")
    return value


def _check_order(path: Path, columns: dict[str, list[int]], number: str, instant: str) -> None:
    before = 0
    for row, (index, at) in enumerate(zip(columns[number], columns[instant], strict=True)):
        if index != row:
            raise UsageError(f"{path}:{row + 2}: column {number}: must be {row}")
        if at < before:
            raise UsageError(f"{path}:{row + 2}: column {instant}: goes back in time")
        before = at


def _text(path: Path) -> str:
    try:
        data = path.read_bytes()
        return (gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data).decode("utf-8")
    except (OSError, EOFError, zlib.error, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: cannot be read ({type(error).__name__})") from None
