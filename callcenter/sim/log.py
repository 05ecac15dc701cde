"""The event log of a day (SCENARIOS.md 10): a stranger can replay the day from it.

Invariant: entries are in time order, at the same instant in causal order. Every metric is computed from this log.
"""

import csv
import gzip
import io
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from callcenter.core.errors import UsageError


class Entry(NamedTuple):
    """One line. ``cid`` is empty for cloud seats; ``a`` and ``b`` by event."""

    t_ms: int
    event: str
    cid: int | str = ""
    a: int | str = ""
    b: int | str = ""


def write_log(path: Path, entries: Iterable[Entry]) -> None:
    """Write a log, gzipped if the name ends in ``.gz``. The same log gives the same bytes.

    Raises:
        UsageError: the file cannot be written.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(Entry._fields)
    writer.writerows(entries)
    data = text.getvalue().encode()
    try:
        path.write_bytes(gzip.compress(data, mtime=0) if path.suffix == ".gz" else data)
    except OSError as error:
        raise UsageError(f"{path}: cannot be written ({type(error).__name__})") from None


def read_log(path: Path) -> list[Entry]:
    """Read a log back.

    Raises:
        UsageError: the file cannot be read or is no event log.
    """
    try:
        data = path.read_bytes()
        text = (gzip.decompress(data) if path.suffix == ".gz" else data).decode()
        rows = list(csv.reader(io.StringIO(text)))
        if tuple(rows[0]) != Entry._fields:
            raise ValueError(rows[0])
        return [Entry(int(t), event, _value(cid), _value(a), _value(b)) for t, event, cid, a, b in rows[1:]]
    except (OSError, EOFError, ValueError, IndexError) as error:
        raise UsageError(f"{path}: is no event log ({type(error).__name__})") from None


def _value(cell: str) -> int | str:
    return int(cell) if cell.lstrip("-").isdigit() else cell
