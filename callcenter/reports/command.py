"""``callcenter figures``: the indicators of a window as a table or as JSON. It asks the running system and counts nothing."""

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.box import SIMPLE
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from callcenter.commands.screens import print_json
from callcenter.core.errors import UsageError
from callcenter.reports.core.formulas import percent
from callcenter.settings import load

if TYPE_CHECKING:
    from callcenter.web.clients.control import ControlClient

EPILOG = (
    "Example: callcenter figures --window 15min · callcenter figures --day 2026-11-21 --hours · "
    "callcenter figures --from 2026-11-01 --until 2026-12-01 --json"
)

SCOPES = {"surge": ("（高峰市民）", ", surge citizens")}
"""What is said of a figure that is about some citizens only."""

WIDE = 110
"""Columns from which on Chinese and English stand on one line."""

COUNTERS = {
    "attempts": "来电",
    "blocked": "拒入",
    "left_early": "早挂",
    "self_resolved": "自助解决",
    "lost_early": "早丢失",
    "in_intake": "问候中",
    "person_requests": "请求人工",
    "answered": "接通",
    "abandoned": "放弃",
    "callback": "转回拨",
    "message": "转留言",
    "partner_failed": "协作失败",
    "lost": "丢失",
    "still_open": "仍在等待",
    "abandoned_short": "短时放弃",
    "messages_reviewed": "已听留言",
    "citizens": "市民",
    "citizens_unknown": "号码未知",
    "callbacks_promised": "应回拨",
    "callbacks_kept": "已回拨",
    "callbacks_unreached": "回拨未通",
    "callbacks_open": "待回拨",
    "callbacks_superseded": "已自行接通",
    "announced": "已报等待",
}
"""Names of the counters."""

_console = Console()

Answer = Mapping[str, Any]


def figures(
    window: Annotated[str, typer.Option(help="15min, today, 7d, ...")] = "",
    day: Annotated[str, typer.Option(help="一天 / a day, as 2026-11-21")] = "",
    begin: Annotated[str, typer.Option("--from", help="起 / from: a day, or 2026-11-21T08:00")] = "",
    until: Annotated[str, typer.Option(help="止（不含） / until; default: now")] = "",
    hours: Annotated[
        bool, typer.Option("--hours", help="分时来电 / the day's arrivals hour by hour")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="machine-readable output")] = False,
) -> None:
    """指标 / the hotline's figures: values with numerator and denominator, counters, worst 24 hours, gaps."""
    asked = _window(window, day, begin, until)
    if hours:
        if window or begin:
            raise UsageError("--hours shows one day: use --day 2026-11-21", code="bad_window")
        answer = _ask(lambda client: client.hours(day))
    else:
        answer = _ask(lambda client: client.figures(asked))
    if json:
        print_json(answer)
    elif hours:
        print_hours(_console, answer)
    else:
        print_figures(_console, answer)


def _window(window: str, day: str, begin: str, until: str) -> str:
    given = [text for text in (window, day, begin) if text]
    if len(given) > 1 or (until and not begin):
        raise UsageError("name one window: --window, or --day, or --from with --until", code="bad_window")
    return f"{begin}..{until}" if begin else "".join(given) or "today"


def _ask(question: "Callable[[ControlClient], Awaitable[Answer]]") -> Answer:
    from callcenter.web.clients.control import ControlClient

    return ControlClient.asked(load().settings, question)


def print_figures(console: Console, answer: Answer) -> None:
    """``GET /figures``."""
    window = answer["window"]
    console.print(
        f"窗口 / window: {_span(window)} ({window['time_zone']})   截至 / as of {_clock(answer['as_of'])}",
        highlight=False,
    )
    _print_gaps(console, answer["gaps"])
    for broken in answer["violations"]:
        console.print(
            f"[red]台账自相矛盾 / the ledger contradicts itself: {broken['identity']} "
            f"({broken['whole']} ≠ {broken['parts']})[/]",
            highlight=False,
        )
    table = Table("指标 / figure", box=SIMPLE, pad_edge=False)
    for name in ("值 / value", "分子/分母 / parts"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("公式 / formula", no_wrap=True)
    for row in answer["figures"]:
        table.add_row(_name(row, console), value(row), _parts(row), row["formula"])
    console.print(table)
    for row in answer["worst_24h"]:
        console.print("最差连续24小时 / worst 24 hours: " + "   ".join(_worst(row)), highlight=False)
    counted = (f"{name} {key} {answer['counters'].get(key, '—')}" for key, name in COUNTERS.items())
    console.print("计数 / counters: " + " · ".join(counted), highlight=False)


def print_hours(console: Console, answer: Answer) -> None:
    """``GET /figures/hours``."""
    names = ("attempts", "person_requests", "answered", "abandoned", "callback", "message")
    table = Table("时 / hour", *(f"{COUNTERS[name]}\n{name}" for name in names), "缺口\ngap", box=SIMPLE)
    for hour in answer["hours"]:
        counts = hour["counts"] or {}
        gap = f"{hour['gap_s'] / 60:.0f} min" if hour["gap_s"] else ""
        begun = datetime.fromisoformat(hour["from_at"]).strftime("%H:%M")
        table.add_row(begun, *(str(counts.get(name, "—")) for name in names), gap)
    console.print(
        f"{answer['day']} ({answer['time_zone']})   截至 / as of {_clock(answer['as_of'])}", highlight=False
    )
    console.print(table)


def value(row: Answer) -> str:
    """A figure's value as printed; ``null`` is not zero."""
    if row["value"] is None:
        return "—"
    if row["unit"] == "ratio":
        return f"{percent(row['numerator'], row['denominator'])} %"
    return f"{row['value']:.1f} s" if row["unit"] == "s" else f"{row['value']:.2f}"


def _name(row: Answer, console: Console) -> str:
    zh, en = SCOPES.get(row["scope"], ("", ""))
    between = "  " if console.width >= WIDE else "\n"
    return f"{row['zh']}{zh}{between}[dim]{row['en']}{en}[/]"


def _parts(row: Answer) -> str:
    return f"{row['numerator']:,.0f} / {row['denominator']:,.0f}"


def _worst(row: Answer) -> Iterator[str]:
    yield f"{row['zh']} {value(row)} ({_parts(row)})"
    if row["window"]:
        yield _span(row["window"])
    if row["gaps"]:
        yield f"[yellow]缺口 / gaps {_minutes(row['gaps'])}[/]"


def _print_gaps(console: Console, gaps: Sequence[Answer]) -> None:
    if not gaps:
        console.print("[green]数据完整 / no gaps in the data[/]", highlight=False)
        return
    told = "; ".join(f"{_span(gap)} {escape(gap['reason'])}" for gap in gaps)
    console.print(f"[yellow]数据缺口 / gaps in the data: {_minutes(gaps)}: {told}[/]", highlight=False)


def _minutes(gaps: Sequence[Answer]) -> str:
    lasted = (
        datetime.fromisoformat(gap["until_at"]) - datetime.fromisoformat(gap["from_at"]) for gap in gaps
    )
    return f"{sum(each.total_seconds() for each in lasted) / 60:.1f} min"


def _span(window: Answer) -> str:
    return f"{_clock(window['from_at'])} → {_clock(window['until_at'])}"


def _clock(text: str) -> str:
    return datetime.fromisoformat(text).strftime("%Y-%m-%d %H:%M:%S")
