"""``callcenter what-if``: ask what more or fewer seats, shorter after-call work or a level would come to; ``what-if list``: predicted beside real.

Invariant: it prints what the API answers and decides nothing.
"""

import asyncio
from datetime import datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer
from rich.console import Console
from rich.table import Table

from callcenter.commands.desk import FirstByDefault
from callcenter.commands.screens import print_json
from callcenter.settings import load

Json = Annotated[bool, typer.Option("--json", help="machine-readable output")]

what_if_app = typer.Typer(
    cls=FirstByDefault,
    help="推演 / what-if: what more or fewer seats would come to",
    epilog="Example: callcenter what-if --cloud 6 --hours 2",
)
console = Console()

SHARE, SECONDS, COUNT = "share", "seconds", "count"
ROWS = (
    ("seats", "坐席 / seats", COUNT),
    ("attempts", "来电 / calls", COUNT),
    ("answered", "接通 / answered", COUNT),
    ("answered_share", "人工接通率 / answered of requests", SHARE),
    ("served_within_share", "15秒接通率 / within 15 s", SHARE),
    ("abandoned_share", "放弃率 / abandoned", SHARE),
    ("human_share", "人工通达 / citizens reached", SHARE),
    ("mean_wait_s", "平均等待 / mean wait", SECONDS),
    ("p95_wait_s", "P95 等待 / P95 wait", SECONDS),
    ("occupancy", "占用率 / occupancy", SHARE),
    ("waiting_end", "期末排队 / in line at the end", COUNT),
    ("callbacks_open_end", "期末待回拨 / owed at the end", COUNT),
)


@what_if_app.command("ask", epilog="Example: callcenter what-if --cloud 6 --hours 2")
def ask(
    cloud: Annotated[int, typer.Option(help="云坐席增减 / more (or fewer) cloud seats")] = 0,
    seats: Annotated[int, typer.Option(help="现场坐席增减 / more (or fewer) on-site seats")] = 0,
    hours: Annotated[float, typer.Option(help="小时 / for how long, at most 12")] = 1.0,
    wrap_up: Annotated[
        float, typer.Option(help="话后整理上限（秒） / longest after-call work, s; 0: as it is")
    ] = 0.0,
    level: Annotated[int | None, typer.Option(help="高峰级别 0 至 3 / declare this surge level")] = None,
    json: Json = False,
) -> None:
    """推演 / simulate the next hours with and without the change; what runs without a command."""
    answer = asyncio.run(_ask(cloud, seats, hours, wrap_up, level))
    if json:
        print_json(answer)
    else:
        print_what_if(console, answer)


@what_if_app.command("list", epilog="Example: callcenter what-if list --limit 5")
def list_(
    limit: Annotated[int, typer.Option(min=1, max=200, help="最多行数 / at most so many")] = 5,
    json: Json = False,
) -> None:
    """推演与实际 / what was predicted, beside what happened."""
    found = asyncio.run(_newest(limit))
    if json:
        print_json(found)
    elif not found:
        console.print("还没有推演 / nothing was asked yet: callcenter what-if --cloud 6 --hours 2")
    for answer in [] if json else found:
        print_what_if(console, answer)


def print_what_if(console: Console, answer: dict[str, Any]) -> None:
    """One answer as a table: without, with, the difference with its error, and what happened."""
    real = answer["real"]
    table = Table(
        "",
        "不变 / without",
        "改变 / with",
        "差 / difference",
        *(["实际 / real"] if real else []),
        title=_title(answer),
    )
    for name, label, kind in ROWS:
        without, with_ = answer["without"][name], answer["with_change"][name]
        cells = [
            _cell(without, kind),
            _cell(with_, kind),
            _difference(without, with_, answer["spread"][name], kind),
        ]
        table.add_row(label, *cells, *([_cell(real[name], kind)] if real else []))
    console.print(table)
    console.print(
        f"{answer['runs']} 对模拟 / pairs of simulated futures, {answer['took_s']:.2f} s"
        f"，推演至 / until {_clock(answer['until_at'])}",
        highlight=False,
    )
    if (minutes := _simulated_min(answer)) < 60 * answer["change"]["hours"] - 0.5:
        console.print(
            f"[yellow]时间只够推演 {minutes:.0f} 分钟 / in a second only {minutes:.0f} minutes could be simulated[/yellow]",
            highlight=False,
        )
    nearer = {
        "with": "实际接近“改变” / the change was made",
        "without": "实际接近“不变” / the change was not made",
    }
    if real and answer["came_true"]:
        console.print(nearer[answer["came_true"]], highlight=False)


async def _ask(cloud: int, seats: int, hours: float, wrap_up: float, level: int | None) -> dict[str, Any]:
    from callcenter.web.clients.control import ControlClient

    async with ControlClient(load().settings) as client:
        return await client.ask_what_if(cloud, seats, hours, wrap_up, level)


async def _newest(limit: int) -> list[dict[str, Any]]:
    from callcenter.web.clients.control import ControlClient

    async with ControlClient(load().settings) as client:
        return await client.what_ifs(limit)


def _title(answer: dict[str, Any]) -> str:
    change = answer["change"]
    parts = [f"云坐席 / cloud {change['cloud_seats']:+d}"] if change["cloud_seats"] else []
    parts += [f"现场 / on-site {change['seats']:+d}"] if change["seats"] else []
    parts += [f"话后整理 / after-call ≤ {cap_s:g} s"] if (cap_s := change["wrap_up_cap_s"]) else []
    parts += [f"级别 / level {change['level']}"] if change["level"] is not None else []
    return f"{_clock(answer['asked_at'])}  {'，'.join(parts) or '不变 / as it is'}  {change['hours']:g} h"


def _simulated_min(answer: dict[str, Any]) -> float:
    until, begin = (datetime.fromisoformat(answer[name]) for name in ("until_at", "asked_at"))
    return (until - begin).total_seconds() / 60


def _clock(text: str) -> str:
    return (
        datetime.fromisoformat(text).astimezone(ZoneInfo(load().settings.time_zone)).strftime("%m-%d %H:%M")
    )


def _cell(value: float | None, kind: str) -> str:
    if value is None:
        return "—"
    if kind == SHARE:
        return f"{100 * value:.1f} %"
    return f"{value:.0f} s" if kind == SECONDS else f"{value:.1f}".removesuffix(".0")


def _difference(without: float | None, with_: float | None, error: float | None, kind: str) -> str:
    if without is None or with_ is None:
        return "—"
    scale, unit = {SHARE: (100.0, " pp"), SECONDS: (1.0, " s"), COUNT: (1.0, "")}[kind]
    told = f"{scale * (with_ - without):+.1f}"
    return f"{told} ± {scale * error:.1f}{unit}" if error is not None else f"{told}{unit}"
