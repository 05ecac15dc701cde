"""``callcenter notice``: the hot-topic notice (热点公告), put on air, withdrawn, counted. All ask the running system."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, TypeVar
from zoneinfo import ZoneInfo

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

from callcenter.commands.screens import print_json
from callcenter.core.errors import PeerError
from callcenter.settings import load

if TYPE_CHECKING:
    from callcenter.web.clients.control import ControlClient

T = TypeVar("T")

STATES = {
    "on_air": "[green]播放中 / on air[/]",
    "expired": "[dim]已到期 / expired[/]",
    "withdrawn": "[dim]已撤下 / withdrawn[/]",
}

console = Console()

notice_app = typer.Typer(
    no_args_is_help=True, help="热点公告 / the hot-topic notice: one line, on air within 30 s, counted"
)

Json = Annotated[bool, typer.Option("--json", help="machine-readable output")]
Limit = Annotated[int, typer.Option(min=1, max=200, help="最多行数 / at most so many")]


@notice_app.command(
    "put", epilog='Example: callcenter notice put "东风路今天18:00到22:00停水，请提前储水。" --hours 4'
)
def put(
    text: Annotated[
        str, typer.Argument(help="一行公告：汉字、数字和标点 / one line of Chinese, digits, punctuation")
    ],
    hours: Annotated[float, typer.Option(help="播放几小时 / on air for so many hours")] = 4.0,
    json: Json = False,
) -> None:
    """发布 / put a notice on air, in place of the one before."""
    notice = _ask(lambda client: _put(client, text, hours))
    if json:
        print_json(notice)
        return
    console.print(
        f"公告 {notice['id']} 已开始播放 / on air, {notice['seconds']:.0f} s, until {_time(notice['until_at'])}"
    )
    console.print(f"读作 / read: {escape(notice['spoken'])}", highlight=False)
    if not notice["is_played"]:
        console.print(
            "当前高峰级别不播公告 / the present surge level plays no notices: callcenter surge set 1 --why ...",
            style="yellow",
        )


@notice_app.command("list", epilog="Example: callcenter notice list --json")
def list_notices(limit: Limit = 20, json: Json = False) -> None:
    """公告清单 / what is and was on air, newest first."""
    found = _ask(lambda client: client.notices(limit))
    if json:
        print_json(found)
        return
    table = Table(
        "号 / id",
        "状态 / state",
        "从 / from",
        "到 / until",
        "谁 / by",
        Column("公告 / text", overflow="fold"),
    )
    for row in found:
        end = row["withdrawn_at"] or row["until_at"]
        table.add_row(
            str(row["id"]),
            STATES[row["state"]],
            _time(row["at"]),
            _time(end),
            escape(row["by"]),
            escape(row["text"]),
        )
    console.print(table)


@notice_app.command("withdraw", epilog="Example: callcenter notice withdraw 3")
def withdraw(
    notice_id: Annotated[int, typer.Argument(min=1, help="公告号 / id")], json: Json = False
) -> None:
    """撤下 / take a notice off the air at once."""
    notice = _ask(lambda client: client.withdraw_notice(notice_id))
    if json:
        print_json(notice)
    else:
        console.print(f"公告 {notice_id} 已撤下 / withdrawn")


@notice_app.command("counts", epilog="Example: callcenter notice counts --limit 5")
def counts(limit: Limit = 20, json: Json = False) -> None:
    """效果 / how many heard each notice, hung up content with it, and called again within 24 h."""
    found = _ask(lambda client: client.notices(limit))
    if json:
        print_json([_counted(row) for row in found])
        return
    table = Table(
        "号 / id",
        "听到 / heard",
        "听后挂机 / content",
        "24小时内再来电 / called again",
        "号码未知 / unknown",
        Column("公告 / text", overflow="ellipsis", no_wrap=True),
    )
    for row in found:
        table.add_row(
            str(row["id"]),
            str(row["heard"]),
            _share(row["satisfied"], row["heard"]),
            _share(row["again"], row["satisfied"] - row["unknown"]),
            str(row["unknown"]),
            escape(row["text"]),
        )
    console.print(table)


async def _put(client: "ControlClient", text: str, hours: float) -> dict[str, Any]:
    try:
        return await client.put_notice(text, hours)
    except PeerError as error:
        if error.code == "voice_failed":
            raise PeerError(
                "语音合成没有成功，原公告不变，请再试 / the voice failed, the notice before stays: try again",
                code=error.code,
            ) from None
        raise


def _counted(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in ("id", "text", "heard", "satisfied", "again", "unknown")}


def _share(part: int, whole: int) -> str:
    return f"{part} ({part / whole:.0%})" if whole else str(part)


def _time(text: str) -> str:
    zone = ZoneInfo(load().settings.time_zone)
    return f"{datetime.fromisoformat(text).astimezone(zone):%m-%d %H:%M}"


def _ask(question: "Callable[[ControlClient], Awaitable[T]]") -> T:
    from callcenter.web.clients.control import ControlClient

    return ControlClient.asked(load().settings, question)
