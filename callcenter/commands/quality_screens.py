"""How the quality of calls is printed for people."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.table import Column, Table
from rich.text import Text

if TYPE_CHECKING:
    from recordings.core.qa.rules import RuleSet

SEVERITY_COLORS = {"info": "dim", "minor": "yellow", "major": "red", "critical": "bold red"}
STATES = {
    "assigned": "待评 / assigned",
    "submitted": "已评 / submitted",
    "answered": "已申辩 / answered",
    "ruled": "已裁定 / ruled",
}
DEMO_MARK = "*"
DEMO_NOTE = "演示模型的文本，不能识别真人 / words of the demo model, no recognizer of people"


def print_report(
    console: Console, coverage: Mapping[str, Any], calls: Mapping[str, Any], zone: ZoneInfo
) -> None:
    """Coverage, what each rule found, and the ranked list."""
    counts = "  ".join(
        f"{zh} / {name} {coverage[name]}"
        for zh, name in (
            ("接听", "answered"),
            ("录音", "recorded"),
            ("转写", "transcribed"),
            ("质检", "assessed"),
        )
    )
    score = "—" if coverage["mean_score"] is None else f"{coverage['mean_score']:.1f}"
    console.print(f"{counts}  平均分 / mean score {score}", highlight=False)
    rules = "  ".join(f"{row['rule_id']} {row['calls']}" for row in coverage["by_rule"])
    if rules:
        console.print(f"疑点通数 / calls by rule: {rules}", highlight=False)
    table = Table(
        Column("录音 / recording", no_wrap=True),
        Column("时间 / at", no_wrap=True),
        "坐席 / seat",
        "得分 / score",
        "把握 / certainty",
        Column("疑点 / found", overflow="fold"),
    )
    for row in calls["items"]:
        at = datetime.fromisoformat(row["answered_at"]).astimezone(zone)
        table.add_row(
            row["recording_id"],
            f"{at:%H:%M}",
            row["seat_id"] or "—",
            f"{row['score']:.0f}",
            _certainty(row),
            " ".join(row["rules"]) or "—",
        )
    console.print(table)
    console.print(f"{len(calls['items'])} / {calls['filtered']}", style="dim", highlight=False)
    if any(row["is_demo_model"] for row in calls["items"]):
        console.print(f"{DEMO_MARK} {DEMO_NOTE}", style="dim", highlight=False)


def print_call(console: Console, call: Mapping[str, Any]) -> None:
    """One call and its findings."""
    console.print(
        f"[bold]{call['recording_id']}[/]  得分 / score {call['score']:.0f}   把握 / certainty {_certainty(call)}   "
        f"规则 / rules {call['rules_version']}",
        highlight=False,
    )
    if call["is_demo_model"]:
        console.print(f"{DEMO_MARK} {DEMO_NOTE}", style="dim", highlight=False)
    for finding in call["found"]:
        when = (
            "整通 / whole"
            if finding["from_s"] is None
            else f"{_clock(finding['from_s'])}-{_clock(finding['to_s'])}"
        )
        console.print(
            Text.assemble(
                (f"  {when:<14}", "dim"),
                (f"{finding['zh']} / {finding['en']}", SEVERITY_COLORS[finding["severity"]]),
                f"  {finding['words']}" if finding["words"] else "",
                (f"  {finding['confidence']:.0%}", "dim"),
            )
        )


def print_draw(console: Console, drawn: Mapping[str, Any]) -> None:
    """What was drawn, and who reviews it."""
    console.print(
        f"{drawn['plan']} {drawn['week']}: {len(drawn['drawn'])} / {drawn['population']} 通 / calls, "
        f"{drawn['new_reviews']} 项新任务 / new reviews",
        highlight=False,
    )
    table = Table(Column("录音 / recording", no_wrap=True), "质检员 / reviewer", "复核 / second")
    for row in drawn["drawn"]:
        table.add_row(row["recording_id"], row["reviewer"], row["second_reviewer"] or "—")
    console.print(table)


def print_rules(console: Console, rules: "RuleSet") -> None:
    """Each rule, with what it costs."""
    table = Table("规则 / rule", "类型 / kind", "程度 / severity", "扣分 / points", "说明 / text")
    for rule_id, rule in rules.rules.items():
        severity = Text(rule.severity.value, style=SEVERITY_COLORS[rule.severity.value])
        table.add_row(rule_id, rule.kind, severity, f"{rule.points:g}", Text(f"{rule.zh}\n{rule.en}"))
    console.print(table)


def print_reviews(console: Console, rows: Sequence[Mapping[str, Any]]) -> None:
    """Reviews, one a line; what is blind stays so."""
    table = Table(
        "编号 / id",
        Column("录音 / recording", no_wrap=True),
        "坐席 / seat",
        "轮次 / round",
        "质检员 / reviewer",
        "状态 / state",
        "得分 / score",
    )
    for row in rows:
        score = row["corrected_score"] if row["corrected_score"] is not None else row["score"]
        table.add_row(
            str(row["review_id"]),
            row["recording_id"],
            row["seat_id"] or "—",
            str(row["ordinal"]),
            row["reviewer"] or "盲评 / blind",
            STATES[row["state"]],
            "—" if score is None else f"{score:.1f}",
        )
    console.print(table)


def print_agreement(console: Console, told: Mapping[str, Any]) -> None:
    """Kappa for each criterion; a dash where it is not defined."""
    console.print(f"{told['card_id']} {told['card_version']}: {told['pairs']} 通 / calls", highlight=False)
    table = Table(
        "项目 / criterion", "通 / pairs", "一致 / observed", "偶然 / expected", "kappa", "linear", "quadratic"
    )
    for row in told["criteria"]:
        figures = (row[name] for name in ("observed", "expected", "kappa", "linear", "quadratic"))
        shown = ("—" if figure is None else f"{figure:.2f}" for figure in figures)
        table.add_row(Text(f"{row['zh']} {row['criterion_id']}"), str(row["pairs"]), *shown)
    console.print(table)


def _certainty(row: Mapping[str, Any]) -> str:
    if not row["recognizer"]:
        return "未转写 / not heard"
    return f"{row['certainty']:.0%}" + (DEMO_MARK if row["is_demo_model"] else "")


def _clock(second: float) -> str:
    minutes, seconds = divmod(int(second), 60)
    return f"{minutes:02d}:{seconds:02d}"
