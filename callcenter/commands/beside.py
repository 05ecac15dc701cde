"""``callcenter beside``: listen to a talk, whisper to its agent, join it. All ask the running system; the audit has why."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from callcenter.commands.screens import print_json
from callcenter.core.messages.beside import Mode
from callcenter.settings import load

if TYPE_CHECKING:
    from callcenter.web.clients.beside import BesideClient

T = TypeVar("T")
TALKING = "talking"

MODES = {
    Mode.LISTEN: "监听：无人听见您 / listen: nobody hears you",
    Mode.WHISPER: "耳语：仅坐席听见您 / whisper: the agent alone hears you",
    Mode.JOIN: "介入：双方听见并录音 / join: both hear you, and the recording",
}

console = Console()

beside_app = typer.Typer(
    no_args_is_help=True,
    help="旁听 / beside a talk: listen (监听), whisper (耳语), join (介入); each time with its reason, audited",
)

Json = Annotated[bool, typer.Option("--json", help="machine-readable output")]
Contact = Annotated[
    str, typer.Argument(help="来电号，见 callcenter beside list / the contact, see callcenter beside list")
]
Phone = Annotated[
    str, typer.Option("--from", help="在哪个坐席的话机上听 / on which seat's phone, on a break or logged off")
]
Why = Annotated[str, typer.Option("--why", help="原因 / the reason, for the audit")]


@beside_app.command("list", epilog="Example: callcenter beside list --json")
def list_talks(json: Json = False) -> None:
    """通话与旁听 / talks that one may be beside, and who is."""
    calls = _ask(lambda client: client.status())["calls"]
    talks = [call for call in calls if call["state"] == TALKING]
    if json:
        print_json(talks)
        return
    table = Table("来电号 / contact", "坐席 / seat", "号码 / caller", "秒 / s", "旁听 / beside")
    for call in talks:
        who = call["beside"]
        told = "" if who is None else f"{who['by']} {who['mode']}{'' if who['is_there'] else ' …'}"
        table.add_row(
            call["contact_id"],
            call["seat_id"],
            escape(call["citizen"]),
            f"{call['duration_s']:.0f}",
            escape(told),
        )
    console.print(table)


@beside_app.command("listen", epilog='Example: callcenter beside listen CONTACT --from 8016 --why "新人带教"')
def listen(contact_id: Contact, phone: Phone, why: Why, json: Json = False) -> None:
    """监听 / hear both; nobody hears you. The phone rings first; pick it up."""
    _sit(contact_id, Mode.LISTEN, phone, why, json)


@beside_app.command(
    "whisper", epilog='Example: callcenter beside whisper CONTACT --from 8016 --why "提示政策"'
)
def whisper(contact_id: Contact, phone: Phone, why: Why, json: Json = False) -> None:
    """耳语 / the agent alone hears you. Who listens already is switched."""
    _sit(contact_id, Mode.WHISPER, phone, why, json)


@beside_app.command("join", epilog='Example: callcenter beside join CONTACT --from 8016 --why "市民要求班长"')
def join(contact_id: Contact, phone: Phone, why: Why, json: Json = False) -> None:
    """介入 / both hear you, and the recording."""
    _sit(contact_id, Mode.JOIN, phone, why, json)


@beside_app.command("leave", epilog="Example: callcenter beside leave CONTACT")
def leave(contact_id: Contact) -> None:
    """结束旁听 / nobody is beside the talk any more; the talk goes on."""
    _ask(lambda client: client.leave_beside(contact_id))
    console.print("已结束旁听，通话继续 / nobody is beside it any more, the talk goes on")


def _sit(contact_id: str, mode: Mode, phone: str, why: str, json: bool) -> None:
    answer: dict[str, Any] = _ask(lambda client: client.sit_beside(contact_id, mode.value, phone, why))
    if json:
        print_json(answer)
        return
    console.print(f"{MODES[mode]}\n请在 {phone} 摘机 / pick up at {phone}", highlight=False)


def _ask(question: "Callable[[BesideClient], Awaitable[T]]") -> T:
    from callcenter.web.clients.beside import BesideClient

    async def asked() -> T:
        async with BesideClient(load().settings) as client:
            return await question(client)

    return asyncio.run(asked())
