"""Spreadsheets that we write: the empty roster, and presence against plan. Excel and WPS open them without a question.

Invariants: numbers are numbers, times are times; no text of anybody becomes a formula.
"""

import calendar
import io
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from openpyxl import Workbook  # type: ignore[import-untyped]  # ships no types
from openpyxl.styles import Alignment, Font, PatternFill  # type: ignore[import-untyped]
from openpyxl.utils import get_column_letter  # type: ignore[import-untyped]

HEAD_FILL = PatternFill("solid", fgColor="FFDDEBF7")
WEEKDAYS = "一二三四五六日"
HOURS, RATE, CLOCK, MOMENT = "0.00", "0.0%", "hh:mm", "yyyy-mm-dd hh:mm"

LIST_HEAD = ("工号", "姓名", "坐席", "日期", "上班", "下班", "班次", "备注")
PRESENCE_HEAD = (
    "时段", "排班坐席小时", "应到坐席小时", "在岗坐席小时", "在岗(计划内)", "通话+话后小时", "缺岗班次", "在席率",
)  # fmt: skip
NOTES = (
    "怎么填 / how to fill this in",
    "“排班”表每行一个班次：工号(或姓名)、日期、上班、下班必填；也可只填班次代码。坐席空着表示任一坐席。",
    "或用月表：每行一人，每列一天，格里填班次代码；空格表示不上班。两种可以同在一个文件，不要重复。",
    "“班次”表是代码的时间；下班早于上班表示次日。没有时间的代码是休息。",
    "请填数值，不要公式，不要合并单元格。先试：callcenter shifts import 文件.xlsx --dry-run",
    "One shift a row in the sheet 排班, or a month grid with a person a row and a day a column; no formulas, no merged cells.",
)


def roster_template(codes: Mapping[str, str], people: Sequence[tuple[str, str]], month: date | None) -> bytes:
    """An empty roster: a list, or with ``month`` a grid of its days with ``people`` (number, name) filled in."""
    book = Workbook()
    page = book.active
    page.title = "排班"
    if month is None:
        _head(page, 1, LIST_HEAD, (10, 12, 8, 13, 9, 9, 9, 24))
        for column, format_ in (("A", "@"), ("D", "yyyy-mm-dd"), ("E", CLOCK), ("F", CLOCK)):
            for row in range(2, 200):
                page[f"{column}{row}"].number_format = format_
    else:
        _grid(page, month, people)
    times = book.create_sheet("班次")
    _head(times, 1, ("班次", "上班", "下班"), (10, 10, 10))
    for code, span in codes.items():
        begin, _, end = span.partition("-")
        times.append([code, begin or None, end or None])
    notes = book.create_sheet("填写说明")
    notes.column_dimensions["A"].width = 100
    for line in NOTES:
        notes.append([line])
    return _bytes(book)


def presence_book(presence: Mapping[str, Any]) -> bytes:
    """``GET /presence`` as a workbook: the hours with their sum, who did not come, and what was not watched."""
    book = Workbook()
    page = book.active
    page.title = "在岗对照"
    plan = "排班表" if presence["plan"] == "shifts" else "常规班底（当日没有导入排班）"
    page.append(
        [
            f"{presence['day']} 在岗与计划对照   计划依据：{plan}   截至 {_moment(presence['as_of']):%Y-%m-%d %H:%M}"
        ]
    )
    page["A1"].font = Font(bold=True, size=13)
    total = presence["total"]
    page.append([_first_line(total, presence["formula"])])
    _head(page, 4, PRESENCE_HEAD, (14, 14, 14, 14, 14, 16, 10, 10))
    for hour in presence["hours"]:
        begin, until = _moment(hour["from_at"]), _moment(hour["until_at"])
        _hour(page, f"{begin:%H:%M}-{until:%H:%M}", hour)
    _hour(page, "合计", total)
    for cell in page[page.max_row]:
        cell.font = Font(bold=True)
    page.freeze_panes = "B5"
    _no_shows(book.create_sheet("缺岗"), presence["no_shows"])
    gaps = book.create_sheet("数据缺口")
    _head(gaps, 1, ("从", "到", "原因"), (18, 18, 24))
    for gap in presence["gaps"]:
        gaps.append([_moment(gap["from_at"]), _moment(gap["until_at"]), _plain(gap["reason"])])
        _format(gaps, gaps.max_row, {1: MOMENT, 2: MOMENT})
    return _bytes(book)


def _first_line(total: Mapping[str, Any], formula: str) -> str:
    rate = "—" if total["rate"] is None else f"{total['rate']:.1%}"
    return (
        f"排班 {total['planned']:.1f} 坐席小时，至今应到 {total['due']:.1f}，在岗 {total['filled']:.1f}，"
        f"在席率 {rate}（{formula}）"
    )


def _grid(page: Any, month: date, people: Sequence[tuple[str, str]]) -> None:
    days = range(1, calendar.monthrange(month.year, month.month)[1] + 1)
    page.append([f"{month.year}年{month.month}月排班表"])
    page["A1"].font = Font(bold=True, size=13)
    _head(page, 2, ("工号", "姓名", "坐席", *days), (10, 12, 8, *[4.5] * len(days)))
    page.append([None, None, None, *(WEEKDAYS[date(month.year, month.month, day).weekday()] for day in days)])
    for number, name in people:
        page.append([_plain(number), _plain(name)])
    page.freeze_panes = "D4"


def _hour(page: Any, name: str, hour: Mapping[str, Any]) -> None:
    keys = ("planned", "due", "present", "filled", "working", "no_shows", "rate")
    page.append([name, *(hour[key] for key in keys)])
    _format(page, page.max_row, {**dict.fromkeys(range(2, 7), HOURS), 7: "0", 8: RATE})


def _no_shows(page: Any, rows: Sequence[Mapping[str, Any]]) -> None:
    _head(page, 1, ("工号", "姓名", "坐席", "应到时间", "迟到(分钟)"), (10, 12, 8, 18, 12))
    for row in rows:
        late = None if row["late_s"] is None else round(row["late_s"] / 60, 1)
        number, name = _plain(row["staff_no"]), _plain(row["name"])
        page.append([number, name, row["seat_id"], _moment(row["due_at"]), "未到" if late is None else late])
        _format(page, page.max_row, {4: MOMENT, 5: "0.0"})


def _head(page: Any, row: int, names: Sequence[Any], widths: Sequence[float]) -> None:
    for column, (name, width) in enumerate(zip(names, widths, strict=True), start=1):
        cell = page.cell(row, column, name)
        cell.font, cell.fill = Font(bold=True), HEAD_FILL
        cell.alignment = Alignment(horizontal="center", wrap_text=True)
        page.column_dimensions[get_column_letter(column)].width = width


def _format(page: Any, row: int, formats: Mapping[int, str]) -> None:
    for column, format_ in formats.items():
        page.cell(row, column).number_format = format_


def _plain(text: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@") else text


def _moment(text: str) -> datetime:
    """As Excel keeps times: the city's, without zone."""
    return datetime.fromisoformat(text).replace(tzinfo=None)


def _bytes(book: Any) -> bytes:
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()
