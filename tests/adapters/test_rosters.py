"""Rosters from spreadsheets: what people write is understood, what is wrong is told with its place, all at once."""

import io
import zipfile
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from rosters import CODES, LIST, LONGEST, MONDAY, SEATS, at, known, xlsx

from callcenter.core.errors import UsageError
from callcenter.core.ids import SeatId
from callcenter.staff.books import COLUMNS_MAX, ROWS_MAX, read_book
from callcenter.staff.core.people import Person, StaffKind
from callcenter.staff.core.people_sheet import read_people
from callcenter.staff.core.roster import (
    double_bookings,
    over_capacity,
    roster_of,
    seat_hours,
    short_rests,
)
from callcenter.staff.core.roster_sheet import Reading, code_hours, read_roster
from callcenter.staff.core.sheet import FILE_MAX_BYTES
from queues.core.numbers import domestic_number

pytestmark = pytest.mark.adapters

GRID_HEAD = ("工号", "姓名", *range(1, 31), "合计")


def read(content: bytes, month: date | None = None) -> Reading:
    """A file's roster."""
    return read_roster(read_book(content), known(month))


def listed(*rows: Sequence[Any]) -> bytes:
    """A list with these rows."""
    return xlsx(("排班", [LIST, *rows]))


def told(reading: Reading) -> list[tuple[str, int, str, str]]:
    """Sheet, row, column and value of each fault."""
    return [(*fault.place, fault.value) for fault in reading.faults]


def test_a_list_is_read() -> None:
    """Numbers, dates and times as Excel keeps them or as text; a code instead of times; a night over midnight."""
    content = listed(
        (1001, "张三", 8001, MONDAY, time(8), time(16), "早"),
        ("1002", None, None, "2026/11/23", "16：00", "24:00", None),
        (None, "王五", "8101", "2026年11月23日", "22:00", "次日08:00", None),
        ("1001", "张三", None, date(2026, 11, 24), None, None, "夜"),
        ("1002", "李四", None, "2026-11-24", None, None, "休"),
    )
    reading = read(content)
    assert reading.faults == []
    assert reading.days == {MONDAY, date(2026, 11, 24)}
    assert [(s.staff_no, s.seat_id, s.kind, s.from_at, s.to_at, s.code) for s in reading.shifts] == [
        ("1001", "8001", "on_site", at(23, 8), at(23, 16), "早"),
        ("1002", None, "on_site", at(23, 16), at(23, 24), ""),
        ("0003", "8101", "cloud", at(23, 22), at(23, 32), ""),
        ("1001", None, "on_site", at(24, 22), at(24, 32), "夜"),
    ]


def test_a_month_grid_is_read() -> None:
    """Title, weekdays, sums with formulas and a remark are passed over; own codes and written spans are understood."""
    days = ("", "", *("一二三四五六日"[(n + 6) % 7] for n in range(30)), "")
    row = [
        "1001",
        "张三",
        *[None] * 22,
        "早",
        "A",
        "夜",
        "休",
        "09:00-12:00",
        None,
        None,
        None,
        "=COUNTA(C4:AF4)",
    ]
    content = xlsx(
        ("排班", [("2026年11月排班表",), GRID_HEAD, days, row, ("制表：办公室",)]),
        ("班次", [("班次", "上班", "下班"), ("A", time(9), time(17)), ("休", None, None)]),
        ("填写说明", [("随便写",)]),
        merged="A1:AG1",
    )
    reading = read(content)
    assert reading.faults == []
    assert len(reading.days) == 30
    assert [(s.from_at, s.to_at, s.code) for s in reading.shifts] == [
        (at(23, 8), at(23, 16), "早"),
        (at(24, 9), at(24, 17), "A"),
        (at(25, 22), at(25, 32), "夜"),
        (at(27, 9), at(27, 12), "09:00-12:00"),
    ]


def test_english_headers_and_a_month_by_option() -> None:
    """A grid with bare day numbers needs its month from somewhere."""
    content = xlsx(("Sheet1", [("Staff No", "Name", 1, 2, 3), ("1001", "张三", "早", "", "")]))
    assert "--month" in read(content).faults[0].problem
    assert [s.from_at for s in read(content, date(2026, 12, 1)).shifts] == [
        datetime(2026, 12, 1, 8, tzinfo=at(1, 0).tzinfo)
    ]


@pytest.mark.parametrize("encoding", ["gb18030", "utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("separator", [",", "\t", ";"])
def test_csv_as_excel_writes_it(encoding: str, separator: str) -> None:
    """Whatever code page and separator."""
    text = "工号,姓名,坐席,日期,上班,下班\r\n1001,张三,8001,2026/11/23,8:00,16:00\r\n,,,,,\r\n"
    reading = read(text.replace(",", separator).encode(encoding))
    assert reading.faults == []
    assert [(s.staff_no, s.from_at) for s in reading.shifts] == [("1001", at(23, 8))]


def test_shifts_that_have_begun_are_left_as_they_are() -> None:
    """A month is imported in its middle: what was, was."""
    reading = read(
        listed((1001, "", "", date(2026, 11, 20), "8:00", "16:00"), (1001, "", "", MONDAY, "8:00", "16:00"))
    )
    assert (reading.past, len(reading.shifts)) == (1, 1)


def test_every_fault_is_told_with_its_place() -> None:
    """All at once, with sheet, row, column and what stands there; nothing is made up."""
    content = listed(
        (9999, "张三", None, MONDAY, "8:00", "16:00", None),
        (1001, "李四", None, MONDAY, "8:00", "16:00", None),
        (1004, "赵六", None, MONDAY, "8:00", "16:00", None),
        (3, "王五", None, MONDAY, "8:00", "16:00", None),
        (1001, None, 8077, "2026-02-30", "25:00", "16:00", None),
        (1001, None, None, date(2025, 11, 23), "8:00", "8:00", None),
        (1001, None, None, MONDAY, "8:00", None, None),
        (1001, None, None, MONDAY, None, None, "午"),
        (1001, None, None, None, "8:00", "16:00", None),
        ("=1001", "", None, MONDAY, "8:00", "16:00", None),
        (1001, None, None, 46349, "8:00", 0.5, None),
        (1001, None, None, MONDAY, "22:00", "20:00", None),
    )
    reading = read(content)
    assert told(reading) == [
        ("排班", 2, "A", "9999"),
        ("排班", 3, "A", "1001"),
        ("排班", 4, "A", "1004"),
        ("排班", 5, "A", "3"),
        ("排班", 6, "C", "8077"),
        ("排班", 6, "D", "2026-02-30"),
        ("排班", 6, "E", "25:00"),
        ("排班", 7, "D", "2025-11-23 00:00"),
        ("排班", 7, "E", "8:00"),
        ("排班", 8, "F", ""),
        ("排班", 9, "G", "午"),
        ("排班", 10, "D", ""),
        ("排班", 11, "A", "=1001"),
        ("排班", 12, "D", "46349"),
        ("排班", 12, "E", "8:00"),
        ("排班", 13, "E", "22:00"),
    ]
    assert "是 0003 吗" in reading.faults[3].problem
    assert all(" / " in fault.problem for fault in reading.faults)


def test_faults_of_a_grid() -> None:
    """Unknown codes, a day that the month lacks, a day twice, formulas where a code is wanted."""
    content = xlsx(
        (
            "2026年11月",
            [("工号", 23, 24, 24, 31), ("1001", "早", "早早", "=A1", ""), ("1003", "早", "", "", "")],
        )
    )
    assert told(read(content)) == [
        ("2026年11月", 1, "D", "24"),
        ("2026年11月", 1, "E", "31"),
        ("2026年11月", 2, "C", "早早"),
        ("2026年11月", 3, "A", "1003"),
    ]


def test_merged_cells_and_files_without_a_roster() -> None:
    """A merged title is no harm, merged cells of the table are; so is a sheet without header, and an empty file."""
    content = xlsx(("排班", [LIST, (1001, "", "", MONDAY, "8:00", "16:00"), (1001,)]), merged="A2:A3")
    assert "A2:A3 是合并单元格" in read(content).faults[0].problem
    assert "没有认出表头" in read(xlsx(("排班", [("一", "二")]))).faults[0].problem
    assert "没有排班表" in read(xlsx(("排班", []))).faults[0].problem
    assert "没有一个班次" in read(xlsx(("排班", [LIST]))).faults[0].problem


def _zipped(**parts: bytes) -> bytes:
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as package:
        for name, data in parts.items():
            package.writestr(name.replace("__", "/"), data)
    return kept.getvalue()


HUGE_MERGE = b'<worksheet><mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells></worksheet>'


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"x" * (FILE_MAX_BYTES + 1), "超过"),
        (b"\xd0\xcf\x11\xe0" + bytes(600), ".xls"),
        (b"PK\x03\x04" + b"nonsense" * 40, "打不开"),
        (_zipped(**{"a.xml": b"<a/>"}), "打不开"),
        (_zipped(**{"a.xml": b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"}), "不允许"),
        (_zipped(**{"a.xml": bytes(20 * 1024 * 1024)}), "太大"),
        (_zipped(**{"xl__worksheets__sheet1.xml": HUGE_MERGE}), "太大"),
        (_zipped(**{"xl__worksheets__sheet1.xml": b"<c r='A1'/>" + b"<c />" * 200_001}), "太大"),
        (xlsx(("排班", [LIST] * (ROWS_MAX + 1))), "延伸到"),
        (xlsx(("排班", [["x"] * (COLUMNS_MAX + 1)])), "延伸到"),
        (b"a,b\n" * (ROWS_MAX + 1), "太大"),
        (b"\x00\x01\x02" * 50, "不是 xlsx"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(128, 256)), "不是 xlsx"),
    ],
)
def test_hostile_and_damaged_files_are_refused(content: bytes, says: str) -> None:
    """In one line, before they cost anything."""
    with pytest.raises(UsageError, match=says) as refused:
        read_book(content)
    assert refused.value.code == "bad_sheet"


def test_people_are_read() -> None:
    """Phones as numbers, kinds in Chinese; who is wrong is told, also a seat with two owners."""
    head = ("工号", "姓名", "类别", "手机号", "坐席号")
    good = xlsx(
        (
            "人员",
            [head, (1001, "张三", None, 13800000001, 8001), ("w7", "王五", "云坐席", "138 0000 0003", None)],
        )
    )
    reading = read_people(read_book(good), SEATS, domestic_number)
    assert reading.faults == []
    assert reading.people == [
        Person("1001", "张三", StaffKind.ON_SITE, "13800000001", SeatId("8001")),
        Person("w7", "王五", StaffKind.CLOUD, "13800000003"),
    ]
    bad = xlsx(
        (
            "人员",
            [
                head,
                (1001, "张三", "站长", 12345, 9999),
                (1002, None, None, None, 8001),
                (1003, "甲", None, None, 8001),
                (1003, "乙", None, None, 8001),
                ("王", "=1+1", None, None, None),
                (1006, "丙", "云坐席", None, 8002),
            ],
        )
    )
    reading = read_people(read_book(bad), SEATS, domestic_number)
    assert reading.people == [Person("1003", "甲", StaffKind.ON_SITE, "", SeatId("8001"))]
    assert [(f.place.row, f.place.column) for f in reading.faults] == [
        (2, "C"), (2, "D"), (2, "E"), (3, "B"), (5, "A"), (5, "E"), (6, "A"), (6, "B"), (7, "E"),
    ]  # fmt: skip


def test_nobody_is_booked_twice() -> None:
    """Neither person nor seat; touching ends are no overlap; the place is that of the file."""
    reading = read(
        listed(
            (1001, "", 8001, MONDAY, "8:00", "16:00"),
            (1001, "", "", MONDAY, "12:00", "20:00"),
            (1002, "", 8001, MONDAY, "16:00", "20:00"),
            (1002, "", 8001, MONDAY, "20:00", "24:00"),
            ("0003", "", 8001, MONDAY, "23:00", "23:30"),
        )
    )
    faults = list(double_bookings(reading.shifts, known().zone))
    assert [(fault.place.row, fault.value) for fault in faults] == [(3, "1001"), (6, "8001")]


def test_more_seats_than_there_are() -> None:
    """Told once a moment, by kind of seat."""
    rows = [
        (number, "", "", MONDAY, begin, "16:00")
        for number, begin in ((1001, "8:00"), (1002, "8:00"), ("0003", "9:00"))
    ]
    reading = read(listed(*rows))
    zone = known().zone
    assert list(over_capacity(reading.shifts, {"on_site": 2, "cloud": 1}, zone)) == []
    [fault] = over_capacity(reading.shifts, {"on_site": 1, "cloud": 1}, zone)
    assert (fault.place.row, "11-23 08:00" in fault.problem) == (3, True)


def test_hours_and_rests() -> None:
    """Seat-hours an hour over midnight; the roster counts half an hour as one; short rests are pairs."""
    reading = read(
        listed(
            (1001, "", "", MONDAY, "22:00", "次日08:00"),
            (1002, "", "", MONDAY, "8:30", "17:30"),
            (1001, "", "", date(2026, 11, 24), "16:00", "20:00"),
        )
    )
    hours = seat_hours([(s.from_at, s.to_at) for s in reading.shifts], at(23, 0))
    assert hours == [0.0] * 8 + [0.5] + [1.0] * 8 + [0.5] + [0.0] * 4 + [1.0, 1.0]
    assert roster_of(reading.shifts, at(24, 0)) == (1,) * 8 + (0,) * 8 + (1,) * 4 + (0,) * 4
    assert [(a.staff_no, b.from_at) for a, b in short_rests(reading.shifts, timedelta(hours=11))] == [
        ("1001", at(24, 16))
    ]


def test_codes_of_the_settings_are_checked() -> None:
    """By the code that is wrong."""
    assert code_hours(CODES, LONGEST)["休"] is None
    with pytest.raises(ValueError, match="早"):
        code_hours({"早": "8-16"}, LONGEST)
