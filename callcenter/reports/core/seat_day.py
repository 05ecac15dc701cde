"""One seat's own day beside the middle of the house (个人当日): no rank, no name, no other seat's value.

Invariants: a middle is told only where so many seats worked that it gives nobody away; a figure without anything to divide by
is ``None``; the formulas are those of FIELD.md 4 by their names.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import zip_longest
from statistics import median
from typing import Final, NamedTuple

from callcenter.reports.core.formulas import SECONDS, Formula
from callcenter.reports.core.rows import ContactRow
from callcenter.reports.core.windows import Window

MIDDLE_MIN: Final = 5
"""Seats that must have answered somebody before a middle is told."""

COUNT: Final = "count"

FORMULAS: Final = (
    Formula("answered_by_seat", "接听量", "talks, call-backs among them", COUNT),
    Formula("talk_mean", "平均通话", "mean talk", SECONDS),
    Formula("wrap_mean", "平均话后整理", "mean after-call work", SECONDS),
    Formula("aht", "平均处理时长", "talk and after-call work for each talk", SECONDS),
    Formula("callbacks_kept_by_seat", "兑现回拨", "promised call-backs kept", COUNT),
    Formula("direct_answers_by_seat", "直接解答", "tickets answered on the spot", COUNT),
    Formula("breaks_by_seat", "小休次数", "breaks taken", COUNT),
    Formula("break_by_seat", "小休时长", "time on break", SECONDS),
)
"""What a seat's day is told by, in order."""


class SeatMove(NamedTuple):
    """A seat's state moved. ``reason``: of a pause, ``""`` without one."""

    at: datetime
    seat_id: str
    old: str
    new: str
    reason: str


@dataclass(frozen=True, slots=True)
class DayOfSeats:
    """The rows of a day so far. ``kept``, ``direct_answers``: seat -> how many."""

    day: Window
    as_of: datetime
    contacts: Sequence[ContactRow]
    moves: Sequence[SeatMove]
    kept: Mapping[str, int]
    direct_answers: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class OwnFigure:
    """A figure of one seat. ``middle``: the median of all seats that answered anybody."""

    formula: Formula
    own: float | None
    middle: float | None


def own_day(rows: DayOfSeats, seat_id: str, not_breaks: Collection[str]) -> Sequence[OwnFigure]:
    """The figures of a seat. ``not_breaks``: pause reasons of the house, which no agent chose."""
    by_seat = {seat: _of(rows, seat, not_breaks) for seat in {seat_id, *_at_work(rows.contacts)}}
    crowd = [figures for figures in by_seat.values() if figures["answered_by_seat"]]
    return [
        OwnFigure(formula, by_seat[seat_id][formula.name], _middle(crowd, formula.name))
        for formula in FORMULAS
    ]


def _at_work(contacts: Iterable[ContactRow]) -> set[str]:
    return {row.seat_id for row in contacts if row.seat_id and row.answered_at and row.exit == "answered"}


def _of(rows: DayOfSeats, seat_id: str, not_breaks: Collection[str]) -> dict[str, float | None]:
    talks = [row for row in rows.contacts if row.seat_id == seat_id and row.answered_at]
    talks = [row for row in talks if row.exit == "answered"]
    answered, talk_s = len(talks), sum(_talk_s(row, rows.as_of) for row in talks)
    stays = list(_stays([move for move in rows.moves if move.seat_id == seat_id], rows))
    wrap_s = sum(seconds for state, _, seconds in stays if state == "wrap_up")
    breaks = [s for state, reason, s in stays if state == "on_break" and reason not in not_breaks]
    return {
        "answered_by_seat": answered,
        "talk_mean": talk_s / answered if answered else None,
        "wrap_mean": wrap_s / answered if answered else None,
        "aht": (talk_s + wrap_s) / answered if answered else None,
        "callbacks_kept_by_seat": rows.kept.get(seat_id, 0),
        "direct_answers_by_seat": rows.direct_answers.get(seat_id, 0),
        "breaks_by_seat": len(breaks),
        "break_by_seat": sum(breaks),
    }


def _talk_s(row: ContactRow, as_of: datetime) -> float:
    if row.talk_s is not None:
        return row.talk_s
    return ((row.talk_ended_at or as_of) - row.answered_at).total_seconds() if row.answered_at else 0.0


def _stays(moves: Sequence[SeatMove], rows: DayOfSeats) -> Iterable[tuple[str, str, float]]:
    """State, reason and seconds of every stay of the day; where nobody watched in between, nothing is counted."""
    for begun, ended in zip_longest(moves, moves[1:]):
        if ended is None or ended.old == begun.new:
            until = ended.at if ended else min(rows.as_of, rows.day.until_at)
            yield begun.new, begun.reason, rows.day.overlap_s(begun.at, until)


def _middle(crowd: Sequence[Mapping[str, float | None]], name: str) -> float | None:
    values = [value for figures in crowd if (value := figures[name]) is not None]
    return median(values) if len(values) >= MIDDLE_MIN else None
