"""Lists of people: 工号, 姓名, 类别, 电话, 坐席.

Invariant: nobody is read from a file with a fault; every fault is told.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from callcenter.core.ids import SeatId
from callcenter.staff.core.people import Person, StaffKind
from callcenter.staff.core.roster import Fault, Place
from callcenter.staff.core.sheet import Sheet, Table, find_table
from callcenter.staff.core.sheet_values import (
    NAME_MAX,
    Cell,
    Unreadable,
    plain_text,
    shown,
    staff_number,
    text_of,
)

KINDS: Mapping[str, StaffKind] = {
    **dict.fromkeys(("", "坐席", "座席", "话务员", "现场", "on_site", "onsite"), StaffKind.ON_SITE),
    **dict.fromkeys(("云坐席", "云座席", "远程", "居家", "cloud"), StaffKind.CLOUD),
    **dict.fromkeys(("嘉宾", "领导", "接话", "guest"), StaffKind.GUEST),
}


@dataclass
class PeopleReading:
    """Who was read."""

    people: list[Person] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)


def read_people(
    sheets: Sequence[Sheet],
    seats: Mapping[SeatId, str],
    dialable: Callable[[str], str | None],
) -> PeopleReading:
    """Everybody in a file. ``dialable``: the number as it is dialed, or ``None``."""
    reading = PeopleReading()
    first_of: dict[str, Place] = {}
    for sheet in sheets:
        table = find_table(sheet, lambda columns: {"staff_no", "name"} <= columns.keys())
        if table is not None:
            _read_table(table, reading, seats, dialable, first_of)
        elif not sheet.is_empty:
            problem = "没有认出表头，需要 工号、姓名（电话、类别、坐席可空） / no header found: it needs 工号 and 姓名"
            reading.faults.append(Fault(Place(sheet.name, 1), "", problem))
    if not reading.people and not reading.faults:
        reading.faults.append(Fault(Place(), "", "文件里没有人 / there is nobody in the file: fill it"))
    return reading


def shared_seats(people: Iterable[Person]) -> dict[SeatId, list[str]]:
    """Seats with more than one owner, and who they are."""
    owners: dict[SeatId, list[str]] = defaultdict(list)
    for person in people:
        if person.seat_id is not None:
            owners[person.seat_id].append(person.staff_no)
    return {seat: numbers for seat, numbers in owners.items() if len(numbers) > 1}


def _read_table(
    table: Table,
    reading: PeopleReading,
    seats: Mapping[SeatId, str],
    dialable: Callable[[str], str | None],
    first_of: dict[str, Place],
) -> None:
    table.refuse_merged(table.columns.values())
    owners: dict[SeatId, str] = {}
    for row in table.rows():
        faults = len(table.faults)
        number = _required(table, row, "staff_no", staff_number)
        name = _required(table, row, "name", lambda cell: plain_text(cell, NAME_MAX))
        kind = table.read(row, "kind", _kind) or StaffKind.ON_SITE
        phone = table.read(row, "phone", lambda cell: _phone(cell, dialable)) or ""
        seat_id = table.read(row, "seat", lambda cell: _seat(cell, seats))
        column = table.columns["staff_no"]
        if number in first_of:
            at = first_of[number]
            table.complain(
                row, column, f"工号重复，见 {at.sheet} 第 {at.row} 行 / twice, see row {at.row}: remove one"
            )
        if seat_id is not None and seat_id in owners:
            table.complain(
                row,
                table.columns["seat"],
                f"坐席已归 {owners[seat_id]} / the seat belongs to {owners[seat_id]} already: choose another",
            )
        if kind is StaffKind.CLOUD and seat_id is not None and seats[seat_id] != "cloud":
            table.complain(
                row, table.columns["seat"], "云坐席人员须用云坐席号 / a cloud agent needs a cloud seat"
            )
        if number is None or name is None or len(table.faults) > faults:
            continue
        first_of[number] = table.place(row, column)
        if seat_id is not None:
            owners[seat_id] = number
        reading.people.append(Person(number, name, kind, phone, seat_id))
    reading.faults += table.faults


def _required(table: Table, row: int, name: str, parse: Callable[[Cell], str]) -> str | None:
    faults = len(table.faults)
    found = table.read(row, name, parse)
    if found is None and len(table.faults) == faults:
        table.complain(row, table.columns[name], "不能空 / must not be empty: fill it in")
    return found


def _kind(cell: Cell) -> StaffKind:
    kind = KINDS.get(text_of(cell).lower())
    if kind is None:
        raise Unreadable(
            "类别应为 坐席、云坐席 或 嘉宾 / kind is 坐席 (on site), 云坐席 (cloud) or 嘉宾 (guest)"
        )
    return kind


def _phone(cell: Cell, dialable: Callable[[str], str | None]) -> str:
    digits = text_of(cell).replace(" ", "").replace("-", "")
    number = dialable(digits)
    if number is None:
        raise Unreadable(
            "不是可拨打的国内号码，固话请带区号 / not a domestic number that can be dialed: landlines need the area code"
        )
    return number


def _seat(cell: Cell, seats: Mapping[SeatId, str]) -> SeatId:
    seat_id = SeatId(text_of(cell))
    if seat_id not in seats:
        raise Unreadable(f"没有坐席 {shown(cell)} / there is no seat {shown(cell)}: correct it")
    return seat_id
