"""``callcenter partner``: mutual aid with the neighboring city (城际协作): its key, how it stands, pause and resume."""

import asyncio
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from callcenter.commands.screens import print_json
from callcenter.partner.signing import key_path, make_key
from callcenter.settings import load

if TYPE_CHECKING:
    from callcenter.web.clients.control import Json
    from callcenter.web.clients.partner import PartnerClient

console = Console()
partner_app = typer.Typer(
    no_args_is_help=True, help="城际协作 / mutual aid with a partner city: overflow to it, help for it"
)

JsonOption = Annotated[bool, typer.Option("--json", help="machine-readable output")]
Why = Annotated[str, typer.Option("--why", help="原因 / the reason, for the audit")]

REASONS = {
    "paused": "对方已暂停 / paused there",
    "loop": "已转过一次 / handed on before",
    "surge": "对方正值高峰 / surge there",
    "line": "对方有市民排队 / citizens wait there",
    "full": "已达协作上限 / as many as agreed",
    "reserve": "仅剩预留坐席 / reserved seats only",
    "silent": "对方无应答 / silent",
    "garbled": "对方应答有误 / garbled",
    "unauthorized": "密钥不符 / another key",
    "busy": "询问过多 / asked too often",
    "gone": "已接通或挂机 / answered or gone meanwhile",
}


@partner_app.command("key", epilog="Example: callcenter partner key")
def key() -> None:
    """共享密钥 / make the key that both cities hold; one that is there stays. Copy the file to the partner, mode 600."""
    path = key_path(load().settings)
    made = make_key(path)
    console.print(
        f"{'已生成 / made' if made else '已存在 / there already'}: {path}", highlight=False, soft_wrap=True
    )
    console.print(
        "把此文件安全地复制给协作城市，两边各自重启 / copy it to the partner by a safe way, then restart both cells"
    )


@partner_app.command("show", epilog="Example: callcenter partner show --json")
def show(json: JsonOption = False) -> None:
    """状态 / who is helped there and here, offers by their answers, today's share and harm."""
    _print(asyncio.run(_show()), json)


@partner_app.command("pause", epilog='Example: callcenter partner pause --why "本市突发事件"')
def pause(why: Why, json: JsonOption = False) -> None:
    """暂停 / offer nobody and take nobody until it is resumed; talks go on."""
    _print(asyncio.run(_pause(True, why)), json)


@partner_app.command("resume", epilog='Example: callcenter partner resume --why "已恢复"')
def resume(why: Why, json: JsonOption = False) -> None:
    """恢复 / offer and take callers again."""
    _print(asyncio.run(_pause(False, why)), json)


@partner_app.command("give-back", epilog='Example: callcenter partner give-back CONTACT --why "需本地办理"')
def give_back(
    contact_id: Annotated[str, typer.Argument(help="他在本系统的来电号 / his contact with us")],
    why: Why,
) -> None:
    """交还 / give a caller of the partner back: he is first in his own city's line."""
    asyncio.run(_give_back(contact_id, why))
    console.print("已交还 / given back")


def _client() -> "PartnerClient":
    from callcenter.web.clients.partner import PartnerClient

    return PartnerClient(load().settings)


async def _show() -> "Json":
    async with _client() as client:
        return await client.partner()


async def _pause(paused: bool, why: str) -> "Json":
    async with _client() as client:
        return await client.pause_partner(paused, why)


async def _give_back(contact_id: str, why: str) -> None:
    async with _client() as client:
        await client.give_back(contact_id, why)


def _print(found: "Json", json: bool) -> None:
    if json:
        print_json(found)
        return
    state = "[yellow]已暂停 / paused[/]" if found["is_paused"] else "[green]进行中 / on[/]"
    console.print(f"协作城市 / partner: {escape(found['name'])}   {state}")
    if found["trouble"]:
        console.print(
            f"[red]异常 / trouble: {escape(REASONS.get(found['trouble']) or str(found['trouble']))}[/]"
        )
    console.print(_table(found))
    for figure in found["figures"]:
        value = "-" if figure["value"] is None else f"{100 * figure['value']:.2f} %"
        console.print(
            f"{figure['formula']}: {value} ({figure['numerator']:.0f} / {figure['denominator']:.0f})"
        )


def _table(found: "Json") -> Table:
    helped, aid = found["helped"], found["aid"]
    table = Table("", "我方市民在对方 / ours there", "对方市民在我方 / theirs here")
    there = f"{helped['talking']} ({helped['ringing'] + helped['moving']} 振铃 / ringing)"
    table.add_row("现在 / now", there, f"{len(aid['here'])} (可再接 / room for {aid['free']})")
    for name, label in (
        ("asked", "要约 / offers"),
        ("accepted", "接受 / accepted"),
        ("answered", "接通 / answered"),
        ("given_back", "交还 / given back"),
    ):
        table.add_row(label, str(helped[name]), str(aid[name]))
    table.add_row("婉拒 / declined", _reasons(helped["declined"]), _reasons(aid["declined"]))
    return table


def _reasons(declined: dict[str, Any]) -> str:
    return "\n".join(f"{REASONS.get(reason, reason)}: {count}" for reason, count in declined.items()) or "0"
