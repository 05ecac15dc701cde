"""What leaves the house on paper: one call with its findings, reviews and words for Word; the ranked list for Excel.

Invariants: numbers of persons are stars; every copy names who took it, when and why, under each page or in its first row; no
text of anybody becomes a formula or markup.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from openpyxl import Workbook  # type: ignore[import-untyped]  # ships no types
from openpyxl.styles import Font  # type: ignore[import-untyped]
from openpyxl.utils import get_column_letter  # type: ignore[import-untyped]

from callcenter.core.masking import mask_number
from callcenter.web.views.quality import (
    AssessmentSummary,
    AssessmentView,
    NoteView,
    ReviewView,
    ScorecardView,
    SpokenView,
    masked_turns,
)
from callcenter.word_file import WordFile

SPEAKERS = {"citizen": "市民", "agent": "话务员"}
SEVERITIES = {"info": "提示", "minor": "轻微", "major": "严重", "critical": "重大"}
STATES = {"assigned": "待评", "submitted": "已评", "answered": "已申辩", "ruled": "已裁定"}
RULINGS = {"upheld": "维持", "corrected": "更正"}
NATURES = {
    "help": "求助", "consult": "咨询", "complaint": "投诉", "tip_off": "举报", "suggestion": "建议", "praise": "表扬",
}  # fmt: skip
LIST_HEAD: Sequence[tuple[str, float]] = (
    ("接听时间", 18), ("坐席", 8), ("市民号码", 14), ("性质", 8), ("类别", 14), ("时长(秒)", 10), ("机器评分", 10), ("把握", 8),
    ("关注度", 8), ("疑点数", 8), ("疑点", 40), ("人工质检", 14), ("工单", 18), ("录音", 24),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Taken:
    """Who takes the copy out of the house, when (a moment with a zone) and why."""

    by: str
    at: datetime
    why: str

    @property
    def mark(self) -> str:
        """The visible mark."""
        return f"仅供 {self.by} 工作使用 · {self.at:%Y-%m-%d %H:%M:%S} 导出 · 事由：{self.why} · 请勿外传"


@dataclass(frozen=True, slots=True)
class Case:
    """Everything about one call that its reader may see."""

    call: AssessmentView
    reviews: Sequence[ReviewView]
    notes: Sequence[NoteView]
    spoken: SpokenView | None
    cards: Sequence[ScorecardView]


def case_paper(case: Case, taken: Taken, zone: ZoneInfo) -> bytes:
    """One call as an ``.docx``."""
    call = case.call
    paper = WordFile(f"通话质检记录 {call.recording_id}", taken.by, taken.at, taken.mark)
    paper.heading(paper.title, 1)
    paper.line(taken.mark)
    paper.table(_facts(call, zone))
    paper.heading("机器疑点（疑点不是结论，以人工评定为准）")
    paper.table(
        [("位置", "程度", "疑点", "原话")]
        + [
            (_clock(each.from_s), f"{SEVERITIES[each.severity]} -{each.points:g}", each.zh, each.words)
            for each in call.found
        ]
    )
    for review in case.reviews:
        _review(paper, review, case.cards, zone)
    if case.notes:
        paper.heading("辅导记录")
        paper.table(
            [("位置", "记录", "辅导人", "时间")]
            + [(_clock(each.second), each.note, each.by, _moment(each.at, zone)) for each in case.notes]
        )
    paper.heading("通话文本（机器转写，号码已隐去）")
    turns = masked_turns(case.spoken.turns) if case.spoken else []
    for turn in turns:
        paper.line(f"{_clock(turn.from_s)}  {SPEAKERS[turn.channel]}：{turn.text}")
    if not turns:
        paper.line("没有转写。")
    return paper.content()


def calls_book(calls: Sequence[AssessmentSummary], taken: Taken, zone: ZoneInfo) -> bytes:
    """The list as an ``.xlsx``, in its order."""
    book = Workbook()
    book.properties.creator, book.properties.description = taken.by, taken.mark
    page = book.active
    page.title = "质检清单"
    _cells(page, 1, [taken.mark])
    _cells(page, 2, [name for name, _ in LIST_HEAD])
    for column, (_, width) in enumerate(LIST_HEAD, start=1):
        page.column_dimensions[get_column_letter(column)].width = width
    for cell in page[2]:
        cell.font = Font(bold=True)
    for row, call in enumerate(calls, start=3):
        _cells(page, row, _list_row(call, zone))
        page.cell(row, 1).number_format = "yyyy-mm-dd hh:mm"
        for column in (8, 9):
            page.cell(row, column).number_format = "0%"
    page.freeze_panes = "A3"
    page.auto_filter.ref = f"A2:{get_column_letter(len(LIST_HEAD))}{max(2, len(calls) + 2)}"
    page.oddFooter.center.text = taken.mark.replace("&", "&&")
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()


def _list_row(call: AssessmentSummary, zone: ZoneInfo) -> list[Any]:
    return [
        call.answered_at.astimezone(zone).replace(tzinfo=None),
        call.seat_id,
        mask_number(call.citizen),
        NATURES.get(call.nature or "", call.nature),
        call.topic_name,
        call.seconds,
        call.score,
        call.certainty,
        call.concern,
        call.findings,
        "、".join(call.rules),
        "、".join(STATES[state] for state in call.reviews),
        call.ticket_no,
        call.recording_id,
    ]


def _cells(page: Any, row: int, values: Sequence[Any]) -> None:
    """A row; texts are texts, also those that begin like a formula."""
    for column, value in enumerate(values, start=1):
        cell = page.cell(row, column, value)
        if isinstance(value, str):
            cell.data_type = "s"
            cell.quotePrefix = value[:1] in ("=", "+", "-", "@")


def _facts(call: AssessmentView, zone: ZoneInfo) -> list[tuple[str, str]]:
    nature = NATURES.get(call.nature or "", call.nature or "未定")
    return [
        ("项目", "内容"),
        ("接听时间", _moment(call.answered_at, zone)),
        ("坐席", call.seat_id or "—"),
        ("市民号码", mask_number(call.citizen) or "—"),
        ("工单", f"{call.ticket_no or '—'}  {nature} · {call.topic_name or '未定'}"),
        ("时长", _clock(call.seconds)),
        ("机器评分", f"{call.score:.0f} 分，把握 {call.certainty:.0%}，关注度 {call.concern:.0%}"),
        ("规则版本", call.rules_version),
        ("转写模型", call.recognizer + ("（演示模型，不能当真）" if call.is_demo_model else "")),
    ]


def _review(paper: WordFile, review: ReviewView, cards: Sequence[ScorecardView], zone: ZoneInfo) -> None:
    paper.heading("人工质检" if review.ordinal == 1 else "双盲复核")
    if review.is_blind or review.grades is None or review.score is None or review.submitted_at is None:
        paper.line(f"状态：{STATES[review.state]}（内容暂不公开）")
        return
    paper.line(
        f"{review.reviewer} 于 {_moment(review.submitted_at, zone)} 评定 {review.score:.0f} 分"
        f"（{review.card_id} {review.card_version}）"
    )
    criteria = {
        each.criterion_id: each for card in cards if card.card_id == review.card_id for each in card.criteria
    }
    rows = [("评分项", "评定", "意见")]
    for name, grade in review.grades.items():
        known = criteria.get(name)
        told = "不适用" if grade is None else str(grade)
        if known and grade is not None and grade < len(known.grades):
            told = f"{grade} {known.grades[grade]}"
        rows.append((known.zh if known else name, told, (review.comments or {}).get(name, "")))
    paper.table(rows)
    if review.comment:
        paper.line(f"评语：{review.comment}")
    if review.statement:
        paper.line(f"坐席申辩：{review.statement}")
    if review.ruling:
        corrected = "" if review.corrected_score is None else f"，更正为 {review.corrected_score:.0f} 分"
        paper.line(f"裁定（{review.ruled_by}）：{RULINGS[review.ruling]}{corrected}。{review.ruling_why}")


def _clock(seconds: float | None) -> str:
    if seconds is None:
        return "—"
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes}:{rest:02d}"


def _moment(at: datetime, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M}"
