"""Asterisk's own books: call detail records (CDR) and channel events (CEL), written as CSV by Asterisk itself.

Invariant: the column order here is the one rendered into ``cdr_custom.conf`` and ``cel_custom.conf``; readers yield
only whole lines, so a line torn by a crash or still being written is skipped, never misread.
"""

import csv
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from pathlib import Path
from typing import NamedTuple

from callcenter.settings import Settings


class Column(NamedTuple):
    """One CSV column and the Asterisk expression that fills it."""

    name: str
    expression: str


CEL_SOURCE: tuple[Column, ...] = (
    Column("event_time", "${eventtime}"),
    Column("event", "${eventtype}"),
    Column("user_event", "${userdeftype}"),
    Column("uniqueid", "${CHANNEL(uniqueid)}"),
    Column("linkedid", "${CHANNEL(linkedid)}"),
    Column("channel", "${CHANNEL(channame)}"),
    Column("peer", "${BRIDGEPEER}"),
    Column("exten", "${CHANNEL(exten)}"),
    Column("context", "${CHANNEL(context)}"),
    Column("application", "${CHANNEL(appname)}"),
    Column("arguments", "${CHANNEL(appdata)}"),
    Column("extra", "${eventextra}"),
)
CDR_SOURCE: tuple[Column, ...] = (
    Column("uniqueid", "${CDR(uniqueid)}"),
    Column("linkedid", "${CDR(linkedid)}"),
    Column("sequence", "${CDR(sequence)}"),
    Column("start_time", "${CDR(start,u)}"),
    Column("answer_time", "${CDR(answer,u)}"),
    Column("end_time", "${CDR(end,u)}"),
    Column("duration_s", "${CDR(duration,f)}"),
    Column("billed_s", "${CDR(billsec,f)}"),
    Column("disposition", "${CDR(disposition)}"),
    Column("channel", "${CDR(channel)}"),
    Column("peer", "${CDR(dstchannel)}"),
    Column("context", "${CDR(dcontext)}"),
    Column("exten", "${CDR(dst)}"),
    Column("application", "${CDR(lastapp)}"),
    Column("arguments", "${CDR(lastdata)}"),
    Column("citizen", "${CDR(userfield)}"),
    Column("called", "${CDR(called)}"),
)

CEL_COLUMNS: tuple[str, ...] = tuple(column.name for column in CEL_SOURCE)
"""Order of the columns of the CEL file."""
CDR_COLUMNS: tuple[str, ...] = tuple(column.name for column in CDR_SOURCE)
"""Order of the columns of the CDR file."""


@dataclass(frozen=True, slots=True)
class ChannelEvent:
    """One CEL line.

    ``at_s``: seconds since the epoch, microsecond steps. ``user_event``: set on the dialplan's own marks, where
    ``event`` is the same word: ``CITIZEN`` (``extra``: the number, empty if withheld), ``REFUSED`` (``extra``: why),
    ``FALLBACK``, ``ASKED``, ``CALLBACK``, ``MESSAGE``. On Asterisk's own events ``extra`` is empty or JSON.
    """

    at_s: float
    event: str
    user_event: str
    uniqueid: str
    linkedid: str
    channel: str
    peer: str
    exten: str
    context: str
    application: str
    arguments: str
    extra: str


@dataclass(frozen=True, slots=True)
class CallDetail:
    """One CDR line. Times are seconds since the epoch, ``None`` where it never happened; durations in seconds."""

    uniqueid: str
    linkedid: str
    sequence: int
    started_at_s: float
    answered_at_s: float | None
    ended_at_s: float | None
    duration_s: float
    billed_s: float
    disposition: str
    channel: str
    peer: str
    context: str
    exten: str
    application: str
    arguments: str
    citizen: str
    called: str


def asterisk_log_path(settings: Settings) -> Path:
    """Folder of everything that Asterisk logs."""
    return settings.log_path / "asterisk"


def cel_path(settings: Settings) -> Path:
    """The CEL file."""
    return asterisk_log_path(settings) / "cel-custom" / "cel.csv"


def cdr_path(settings: Settings) -> Path:
    """The CDR file."""
    return asterisk_log_path(settings) / "cdr-custom" / "cdr.csv"


def close_day(book: Path, today: date, zone: tzinfo) -> Path | None:
    """Put a book that was begun on an earlier day aside as ``cel-20261121.csv``; where it is now.

    Asterisk opens the file anew for each line, so nothing is lost; a call over midnight has lines in both.
    """
    begun = _begun(book, zone)
    if begun is None or begun >= today:
        return None
    names = (f"{book.stem}-{begun:%Y%m%d}{suffix}.csv" for suffix in ("", *(f"-{n}" for n in range(2, 100))))
    aside = next(path for path in map(book.with_name, names) if not path.exists())
    book.rename(aside)
    return aside


def volumes(book: Path, since: datetime | None = None) -> list[Path]:
    """The files of a book, oldest first, the present one last; ``since`` leaves out those finished before."""
    aside = sorted(book.parent.glob(f"{book.stem}-*.csv"))
    earliest_s = since.timestamp() if since else 0.0
    return [path for path in aside if path.stat().st_mtime >= earliest_s] + [book]


def read_cel(path: Path, since: datetime | None = None) -> Iterator[ChannelEvent]:
    """All whole lines of a CEL book, in order; a missing file has none. ``since``: see :func:`volumes`."""
    for volume in volumes(path, since):
        yield from _channel_events(volume)


def _channel_events(path: Path) -> Iterator[ChannelEvent]:
    for row in _rows(path, CEL_COLUMNS):
        at_s = _seconds(row["event_time"])
        if at_s is not None:
            texts = {name: row[name] for name in CEL_COLUMNS if name not in ("event_time", "extra")}
            extra = _own_text(row["extra"]) if row["user_event"] else row["extra"]
            yield ChannelEvent(at_s=at_s, extra=extra, **texts)


def read_cdr(path: Path, since: datetime | None = None) -> Iterator[CallDetail]:
    """All whole lines of a CDR book, in order; a missing file has none. ``since``: see :func:`volumes`."""
    for volume in volumes(path, since):
        yield from _call_details(volume)


def _call_details(path: Path) -> Iterator[CallDetail]:
    for row in _rows(path, CDR_COLUMNS):
        started_at_s = _seconds(row["start_time"])
        if started_at_s is None or not row["sequence"].isdecimal():
            continue
        yield CallDetail(
            uniqueid=row["uniqueid"],
            linkedid=row["linkedid"],
            sequence=int(row["sequence"]),
            started_at_s=started_at_s,
            answered_at_s=_seconds(row["answer_time"]),
            ended_at_s=_seconds(row["end_time"]),
            duration_s=_seconds(row["duration_s"]) or 0.0,
            billed_s=_seconds(row["billed_s"]) or 0.0,
            disposition=row["disposition"],
            channel=row["channel"],
            peer=row["peer"],
            context=row["context"],
            exten=row["exten"],
            application=row["application"],
            arguments=row["arguments"],
            citizen=row["citizen"],
            called=row["called"],
        )


def _begun(book: Path, zone: tzinfo) -> date | None:
    """The day of a book's first line; ``None`` while it has none."""
    columns, time_column = (
        (CEL_COLUMNS, "event_time") if book.stem.startswith("cel") else (CDR_COLUMNS, "start_time")
    )
    for row in _rows(book, columns):
        at_s = _seconds(row[time_column])
        if at_s is not None:
            return datetime.fromtimestamp(at_s, zone).date()
    return None


def _rows(path: Path, columns: tuple[str, ...]) -> Iterator[Mapping[str, str]]:
    if not path.exists():
        return
    with path.open(encoding="utf-8", errors="replace", newline="") as stream:
        for cells in csv.reader(_whole_lines(stream), strict=False):
            if len(cells) == len(columns):
                yield dict(zip(columns, cells, strict=True))


def _whole_lines(stream: Iterator[str]) -> Iterator[str]:
    """Lines that have their end; NUL bytes of a torn block are dropped."""
    for line in stream:
        if line.endswith("\n"):
            yield line.replace("\0", "")


def _own_text(extra: str) -> str:
    """What the dialplan gave to ``CELGenUserEvent``: newer versions wrap it into JSON."""
    try:
        return str(json.loads(extra)["extra"])
    except (ValueError, KeyError, TypeError):
        return extra


def _seconds(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if value > 0 else None
