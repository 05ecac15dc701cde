"""``callcenter search``: in which calls something was said, and at which second. It asks the running system.

Invariant: what was said is printed as text: no markup of it is read, no control character reaches the terminal.
"""

import asyncio
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer
from rich.console import Console
from rich.text import Text

from callcenter.commands.screens import print_json
from callcenter.settings import load

EPILOG = "Example: callcenter search '暖气 \"没有人来\" -投诉' --seat 8001 --from 2026-11-01 --json"
VOICES = {"citizen": "市民", "agent": "坐席"}

_console = Console()


def search(
    question: Annotated[
        str, typer.Argument(help='词语都说过；"原话"；-不含 / words all said, "an exact phrase", -without')
    ],
    seat: Annotated[str, typer.Option(help="坐席 / seat number")] = "",
    begin: Annotated[str, typer.Option("--from", help="起 / from: a day, or 2026-11-21T08:00")] = "",
    until: Annotated[str, typer.Option(help="止（不含） / until")] = "",
    topic: Annotated[str, typer.Option(help="事项 / key of the city's topics")] = "",
    nature: Annotated[str, typer.Option(help="性质 / complaint, consult, ...")] = "",
    outcome: Annotated[str, typer.Option(help="结局 / answered, message, ...")] = "",
    score_min: Annotated[str, typer.Option(help="质检得分不低于 / scored at least")] = "",
    score_max: Annotated[str, typer.Option(help="质检得分不高于 / scored at most")] = "",
    limit: Annotated[int, typer.Option(min=1, max=100, help="最多条数 / at most so many")] = 20,
    offset: Annotated[int, typer.Option(min=0, help="跳过 / skip so many")] = 0,
    json: Annotated[bool, typer.Option("--json", help="machine-readable output")] = False,
) -> None:
    """全文检索 / search what was said in all transcribed calls, newest first."""
    asked = {
        "q": question,
        "seat_id": seat,
        "since": begin,
        "until": until,
        "topic": topic,
        "nature": nature,
        "outcome": outcome,
        "score_min": score_min,
        "score_max": score_max,
        "limit": str(limit),
        "offset": str(offset),
    }
    answer = asyncio.run(_ask({name: value for name, value in asked.items() if value}))
    if json:
        print_json(answer)
    else:
        print_found(_console, answer, ZoneInfo(load().settings.time_zone))


async def _ask(asked: Mapping[str, str]) -> dict[str, Any]:
    from callcenter.web.clients.control import ControlClient

    async with ControlClient(load().settings) as client:
        return await client.search(asked)


def print_found(console: Console, answer: Mapping[str, Any], zone: ZoneInfo) -> None:
    """``GET /search``."""
    more = "+" if answer["is_more"] else ""
    console.print(f"共 {answer['found']}{more} 通 / calls found", highlight=False)
    if answer["searched_from"]:
        begin = datetime.fromisoformat(answer["searched_from"]).astimezone(zone)
        told = f"只查到此时为止，更早的请加 / earlier calls: --until {begin:%Y-%m-%dT%H:%M:%S.%f}"
        console.print(told, style="yellow", highlight=False)
    for call in answer["items"]:
        at = datetime.fromisoformat(call["arrived_at"]).astimezone(zone)
        facts = [
            f"{at:%Y-%m-%d %H:%M}",
            call["recording_id"],
            call["citizen"] or "—",
            call["seat_id"] or "—",
            call["ticket_no"] or "—",
            call["topic_name"] or "",
            "" if call["score"] is None else f"{call['score']:.0f} 分",
        ]
        console.print(Text(_safe("  ".join(fact for fact in facts if fact)), style="bold"))
        for passage in call["passages"]:
            console.print(_line(passage))


def _line(passage: Mapping[str, Any]) -> Text:
    minutes, seconds = divmod(int(passage["start_s"]), 60)
    return Text.assemble(
        (f"  {minutes:02d}:{seconds:02d} {VOICES[passage['channel']]}  ", "dim"),
        _safe(passage["before"]),
        (_safe(passage["hit"]), "bold red"),
        _safe(passage["after"]),
    )


def _safe(text: str) -> str:
    return "".join(character if character.isprintable() else " " for character in text)
