"""The shift manager's commands: ``seats``, ``surge``, ``callbacks``, ``line``. All ask the running system.

Invariant: they print what the API answers, numbers masked, and decide nothing.
"""

import re
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeVar
from zoneinfo import ZoneInfo

import typer
from rich.console import Console
from typer.core import TyperGroup

from callcenter.commands.screens import (
    print_callbacks,
    print_day,
    print_json,
    print_seats,
    print_surge,
    print_switches,
)
from callcenter.commands.shift_screens import print_duty
from callcenter.core.errors import UsageError
from callcenter.settings import load

if TYPE_CHECKING:
    from callcenter.web.clients.control import ControlClient

T = TypeVar("T")

console = Console()

Json = Annotated[bool, typer.Option("--json", help="machine-readable output")]
Why = Annotated[str, typer.Option(help="原因，记入审计 / the reason, for the audit")]
Contact = Annotated[str, typer.Argument(help="来电编号 / contact id, as `callcenter status` shows it")]
Limit = Annotated[int, typer.Option(min=1, max=500, help="最多行数 / at most so many")]


class FirstByDefault(TyperGroup):
    """A group whose first command runs when none is named: ``surge`` is ``surge show``."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Name the first command where the user did not."""
        if not args or (args[0] not in self.commands and args[0] not in ctx.help_option_names):
            args = [next(iter(self.commands)), *args]
        return super().parse_args(ctx, args)


seats_app = typer.Typer(
    cls=FirstByDefault,
    help="坐席 / seats: list them, or ask something of one",
    epilog="Example: callcenter seats 8001 break --reason 午餐",
)
surge_app = typer.Typer(
    cls=FirstByDefault,
    help="高峰 / the surge: level, figures, switches",
    epilog="Example: callcenter surge set 2 --why 暴雨停水",
)
callbacks_app = typer.Typer(
    cls=FirstByDefault,
    help="漏话与回拨 / missed calls and call-backs",
    epilog="Example: callcenter callbacks --state open --ground missed",
)
line_app = typer.Typer(no_args_is_help=True, help="排队 / the line: move somebody who waits")


@seats_app.command("ask", epilog="Example: callcenter seats 8001 break --reason 午餐")
def seats_ask(
    seat: Annotated[str, typer.Argument(help="seat number; empty: all")] = "",
    request: Annotated[str, typer.Argument(help="login, ready, break or logout")] = "",
    reason: Annotated[str, typer.Option(help="why the seat goes on break")] = "",
    json: Json = False,
) -> None:
    """坐席列表或请求 / list the seats, or ask something of one; what runs without a command."""
    if request:
        print_json(_ask(lambda client: client.ask_seat(seat, request, reason)))
        return
    found = [row for row in _ask(lambda client: client.seats()) if seat in ("", row["seat_id"])]
    if json:
        print_json(found)
    else:
        print_seats(console, found)
        duty = None if seat else _ask(lambda client: client.status())["duty"]
        if duty and duty["due"]:
            print_duty(console, duty)


@seats_app.command("conference", epilog="Example: callcenter seats conference 8001 8003")
def seats_conference(
    seat: Annotated[str, typer.Argument(help="the seat that talks with a citizen")],
    third: Annotated[str, typer.Argument(help="who joins: a seat, or a department of [departments]")],
) -> None:
    """三方通话 / ring a third, who joins citizen and seat when he picks up."""
    print_json(_ask(lambda client: client.ask_conference(seat, third)))


@seats_app.command("skills", epilog="Example: callcenter seats skills 8001 enterprise")
def seats_skills(
    seat: Annotated[str, typer.Argument(help="seat number")],
    skills: Annotated[
        list[str] | None, typer.Argument(help="queues that ring the seat first; none: all alike")
    ] = None,
) -> None:
    """技能组 / assign skill groups: a preference, never a wall."""
    print_json(_ask(lambda client: client.assign_skills(seat, skills or [])))


@seats_app.command("rest", epilog="Example: callcenter seats rest 8001")
def seats_rest(
    seat: Annotated[str, typer.Argument(help="seat number")],
    why: Why = "",
) -> None:
    """辱骂后休息 / let a seat rest after an abusive call."""
    print_json(_ask(lambda client: client.rest_seat(seat, why)))


@seats_app.command("statement", epilog="Example: callcenter seats statement 8001")
def seats_statement(seat: Annotated[str, typer.Argument(help="seat number")]) -> None:
    """先行陈述 / what the caller of this seat stated while he waited."""

    async def stated(client: "ControlClient") -> str | None:
        seats = await client.seats()
        contact_id = next((row["contact_id"] for row in seats if row["seat_id"] == seat), None)
        if contact_id is None:
            raise UsageError(f"坐席 {seat} 没有来电 / seat {seat} has no caller", code="no_call")
        statement: str | None = (await client.contact(contact_id))["statement"]
        return statement

    console.print(
        _ask(stated) or "没有陈述，或尚未识别 / nothing was stated, or it is not transcribed yet",
        markup=False,
    )


@surge_app.command("show", epilog="Example: callcenter surge --json | jq .level")
def surge_show(json: Json = False) -> None:
    """高峰状态 / level, profile, figures, what is owed; what runs without a command."""
    _print_surge(_ask(lambda client: client.surge()), json)


@surge_app.command("set", epilog="Example: callcenter surge set 2 --why 暴雨停水")
def surge_set(
    level: Annotated[int, typer.Argument(min=0, max=3, help="0 平时, 1 关注, 2 高峰, 3 过载")],
    why: Why,
    json: Json = False,
) -> None:
    """宣布级别 / declare a level; it holds until `surge auto`."""
    _print_surge(_ask(lambda client: client.set_surge(level, why)), json)


@surge_app.command("auto", epilog="Example: callcenter surge auto --why 恢复正常")
def surge_auto(why: Why, json: Json = False) -> None:
    """解除 / hand the level back to the figures."""
    _print_surge(_ask(lambda client: client.set_surge(None, why)), json)


@surge_app.command("undo", epilog="Example: callcenter surge undo --why 误操作")
def surge_undo(why: Why, json: Json = False) -> None:
    """撤销 / undo the last switch."""
    _print_surge(_ask(lambda client: client.undo_surge(why)), json)


@surge_app.command("log", epilog="Example: callcenter surge log --limit 20 --json")
def surge_log(limit: Limit = 50, json: Json = False) -> None:
    """切换记录 / who switched, when, why, and the figures of that moment."""
    switches = _ask(lambda client: client.surge_switches(limit))
    if json:
        print_json(switches)
    else:
        print_switches(console, switches, _zone())


@surge_app.command("day", epilog="Example: callcenter surge day")
def surge_day(json: Json = False) -> None:
    """今日排班与预测 / today's roster and the citizens expected, hour by hour."""
    _print_day(_ask(lambda client: client.day()), json)


@surge_app.command("roster", epilog="Example: callcenter surge roster 13-17=15 18=10 --why 两人病假")
def surge_roster(
    hours: Annotated[
        list[str], typer.Argument(help="小时=坐席 / HOUR=SEATS or FROM-TO=SEATS, both included")
    ],
    why: Why,
    json: Json = False,
) -> None:
    """调整今日排班 / change today's roster; it holds until midnight."""
    changes = roster_changes(hours)

    async def change(client: "ControlClient") -> dict[str, Any]:
        usual = (await client.day())["roster"]
        return await client.change_roster([changes.get(hour, usual[hour]) for hour in range(24)], why)

    _print_day(_ask(change), json)


@callbacks_app.command("list", epilog="Example: callcenter callbacks --state open --ground missed")
def callbacks_list(
    state: Annotated[Literal["open", "closed"] | None, typer.Option(help="待办或已结 / which")] = None,
    ground: Annotated[
        Literal["missed", "accepted", "message"] | None,
        typer.Option(help="漏话、预约回呼、留言 / why it is owed"),
    ] = None,
    limit: Limit = 50,
    json: Json = False,
) -> None:
    """漏话与回拨 / what is owed, one line a number, newest first; what runs without a command."""
    rows = _ask(lambda client: client.callbacks(state or "", ground or "", limit))
    if json:
        print_json(rows)
    else:
        print_callbacks(console, rows, _zone())


@callbacks_app.command(
    "reviewed", epilog="Example: callcenter callbacks reviewed cc-1763784000.1 --needs-call"
)
def callbacks_reviewed(
    contact: Contact,
    needs_call: Annotated[
        bool, typer.Option("--needs-call", help="还需回电 / a question was left open: call the citizen")
    ] = False,
) -> None:
    """留言已成单 / a voice message has become a ticket."""
    print_json(_ask(lambda client: client.review_message(contact, needs_call)))


@callbacks_app.command(
    "close", epilog="Example: callcenter callbacks close cc-1763784000.1 --why 已由社区当面答复"
)
def callbacks_close(contact: Contact, why: Why) -> None:
    """人工结案 / close by hand what is owed; figures do not count it as kept."""
    print_json(_ask(lambda client: client.close_callback(contact, why)))


@callbacks_app.command(
    "postpone",
    epilog="Example: callcenter callbacks postpone cc-1763784000.1 --minutes 120 --why 市民下午方便",
)
def callbacks_postpone(
    contact: Contact,
    why: Why,
    minutes: Annotated[int, typer.Option(min=1, max=10080, help="从现在起至少多少分钟后 / from now on")],
) -> None:
    """推迟回拨 / call a citizen back later; the hours of call-backs hold as well."""
    print_json(_ask(lambda client: client.postpone_callback(contact, minutes, why)))


@line_app.command("urgent", epilog="Example: callcenter line urgent cc-1763784000.1 --why 老人独居断电")
def line_urgent(contact: Contact, why: Why) -> None:
    """提到队首 / move a waiting caller to the head of the line."""
    print_json(_ask(lambda client: client.prioritize(contact, True, why)))


@line_app.command("normal", epilog="Example: callcenter line normal cc-1763784000.1 --why 误操作")
def line_normal(contact: Contact, why: Why) -> None:
    """恢复次序 / move a waiting caller back among the others."""
    print_json(_ask(lambda client: client.prioritize(contact, False, why)))


def _ask(question: "Callable[[ControlClient], Awaitable[T]]") -> T:
    from callcenter.web.clients.control import ControlClient

    return ControlClient.asked(load().settings, question)


def roster_changes(texts: Sequence[str]) -> dict[int, int]:
    """Seats by hour, from words such as ``13-17=15``.

    Raises:
        UsageError: a word of another shape, or no hour of the day.
    """
    changes: dict[int, int] = {}
    for text in texts:
        found = re.fullmatch(r"(\d{1,2})(?:-(\d{1,2}))?=(\d{1,4})", text, re.ASCII)
        begin, end = (int(found[1]), int(found[2] or found[1])) if found else (0, -1)
        if found is None or not begin <= end <= 23:
            raise UsageError(f"'{text}' names no hours: write 13-17=15, hours from 0 to 23", code="bad_hours")
        changes |= dict.fromkeys(range(begin, end + 1), int(found[3]))
    return changes


def _print_day(day: dict[str, Any], json: bool) -> None:
    if json:
        print_json(day)
    else:
        print_day(console, day)


def _print_surge(surge: dict[str, Any], json: bool) -> None:
    if json:
        print_json(surge)
    else:
        print_surge(console, surge)


def _zone() -> ZoneInfo:
    return ZoneInfo(load().settings.time_zone)
