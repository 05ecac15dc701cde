"""``callcenter rebalance``: seats moved between skill groups, inbound calls and surveys (调岗). All ask the running system."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, TypeVar
from zoneinfo import ZoneInfo

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from callcenter.commands.screens import print_json
from callcenter.core.errors import UsageError
from callcenter.settings import load

if TYPE_CHECKING:
    from callcenter.web.clients.rebalance import RebalanceClient

T = TypeVar("T")
Row = Mapping[str, Any]

console = Console()

rebalance_app = typer.Typer(
    no_args_is_help=True,
    help="调岗 / move seats between skill groups, inbound calls and surveys, from their next call on",
)

Json = Annotated[bool, typer.Option("--json", help="machine-readable output")]
Why = Annotated[str, typer.Option(help="原因，记入审计 / the reason, for the audit")]
Hours = Annotated[float, typer.Option(help="看多少小时的效果 / for so many hours the effect is looked at")]
Moves = Annotated[
    list[str],
    typer.Argument(
        help="坐席:去处 / SEAT:TO: a skill group (enterprise, general+enterprise, all), surveys, inbound; "
        "with @VERSION of a preview, nobody's later move is overrun"
    ),
]


@rebalance_app.command(
    "preview", epilog="Example: callcenter rebalance preview 8003:enterprise 8004:surveys --hours 2"
)
def preview(moves: Moves, hours: Hours = 1.0, json: Json = False) -> None:
    """预览 / expected wait and share answered within 15 s, before and after; nothing is moved."""
    plan = _parse(moves)
    told = _ask(lambda client: client.preview_rebalance(plan, hours))
    if json:
        print_json(told)
        return
    _print_seats(told["seats"])
    _print_effect(told["effect"])
    at = " ".join(
        f"{text.partition('@')[0]}@{seat['version']}" for text, seat in zip(moves, told["seats"], strict=True)
    )
    console.print(
        f"执行 / to do it: callcenter rebalance apply {escape(at)} --why ...", highlight=False, soft_wrap=True
    )


@rebalance_app.command(
    "apply", epilog="Example: callcenter rebalance apply 8003:enterprise 8004:surveys --why 企业专席排队"
)
def apply(moves: Moves, why: Why, hours: Hours = 1.0, json: Json = False) -> None:
    """调岗 / move seats: all or none, one record, effective on each seat's next call."""
    plan = _parse(moves)

    async def go(client: "RebalanceClient") -> dict[str, Any]:
        seen = {seat["seat_id"]: seat["version"] for seat in (await client.rebalances(1))["seats"]}
        known = [{"version": seen.get(move["seat_id"], 0), **move} for move in plan]
        return await client.apply_rebalance(known, hours, why)

    _print_done(_ask(go), json)


@rebalance_app.command("undo", epilog="Example: callcenter rebalance undo --why 误操作")
def undo(
    why: Why,
    id: Annotated[str, typer.Option("--id", help="哪一次；空：最近一次 / which; none: the last")] = "",  # noqa: A002
    json: Json = False,
) -> None:
    """撤销 / restore what was before, for the seats that nobody moved since; the others are named."""
    _print_done(_ask(lambda client: client.undo_rebalance(id, why)), json)


@rebalance_app.command("list", epilog="Example: callcenter rebalance list --limit 5 --json")
def list_rebalances(
    limit: Annotated[int, typer.Option(min=1, max=100, help="最多几次 / at most so many")] = 20,
    json: Json = False,
) -> None:
    """记录 / who moved which seats when and why, what was predicted and what came of it."""
    found = _ask(lambda client: client.rebalances(limit))
    if json:
        print_json(found)
        return
    table = Table(
        "编号 / id", "时间 / at", "谁 / by", "调动 / moves", "预计→实际 / predicted → real", "原因 / why"
    )
    for row in found["items"]:
        moved = "\n".join(f"{seat['seat_id']}: {_way(seat)}" for seat in row["seats"])
        undone = f"\n[dim]{escape(row['undone_by'])} 已撤销 / undone[/]" if row["undone_by"] else ""
        table.add_row(
            row["id"], _time(row["at"]), escape(row["by"]), moved + undone, _compared(row), escape(row["why"])
        )
    console.print(table)
    if found["wanted_back"]:
        seats = " ".join(f"{seat}:inbound" for seat in found["wanted_back"])
        console.print(
            f"高峰，建议调回 / surge, better back on the line: callcenter rebalance apply {seats} --why ...",
            style="yellow",
            soft_wrap=True,
        )


def _parse(texts: Sequence[str]) -> list[dict[str, Any]]:
    """Moves as the API takes them; ``version`` only where one was written.

    Raises:
        UsageError: a word that is no move.
    """
    from queues.core.rebalance import parse_move

    moves = []
    for text in texts:
        move, _, version = text.partition("@")
        seat_id, skills, duty = parse_move(move)
        if version and not (version.isascii() and version.isdecimal()):
            raise UsageError(f"'{text}': after @ comes the version of a preview", code="bad_moves")
        body: dict[str, Any] = {"seat_id": seat_id, "duty": duty}
        if skills is not None:
            body["skills"] = list(skills)
        moves.append(body | ({"version": int(version)} if version else {}))
    return moves


def _print_done(row: dict[str, Any], json: bool) -> None:
    if json:
        print_json(row)
        return
    _print_seats(row["seats"])
    for seat in row["not_undone"]:
        console.print(f"未撤销 / not undone: {seat['seat_id']}: {seat['why']}", style="yellow", markup=False)
    if row["predicted"]:
        _print_effect(row["predicted"])
    console.print(f"已执行，编号 / done, id {row['id']}", highlight=False)


def _print_seats(seats: Sequence[Row]) -> None:
    for seat in seats:
        waits = seat.get("takes_effect") == "after_call"
        when = "，本次通话后生效 / after the running call" if waits else ""
        by = (
            f"（上次由{seat['last_by']}调动 / last moved by {seat['last_by']}）"
            if seat.get("last_by")
            else ""
        )
        console.print(f"{seat['seat_id']}: {_way(seat)}{when}{by}", markup=False, highlight=False)


def _print_effect(effect: Row) -> None:
    table = Table(
        "组 / group",
        "坐席 / seats",
        "等候 / mean wait",
        "15秒内 / within 15 s",
        title="预计效果 / predicted effect",
    )
    for group in effect["groups"]:
        seats = f"{group['seats_before']:g} → {group['seats_after']:g}"
        table.add_row(escape(group["queue"]), seats, *_both(group))
    if (whole := effect["whole"]) is not None:
        table.add_row("全部来电 / all inbound", f"{whole['seats']:+d}", *_both(whole))
    console.print(table)
    for note in effect["notes"]:
        console.print(note, style="dim", markup=False, highlight=False, soft_wrap=True)


def _both(row: Row) -> tuple[str, str]:
    before, after = row["before"], row["after"]
    waits = f"{_seconds(before['wait_s'])} → {_seconds(after['wait_s'])}"
    return waits, f"{_share(before['within_share'])} → {_share(after['within_share'])}"


def _compared(row: Row) -> str:
    """The predicted wait of each group beside the real one."""
    predicted = {it["queue"]: it["after"] for it in row["predicted"]["groups"]} if row["predicted"] else {}
    if row["real"] is None:
        return "时间未到 / not over yet"
    lines = (
        f"{it['queue']}: {_seconds(predicted.get(it['queue'], {}).get('wait_s'))} → {_seconds(it['wait_s'])} ({it['calls']})"
        for it in row["real"]
    )
    return "\n".join(lines) or "没有来电 / no calls"


def _way(seat: Row) -> str:
    return f"{_place(seat['before'])} → {_place(seat['after'])}"


def _place(assignment: Row) -> str:
    if assignment["duty"] == "surveys":
        return "回访/surveys"
    return "+".join(assignment["skills"]) or "不分组/all"


def _seconds(value: float | None) -> str:
    return "?" if value is None else f"{value:.0f} s"


def _share(value: float | None) -> str:
    return "?" if value is None else f"{value:.0%}"


def _time(text: str) -> str:
    zone = ZoneInfo(load().settings.time_zone)
    return f"{datetime.fromisoformat(text).astimezone(zone):%m-%d %H:%M}"


def _ask(question: "Callable[[RebalanceClient], Awaitable[T]]") -> T:
    from callcenter.web.clients.rebalance import RebalanceClient

    return RebalanceClient.asked(load().settings, question)
