"""``callcenter shifts``: rosters, swaps, who is there. All but the template asks the running system.

Invariant: it prints what the API answers and decides nothing.
"""

import sys
from collections.abc import Awaitable, Callable
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer
from rich.console import Console

from callcenter.commands import shift_screens as screens
from callcenter.commands.desk import FirstByDefault
from callcenter.commands.screens import print_json
from callcenter.core.errors import PeerError, UsageError
from callcenter.settings import load
from callcenter.staff.core.sheet import FILE_MAX_BYTES

if TYPE_CHECKING:
    from callcenter.web.clients.shifts import ShiftClient

T = TypeVar("T")

console = Console()

Json = Annotated[bool, typer.Option("--json", help="machine-readable output")]
Why = Annotated[str, typer.Option(help="原因，记入审计 / the reason, for the audit")]
SwapNo = Annotated[
    int, typer.Argument(min=1, help="换班编号 / number, as `callcenter shifts swaps` shows it")
]
ShiftNo = Annotated[
    int, typer.Argument(min=1, help="班次编号 / number, as `callcenter shifts list` shows it")
]
File = Annotated[Path, typer.Argument(help="xlsx 或 csv / a spreadsheet")]
Month = Annotated[str, typer.Option(help="年月，如 2026-12 / the month that day numbers are about")]
Out = Annotated[Path | None, typer.Option("--out", help="写到文件 / write to this file")]

shifts_app = typer.Typer(
    cls=FirstByDefault,
    help="排班 / shifts: rosters from spreadsheets, swaps, presence",
    epilog="Example: callcenter shifts import 12月排班.xlsx --dry-run",
)


@shifts_app.command("list", epilog="Example: callcenter shifts list --from 2026-12-01 --to 2026-12-07")
def shifts_list(
    from_: Annotated[str, typer.Option("--from", help="首日 / first day, YYYY-MM-DD; else today")] = "",
    to: Annotated[str, typer.Option("--to", help="末日 / last day, included")] = "",
    person: Annotated[str, typer.Option(help="工号 / staff number; else everybody's")] = "",
    json: Json = False,
) -> None:
    """排班表 / shifts of today and tomorrow, or of some days; what runs without a command."""
    rows = ask(lambda client: client.shifts(_day(from_), _day(to), person))
    _show(json, rows, screens.print_shifts)


@shifts_app.command("import", epilog="Example: callcenter shifts import 12月排班.xlsx --replace")
def shifts_import(
    file: File,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="只试算 / only show the effect")] = False,
    replace: Annotated[
        bool,
        typer.Option("--replace", help="替换文件所涉日期未开始的班次 / replace what is planned for its days"),
    ] = False,
    month: Month = "",
    why: Why = "",
    json: Json = False,
) -> None:
    """导入排班 / import a roster: all of it or nothing, every mistake with its row and column."""
    content, reason = read_file(file), why or f"导入 {file.name}"[:100]
    named = _month(month)
    effect = upload(lambda client: client.import_shifts(content, dry_run, replace, named, reason), json)
    _show(json, effect, screens.print_effect)


@shifts_app.command(
    "template", epilog="Example: callcenter shifts template --month 2026-12 --out 12月排班.xlsx"
)
def shifts_template(out: Out = None, month: Month = "") -> None:
    """空白排班表 / an empty roster: a list, or with --month a grid of its days; without --out to standard output."""
    from callcenter.staff.workbooks import roster_template

    named = date.fromisoformat(f"{_month(month)}-01") if month else None
    codes = load().settings.shifts.codes
    write_file(out, roster_template(codes, _people() if named else [], named))


@shifts_app.command("cancel", epilog="Example: callcenter shifts cancel 17 --why 产假")
def shifts_cancel(shift: ShiftNo, why: Why, json: Json = False) -> None:
    """取消班次 / cancel a shift that has not begun."""
    gone = ask(lambda client: client.cancel_shift(shift, why))
    _show(json, gone, lambda console, row: screens.print_shifts(console, [row]))


@shifts_app.command("duty", epilog="Example: callcenter shifts duty --json | jq .missing")
def shifts_duty(json: Json = False) -> None:
    """当前应到与缺岗 / who should be there now and is not."""
    _show(json, ask(lambda client: client.duty()), screens.print_duty)


@shifts_app.command("swap", epilog="Example: callcenter shifts swap 17 --with 1002 --why 看病 --approve")
def shifts_swap(
    shift: ShiftNo,
    why: Why,
    other: Annotated[int | None, typer.Argument(min=1, help="对换的班次 / the shift to swap it for")] = None,
    with_: Annotated[str, typer.Option("--with", help="顶班人工号 / who takes it over")] = "",
    approve: Annotated[bool, typer.Option("--approve", help="同时批准 / approve it at once")] = False,
    json: Json = False,
) -> None:
    """申请换班 / wish to swap two shifts, or let somebody take one over."""
    if (other is None) == (not with_):
        raise UsageError(
            "请写另一个班次编号，或 --with 工号 / name another shift, or who takes it over by --with",
            code="bad_swap",
        )

    async def wish(client: "ShiftClient") -> dict[str, Any]:
        swap = await client.propose_swap(shift, other, with_, why)
        return await client.settle_swap(swap["swap_id"], "approve", why) if approve else swap

    _show_swap(ask(wish), json)


@shifts_app.command("swaps", epilog="Example: callcenter shifts swaps --limit 20")
def shifts_swaps(
    limit: Annotated[int, typer.Option(min=1, max=500, help="最多行数 / at most so many")] = 50,
    json: Json = False,
) -> None:
    """换班记录 / swaps, newest first."""
    _show(json, ask(lambda client: client.swaps(limit)), screens.print_swaps)


@shifts_app.command("approve", epilog="Example: callcenter shifts approve 3 --why 同意")
def shifts_approve(swap: SwapNo, why: Why, json: Json = False) -> None:
    """批准换班 / approve a swap; it is in force at once."""
    _show_swap(ask(lambda client: client.settle_swap(swap, "approve", why)), json)


@shifts_app.command("refuse", epilog="Example: callcenter shifts refuse 3 --why 人手不足")
def shifts_refuse(swap: SwapNo, why: Why, json: Json = False) -> None:
    """驳回换班 / refuse a swap."""
    _show_swap(ask(lambda client: client.settle_swap(swap, "refuse", why)), json)


@shifts_app.command("undo", epilog="Example: callcenter shifts undo 3 --why 误批")
def shifts_undo(swap: SwapNo, why: Why, json: Json = False) -> None:
    """撤销换班 / undo an approved swap, as long as no shift of it has begun."""
    _show_swap(ask(lambda client: client.settle_swap(swap, "undo", why)), json)


@shifts_app.command("presence", epilog="Example: callcenter shifts presence 2026-11-22 --out 在岗.xlsx")
def shifts_presence(
    day: Annotated[str, typer.Argument(help="日期 / day, YYYY-MM-DD; else today")] = "",
    out: Out = None,
    json: Json = False,
) -> None:
    """在岗与排班对照 / seat-hours present against plan, hour by hour; with --out as a workbook."""
    presence = ask(lambda client: client.presence(_day(day)))
    if out is None:
        _show(json, presence, screens.print_presence)
        return
    from callcenter.staff.workbooks import presence_book

    write_file(out, presence_book(presence))


def ask(question: "Callable[[ShiftClient], Awaitable[T]]") -> T:
    """The running system's answer."""
    from callcenter.web.clients.shifts import ShiftClient

    return ShiftClient.asked(load().settings, question)


def upload(question: "Callable[[ShiftClient], Awaitable[T]]", json: bool) -> T:
    """The same for a file; its faults are printed before it is refused."""
    from callcenter.web.clients.shifts import RefusedFile

    try:
        return ask(question)
    except RefusedFile as refused:
        if json:
            print_json(refused.faults)
        else:
            screens.print_faults(console, refused.faults, refused.total)
        raise


def read_file(path: Path) -> bytes:
    """A file's bytes.

    Raises:
        UsageError: too large.
    """
    if path.stat().st_size > FILE_MAX_BYTES:
        raise UsageError(
            f"文件超过 {FILE_MAX_BYTES // 1024} KB / {path.name} is larger than {FILE_MAX_BYTES // 1024} KB: split it",
            code="bad_sheet",
        )
    return path.read_bytes()


def write_file(out: Path | None, content: bytes) -> None:
    """Into a file, or to standard output where that is no terminal.

    Raises:
        UsageError: standard output is a terminal.
    """
    if out is not None:
        out.write_bytes(content)
        console.print(f"已写入 / written: {out}", highlight=False)
    elif sys.stdout.isatty():
        raise UsageError(
            "请写 --out 文件.xlsx / name a file by --out, or redirect the output", code="no_file"
        )
    else:
        sys.stdout.buffer.write(content)


def _people() -> list[tuple[str, str]]:
    """Who is to be filled into an empty grid; nobody while the system does not run."""
    try:
        return [(row["staff_no"], row["name"]) for row in ask(lambda client: client.staff())]
    except PeerError:
        return []


def _show(json: bool, answer: Any, show: Callable[[Console, Any], None]) -> None:
    if json:
        print_json(answer)
    else:
        show(console, answer)


def _show_swap(swap: dict[str, Any], json: bool) -> None:
    _show(json, swap, lambda target, row: screens.print_swaps(target, [row]))


def _day(text: str) -> str:
    try:
        return text and date.fromisoformat(text).isoformat()
    except ValueError:
        raise UsageError(
            f"'{text}' 不是日期 / '{text}' is no day: write 2026-12-01", code="bad_day"
        ) from None


def _month(text: str) -> str:
    try:
        return text and f"{datetime.strptime(text, '%Y-%m'):%Y-%m}"  # noqa: DTZ007  a month has no zone
    except ValueError:
        raise UsageError(f"'{text}' 不是年月 / '{text}' is no month: write 2026-12", code="bad_day") from None
