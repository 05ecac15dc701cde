"""How the command line shows things to people: tables, colors, Chinese beside English."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from rich.console import Console
from rich.table import Table

MARKS = {"ok": "[green]✓[/green]", "warn": "[yellow]![/yellow]", "fail": "[red]✗[/red]"}
COMPONENT_COLORS = {"up": "green", "degraded": "yellow", "down": "red"}


class CheckRow(Protocol):
    """One prerequisite, looked at (see ``callcenter.doctor``)."""

    @property
    def name(self) -> str: ...  # noqa: D102
    @property
    def state(self) -> str: ...  # noqa: D102
    @property
    def found(self) -> str: ...  # noqa: D102
    @property
    def advice(self) -> str: ...  # noqa: D102


class ModelRow(Protocol):
    """One recognizer (see ``recordings.models``)."""

    @property
    def name(self) -> str: ...  # noqa: D102
    @property
    def is_demo(self) -> bool: ...  # noqa: D102
    @property
    def in_use(self) -> bool: ...  # noqa: D102
    @property
    def path(self) -> Path: ...  # noqa: D102


class TranscriptText(Protocol):
    """What was said, by channel (see ``recordings.core.transcript``)."""

    @property
    def model(self) -> str: ...  # noqa: D102
    @property
    def is_demo(self) -> bool: ...  # noqa: D102
    def text_of(self, channel: str) -> str: ...  # noqa: D102


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


def print_checks(console: Console, checks: Sequence[CheckRow]) -> None:
    """The doctor's findings."""
    for check in checks:
        console.print(f"{MARKS[check.state]} {check.name:<14} {check.found}", highlight=False)
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


def print_models(console: Console, models: Sequence[ModelRow]) -> None:
    """The recognizers."""
    table = Table("", "模型 / model", "说明 / note", "path")
    for model in models:
        note = "演示用，不能识别真人 / demo only, no recognizer of people" if model.is_demo else ""
        table.add_row("●" if model.in_use else "", model.name, note, str(model.path))
    console.print(table)


def print_transcript(console: Console, file: Path, transcript: TranscriptText) -> None:
    """What was said in one file."""
    label = "（演示模型 / demo model）" if transcript.is_demo else ""
    console.print(f"[bold]{file}[/bold]  {transcript.model}{label}")
    console.print(f"  市民 / citizen: {transcript.text_of('citizen') or '—'}")
    console.print(f"  坐席 / agent:   {transcript.text_of('agent') or '—'}")


def _figure(value: float | None) -> str:
    """``null`` is not zero."""
    return "—" if value is None else f"{value:g}"
