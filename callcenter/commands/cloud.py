"""``callcenter cloud``: cloud seats (云坐席), invited, shown, withdrawn, locked. All ask the running system.

Invariant: they print what the API answers and decide nothing.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from callcenter.commands.desk import FirstByDefault
from callcenter.commands.screens import print_json
from callcenter.settings import load

if TYPE_CHECKING:
    from callcenter.web.clients.cloud import CloudClient

T = TypeVar("T")
Answer = Mapping[str, Any]

console = Console()
Json = Annotated[bool, typer.Option("--json", help="machine-readable output")]
Why = Annotated[str, typer.Option(help="原因，记入审计 / the reason, for the audit")]
Seat = Annotated[str, typer.Argument(help="云坐席号 / cloud seat number, as 8101")]

STATES = {
    "idle": "[dim]空闲 / idle[/]",
    "invited": "[cyan]邀请中 / invited[/]",
    "accepted": "[cyan]已接受 / accepted[/]",
    "checking": "[yellow]检测中 / checking[/]",
    "proven": "[green]已验证 / proven[/]",
    "refused": "[red]未通过 / refused[/]",
    "withdrawn": "[dim]已撤回 / withdrawn[/]",
    "locked": "[bold red]已锁定 / locked[/]",
}

cloud_app = typer.Typer(
    cls=FirstByDefault,
    help="云坐席 / cloud seats: invited, checked, proven, withdrawn",
    epilog="Example: callcenter cloud invite 6 --why 暴雨",
)


@cloud_app.command("show", epilog="Example: callcenter cloud --json | jq .proven")
def show(
    all_seats: Annotated[bool, typer.Option("--all", help="也列出空闲的 / idle ones too")] = False,
    json: Json = False,
) -> None:
    """云坐席一览 / the roll: states, what was measured; what runs without a command."""
    _print(_ask(lambda client: client.cloud()), json, all_seats)


@cloud_app.command("invite", epilog="Example: callcenter cloud invite 6 --why 暴雨")
def invite(
    seats: Annotated[int, typer.Argument(min=1, max=99, help="还要几席 / so many more seats")],
    why: Why,
    json: Json = False,
) -> None:
    """邀请 / ring or write to as many people as it takes, in rounds."""
    _print(_ask(lambda client: client.invite(seats, why)), json)


@cloud_app.command("apply", epilog="Example: callcenter cloud apply --why 批准")
def apply(why: Why, json: Json = False) -> None:
    """批准建议 / apply what the figures propose."""
    _print(_ask(lambda client: client.answer_proposal(True, why)), json)


@cloud_app.command("decline", epilog="Example: callcenter cloud decline --why 人手已够")
def decline(why: Why, json: Json = False) -> None:
    """不采纳建议 / decline what the figures propose."""
    _print(_ask(lambda client: client.answer_proposal(False, why)), json)


@cloud_app.command("withdraw", epilog="Example: callcenter cloud withdraw 8101 --why 高峰已过")
def withdraw(seat: Seat, why: Why) -> None:
    """撤回 / end a seat's help, after its running call."""
    _print_answer(_ask(lambda client: client.ask_cloud_seat(seat, "withdraw", why)))


@cloud_app.command("check", epilog="Example: callcenter cloud check 8101 --why 已换网络")
def check(seat: Seat, why: Why) -> None:
    """重新检测 / check a refused line again."""
    _print_answer(_ask(lambda client: client.ask_cloud_seat(seat, "check", why)))


@cloud_app.command("lock", epilog="Example: callcenter cloud lock 8101 --why 口令疑似泄露")
def lock(seat: Seat, why: Why) -> None:
    """锁定 / lock a seat: out of the line, never checked."""
    _print_answer(_ask(lambda client: client.ask_cloud_seat(seat, "lock", why)))


@cloud_app.command("unlock", epilog="Example: callcenter cloud unlock 8101 --why 已核实")
def unlock(seat: Seat, why: Why) -> None:
    """解锁 / unlock a seat with a new password, which Asterisk takes at once; calls go on."""
    _print_answer(_ask(lambda client: client.ask_cloud_seat(seat, "unlock", why)))


@cloud_app.command("link", epilog="Example: callcenter cloud link 8101 --why 本人来要")
def link(seat: Seat, why: Why, json: Json = False) -> None:
    """链接 / a link by which the seat's owner joins; shown once, good once."""
    answer = _ask(lambda client: client.cloud_link(seat, why))
    if json:
        print_json(answer)
        return
    console.print(f"{escape(answer['url'])}", highlight=False, soft_wrap=True)
    console.print(f"工号 / staff no. {answer['staff_no']}，有效至 / good until {answer['expires_at']}")


@cloud_app.command("people", epilog="Example: callcenter cloud people")
def people(json: Json = False) -> None:
    """人员 / who may be invited, numbers masked."""
    found = _ask(lambda client: client.cloud_people())
    if json:
        print_json(found)
    else:
        _print_people(found)


@cloud_app.command("add", epilog="Example: callcenter cloud add 1023 王芳 13800138000 --seat 8101")
def add(
    staff_no: Annotated[str, typer.Argument(help="工号 / staff number")],
    name: Annotated[str, typer.Argument(help="姓名 / name")],
    phone: Annotated[str, typer.Argument(help="本人电话，可空 / his own phone; empty: never rung")] = "",
    seat: Annotated[str, typer.Option(help="他的云坐席；不填：任意 / his seat; none: any")] = "",
) -> None:
    """登记 / write down who may be invited, or what changed about him."""
    _print_people([_ask(lambda client: client.add_cloud_person(staff_no, name, phone, seat or None))])


def _ask(question: "Callable[[CloudClient], Awaitable[T]]") -> T:
    from callcenter.web.clients.cloud import CloudClient

    return CloudClient.asked(load().settings, question)


def _print(cloud: Answer, json: bool, all_seats: bool = False) -> None:
    if json:
        print_json(cloud)
    else:
        print_cloud(console, cloud, all_seats)


def _print_answer(answer: Answer) -> None:
    when = "通话后 / after the call" if answer["takes_effect"] == "after_call" else "即时 / now"
    console.print(f"{answer['seat_id']}  {STATES[answer['state']]}  {when}")
    if answer["note"]:
        console.print(answer["note"])


def _print_people(people_found: Sequence[Answer]) -> None:
    table = Table("工号 / no.", "姓名 / name", "电话 / phone", "坐席 / seat", "可拨打 / can be rung")
    for row in people_found:
        table.add_row(
            row["staff_no"],
            row["name"],
            row["phone"] or "—",
            row["seat_id"] or "任意 / any",
            "是 / yes" if row["can_be_rung"] else "否 / no",
        )
    console.print(table)


def print_cloud(to: Console, cloud: Answer, all_seats: bool = False) -> None:
    """``GET /cloud``: the call for help, then seat by seat."""
    to.print(
        f"已验证 / proven: [green]{cloud['proven']}[/]   振铃 / ringing: {cloud['ringing']}   "
        f"人员 / people: {cloud['people']}   应邀率 / willing: {cloud['willing_ratio']:.0%}",
        highlight=False,
    )
    if cloud["proposal"] is not None:
        to.print(
            f"[yellow]建议邀请 / proposed: {cloud['proposal']}[/]   callcenter cloud apply --why ...",
            highlight=False,
        )
    if call := cloud["call"]:
        to.print(
            f"邀请中 / calling for help: {call['coming']} / {call['target']}，第 {call['round']} 轮 / round，"
            f"{call['next_round_s']:.0f} s 后下一轮 / next round",
            highlight=False,
        )
    table = Table(
        "坐席 / seat",
        "状态 / state",
        "秒 / s",
        "人员 / person",
        "话机 / phone",
        "检测 / measured",
        "说明 / note",
    )
    for seat in cloud["seats"]:
        if all_seats or seat["state"] != "idle":
            table.add_row(*_row(seat))
    to.print(table)


def _row(seat: Answer) -> tuple[str, ...]:
    ends = seat["help_ends_at"] and datetime.fromisoformat(seat["help_ends_at"]).astimezone()
    note = seat["reason"] or (f"至 / until {ends:%H:%M}" if ends else "—")
    return (
        seat["seat_id"],
        STATES[seat["state"]],
        f"{seat['state_s']:.0f}",
        f"{seat['staff_no']} {escape(seat['name'])}".strip() or "—",
        "在线 / reachable" if seat["reachable"] else "—",
        _measured(seat["measured"]),
        escape(note),
    )


def _measured(line: Answer | None) -> str:
    if line is None or line["failed"]:
        return "—"
    loss = max(line["loss_in"], line["loss_out"])
    return f"{loss:.1%}  {line['jitter_ms']:.0f} ms  {line['rtt_ms']:.0f} ms"
