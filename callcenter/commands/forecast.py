"""``callcenter forecast`` and ``callcenter staffing``: days ahead as tables. They print what the API answers."""

import asyncio
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table

from callcenter.commands.screens import print_json
from callcenter.core.errors import UsageError
from callcenter.settings import load

if TYPE_CHECKING:
    from callcenter.web.clients.control import ControlClient

FORECAST_EPILOG = "Example: callcenter forecast 2026-10-01 --days 7 · callcenter forecast --json"
STAFFING_EPILOG = "Example: callcenter staffing 2026-11-23 --target 0.9 --within 15 --shrinkage 0.15"

BAR = 24
"""Characters of the longest bar."""
LETTERS = "日 / day as 2026-10-01; empty: today"

Day = Annotated[str, typer.Argument(help=LETTERS)]
Json = Annotated[bool, typer.Option("--json", help="machine-readable output")]

_console = Console()


def forecast(
    day: Day = "",
    days: Annotated[int, typer.Option(min=1, max=31, help="天数 / how many days")] = 1,
    json: Json = False,
) -> None:
    """话务预测 / citizens expected: one day hour by hour, several days day by day; and how well the last week was forecast."""
    answer = asyncio.run(_forecast(_checked(day), days))
    if json:
        print_json(answer)
    else:
        print_forecast(_console, answer)


def staffing(
    day: Day = "",
    target: Annotated[float, typer.Option(help="目标 / share answered in time, as 0.9")] = 0.9,
    within: Annotated[float, typer.Option(help="秒 / within so many seconds")] = 15.0,
    abandoned_max: Annotated[float, typer.Option(help="最多放弃 / at most such a share gives up")] = 1.0,
    shrinkage: Annotated[
        float, typer.Option(help="损耗 / share of rostered time not worked at the seat")
    ] = 0.0,
    json: Json = False,
) -> None:
    """排班测算 / seats that each hour needs (Erlang-A), beside those planned and what they will reach."""
    asked = {"target": target, "within_s": within, "abandoned_max": abandoned_max, "shrinkage": shrinkage}
    answer = asyncio.run(_staffing(_checked(day), asked))
    if json:
        print_json(answer)
    else:
        print_staffing(_console, answer)


def print_forecast(console: Console, answer: dict[str, Any]) -> None:
    """Hours of one day, or days, each with a bar."""
    days = answer["days"]
    if len(days) == 1:
        _say_day(console, days[0])
        _print_rows(
            console, "时 / hour", [(f"{hour:02d}", told) for hour, told in enumerate(days[0]["hours"])]
        )
    else:
        _print_rows(console, "日 / day", [(_day_label(told), told["citizens"]) for told in days])
        _warn_uncovered(console, days)
    told = answer["accuracy"]
    if told["value"] is None:
        console.print(
            "预测误差 / error of the last week: —（没有可比的日子 / no day to compare）", highlight=False
        )
    else:
        console.print(
            f"预测误差 / error of the last week: {100 * told['value']:.1f} % "
            f"({told['formula']}, {told['numerator']:.0f} / {told['denominator']:.0f}, {told['days']} 天 / days)",
            highlight=False,
        )


def print_staffing(console: Console, answer: dict[str, Any]) -> None:
    """The staffing table; hours without enough seats stand out."""
    _say_day(console, answer["day"])
    names = (
        "时 / hour",
        "市民 / citizens",
        "Erlang",
        "需要 / needed",
        "已排 / planned",
        "及时 / in time",
        "放弃 / gives up",
    )
    table = Table(box=SIMPLE)
    for name in names:
        table.add_column(name, justify="right")
    for it in answer["hours"]:
        style = "bold red" if it["planned"] < it["needed"] else ""
        cells = (
            f"{it['hour']:02d}",
            f"{it['citizens']:.1f}",
            f"{it['erlang']:.1f}",
            str(it["needed"]),
            str(it["planned"]),
        )
        table.add_row(*cells, _percent(it["within_share"]), _percent(it["abandoned_share"]), style=style)
    console.print(table)
    console.print(
        f"目标 / goal: {_percent(answer['target'])} / {answer['within_s']:g} s，"
        f"处理 / handling {answer['handling_s']:.0f} s，耐心 / patience {answer['patience_s']:.0f} s，"
        f"损耗 / shrinkage {_percent(answer['shrinkage'])}",
        highlight=False,
    )
    console.print(
        f"坐席小时 / seat-hours: 需要 / needed {answer['seat_hours_needed']}, 已排 / planned {answer['seat_hours_planned']}",
        highlight=False,
    )


def _print_rows(console: Console, name: str, rows: list[tuple[str, dict[str, float]]]) -> None:
    most = max([told["high"] for _, told in rows] + [1.0])
    table = Table(name, "P10", "市民 / citizens", "P90", "", box=SIMPLE)
    for label, told in rows:
        cells = (f"{told[part]:.0f}" for part in ("low", "expected", "high"))
        table.add_row(label, *cells, bar(told["expected"], told["high"], most))
    console.print(table)


def bar(expected: float, high: float, most: float) -> str:
    """What is expected, and what may come beyond it, on a scale up to ``most``."""
    solid, until = (round(BAR * value / most) for value in (expected, high))
    return "█" * solid + "░" * (until - solid)


def _say_day(console: Console, told: dict[str, Any]) -> None:
    learned = f"{told['days']} 天历史 / own days" if told["days"] else "按设置 / by the settings"
    trend = f"，趋势 / trend {100 * told['weekly_trend']:+.1f} %/周" if told["weekly_trend"] else ""
    whole = told["citizens"]
    console.print(
        f"{_day_label(told)}：{whole['expected']:.0f} 市民 / citizens ({whole['low']:.0f}-{whole['high']:.0f})，{learned}{trend}",
        highlight=False,
    )
    _warn_uncovered(console, [told])


def _warn_uncovered(console: Console, days: list[dict[str, Any]]) -> None:
    years = sorted({told["day"][:4] for told in days if not told["is_covered"]})
    if years:
        console.print(
            f"[yellow]{'、'.join(years)} 年的调休通知未收录 / shifted workdays of {', '.join(years)} are not known: "
            "name them under \\[calendar] workdays and holidays[/yellow]",
            highlight=False,
        )


def _day_label(told: dict[str, Any]) -> str:
    weekday = "一二三四五六日"[date.fromisoformat(told["day"]).weekday()]
    return f"{told['day']} 周{weekday} {told['kind_name']}"


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def _checked(day: str) -> str:
    try:
        return date.fromisoformat(day).isoformat() if day else ""
    except ValueError:
        raise UsageError(f"'{day[:20]}' is no day: write it as 2026-10-01", code="bad_day") from None


async def _forecast(day: str, days: int) -> dict[str, Any]:
    async with _client() as client:
        return await client.forecast(day, days)


async def _staffing(day: str, asked: dict[str, float]) -> dict[str, Any]:
    async with _client() as client:
        return await client.staffing(day, asked)


def _client() -> "ControlClient":
    from callcenter.web.clients.control import ControlClient

    return ControlClient(load().settings)
