"""``callcenter shifts`` and ``callcenter staff`` by hand, on a served house with a real roster in SQL."""

import io
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import openpyxl  # type: ignore[import-untyped]  # ships no types
import pytest
from desk import Desk
from loopback import free_port
from rich.console import Console
from rosters import LIST, MONDAY, SEATS, SHANGHAI, known, xlsx
from web_fakes import CHEAP, House
from web_fakes.shifts import FakeShifts, FakeStaff
from writers import writing

from callcenter.commands import shift_screens as screens
from callcenter.commands.shifts import shifts_app
from callcenter.commands.staff import staff_app
from callcenter.settings import Settings
from callcenter.staff.books import read_book
from callcenter.staff.core.people import Person, StaffKind
from callcenter.staff.core.roster_sheet import read_roster
from callcenter.staff.desk import House as Rostered
from callcenter.staff.desk import ShiftDesk
from callcenter.staff.people_desk import StaffDesk
from callcenter.staff.presence_reader import PresenceReader
from callcenter.staff.section import USUAL_CODES, Shifts
from callcenter.staff.workbooks import presence_book, roster_template
from callcenter.store.database import Database
from callcenter.web.passwords import Passwords
from callcenter.web.server import serving
from queues.core.numbers import domestic_number
from queues.core.presence import OnDuty

pytestmark = [pytest.mark.adapters, pytest.mark.timeout(180)]

PEOPLE = (
    "人员",
    [
        ("工号", "姓名", "类别", "手机", "坐席"),
        (1001, "张三", "", 13800000001, 8001),
        (1002, "李四", "", "", ""),
    ],
)
ROSTER = [
    (1001, "张三", 8001, MONDAY, "8:00", "16:00", None),
    (1002, "李四", None, MONDAY, None, None, "夜"),
]


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    """A desk in front of a house whose staff and shifts are in a database."""
    house = House(tmp_path)
    house.settings = Settings(home=str(tmp_path / "home"), http=f"127.0.0.1:{free_port()}")
    database = Database(f"sqlite:///{tmp_path / 'data' / 'a.db'}")
    await database.upgrade()

    async def changed() -> None:
        """Nobody plans here."""

    usual = house.settings.day.roster
    async with writing(database) as writer:
        reader = PresenceReader(database, SEATS, usual, house.clock, SHANGHAI)
        rules = Rostered(SEATS, Shifts(), usual, SHANGHAI)
        shifts = ShiftDesk(database, writer, rules, house.clock, changed, lambda now: OnDuty((), {}), reader)
        staff = StaffDesk(database, writer, SEATS, domestic_number, house.clock, changed)
        ports = replace(house.ports, staff=staff, shifts=shifts)
        async with serving(ports, house.settings, passwords=Passwords(CHEAP)):
            yield Desk(house)
    await database.close()


def put(desk: Desk, name: str, content: bytes) -> str:
    """A file where the commands run."""
    (desk.house.folder / name).write_bytes(content)
    return name


def test_every_command_explains_itself() -> None:
    """In Chinese first, and by an example."""
    for group, app in {"shifts": shifts_app, "staff": staff_app}.items():
        for command in app.registered_commands:
            assert command.callback
            assert not (command.callback.__doc__ or "").split(" / ")[0].isascii(), command.name
            assert (command.epilog or "").startswith(f"Example: callcenter {group} {command.name}")


async def test_a_manager_plans_a_day(desk: Desk) -> None:
    """People in, a faulty roster refused with each place, a good one imported; a swap against the rules; one cancelled; presence."""
    assert "2 人 / people, 新增 / new 2" in await desk.ok(
        "staff", "import", put(desk, "人员.xlsx", xlsx(PEOPLE))
    )
    bad = put(desk, "bad.xlsx", xlsx(("排班", [LIST, *ROSTER, (9999, "", "", MONDAY, "8:00", "x", "")])))
    code, out, err = await desk.run("shifts", "import", bad)
    assert (code, "2 处错误" in err) == (2, True)
    assert [word in out for word in ("9999", "排班", "不是时间")] == [True] * 3
    told = await desk.ok("shifts", "import", put(desk, "12月.xlsx", xlsx(("排班", [LIST, *ROSTER]))))
    assert "已导入" in told
    assert "236.0 → 10.0" in told
    rows = await desk.json("shifts", "list", "--from", "2026-11-23", "--json")
    assert [(row["staff_no"], row["code"]) for row in rows] == [("1001", ""), ("1002", "夜")]
    swap = ("shifts", "swap", str(rows[0]["shift_id"]), "--with", "1002", "--why", "看病", "--approve")
    assert "休息" in await desk.complaint(2, *swap)
    gone = await desk.json("shifts", "cancel", str(rows[1]["shift_id"]), "--why", "产假", "--json")
    assert (gone["staff_no"], gone["state"]) == ("1002", "cancelled")
    await desk.ok("shifts", "presence", "--out", "p.xlsx")
    names = openpyxl.load_workbook(desk.house.folder / "p.xlsx").sheetnames
    assert names == ["在岗对照", "缺岗", "数据缺口"]


async def test_what_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    """Staffed seat-hours come first; who is missing and what was not watched is named."""
    fake, console = FakeShifts(), Console(width=200)
    screens.print_presence(console, (await fake.presence(None)).model_dump(mode="json"))
    out = capsys.readouterr().out
    assert out.startswith("坐席小时 / staffed seat-hours 2026-11-22: 36.0 / 48.0")
    assert "迟到 / late 10 min" in out
    screens.print_duty(console, fake.on_duty().model_dump(mode="json"))
    out = capsys.readouterr().out
    assert "应到 / due 5   在岗 / there 3   缺 / missing 2" in out
    assert "1 of 2 due are not there" in out
    days = [{"day": f"2026-12-0{n}", "before": [4.0] * 24, "after": [3.5] * 24} for n in (1, 2, 3)]
    effect = {"applied": False, "shifts": 9, "replaced": 0, "past": 0, "days": days, "warnings": ["休息不足"]}
    screens.print_effect(console, effect)
    out = capsys.readouterr().out
    assert "288.0 → 252.0" in out
    assert [word in out for word in ("试算", "3 天合计", "-1.5", "2026-12-03", "! 休息不足")] == [True] * 5
    people = [(await FakeStaff().keep(Person("1001", "张[三]", StaffKind.CLOUD))).model_dump(mode="json")]
    screens.print_staff(console, people)
    screens.print_swaps(console, [row.model_dump(mode="json") for row in await fake.swaps(1)])
    screens.print_shifts(
        console, [row.model_dump(mode="json") for row in await fake.between(MONDAY, MONDAY, "")]
    )
    assert "张[三]" in capsys.readouterr().out


def test_the_template_can_be_filled_in_and_imported() -> None:
    """Empty it holds no shift; filled in it is understood, with its own codes."""
    book = openpyxl.load_workbook(io.BytesIO(roster_template(USUAL_CODES, [], None)))
    book["排班"].append([1001, "张三", None, MONDAY, None, None, "A"])
    kept = io.BytesIO()
    book.save(kept)
    reading = read_roster(read_book(kept.getvalue()), known())
    assert reading.faults == []
    assert [shift.code for shift in reading.shifts] == ["A"]
    people = [("1001", "张三"), ("1002", "李四")]
    book = openpyxl.load_workbook(io.BytesIO(roster_template(USUAL_CODES, people, date(2026, 12, 1))))
    page = book["排班"]
    assert (page["A1"].value, page["D2"].value, page["AH2"].value) == ("2026年12月排班表", 1, 31)
    book["排班"]["D4"] = "夜"
    kept = io.BytesIO()
    book.save(kept)
    reading = read_roster(read_book(kept.getvalue()), known())
    assert reading.faults == []
    assert [(shift.staff_no, shift.from_at.hour) for shift in reading.shifts] == [("1001", 22)]


async def test_presence_as_a_workbook() -> None:
    """Chinese headers, numbers as numbers, rates as per cent, a name that looks like a formula as text."""
    presence = (await FakeShifts().presence(None)).model_dump(mode="json")
    presence["no_shows"][0]["name"] = "=1+1"
    book = openpyxl.load_workbook(io.BytesIO(presence_book(presence)))
    page = book["在岗对照"]
    assert [cell.value for cell in page[4]][:3] == ["时段", "排班坐席小时", "应到坐席小时"]
    assert (page["B5"].value, page["H5"].value, page["H5"].number_format) == (4, 0.75, "0.0%")
    assert page["A29"].value == "合计"
    assert page.column_dimensions["A"].width >= 10
    late = book["缺岗"]
    assert (late["B2"].value, late["B2"].data_type, late["E2"].value) == ("'=1+1", "s", 10)
