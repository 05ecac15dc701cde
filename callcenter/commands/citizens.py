"""Commands about citizens' matters: ``outbox``, ``ratings``, ``pin``. All ask the running system.

Invariant: they print what the API answers, numbers masked, and decide nothing.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeVar
from zoneinfo import ZoneInfo

import typer
from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table

from callcenter.commands.desk import FirstByDefault
from callcenter.commands.screens import print_json
from callcenter.reports.core.formulas import percent
from callcenter.settings import load

if TYPE_CHECKING:
    from callcenter.web.clients.citizens import CitizenClient

T = TypeVar("T")
Answer = dict[str, Any]

console = Console()
Json = Annotated[bool, typer.Option("--json", help="machine-readable output")]

RATINGS_EPILOG = "Example: callcenter ratings --window 7d · callcenter ratings --seats --window 2026-11-21"
PIN_EPILOG = "Example: callcenter pin 20261122-000017"

KINDS = {
    "missed": "漏话告知 missed",
    "ticket": "工单查询码 ticket",
    "rating": "评价链接 rating",
    "article": "知识答复 article",
    "cloud": "云坐席邀请 cloud",
}
STATES = {"waiting": "待发 waiting", "sent": "已发 sent", "failed": "失败 failed"}
GRADES = {
    "5": "非常满意 very satisfied",
    "4": "满意 satisfied",
    "3": "基本满意 basically satisfied",
    "2": "不满意 dissatisfied",
    "1": "非常不满意 very dissatisfied",
}

outbox_app = typer.Typer(
    cls=FirstByDefault,
    help="发件箱 / short messages to citizens",
    epilog="Example: callcenter outbox --state failed",
)


@outbox_app.command("list", epilog="Example: callcenter outbox list --state waiting --json")
def outbox_list(
    state: Annotated[
        Literal["waiting", "sent", "failed"] | None, typer.Option(help="待发、已发、失败 / which")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=500, help="最多行数 / at most so many")] = 50,
    json: Json = False,
) -> None:
    """短信列表 / messages, newest first, numbers masked; what runs without a command."""
    answer = _ask(lambda client: client.outbox(state or "", limit))
    if json:
        print_json(answer)
    else:
        print_outbox(console, answer)


@outbox_app.command("retry", epilog="Example: callcenter outbox retry 17")
def outbox_retry(
    message: Annotated[int, typer.Argument(min=1, help="编号 / id, as `outbox list` shows it")],
) -> None:
    """重发 / try a failed message again, with all its tries."""
    _ask(lambda client: client.retry_message(message))
    console.print("已重新排队 / queued again")


def ratings(
    window: Annotated[str, typer.Option(help="15min, today, 7d, 2026-11-21, ... as of `figures`")] = "today",
    seats: Annotated[bool, typer.Option("--seats", help="分坐席，不排名 / by seat, unranked")] = False,
    json: Json = False,
) -> None:
    """满意度 / what citizens said of their talks: rates with parts and interval, grades, response."""
    answer = _ask(lambda client: client.seat_ratings(window) if seats else client.ratings(window))
    if json:
        print_json(answer)
    elif seats:
        print_seats(console, answer)
    else:
        print_ratings(console, answer)


def pin(
    ticket: Annotated[str, typer.Argument(help="工单编号 / ticket number")],
    json: Json = False,
) -> None:
    """查询码 / make a new PIN for a ticket and show it once; the one before opens nothing any more."""
    answer = _ask(lambda client: client.new_pin(ticket))
    if json:
        print_json(answer)
    else:
        console.print(
            f"工单 / ticket {answer['ticket_no']}   查询码 / PIN [bold]{answer['pin']}[/]\n"
            "只显示这一次，请告诉来电市民本人 / shown this once: tell the citizen",
            highlight=False,
        )


def print_outbox(console: Console, answer: Answer) -> None:
    """``GET /outbox``."""
    if answer["gateway"] == "none":
        console.print(
            "[yellow]短信通道未配置，短信只保留不发送：在 \\[sms] 中设置 sender "
            "/ not configured: messages are kept, not sent; set sender in \\[sms][/]",
            highlight=False,
        )
    elif answer["trouble"]:
        console.print(f"[red]通道故障 / gateway trouble: {answer['trouble']}[/]", highlight=False)
    table = Table("编号 / id", "类别 / kind", "号码 / number", "状态 / state", box=SIMPLE, pad_edge=False)
    for name in ("写入 / made", "发出 / sent", "次数 / tries", "说明 / why"):
        table.add_column(name)
    for row in answer["items"]:
        why = row["failed"] + (" ↻" if row["can_retry"] else "")
        table.add_row(
            str(row["id"]),
            KINDS.get(row["kind"], row["kind"]),
            row["citizen"],
            STATES[row["state"]],
            _clock(row["made_at"]),
            _clock(row["sent_at"]),
            str(row["tries"]),
            why,
        )
    console.print(table)
    console.print(f"待发 / waiting: {answer['waiting']}   ↻ = 可重发 / can be tried again", highlight=False)


def print_ratings(console: Console, answer: Answer) -> None:
    """``GET /ratings``."""
    _print_window(console, answer)
    table = Table("指标 / figure", box=SIMPLE, pad_edge=False)
    for name in ("值 / value", "分子/分母 / parts", "95 %"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("公式 / formula", no_wrap=True)
    for row in answer["figures"]:
        bounds = _interval(answer) if row["formula"].startswith("satisfy_rate") else ""
        table.add_row(f"{row['zh']}  [dim]{row['en']}[/]", _value(row), _parts(row), bounds, row["formula"])
    console.print(table)
    for grade, name in GRADES.items():
        console.print(f"  {grade} {name}: {answer['grades'][grade]}", highlight=False)
    by = answer["by"]
    console.print(
        f"按键 / by key {by['key']} · 链接 / by link {by['link']} · 未评 / nobody rated {answer['silent']}",
        highlight=False,
    )
    silent = _if_silence_counted(answer)
    console.print(
        f"[dim]未评不计为满意；若计入，满意率会显示为 {silent} "
        f"/ no answer is not satisfied; counted so, the rate would read {silent}[/]",
        highlight=False,
    )


def print_seats(console: Console, answer: Answer) -> None:
    """``GET /ratings/seats``."""
    _print_window(console, answer)
    table = Table("坐席 / seat", box=SIMPLE, pad_edge=False)
    for name in ("满意率 / satisfied", "分子/分母", "95 %", "参评率 / response", "应评 / due"):
        table.add_column(name, justify="right", no_wrap=True)
    for row in answer["seats"]:
        satisfied, response, _ = row["figures"]
        table.add_row(
            row["seat_id"],
            _value(satisfied),
            _parts(satisfied),
            _interval(row),
            _value(response),
            str(row["due"]),
        )
    console.print(table)
    console.print(
        "[dim]按坐席号排列，不排名；区间重叠即无差别 / by number, unranked; overlapping intervals tell no difference[/]",
        highlight=False,
    )


def _if_silence_counted(answer: Answer) -> str:
    satisfied = answer["figures"][0]
    return f"{percent(satisfied['numerator'] + answer['silent'], answer['due']) or '—'} %"


def _value(row: Answer) -> str:
    share = percent(row["numerator"], row["denominator"])
    return "—" if share is None else f"{share} %"


def _parts(row: Answer) -> str:
    return f"{row['numerator']:,} / {row['denominator']:,}"


def _interval(row: Answer) -> str:
    interval = row["interval"]
    return f"{100 * interval['low']:.1f} - {100 * interval['high']:.1f} %" if interval else "—"


def _print_window(console: Console, answer: Answer) -> None:
    window = answer["window"]
    console.print(
        f"窗口 / window: {_clock(window['from_at'])} → {_clock(window['until_at'])} ({window['time_zone']})"
        f"   截至 / as of {_clock(answer['as_of'])}",
        highlight=False,
    )


def _clock(text: str | None) -> str:
    return datetime.fromisoformat(text).astimezone(_zone()).strftime("%Y-%m-%d %H:%M:%S") if text else ""


def _zone() -> ZoneInfo:
    return ZoneInfo(load().settings.time_zone)


def _ask(question: "Callable[[CitizenClient], Awaitable[T]]") -> T:
    from callcenter.web.clients.citizens import CitizenClient

    return CitizenClient.asked(load().settings, question)
