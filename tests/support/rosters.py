"""Spreadsheets as tests need them: real xlsx files by openpyxl, csv by its bytes, and the people whom they name."""

import io
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import openpyxl  # type: ignore[import-untyped]  # ships no types

from callcenter.core.ids import SeatId
from callcenter.staff.core.people import Person, StaffKind
from callcenter.staff.core.roster_sheet import Known, code_hours

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 22, 17, tzinfo=SHANGHAI)
MONDAY = date(2026, 11, 23)
LONGEST = timedelta(hours=16)
CODES = {"早": "08:00-16:00", "中": "16:00-24:00", "夜": "22:00-08:00", "休": ""}
ZHANG = Person("1001", "张三", StaffKind.ON_SITE, "13800000001", SeatId("8001"))
LI = Person("1002", "李四", StaffKind.ON_SITE)
WANG = Person("0003", "王五", StaffKind.CLOUD, "13800000003", SeatId("8101"))
GONE = Person("1004", "赵六", StaffKind.ON_SITE, active=False)
PEOPLE = {person.staff_no: person for person in (ZHANG, LI, WANG, GONE)}
SEATS = {SeatId("8001"): "on_site", SeatId("8002"): "on_site", SeatId("8101"): "cloud"}
LIST = ("工号", "姓名", "坐席", "日期", "上班", "下班", "班次")

Rows = Sequence[Sequence[Any]]


def xlsx(*sheets: tuple[str, Rows], merged: str = "") -> bytes:
    """A workbook of these sheets; ``merged``: a range of the first one."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets:
        page = book.create_sheet(name)
        for row in rows:
            page.append(list(row))
    if merged:
        book.worksheets[0].merge_cells(merged)
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()


def known(month: date | None = None) -> Known:
    """What rosters of the tests may name."""
    return Known(PEOPLE, SEATS, code_hours(CODES, LONGEST), SHANGHAI, NOW, NOW, LONGEST, month)


def at(day: int, hour: float) -> datetime:
    """A time in November 2026; hours beyond 24 lie on the next day."""
    return datetime(2026, 11, day, tzinfo=SHANGHAI) + timedelta(hours=hour)
