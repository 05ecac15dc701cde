"""How the command line shows staff, rosters, swaps and presence."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

KINDS = {"on_site": "现场 / on site", "cloud": "云坐席 / cloud", "guest": "嘉宾 / guest"}
SHIFT_STATES = {"planned": "计划 / planned", "swapped": "已换 / swapped", "cancelled": "取消 / cancelled"}
SWAP_STATES = {
    "proposed": "[yellow]待批 / proposed[/]",
    "approved": "[green]已批 / approved[/]",
    "refused": "驳回 / refused",
    "undone": "已撤销 / undone",
}
DAYS_IN_HOURS = 2
"""The effect on so many days is shown hour by hour; on more, the sum of each hour and the days."""


def print_staff(console: Console, people: Sequence[Mapping[str, Any]]) -> None:
    """``GET /staff``."""
    table = Table("工号 / no.", "姓名 / name", "类别 / kind", "电话 / phone", "坐席 / seat", "")
    for row in people:
        gone = "" if row["active"] else "已停用 / inactive"
        table.add_row(
            row["staff_no"],
            Text(row["name"]),
            KINDS[row["kind"]],
            row["phone"] or "—",
            row["seat_id"] or "—",
            gone,
        )
    console.print(table)


def print_shifts(console: Console, shifts: Sequence[Mapping[str, Any]]) -> None:
    """``GET /shifts``."""
    table = Table(
        "编号 / id",
        "日期 / day",
        "时间 / hours",
        "工号 / no.",
        "姓名 / name",
        "坐席 / seat",
        "班次 / code",
        "",
    )
    for row in shifts:
        begin, end = _at(row["from_at"]), _at(row["to_at"])
        state = "" if row["state"] == "planned" else SHIFT_STATES[row["state"]]
        table.add_row(
            str(row["shift_id"]),
            f"{begin:%m-%d}",
            f"{begin:%H:%M} - {end:%H:%M}",
            row["staff_no"],
            Text(row["name"]),
            row["seat_id"] or KINDS[row["kind"]],
            Text(row["code"]),
            state,
        )
    console.print(table)


def print_faults(console: Console, faults: Sequence[Mapping[str, Any]], total: int) -> None:
    """What is wrong in a file, with its place."""
    table = Table("表 / sheet", "行 / row", "列 / column", "内容 / value", "问题与办法 / what to do")
    for fault in faults:
        row = str(fault["row"]) if fault["row"] else "—"
        table.add_row(
            Text(fault["sheet"]), row, fault["column"], Text(fault["value"]), Text(fault["problem"])
        )
    console.print(table)
    if total > len(faults):
        console.print(f"另有 {total - len(faults)} 处 / and {total - len(faults)} more", highlight=False)


def print_effect(console: Console, effect: Mapping[str, Any]) -> None:
    """``POST /shifts/import``: seat-hours before and after."""
    days = effect["days"]
    before, after = (sum(sum(day[key]) for day in days) for key in ("before", "after"))
    done = "已导入 / imported" if effect["applied"] else "试算，未导入 / tried, nothing imported"
    console.print(
        f"{done}: {effect['shifts']} 班 / shifts, 替换 / replaced {effect['replaced']}, "
        f"已开始不动 / begun already {effect['past']}\n"
        f"坐席小时 / staffed seat-hours: {before:.1f} → {after:.1f}",
        highlight=False,
    )
    table = Table("日期 / day", "时段 / hour", "之前 / before", "之后 / after", "增减 / change")
    if len(days) > DAYS_IN_HOURS:
        pairs = [(_in_hour(days, "before", hour), _in_hour(days, "after", hour)) for hour in range(24)]
        _add_hours(table, f"{len(days)} 天合计 / days", pairs)
    for day in days:
        if len(days) <= DAYS_IN_HOURS:
            _add_hours(table, day["day"], list(zip(day["before"], day["after"], strict=True)))
        table.add_row(day["day"], "全天 / day", *_change(sum(day["before"]), sum(day["after"])), style="bold")
    console.print(table)
    for warning in effect["warnings"]:
        console.print(Text(f"! {warning}", style="yellow"))


def print_swaps(console: Console, swaps: Sequence[Mapping[str, Any]]) -> None:
    """``GET /shifts/swaps``."""
    table = Table(
        "编号 / id",
        "班次 / shift",
        "",
        "换成 / for",
        "状态 / state",
        "申请 / by",
        "批复 / decided",
        "原因 / why",
    )
    for row in swaps:
        other = "顶班 / takes it over" if row["second_id"] is None else f"{row['second_id']}"
        table.add_row(
            str(row["swap_id"]),
            f"{row['first_id']} ({row['first_staff_no']})",
            "⇄" if row["second_id"] else "→",
            f"{row['second_staff_no']} {other}",
            SWAP_STATES[row["state"]],
            row["proposed_by"],
            row["undone_by"] or row["decided_by"] or "—",
            Text(row["why"]),
        )
    console.print(table)


def print_duty(console: Console, duty: Mapping[str, Any]) -> None:
    """``GET /shifts/duty``: one line, and who is not there."""
    console.print(duty_line(duty), highlight=False)
    for absent in duty["absent"]:
        what = "早退 / left" if absent["left"] else "缺岗 / no-show"
        seat = absent["seat_id"] or "—"
        console.print(
            f"[red]{what}[/]  {absent['staff_no']}  坐席 / seat {seat}  应到 / due {_at(absent['due_at']):%H:%M}",
            highlight=False,
        )
    for heads in duty["heads"]:
        if heads["missing"]:
            console.print(
                f"[red]{KINDS[heads['kind']]}: {heads['due']} 人未定坐席，缺 {heads['missing']} 人"
                f" / {heads['missing']} of {heads['due']} due are not there[/]",
                highlight=False,
            )


def duty_line(duty: Mapping[str, Any]) -> str:
    """Who should be there now, in one line."""
    if not duty["due"]:
        return "当前没有排班 / nobody is rostered now"
    color = "red" if duty["missing"] else "green"
    there = duty["due"] - duty["missing"]
    return f"应到 / due {duty['due']}   在岗 / there [{color}]{there}[/]   缺 / missing [{color}]{duty['missing']}[/]"


def print_presence(console: Console, presence: Mapping[str, Any]) -> None:
    """``GET /presence``: the day first, then its hours."""
    total = presence["total"]
    plan = "排班 / shifts" if presence["plan"] == "shifts" else "常规班底 / usual roster"
    console.print(
        f"坐席小时 / staffed seat-hours {presence['day']}: "
        f"[bold]{total['filled']:.1f} / {total['due']:.1f}[/] 至今应到 / due so far"
        f" = {_share(total['rate'])}   全天计划 / planned {total['planned']:.1f} ({plan})",
        highlight=False,
    )
    table = Table(
        "时段 / hour", "计划 / planned", "在岗 / present", "通话+话后 / working", "缺岗 / no-shows", "在席率 / rate",
        "分子/分母 / of",
    )  # fmt: skip
    for hour in presence["hours"]:
        table.add_row(f"{_at(hour['from_at']):%H:%M}", *_presence(hour))
    table.add_row("合计 / day", *_presence(total), style="bold")
    console.print(table)
    console.print(
        f"公式 / formula: {presence['formula']} {presence['zh']} / {presence['en']}", highlight=False
    )
    for row in presence["no_shows"]:
        late = "未到 / never came" if row["late_s"] is None else f"迟到 / late {row['late_s'] / 60:.0f} min"
        console.print(
            f"[red]缺岗 / no-show[/] {_at(row['due_at']):%H:%M} {row['staff_no']} {row['name']} {late}",
            highlight=False,
        )
    for gap in presence["gaps"]:
        console.print(
            f"[yellow]数据缺口 / not watched[/] {_at(gap['from_at']):%H:%M:%S} - {_at(gap['until_at']):%H:%M:%S}"
            f" {gap['reason']}",
            highlight=False,
        )


def _add_hours(table: Table, name: str, pairs: Sequence[tuple[float, float]]) -> None:
    for hour, (before, after) in enumerate(pairs):
        table.add_row(name, f"{hour:02d}:00", *_change(before, after))


def _in_hour(days: Sequence[Mapping[str, Any]], key: str, hour: int) -> float:
    return round(sum(float(day[key][hour]) for day in days), 2)


def _presence(hour: Mapping[str, Any]) -> list[str]:
    return [
        f"{hour['planned']:.1f}",
        f"{hour['present']:.1f}",
        f"{hour['working']:.1f}",
        str(hour["no_shows"] or "—"),
        _share(hour["rate"]),
        f"{hour['filled']:.1f}/{hour['due']:.1f}",
    ]


def _share(rate: float | None) -> str:
    return "—" if rate is None else f"{rate:.1%}"


def _change(before: float, after: float) -> tuple[str, str, str]:
    return f"{before:g}", f"{after:g}", f"{after - before:+g}"


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text)
