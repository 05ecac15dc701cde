"""What a replay found, as JSON values and as tables. Invariant: contacts and seats by id, never a citizen's number."""

from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime, timedelta, tzinfo
from enum import Enum
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from callcenter.core.masking import PERSONAL_KEYS
from callcenter.core.messages.base import Message
from callcenter.core.messages.callbacks import OwedCall
from callcenter.rehearsal import Compared, Difference, Verified
from callcenter.sim.replay import SAME_TIME_S, Decision, Verdict

NOTE = (
    "市民的反应仍是当天录下的：最先的差异是决策，之后的是其后果。"
    "Citizens' replies stay those of the recorded day: the first differences are decisions, later ones consequences."
)
HIDDEN = PERSONAL_KEYS | {"contact_id", "seat_id", "channel", "type"}
"""Shown beside, or to nobody."""
KINDS = {
    "Ask": "询问 / ask",
    "TellWait": "报等待 / tell wait",
    "SendOff": "告别 / send off",
    "TakeMessage": "转留言 / take message",
    "Withdraw": "出队 / withdraw",
    "Reprioritize": "改次序 / reprioritize",
    "DialBack": "回拨 / dial back",
    "KeepOwed": "记承诺 / keep promise",
    "CloseOwed": "结承诺 / close promise",
    "NoteMissed": "记漏话 / note missed",
    "Enqueue": "入队 / enqueue",
    "PauseSeat": "坐席暂停 / pause seat",
    "ResumeSeat": "坐席恢复 / resume seat",
    "LevelSwitched": "级别 / level",
    "CloudSeatsWanted": "请云坐席 / ask cloud seats",
}
COUNTS = {
    Verdict.SAME: "相同 / same",
    Verdict.CHANGED: "改变 / changed",
    Verdict.ONLY_RECORDED: "仅原 / only recorded",
    Verdict.ONLY_CANDIDATE: "仅候选 / only candidate",
}

SIDES = {"recorded": "原 / recorded", "candidate": "候选 / candidate"}
BOOKS = {"journaled": "日志 / journal", "replayed": "回放 / replay"}


def compared_json(found: Compared, changes: Mapping[str, Any], zone: tzinfo) -> dict[str, Any]:
    """Two sides of a recording."""
    return {
        "lives": found.lives,
        "messages": found.messages,
        "candidate": dict(changes),
        "candidate_refused": found.refused,
        "counts": {
            kind: {verdict.value: counter[verdict] for verdict in Verdict}
            for kind, counter in sorted(found.counts.items())
        },
        "differing": found.differing,
        "differences": [_difference(difference, zone) for difference in found.differences],
        "note": NOTE,
    }


def verified_json(found: Verified, zone: tzinfo) -> dict[str, Any]:
    """A recording against itself."""
    return {
        "verified": not found.mismatches,
        "lives": found.lives,
        "messages": found.messages,
        "derived": found.derived,
        "mismatches": [
            {
                "after": mismatch.seq,
                "at": mismatch.at.astimezone(zone).isoformat(timespec="milliseconds"),
                "replayed": [_message(message) for message in mismatch.replayed],
                "journaled": [_message(message) for message in mismatch.journaled],
            }
            for mismatch in found.mismatches
        ],
    }


def print_compared(console: Console, shown: Mapping[str, Any], limit: int) -> None:
    """Differences, oldest first, and how many there are of each kind."""
    for row in shown["differences"][:limit]:
        console.print(f"{_clock(row['at'])}  {row['whom'] or '—'}  {KINDS[row['kind']]}", highlight=False)
        for side in SIDES:
            console.print(f"    {SIDES[side]}: {_words(row[side], row['at'])}", highlight=False, markup=False)
    _print_more(console, shown["differing"] - limit)
    summary = Table(box=SIMPLE_HEAD)
    summary.add_column("决策 / decision", no_wrap=True)
    for verdict in COUNTS:
        summary.add_column(COUNTS[verdict], justify="right")
    for kind, counts in shown["counts"].items():
        summary.add_row(KINDS[kind], *(str(counts[verdict.value]) for verdict in COUNTS))
    console.print(summary)
    console.print(
        f"{shown['messages']} 条消息 / messages, {shown['lives']} 次启动 / starts, "
        f"{shown['differing']} 处不同 / differ, 候选不合 / did not fit the candidate: {shown['candidate_refused']}",
        highlight=False,
    )
    console.print(NOTE, style="dim", highlight=False)


def print_verified(console: Console, shown: Mapping[str, Any], limit: int) -> None:
    """Whether the engines repeat themselves, and where not."""
    for row in shown["mismatches"][:limit]:
        console.print(f"✗ {_clock(row['at'])} 日志 / after entry {row['after']}", highlight=False)
        for side in BOOKS:
            for message in row[side] or [{"type": "—"}]:
                console.print(f"    {BOOKS[side]}: {_pairs(message)}", highlight=False, markup=False)
    _print_more(console, len(shown["mismatches"]) - limit)
    verdict = (
        "[green]一致 / the engines repeat what they told[/green]"
        if shown["verified"]
        else f"[red]{len(shown['mismatches'])} 处不一致 / differ[/red]"
    )
    console.print(
        f"{verdict}: {shown['derived']} 条结论 / derived, {shown['messages']} 条消息 / messages, "
        f"{shown['lives']} 次启动 / starts",
        highlight=False,
    )


def _print_more(console: Console, count: int) -> None:
    if count > 0:
        console.print(f"… 另有 / {count} more: --limit, --json", style="dim", highlight=False)


def _difference(difference: Difference, zone: tzinfo) -> dict[str, Any]:
    pair, times = difference.pair, (difference.recorded_at, difference.candidate_at)
    first = min(at for at in times if at is not None)
    return {
        "at": _iso(first, zone),
        "whom": pair.either.subject,
        "kind": pair.either.kind,
        "verdict": pair.verdict.value,
        "recorded": _decision(pair.recorded, times[0], zone),
        "candidate": _decision(pair.candidate, times[1], zone),
    }


def _decision(decision: Decision | None, at: datetime | None, zone: tzinfo) -> dict[str, Any] | None:
    if decision is None or at is None:
        return None
    content, parts = decision.content, dict[str, Any]()
    for part in fields(content):
        value = getattr(content, part.name)
        if isinstance(value, OwedCall):
            began = at - timedelta(seconds=decision.now)
            parts |= _fields(value)
            parts["made"] = _iso(began + timedelta(seconds=value.made), zone)
            parts["due"] = None if value.due is None else _iso(began + timedelta(seconds=value.due), zone)
        elif part.name not in HIDDEN:
            parts[part.name] = _plain(value)
    return {"at": _iso(at, zone), **parts}


def _message(message: Message) -> dict[str, Any]:
    ids = {name: value for name in ("contact_id", "seat_id") if (value := getattr(message, name, None))}
    return {"type": message.type, **ids, **_fields(message)}


def _fields(value: Any) -> dict[str, Any]:
    names = (part.name for part in fields(value) if part.name not in HIDDEN)
    return {name: _plain(getattr(value, name)) for name in names}


def _plain(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, tuple | frozenset):
        return [_plain(item) for item in value]
    return round(value, 3) if isinstance(value, float) else value


def _words(side: Mapping[str, Any] | None, first: str) -> str:
    """The values of one side; how much later it decided, if that can be noticed."""
    if side is None:
        return "—"
    late_s = (datetime.fromisoformat(side["at"]) - datetime.fromisoformat(first)).total_seconds()
    late = [f"+{late_s:.0f} s"] if late_s > SAME_TIME_S else []
    return " ".join([*late, _pairs({key: value for key, value in side.items() if key != "at"})]) or "✓"


def _pairs(values: Mapping[str, Any]) -> str:
    return " ".join(f"{key}={value}" for key, value in values.items())


def _iso(at: datetime, zone: tzinfo) -> str:
    return at.astimezone(zone).isoformat(timespec="milliseconds")


def _clock(iso: str) -> str:
    return datetime.fromisoformat(iso).strftime("%m-%d %H:%M:%S")
