"""``callcenter accounts``: who may sign in, and one person of each role to try the desks with. Asks the running system."""

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Final

import typer
from rich.console import Console
from rich.table import Table

from callcenter.commands.screens import print_json
from callcenter.core.errors import UsageError
from callcenter.settings import Settings, load
from callcenter.web.roles import Role

if TYPE_CHECKING:
    from callcenter.web.clients.accounts import AccountClient

accounts_app = typer.Typer(no_args_is_help=True, help="账号 / accounts")
console = Console()

Json = Annotated[bool, typer.Option("--json", help="machine-readable output")]

WHY: Final = "试用账号 / to try the desks"
ROLE_NAMES: Final = {
    Role.ADMIN: "管理员",
    Role.SHIFT_MANAGER: "值班长",
    Role.TEAM_LEADER: "组长",
    Role.QA_REVIEWER: "质检员",
    Role.AGENT: "话务员",
    Role.AUDITOR: "审计员",
}


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """Somebody who was just made. ``password``: one-time, told here and nowhere else."""

    name: str
    role: Role
    seat_id: str | None
    password: str


@accounts_app.command("list", epilog="Example: callcenter accounts list --json")
def list_accounts(json: Json = False) -> None:
    """账号列表 / everybody who may sign in, or could."""
    from callcenter.web.clients.accounts import AccountClient

    async def ask() -> list[dict[str, object]]:
        async with AccountClient(load().settings) as client:
            return await client.accounts()

    found = asyncio.run(ask())
    if json:
        print_json(found)
        return
    table = Table("账号 name", "角色 role", "坐席 seat", "状态 state")
    for one in found:
        state = "停用 / locked out" if one["disabled"] else ""
        table.add_row(str(one["name"]), str(one["role"]), str(one["seat_id"] or ""), state)
    console.print(table)


@accounts_app.command("demo", epilog="Example: callcenter accounts demo")
def demo(json: Json = False) -> None:
    """试用账号 / one person of each role with a one-time password; only in a house that has nobody but its first admin."""
    people = asyncio.run(make_people(load().settings))
    if people is None:
        raise UsageError(
            "这里已经有账号，不再造试用账号 / this house has accounts already: make yours under 设置 → 账号",
            code="wrong_account_state",
        )
    if json:
        print_json(
            [
                {"name": it.name, "role": it.role, "seat_id": it.seat_id, "password": it.password}
                for it in people
            ]
        )
    else:
        print_people(people)


async def make_people(settings: Settings) -> list[DemoPerson] | None:
    """One person of each role beside the admin; ``None``: the house has people already, and nobody was made."""
    from callcenter.web.clients.accounts import AccountClient

    async with AccountClient(settings) as client:
        if len(await client.accounts()) > 1:
            return None
        return [await _make(client, role, settings) for role in Role if role is not Role.ADMIN]


async def _make(client: "AccountClient", role: Role, settings: Settings) -> DemoPerson:
    seat_id = desk_seat(settings) if role is Role.AGENT else None
    made = await client.make_account(role.value, role.value, seat_id, WHY)
    return DemoPerson(role.value, role, seat_id, made["password"])


def desk_seat(settings: Settings) -> str:
    """Where a newcomer can take calls without a telephone: the first seat of the house whose phone is the page."""
    here = settings.seats.on_site()
    return next((seat for seat in settings.phones.browser if seat in here), here[0])


def print_people(people: list[DemoPerson]) -> None:
    """Told this once."""
    table = Table("试用账号 / account", "角色 / role", "坐席 / seat", "一次性口令 / one-time password")
    for it in people:
        table.add_row(it.name, ROLE_NAMES[it.role], it.seat_id or "", it.password)
    console.print(table)
    console.print(
        "口令只显示这一次，登录后请修改 / shown this once; change them after signing in", highlight=False
    )
