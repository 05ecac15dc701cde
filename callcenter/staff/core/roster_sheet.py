"""Rosters as people write them: a list with a shift a row, or a month grid with a person a row and a day a column.

Invariants: nothing is read from a file with a fault; every fault is told, not only the first.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, tzinfo

from callcenter.core.ids import SeatId
from callcenter.staff.core.people import Person
from callcenter.staff.core.roster import Fault, Place, Shift
from callcenter.staff.core.sheet import HEADER_WITHIN, Odd, Sheet, Table, find_table
from callcenter.staff.core.sheet_values import (
    CODE_MAX,
    NAME_MAX,
    Cell,
    Hours,
    Unreadable,
    day_of,
    header_day,
    hours_of,
    month_in,
    plain_text,
    shown,
    span_of,
    staff_number,
    text_of,
)

PAST_MAX = timedelta(days=62)
AHEAD_MAX = timedelta(days=400)
"""A day further away is a mistaken year."""

_CODE_SHEETS = re.compile(r"班次(表|代码|说明|时间)?|代码|codes?", re.IGNORECASE)
_NOTE_SHEETS = re.compile(r".*(说明|备注|须知|readme|notes?|help).*", re.IGNORECASE)
_WEEKDAY = re.compile(r"(周|星期|礼拜)?[一二三四五六日天]")
_SUM_COLUMN = re.compile(r"合计|小计|总计|工时|天数|total|sum", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Known:
    """What a roster may name. ``codes``: hours of each shift code, ``None`` for days off; ``seats``: kind by seat.

    ``open_from``: what began before is over and stays as it was; ``month``: what a grid with bare day numbers is about, if it
    does not say so itself.
    """

    people: Mapping[str, Person]
    seats: Mapping[SeatId, str]
    codes: Mapping[str, Hours | None]
    zone: tzinfo
    now: datetime
    open_from: datetime
    longest: timedelta
    month: date | None = None


@dataclass
class Reading:
    """What was read. ``days``: those that the file speaks of; ``past``: shifts that are over, left as they are."""

    shifts: list[Shift] = field(default_factory=list)
    days: set[date] = field(default_factory=set)
    faults: list[Fault] = field(default_factory=list)
    past: int = 0


def read_roster(sheets: Sequence[Sheet], known: Known) -> Reading:
    """All shifts of a file, with the codes of its own sheet of codes if it has one."""
    return _Reader(known).read(sheets)


class _Reader:
    def __init__(self, known: Known) -> None:
        self._known = known
        self._codes = dict(known.codes)
        self._reading = Reading()
        self._by_name: dict[str, list[Person]] = defaultdict(list)
        for person in known.people.values():
            self._by_name[person.name].append(person)

    def read(self, sheets: Sequence[Sheet]) -> Reading:
        written = [sheet for sheet in sheets if not sheet.is_empty]
        for sheet in written:
            if _CODE_SHEETS.fullmatch(sheet.name.strip()):
                self._read_codes(sheet)
        tables = 0
        for sheet in written:
            if not _CODE_SHEETS.fullmatch(sheet.name.strip()) and not _NOTE_SHEETS.fullmatch(sheet.name):
                tables += 1
                self._read_sheet(sheet)
        if not tables:
            self._fault(Place(), "", "文件里没有排班表 / there is no roster in the file")
        elif not self._reading.days and not self._reading.faults:
            self._fault(Place(written[0].name), "", "表里没有一个班次 / the roster is empty: fill it")
        return self._reading

    # The two shapes.

    def _read_sheet(self, sheet: Sheet) -> None:
        table = find_table(sheet, lambda columns: _names_people(columns) and "day" in columns)
        if table is not None:
            self._read_list(table)
            return
        table = find_table(sheet, _names_people)
        days = self._day_columns(table) if table is not None else {}
        if table is None or not (days or table.faults):
            self._fault(
                Place(sheet.name, 1),
                "",
                f"前 {HEADER_WITHIN} 行没有认出表头：列表需要 工号(或姓名)、日期、上班、下班；月表需要 工号(或姓名) 与各日"
                " / no header found: a list needs 工号, 日期, 上班, 下班; a grid needs 工号 and a column a day."
                " See `callcenter shifts template`",
            )
            return
        self._read_grid(table, days)

    def _read_list(self, table: Table) -> None:
        table.refuse_merged(table.columns.values())
        for row in table.rows():
            faults = len(table.faults)
            person = self._person(table, row)
            seat_id = self._seat(table, row)
            day = table.read(row, "day", day_of)
            if day is None and len(table.faults) == faults:
                table.complain(row, table.columns["day"], "缺日期 / the date is missing: fill it in")
            elif day is not None:
                self._check_day(table, row, table.columns["day"], day)
            hours, is_off = self._listed_hours(table, row)
            if len(table.faults) == faults and person is not None and day is not None:
                self._reading.days.add(day)
                if hours is not None and not is_off:
                    code = table.read(row, "code", lambda cell: plain_text(cell, CODE_MAX)) or ""
                    place = table.place(row, table.columns["day"])
                    self._add(person, seat_id, day, hours, code, place)
        self._reading.faults += table.faults

    def _listed_hours(self, table: Table, row: int) -> tuple[Hours | None, bool]:
        """From begin and end, else from the code; whether it is a day off."""
        from_column, to_column = table.columns.get("from"), table.columns.get("to")
        column = from_column if from_column is not None else table.columns.get("code", 0)
        try:
            begin, end = table.value(row, from_column), table.value(row, to_column)
            code = table.value(row, table.columns.get("code"))
            if begin is None and end is None and code is not None:
                column = table.columns["code"]
                hours = self._coded(code)
                return hours, hours is None
            if begin is None or end is None:
                column = column if begin is None else to_column or column
                raise Unreadable("缺上班或下班时间，或班次 / begin or end is missing, or a code: fill it in")
            return hours_of(begin, end, self._known.longest), False
        except Unreadable as problem:
            table.complain(row, column, str(problem))
            return None, False

    def _read_grid(self, table: Table, days: Mapping[int, date]) -> None:
        named = [table.columns[name] for name in ("staff_no", "name", "seat") if name in table.columns]
        table.refuse_merged({*named, *days})
        for column, day in days.items():
            self._check_day(table, table.header, column, day)
            self._reading.days.add(day)
        for row in table.rows():
            if self._is_weekdays(table, row, days):
                continue
            faults = len(table.faults)
            person = self._person(table, row)
            seat_id = self._seat(table, row)
            is_known = len(table.faults) == faults and person is not None
            for column, day in days.items():
                hours, code = self._grid_cell(table, row, column)
                if hours is not None and is_known and person is not None:
                    self._add(person, seat_id, day, hours, code, table.place(row, column))
        self._reading.faults += table.faults

    def _grid_cell(self, table: Table, row: int, column: int) -> tuple[Hours | None, str]:
        try:
            cell = table.value(row, column)
            return (None, "") if cell is None else (self._coded(cell), text_of(cell))
        except Unreadable as problem:
            table.complain(row, column, str(problem))
            return None, ""

    def _day_columns(self, table: Table) -> dict[int, date]:
        """The columns of a grid that are days, once each."""
        month = self._month(table)
        days: dict[int, date] = {}
        taken = set(table.columns.values())
        for column, cell in enumerate(table.sheet.rows[table.header]):
            if column in taken or isinstance(cell, Odd) or _SUM_COLUMN.search(text_of(cell)):
                continue
            try:
                day = header_day(cell, month)
            except Unreadable as problem:
                table.complain(table.header, column, str(problem))
                continue
            if day in days.values():
                table.complain(
                    table.header, column, f"{day} 有两列 / {day} has two columns: remove or correct one"
                )
            elif day is not None:
                days[column] = day
        return days

    def _month(self, table: Table) -> date | None:
        """What the operator said, else what the title above the header or the sheet's name says."""
        titles = [
            text_of(cell)
            for row in table.sheet.rows[: table.header]
            for cell in row
            if not isinstance(cell, Odd)
        ]
        named = (month_in(text) for text in (*titles, table.sheet.name))
        return self._known.month or next((month for month in named if month), None)

    def _is_weekdays(self, table: Table, row: int, days: Mapping[int, date]) -> bool:
        """A row of weekdays below the header."""
        cells = [table.sheet.cell(row, column) for column in table.sheet.filled(row) if column in days]
        words = [text_of(cell) for cell in cells if not isinstance(cell, Odd)]
        named = any(table.sheet.cell(row, table.columns[n]) for n in ("staff_no",) if n in table.columns)
        return bool(words) and not named and all(_WEEKDAY.fullmatch(word) for word in words)

    # The cells.

    def _person(self, table: Table, row: int) -> Person | None:
        """Who is meant; number and name must agree."""
        number = table.read(row, "staff_no", staff_number)
        name = table.read(row, "name", lambda cell: plain_text(cell, NAME_MAX))
        column = table.columns.get("staff_no" if number else "name", table.columns.get("staff_no", 0))
        try:
            return self._known_person(number, name)
        except Unreadable as problem:
            if not any(fault.place.row == row + 1 for fault in table.faults):
                table.complain(row, column, str(problem))
            return None

    def _known_person(self, number: str | None, name: str | None) -> Person:
        if number is None:
            return self._named_person(name)
        person = self._known.people.get(number)
        if person is None:
            zeros = [other for other in self._known.people if other.lstrip("0") == number.lstrip("0")]
            hint = f"，是 {zeros[0]} 吗（前面的 0 丢了）？" if zeros else ""
            raise Unreadable(
                f"没有工号 {number}{hint} 请改正，或先用 `callcenter staff import` 登记"
                f" / nobody has number {number}: correct it, or add him by `callcenter staff`"
            )
        if not person.active:
            raise Unreadable(
                f"{number} 已停用 / {number} is not active: `callcenter staff add` takes him back"
            )
        if name is not None and name != person.name:
            raise Unreadable(
                f"工号 {number} 是 {person.name}，不是 {shown(name)} / {number} is {person.name}: correct one of the two"
            )
        return person

    def _named_person(self, name: str | None) -> Person:
        if name is None:
            raise Unreadable("缺工号或姓名 / number and name are missing: fill in one")
        found = [person for person in self._by_name.get(name, ()) if person.active]
        if len(found) > 1:
            numbers = ", ".join(person.staff_no for person in found)
            raise Unreadable(
                f"有 {len(found)} 个 {name}（{numbers}），请填工号 / {len(found)} people have this name: give the number"
            )
        if not found:
            raise Unreadable(
                f"没有登记 {shown(name)}，请改正，或先用 `callcenter staff import` 登记"
                f" / nobody is called {shown(name)}: correct it, or add him by `callcenter staff`"
            )
        return found[0]

    def _seat(self, table: Table, row: int) -> SeatId | None:
        def known(cell: Cell) -> SeatId:
            seat_id = SeatId(text_of(cell))
            if seat_id not in self._known.seats:
                raise Unreadable(
                    f"没有坐席 {shown(cell)}，空着表示任一坐席 / there is no seat {shown(cell)}; empty means any seat"
                )
            return seat_id

        return table.read(row, "seat", known)

    def _check_day(self, table: Table, row: int, column: int, day: date) -> None:
        today = self._known.now.astimezone(self._known.zone).date()
        if not today - PAST_MAX <= day <= today + AHEAD_MAX:
            table.complain(
                row,
                column,
                f"{day} 离今天太远，年份写错了吗？ / {day} is too far from today: is the year right?",
            )

    def _coded(self, cell: Cell) -> Hours | None:
        """Hours of a code, or of a span written out; ``None``: a day off."""
        code = plain_text(cell, CODE_MAX)
        if code in self._codes or code.upper() in self._codes:
            return self._codes[code if code in self._codes else code.upper()]
        if ":" in code or "：" in code:
            return span_of(code, self._known.longest)
        codes = " ".join(self._codes)
        raise Unreadable(
            f"没有班次 {shown(code)}，现有：{codes}；可加一张“班次”表 / no such code; known: {codes}; or add a sheet 班次"
        )

    def _read_codes(self, sheet: Sheet) -> None:
        table = find_table(sheet, lambda columns: {"code", "from", "to"} <= columns.keys())
        if table is None:
            self._fault(
                Place(sheet.name, 1),
                "",
                "班次表需要列 班次、上班、下班 / a sheet of codes needs 班次, 上班, 下班",
            )
            return
        for row in range(table.header + 1, len(sheet.rows)):
            code = table.read(row, "code", lambda cell: plain_text(cell, CODE_MAX))
            if code is None:
                continue
            try:
                begin = table.value(row, table.columns["from"])
                end = table.value(row, table.columns["to"])
                is_off = begin is None and end is None
                self._codes[code] = None if is_off else hours_of(begin, end, self._known.longest)
            except Unreadable as problem:
                table.complain(row, table.columns["from"], str(problem))
        self._reading.faults += table.faults

    def _add(
        self, person: Person, seat_id: SeatId | None, day: date, hours: Hours, code: str, place: Place
    ) -> None:
        midnight = datetime.combine(day, time(), self._known.zone)
        begin, end = midnight + hours.begin, midnight + hours.end
        if begin < self._known.open_from:
            self._reading.past += 1
            return
        kind = self._known.seats[seat_id] if seat_id else person.kind.seats
        self._reading.shifts.append(Shift(0, person.staff_no, kind, seat_id, begin, end, code, place=place))

    def _fault(self, place: Place, value: str, problem: str) -> None:
        self._reading.faults.append(Fault(place, value, problem))


def code_hours(codes: Mapping[str, str], longest: timedelta) -> dict[str, Hours | None]:
    """Shift codes as the settings have them: ``早 = "08:00-16:00"``, empty for days off.

    Raises:
        ValueError: naming the code.
    """
    hours: dict[str, Hours | None] = {}
    for code, span in codes.items():
        try:
            hours[code] = span_of(span, longest)
        except Unreadable as problem:
            raise ValueError(f"{code}: {problem}") from None
    return hours


def in_order(faults: Iterable[Fault]) -> Iterator[Fault]:
    """By where they stand, each once."""
    yield from sorted(dict.fromkeys(faults), key=lambda fault: (fault.place.sheet, fault.place.row))


def _names_people(columns: Mapping[str, int]) -> bool:
    return "staff_no" in columns or "name" in columns
