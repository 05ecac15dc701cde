"""``callcenter guests``: call days (接话日), their calls and what is to be followed up. All ask the running system."""

import csv
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar
from zoneinfo import ZoneInfo

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from callcenter.clocks import SystemClock
from callcenter.commands.screens import print_json
from callcenter.core.errors import UsageError
from callcenter.settings import load

if TYPE_CHECKING:
    from callcenter.web.clients.guests import GuestClient

T = TypeVar("T")
Row = Mapping[str, Any]

STATES = {
    "planned": "未开始 / planned",
    "running": "[green]进行中 / running[/]",
    "over": "[dim]已结束 / over[/]",
}

COLUMNS = {
    "ticket_no": "工单号",
    "answered_at": "接话时间",
    "citizen": "来电号码",
    "nature": "性质",
    "department": "归口",
    "place": "地点",
    "state": "状态",
    "deadline": "期限",
    "promised": "承诺",
}
"""Of an exported follow-up list."""

console = Console()

guests_app = typer.Typer(
    no_args_is_help=True, help="接话日 / call days: a guest answers at a seat, beside a helper"
)

Json = Annotated[bool, typer.Option("--json", help="machine-readable output")]
Day = Annotated[int, typer.Argument(min=1, help="接话日编号 / number of the call day")]


@guests_app.command(
    "open",
    epilog="Example: callcenter guests open --name 李市长 --title 市长 --seat 8017 --helper 8016 --from 09:00 --to 11:00",
)
def open_day(
    name: Annotated[str, typer.Option(help="嘉宾 / the guest")],
    seat: Annotated[str, typer.Option(help="嘉宾坐席 / where the guest answers")],
    begins: Annotated[str, typer.Option("--from", help="开始 / from, HH:MM")],
    ends: Annotated[str, typer.Option("--to", help="结束 / until, HH:MM")],
    title: Annotated[str, typer.Option(help="职务 / office")] = "",
    helper: Annotated[
        str, typer.Option(help="陪同坐席 / who sits beside and is heard by the guest alone")
    ] = "",
    day: Annotated[str, typer.Option(help="日期，空为今天 / YYYY-MM-DD; none: today")] = "",
    json: Json = False,
) -> None:
    """开放 / open a call day; calls answered at the seat meanwhile are the guest's."""
    on = _day(day)
    body = {
        "name": name,
        "title": title,
        "seat_id": seat,
        "helper_seat_id": helper or None,
        "from_at": _at(on, begins),
        "to_at": _at(on, ends),
    }
    found = _ask(lambda client: client.open_guest_day(body))
    if json:
        print_json(found)
    else:
        console.print(
            f"接话日 {found['id']} 已开放 / open: {escape(found['title'])} {escape(found['name'])}, seat {seat}",
            highlight=False,
        )


@guests_app.command("list", epilog="Example: callcenter guests list --json")
def list_days(
    limit: Annotated[int, typer.Option(min=1, max=200, help="最多几个 / at most so many")] = 20,
    json: Json = False,
) -> None:
    """清单 / call days with each guest's own record."""
    found = _ask(lambda client: client.guest_days(limit))
    if json:
        print_json(found)
        return
    table = Table(
        "号 / id", "嘉宾 / guest", "坐席 / seat", "时间 / time", "状态 / state", "来电 / calls", "通话 / talk", "工单 / tickets",
        "承诺 / promises", "评分 / grade",
    )  # fmt: skip
    for row in found:
        beside = f" + {row['helper_seat_id']}" if row["helper_seat_id"] else ""
        grade = "" if row["grade"] is None else f"{row['grade']:g} ({row['grades']})"
        table.add_row(
            str(row["id"]),
            escape(f"{row['title']} {row['name']}".strip()),
            row["seat_id"] + beside,
            f"{_time(row['from_at'])}-{_time(row['to_at'])[-5:]}",
            STATES[row["state"]],
            str(row["calls"]),
            f"{row['talk_s'] / 60:.0f} min",
            str(row["tickets"]),
            str(row["promises"]),
            grade,
        )
    console.print(table)


@guests_app.command("close", epilog="Example: callcenter guests close 3")
def close_day(day_id: Day, json: Json = False) -> None:
    """结束 / close a call day before its end; a running call goes on."""
    found = _ask(lambda client: client.close_guest_day(day_id))
    if json:
        print_json(found)
    else:
        console.print(
            f"接话日 {day_id} 已结束，来电 {found['calls']} 个 / closed, {found['calls']} calls",
            highlight=False,
        )


@guests_app.command("follow-ups", epilog="Example: callcenter guests follow-ups 3 --out 跟踪.xlsx")
def follow_ups(
    day_id: Day,
    out: Annotated[Path | None, typer.Option(help="导出到 .xlsx 或 .csv / export")] = None,
    json: Json = False,
) -> None:
    """跟踪清单 / the tickets of a call day: state, deadline, department."""
    if out is not None and out.suffix not in (".xlsx", ".csv"):
        raise UsageError("导出到 .xlsx 或 .csv / the file's name must end in .xlsx or .csv", code="bad_file")
    found = _ask(lambda client: client.guest_follow_ups(day_id))
    if json:
        print_json(found)
        return
    rows = [_line(item) for item in found["items"]]
    if out is not None:
        _export(out, rows)
        console.print(f"{len(rows)} 张工单 / tickets → {out}", highlight=False, soft_wrap=True)
        return
    table = Table(*COLUMNS.values())
    for row in rows:
        table.add_row(*map(escape, row))
    console.print(table)


def _line(item: Row) -> list[str]:
    shown = {
        **item,
        "promised": "；".join(item["promised"]),
        "answered_at": _time(item["answered_at"]),
        "deadline": _time(item["deadline"]),
    }
    return [str(shown[name] or "") for name in COLUMNS]


def _export(path: Path, rows: Sequence[Sequence[str]]) -> None:
    """Every cell is text: nothing that a citizen said is run as a formula."""
    titles = list(COLUMNS.values())
    if path.suffix == ".csv":
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            csv.writer(file).writerows([titles, *([_plain(cell) for cell in row] for row in rows)])
        return
    from openpyxl import Workbook  # type: ignore[import-untyped]  # ships no types

    book = Workbook()
    sheet = book.create_sheet("跟踪清单", 0)
    sheet.append(titles)
    for row in rows:
        sheet.append([_plain(cell) for cell in row])
    book.save(path)


def _plain(cell: str) -> str:
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell


def _day(text: str) -> date:
    if not text:
        return SystemClock(_zone()).at().date()
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"'{text}' 不是日期 / is no day: write 2026-11-23", code="bad_times") from None


def _at(day: date, text: str) -> str:
    try:
        moment = time.fromisoformat(text)
    except ValueError:
        raise UsageError(f"'{text}' 不是时间 / is no time: write 09:00", code="bad_times") from None
    return datetime.combine(day, moment, _zone()).isoformat()


def _zone() -> ZoneInfo:
    return ZoneInfo(load().settings.time_zone)


def _time(text: str | None) -> str:
    return f"{datetime.fromisoformat(text).astimezone(_zone()):%m-%d %H:%M}" if text else ""


def _ask(question: "Callable[[GuestClient], Awaitable[T]]") -> T:
    from callcenter.web.clients.guests import GuestClient

    return GuestClient.asked(load().settings, question)
