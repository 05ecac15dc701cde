"""``callcenter surveys``: satisfaction surveys by telephone (满意度回访). All ask the running system."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer
from rich.console import Console
from rich.table import Table

from callcenter.commands.screens import print_json
from callcenter.settings import load

if TYPE_CHECKING:
    from callcenter.web.clients.surveys import SurveyClient

T = TypeVar("T")

STOPPED = {
    "surge": "高峰，暂停回访 / stopped: the surge leaves no time",
    "hours": "不在外呼时间 / stopped: citizens are not called at this hour",
}
ANSWERS = {"": "—", "rated": "已评分 / rated", "declined": "拒绝 / declined"}

console = Console()

surveys_app = typer.Typer(
    no_args_is_help=True, help="满意度回访 / surveys by telephone, from seats whose duty it is"
)

Json = Annotated[bool, typer.Option("--json", help="machine-readable output")]
Contact = Annotated[str, typer.Argument(help="被回访的来电编号 / contact id of the talk that is asked about")]


@surveys_app.command("list", epilog="Example: callcenter surveys list --json")
def list_surveys(
    limit: Annotated[int, typer.Option(min=1, max=200, help="最多行数 / at most so many")] = 20,
    json: Json = False,
) -> None:
    """清单 / who is to be asked, who was asked, and whether surveys are stopped."""
    found = _ask(lambda client: client.surveys(limit))
    if json:
        print_json(found)
        return
    if found["stopped"]:
        console.print(STOPPED[found["stopped"]], style="yellow")
    console.print(f"回访坐席 / seats: {' '.join(found['seats']) or '—'}", highlight=False)
    table = Table("来电 / contact", "号码 / citizen", "坐席 / seat", "结果 / answer")
    for row in found["due"]:
        table.add_row(row["contact_id"], row["citizen"], row["seat_id"] or "", "待回访 / to be asked")
    for row in found["asked"]:
        answer = ANSWERS[row["answer"]] if row["reached"] else "未接通 / not reached"
        table.add_row(row["contact_id"], row["citizen"], row["seat_id"], answer)
    console.print(table)


@surveys_app.command("next", epilog="Example: callcenter surveys next --seat 8004")
def next_survey(
    seat: Annotated[str, typer.Option(help="回访坐席 / the seat on survey duty")], json: Json = False
) -> None:
    """拨打下一位 / the seat's phone rings, then the next citizen's."""
    call = _ask(lambda client: client.next_survey(seat))
    if json:
        print_json(call)
    else:
        console.print(
            f"正在呼叫 {call['citizen']}，关于来电 {call['contact_id']} / calling",
            highlight=False,
            soft_wrap=True,
        )


@surveys_app.command("grade", epilog="Example: callcenter surveys grade cc-1763784000.1 5")
def grade_survey(
    contact: Contact,
    grade: Annotated[int, typer.Argument(min=1, max=5, help="1 很不满意 … 5 很满意 / what he said")],
    json: Json = False,
) -> None:
    """录入评分 / what the citizen said; the first grade of a talk stays."""
    _answered(contact, grade, json)


@surveys_app.command("declined", epilog="Example: callcenter surveys declined cc-1763784000.1")
def decline_survey(contact: Contact, json: Json = False) -> None:
    """拒绝回访 / he does not want to answer, and is never asked again."""
    _answered(contact, None, json)


def _answered(contact: str, grade: int | None, json: bool) -> None:
    found = _ask(lambda client: client.answer_survey(contact, grade))
    if json:
        print_json(found)
    else:
        console.print("已录入 / kept")


def _ask(question: "Callable[[SurveyClient], Awaitable[T]]") -> T:
    from callcenter.web.clients.surveys import SurveyClient

    return SurveyClient.asked(load().settings, question)
