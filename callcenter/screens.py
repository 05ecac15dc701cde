"""How the command line shows things to people: tables, colors, Chinese beside English."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from rich.console import Console
from rich.progress import Progress as RichProgress
from rich.table import Table

if TYPE_CHECKING:
    from callcenter.demo import Timeline
    from callcenter.doctor import Check
    from recordings.core.transcript import Transcript
    from recordings.models import ModelInfo

MARKS = {"ok": "[green]✓[/green]", "warn": "[yellow]![/yellow]", "fail": "[red]✗[/red]"}
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
    calls = Table("来电 / contact", "号码 / citizen", "状态 / state", "坐席 / seat", "秒 / s")
    for row in status["calls"]:
        calls.add_row(
            row["contact_id"], row["citizen"], row["state"], row["seat_id"] or "—", _figure(row["duration_s"])
        )
    console.print(calls)
    print_seats(console, [seat for seat in status["seats"] if seat["state"] != "off"])


def print_seats(console: Console, seats: Sequence[Mapping[str, Any]]) -> None:
    """Seats, one a line."""
    table = Table("坐席 / seat", "状态 / state", "秒 / s", "原因 / reason", "话机 / phone", "通话 / contact")
    for seat in seats:
        phone = "在线 / reachable" if seat["reachable"] else "—"
        table.add_row(
            seat["seat_id"],
            seat["state"],
            _figure(seat["state_s"]),
            seat["reason"] or "—",
            phone,
            seat["contact_id"] or "—",
        )
    console.print(table)


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


def timeline_table(timeline: "Timeline") -> Table:
    """What was seen of one call, in seconds since the dial."""
    table = Table("秒 / s", "步骤 / step", "所见 / seen", title="一个来电 / one call")
    for seconds, what, detail in timeline.rows:
        table.add_row(f"{seconds:7.2f}", what, detail)
    return table


def _figure(value: float | None) -> str:
    """``null`` is not zero."""
    return "—" if value is None else f"{value:g}"
