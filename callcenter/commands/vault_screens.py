"""How the vault is printed for people."""

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

if TYPE_CHECKING:
    from recordings.core.completeness import GapReport
    from recordings.keys import WrappedKey
    from recordings.retention import Hold
    from recordings.upkeep import Caught, VaultState
    from recordings.verify import Report


ID_WIDTH = 24
"""What a contact's id needs to be copied whole."""


def print_report(console: Console, report: "Report", trouble: str) -> None:
    """What was found, each with what to do. ``trouble``: why the database was not compared."""
    for finding in report.findings:
        told = {key: escape(text) for key, text in finding.as_json().items()}
        console.print(f"[red]✗[/red] {told['kind']:<10} {told['name']}  {told['detail']}", highlight=False)
        console.print(f"    → {told['advice']}", style="dim", highlight=False)
    if trouble:
        console.print(
            f"[yellow]![/yellow] 未核对数据库 / database not compared: {escape(trouble)}", highlight=False
        )
    looked = (
        f"{report.lines} 行清单 / lines, {report.roots} 个日签名 / roots, {report.files} 个录音 / recordings"
    )
    verdict = "[green]✓ 完好 / proved[/green]"
    if report.findings:
        verdict = f"[red]{len(report.findings)} 处问题 / findings[/red]"
    console.print(f"{verdict}   {looked}", highlight=False)


def print_state(console: Console, state: "VaultState", keys: "Sequence[WrappedKey]") -> None:
    """The keys by month, and what waits."""
    console.print(
        f"[red]✗[/red] {escape(state.trouble)}" if state.trouble else "[green]✓[/green] 正常 / well"
    )
    console.print(
        f"待加密 / waiting for a key: {state.waiting_for_key}   "
        f"待上传 / waiting for the storage: {state.waiting_for_storage}"
    )
    table = Table("密钥 / key", "月份 / month", "生成 / made", "销毁 / erased")
    for key in keys:
        table.add_row(key.key_id, key.month, key.made_at, key.erased_at or "—")
    console.print(table)


def print_caught(console: Console, caught: "Caught", what: str) -> None:
    """How many went well, and which did not."""
    console.print(f"{what}: {len(caught.done)}")
    for recording_id, code in caught.failed.items():
        console.print(f"[red]✗[/red] {recording_id}: {code}", highlight=False)


def print_holds(console: Console, holds: "Sequence[Hold]") -> None:
    """The holds in force."""
    table = Table("来电 / contact", "原因 / why", "谁 / by", "时间 / at")
    for hold in holds:
        table.add_row(
            hold.contact_id, escape(hold.why), escape(hold.placed_by), f"{hold.placed_at:%Y-%m-%d %H:%M}"
        )
    console.print(table)


def print_gaps(console: Console, report: "GapReport", day: date) -> None:
    """The gaps of a day, and the share that is complete."""
    whole = Column("来电 / contact", no_wrap=True, min_width=ID_WIDTH)
    table = Table(whole, "坐席 / seat", "通话 / talk s", "录音 / recorded s", "缺 / short s", "原因 / reason")
    for gap in report.gaps:
        talk = gap.talk
        recorded = "—" if talk.recorded_s is None else f"{talk.recorded_s:.1f}"
        short = f"{gap.completeness.short_by_s:.1f}"
        table.add_row(
            talk.contact_id,
            talk.seat_id or "—",
            f"{talk.talk_s:.1f}",
            recorded,
            short,
            gap.completeness.reason,
        )
    if report.gaps:
        console.print(table)
    rate = "—" if report.rate.ratio is None else f"{report.rate.ratio:.1%}"
    console.print(
        f"{day} 录音完整率 / complete: {rate} ({report.rate.complete}/{report.rate.answered})",
        highlight=False,
    )
