"""How the command line shows things to people: tables, colors, Chinese beside English."""

import json
import sys
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from rich.console import Console
from rich.progress import Progress as RichProgress
from rich.table import Column, Table
from rich.text import Text

if TYPE_CHECKING:
    from callcenter.demo import Timeline
    from callcenter.doctor import Check
    from callcenter.speech.words import Verdict
    from recordings.core.transcript import Transcript
    from recordings.models import ModelInfo

MARKS = {"ok": "[green]✓[/green]", "warn": "[yellow]![/yellow]", "fail": "[red]✗[/red]"}
LEVELS = (
    "[green]0 平时 / normal[/]",
    "[yellow]1 关注 / watch[/]",
    "[red]2 高峰 / surge[/]",
    "[bold red]3 过载 / overload[/]",
)
MODES = {"automatic": "自动 / automatic", "declared": "人工宣布 / declared"}
GROUNDS = {"missed": "漏话 / missed", "accepted": "预约回呼 / accepted", "message": "留言 / message"}
PROFILE = {
    "notice": "通知播报 / notice",
    "surveys": "满意度调查 / surveys",
    "callbacks": "预约回呼 / call-backs",
    "messages": "留言 / messages",
    "cloud_seats": "云坐席 / cloud seats",
    "partner": "协作城市 / partner",
}
PROVEN = {True: "[green]是 / yes[/]", False: "[yellow]否 / no[/]", None: "—"}
"""Whether a cloud seat counts; seats of the house need no proof."""
COMPONENT_COLORS = {"up": "green", "degraded": "yellow", "down": "red"}


class ShareBar:
    """A progress bar for one long step that tells its share, 0..1."""

    def __init__(self, console: Console, what: str, *, shown: bool) -> None:
        self._progress = RichProgress(console=console, transient=True, disable=not shown)
        self._task = self._progress.add_task(what, total=1.0)

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._progress.stop()

    def __call__(self, share: float) -> None:
        """Show that ``share`` is done."""
        self._progress.update(self._task, completed=share)


def print_status(console: Console, status: Mapping[str, Any]) -> None:
    """Components, queues, seats and calls of ``GET /status``."""
    parts = (
        f"[{COMPONENT_COLORS[part['state']]}]{part['name']} {part['state']}[/]"
        for part in status["components"]
    )
    console.print("  ".join(parts))
    queues = Table("队列 / queue", "等待 / waiting", "最长 / longest s", "空闲坐席 / ready")
    for row in status["queues"]:
        queues.add_row(
            row["queue"], _figure(row["waiting"]), _figure(row["longest_wait_s"]), _figure(row["ready_seats"])
        )
    console.print(queues)
    calls = Table(
        "来电 / contact", "号码 / citizen", "状态 / state", "坐席 / seat", "秒 / s", "陈述 / stated"
    )
    for row in status["calls"]:
        calls.add_row(
            row["contact_id"],
            row["citizen"],
            row["state"],
            row["seat_id"] or "—",
            _figure(row["duration_s"]),
            "有 / yes" if row["has_statement"] else "—",
        )
    console.print(calls)
    print_seats(console, [seat for seat in status["seats"] if seat["state"] != "off"])


def print_seats(console: Console, seats: Sequence[Mapping[str, Any]]) -> None:
    """Seats, one a line."""
    table = Table(
        "坐席 / seat",
        "状态 / state",
        "秒 / s",
        "原因 / reason",
        "话机 / phone",
        "验证 / proven",
        "通话 / contact",
        "技能 / skills",
        "利用率 / occupancy",
    )
    for seat in seats:
        phone = "在线 / reachable" if seat["reachable"] else "—"
        table.add_row(
            seat["seat_id"],
            seat["state"],
            "—" if seat["state"] == "off" else _figure(seat["state_s"]),
            seat["reason"] or "—",
            phone,
            PROVEN[seat["proven"]],
            seat["contact_id"] or "—",
            " ".join(seat["skills"]) or "—",
            "—" if seat["occupancy"] is None else f"{seat['occupancy']:.0%}",
        )
    console.print(table)


def print_surge(console: Console, surge: Mapping[str, Any]) -> None:
    """``GET /surge``: the level, its profile, the figures, what is owed."""
    console.print(f"级别 / level: {LEVELS[surge['level']]}   {MODES[surge['mode']]}", highlight=False)
    if surge["proposal"] is not None:
        console.print(
            f"建议 / proposed: {LEVELS[surge['proposal']]}   callcenter surge set {surge['proposal']} --why ...",
            highlight=False,
        )
    profile = surge["profile"]
    console.print("预案 / profile: " + "  ".join(_allowed(profile[key], PROFILE[key]) for key in PROFILE))
    cap_s = profile["wrap_up_cap_s"]
    console.print(
        "话后上限 / after-call cap: " + ("无 / none" if cap_s is None else f"{cap_s:g} s"), highlight=False
    )
    figures = Table("负荷 / load", "预计等待 / estimate s", "等待 / waiting", "在岗 / staffed", "空闲 / free")
    figures.add_row(
        *(_figure(surge[key]) for key in ("load", "ewt_s", "waiting", "staffed", "free")),
    )
    console.print(figures)
    owed = "   ".join(f"{GROUNDS[ground]} {count}" for ground, count in surge["owed"].items())
    console.print(f"待回 / owed: {owed}", highlight=False)


def _allowed(allowed: bool, what: str) -> str:
    return f"{MARKS['ok']} {what}" if allowed else f"[dim]✗ {what}[/dim]"


def print_switches(console: Console, switches: Sequence[Mapping[str, Any]], zone: tzinfo) -> None:
    """Switches of the surge level, one a line."""
    table = Table(
        "时间 / at",
        "级别 / level",
        "",
        "谁 / by",
        "原因 / why",
        "负荷 / load",
        "预计 / ewt s",
        "等待 / waiting",
    )
    for row in switches:
        table.add_row(
            _time(row["at"], zone),
            f"{row['old']} → {LEVELS[row['new']]}",
            "" if row["applied"] else "建议 / proposed",
            row["by"],
            Text(row["why"]),
            f"{row['load']:.2f}",
            f"{row['ewt_s']:.0f}",
            str(row["waiting"]),
        )
    console.print(table)


def print_day(console: Console, day: Mapping[str, Any]) -> None:
    """Today's plan, an hour a line."""
    table = Table("时段 / hour", "坐席 / seats", "预计市民 / citizens expected")
    for hour, (seats, citizens) in enumerate(zip(day["roster"], day["citizens"], strict=True)):
        table.add_row(f"{hour:02d}:00", str(seats), f"{citizens:g}")
    console.print(table)
    roster = "常规 / usual" if day["is_usual_roster"] else "今日调整 / changed for today"
    console.print(
        f"{day['day']}   排班 / roster: {roster}   "
        f"回拨时段 / call-backs: {day['callback_from']} - {day['callback_to']}"
    )


def print_callbacks(console: Console, rows: Sequence[Mapping[str, Any]], zone: tzinfo) -> None:
    """What is owed, one number a line."""
    table = Table(
        "来电 / contact",
        "号码 / citizen",
        "类别 / ground",
        "来电次数 / attempts",
        "已拨 / tries",
        "回拨时间 / due",
        "状态 / state",
        "工单 / ticket",
    )
    for row in rows:
        table.add_row(
            row["contact_id"],
            row["citizen"] or "—",
            GROUNDS[row["ground"]],
            str(row["attempts"]),
            str(row["tries"]),
            _time(row["due_at"], zone),
            _callback_state(row),
            row["ticket_no"] or "—",
        )
    console.print(table)


def _callback_state(row: Mapping[str, Any]) -> str:
    if row["state"] == "closed":
        return f"已结 / {row['why']}"
    if row["reviewed"]:
        return "已成单，待回 / reviewed"
    return "待办 / open" if row["can_be_called"] else "需人工 / by hand"


def print_checks(console: Console, checks: "Sequence[Check]") -> None:
    """The doctor's findings."""
    for check in checks:
        console.print(f"{MARKS[check.state.value]} {check.name:<14} {check.found}", highlight=False)
        if check.advice:
            console.print(f"    → {check.advice}", style="dim", highlight=False)


def print_ledger(console: Console, report: Mapping[str, Any]) -> None:
    """The comparison of the two books."""
    verdict = (
        "[green]两本账一致 / clean[/green]"
        if report["clean"]
        else f"[red]{len(report['differences'])} 处不一致 / differences[/red]"
    )
    console.print(f"{verdict}: {report['contacts']} contacts, {report['book_entries']} in Asterisk's books")
    for row in report["differences"]:
        console.print(
            f"  {row['contact_id']}  {row['kind']}: ours {row['ours'] or '—'}, theirs {row['theirs'] or '—'}"
        )


def print_models(console: Console, models: "Sequence[ModelInfo]") -> None:
    """The recognizers."""
    table = Table("", "模型 / model", "说明 / note", "path")
    for model in models:
        note = "演示用，不能识别真人 / demo only, no recognizer of people" if model.is_demo else ""
        table.add_row("●" if model.in_use else "", model.name, note, str(model.path))
    console.print(table)


def print_transcript(console: Console, file: Path, transcript: "Transcript") -> None:
    """What was said in one file."""
    label = "（演示模型 / demo model）" if transcript.is_demo else ""
    console.print(f"[bold]{file}[/bold]  {transcript.model}{label}")
    console.print(f"  市民 / citizen: {transcript.citizen_text or '—'}")
    console.print(f"  坐席 / agent:   {transcript.agent_text or '—'}")


def print_transcript_queue(console: Console, queue: Mapping[str, Any]) -> None:
    """How far transcription is."""
    console.print(
        f"等待 / waiting: {queue['waiting']}   进行中 / running: {queue['running']}   "
        f"今日完成 / done today: {queue['done_today']}   搁置 / parked: {queue['parked']}"
    )
    console.print(
        f"剩余录音 / sound left: {_hours(queue['sound_left_s'])}   "
        f"速度 / rate: {_figure(queue['rate'])} s/s   预计完成 / done in: {_hours(queue['eta_s'])}"
    )


def print_verdicts(console: Console, verdicts: "Sequence[Verdict]", model: str) -> None:
    """What a recognizer makes of the city's words; those it knows are only counted."""
    table = Table("行 / line", "词 / word", "结果 / fate", "原因 / why", title=model)
    for verdict in verdicts:
        if verdict.reason:
            table.add_row(str(verdict.line), Text(verdict.word), verdict.fate.value, Text(verdict.reason))
    if table.row_count:
        console.print(table)
    known = sum(not verdict.reason for verdict in verdicts)
    console.print(f"{len(verdicts)} 个词 / words，{known} 个模型已有 / known to the model")


def timeline_table(timeline: "Timeline") -> Table:
    """What was seen of one call, in seconds since the dial."""
    table = Table("秒 / s", "步骤 / step", Column("所见 / seen", overflow="fold"), title=timeline.title)
    for seconds, what, detail in timeline.rows:
        table.add_row(f"{seconds:7.2f}", what, detail)
    return table


def print_json(value: object) -> None:
    """Machine-readable output."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2, default=str) + "\n")


def _time(text: str | None, zone: tzinfo) -> str:
    return "—" if text is None else datetime.fromisoformat(text).astimezone(zone).strftime("%m-%d %H:%M:%S")


def _hours(seconds: float | None) -> str:
    """``H:MM:SS``; ``null`` is not zero."""
    return "—" if seconds is None else str(timedelta(seconds=round(seconds)))


def _figure(value: float | None) -> str:
    """``null`` is not zero."""
    return "—" if value is None else f"{value:g}"
