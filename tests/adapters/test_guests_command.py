"""``callcenter guests`` as a shift manager types it, and the list that he takes along."""

import csv
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from desk import Desk
from loopback import free_port
from openpyxl import load_workbook  # type: ignore[import-untyped]  # ships no types
from web_fakes import CHEAP, MASKED, House

from callcenter.settings import Settings
from callcenter.web.passwords import Passwords
from callcenter.web.server import serving

pytestmark = [pytest.mark.adapters, pytest.mark.timeout(120)]

OPEN = ("open", "--name", "李市长", "--title", "市长", "--seat", "8017", "--helper", "8016")
DAY = ("--day", "2026-11-23", "--from", "09:00", "--to", "11:00")


class GuestsDesk(Desk):
    """Commands of one group."""

    words = ("guests",)


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[GuestsDesk]:
    """A served house and a shell beside it."""
    house = House(tmp_path)
    house.settings = Settings(home=str(tmp_path / "home"), http=f"127.0.0.1:{free_port()}")
    async with serving(house.ports, house.settings, passwords=Passwords(CHEAP)):
        yield GuestsDesk(house)


async def test_a_call_day_from_open_to_close(desk: GuestsDesk) -> None:
    """Hours are those of the city."""
    assert "接话日 1 已开放" in await desk.ok(*OPEN, *DAY)
    (day,) = await desk.json("list", "--json")
    assert (day["from_at"], day["to_at"]) == ("2026-11-23T09:00:00+08:00", "2026-11-23T11:00:00+08:00")
    out = await desk.ok("list")
    assert "市长 李市长" in out
    assert "8017 + 8016" in out
    assert "已结束，来电 4 个" in await desk.ok("close", "1")


async def test_the_follow_up_list_is_taken_along(desk: GuestsDesk) -> None:
    """As a spreadsheet or as CSV; every cell is text, whatever a citizen said."""
    await desk.ok(*OPEN, *DAY)
    assert MASKED in await desk.ok("follow-ups", "1")
    folder = desk.house.folder
    await desk.ok("follow-ups", "1", "--out", str(folder / "list.xlsx"))
    await desk.ok("follow-ups", "1", "--out", str(folder / "list.csv"))
    sheet = [
        list(row) for row in load_workbook(folder / "list.xlsx").worksheets[0].iter_rows(values_only=True)
    ]
    with (folder / "list.csv").open(encoding="utf-8-sig", newline="") as file:
        assert list(csv.reader(file)) == sheet
    titles, row = sheet
    assert dict(zip(titles, row, strict=True)) == {
        "工单号": "20261122-000001",
        "接话时间": "11-22 17:00",
        "来电号码": MASKED,
        "性质": "help",
        "归口": "供暖",
        "地点": "'=东风路1号",
        "状态": "ready",
        "期限": "11-25 17:00",
        "承诺": "三天内答复您",
    }


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((*OPEN, "--from", "nine", "--to", "11:00"), "write 09:00"),
        ((*OPEN, "--day", "tomorrow", "--from", "09:00", "--to", "11:00"), "write 2026-11-23"),
        ((*OPEN, "--from", "11:00", "--to", "09:00"), "bad times"),
        (("follow-ups", "1", "--out", "list.doc"), ".xlsx or .csv"),
        (("close", "1"), "no such call day"),
    ],
)
async def test_what_cannot_be_is_told_in_one_line(
    desk: GuestsDesk, arguments: tuple[str, ...], words: str
) -> None:
    """Before or after the house was asked."""
    assert words in await desk.complaint(2, *arguments)
