"""``callcenter audit``: who touched personal data, and whether the book of it is whole. Reads the database itself."""

import asyncio
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from callcenter.commands.screens import print_json
from callcenter.settings import load
from callcenter.web.views import Page
from callcenter.web.views.ledger import AuditProofView, AuditView

audit_app = typer.Typer(no_args_is_help=True, help="审计 / the book of accesses")
console = Console()

Json = Annotated[bool, typer.Option("--json", help="machine-readable output")]


@audit_app.command("list", epilog="Example: callcenter audit list --limit 20")
def audit_list(
    limit: Annotated[int, typer.Option(min=1, max=1000, help="最多行数 / at most so many")] = 50,
    json: Json = False,
) -> None:
    """审计记录 / who, when, what and why, newest first."""
    page, _ = asyncio.run(_read(limit))
    if json:
        print_json([entry.model_dump(mode="json") for entry in page.items])
        return
    table = Table("时间 at", "谁 who", "做了什么 what", "对象 of", "原因 why")
    for entry in page.items:
        at = entry.at.astimezone().strftime("%Y-%m-%d %H:%M:%S")
        table.add_row(at, entry.by, entry.action, entry.resource, entry.why)
    console.print(table)


@audit_app.command("verify", epilog="Example: callcenter audit verify")
def audit_verify(json: Json = False) -> None:
    """校验审计链 / prove that nothing in it was changed, inserted or removed; exit code 1 if it was."""
    _, proof = asyncio.run(_read(1))
    if json:
        print_json(proof.model_dump(mode="json"))
    elif proof.broken_at is None:
        console.print(f"完整 / whole: {proof.entries}", f"\n链尾 / head: {proof.head}", highlight=False)
    else:
        console.print(
            f"[red]第 {proof.broken_at} 条与前面不符 / entry {proof.broken_at} does not fit[/red]: "
            f"{proof.entries} 条在前且完整 / entries before it are whole",
            highlight=False,
        )
    if proof.broken_at is not None:
        raise typer.Exit(1)


async def _read(limit: int) -> tuple[Page[AuditView], AuditProofView]:
    from callcenter.store.accounts import SqlAudit
    from callcenter.store.database import Database

    async with Database(load().settings.effective_database_url) as database:
        book = SqlAudit(database)
        return await book.list(limit, 0), await book.prove()
