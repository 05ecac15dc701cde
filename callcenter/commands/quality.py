"""``callcenter qa``: what the rules found in every call, drawing calls for review, reviews, trying rules.

Invariant: ``rules check`` and ``redo`` work on files and database; all else asks the running system and prints what the
API answers, numbers masked. Reviews are handed in at the desk, by people who are signed in.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeVar
from zoneinfo import ZoneInfo

import typer
from rich.console import Console

from callcenter.clocks import SystemClock
from callcenter.commands.desk import FirstByDefault
from callcenter.commands.quality_screens import (
    print_agreement,
    print_call,
    print_draw,
    print_report,
    print_reviews,
    print_rules,
)
from callcenter.commands.screens import ShareBar, print_json
from callcenter.core.errors import UsageError
from callcenter.settings import Settings, load

if TYPE_CHECKING:
    from callcenter.web.clients.quality import QualityClient

T = TypeVar("T")

console = Console()

Json = Annotated[bool, typer.Option("--json", help="machine-readable output")]
Day = Annotated[str, typer.Option(help="哪一天 / which day, 2026-11-22; empty: today")]
Seat = Annotated[str, typer.Option(help="坐席 / seat number; empty: all")]
CardName = Annotated[str, typer.Option("--card", help="评分表 / scorecard")]
ReviewId = Annotated[int, typer.Argument(help="质检编号 / number of the review")]
Reviewer = Annotated[str, typer.Argument(help="质检员账号 / account of the reviewer")]

qa_app = typer.Typer(
    cls=FirstByDefault,
    help="质检 / quality of calls: every call by rules, some by people",
    epilog="Example: callcenter qa report --day 2026-11-22 --seat 8001",
)
rules_app = typer.Typer(no_args_is_help=True, help="质检规则 / the rules")
review_app = typer.Typer(no_args_is_help=True, help="人工质检 / reviews by people")
qa_app.add_typer(rules_app, name="rules")
qa_app.add_typer(review_app, name="review")


@qa_app.command("report", epilog="Example: callcenter qa report --day 2026-11-22 --seat 8001 --json")
def report(
    day: Day = "",
    seat: Seat = "",
    rule: Annotated[str, typer.Option(help="只看此规则 / only what this rule found")] = "",
    limit: Annotated[int, typer.Option(min=1, max=500, help="最多行数 / at most so many")] = 20,
    json: Json = False,
) -> None:
    """当日质检 / a day's calls, the worst and most uncertain first; what runs without a command."""
    since, until = (moment.isoformat() for moment in _day_bounds(day))

    async def ask(client: "QualityClient") -> dict[str, Any]:
        coverage = await client.coverage(since=since, until=until, seat_id=seat)
        calls = await client.calls(since=since, until=until, seat_id=seat, rule=rule, limit=str(limit))
        return {"coverage": coverage, "calls": calls}

    answer = _ask(ask)
    if json:
        print_json(answer)
    else:
        print_report(console, answer["coverage"], answer["calls"], _zone())


@qa_app.command("show", epilog="Example: callcenter qa show cc-1763784000.1")
def show(
    recording: Annotated[str, typer.Argument(help="录音编号 / recording id, as `qa report` shows it")],
    json: Json = False,
) -> None:
    """单通质检 / one call: each finding with its second and words."""
    answer = _ask(lambda client: client.call(recording))
    if json:
        print_json(answer)
    else:
        print_call(console, answer)


@qa_app.command("sample", epilog="Example: callcenter qa sample weekly --week 2026-W47")
def sample(
    plan: Annotated[str, typer.Argument(help="抽检方案 / name of the plan")],
    week: Annotated[str, typer.Option(help="哪一周 / which week, 2026-W47; empty: the last whole one")] = "",
    so_far: Annotated[bool, typer.Option("--so-far", help="本周尚未结束也抽 / the week is not over")] = False,
    json: Json = False,
) -> None:
    """抽检 / draw a week's calls by a plan and assign them; drawing again gives the same."""
    from recordings.core.qa.sampling import week_of

    today = SystemClock(_zone()).at().date()
    drawn = _ask(lambda client: client.draw(plan, week or week_of(today - timedelta(days=7)), so_far))
    if json:
        print_json(drawn)
    else:
        print_draw(console, drawn)


@qa_app.command("plan", epilog="Example: callcenter qa plan weekly --by seat --size 2 --second 0.2 anna bert")
def plan(
    name: Annotated[str, typer.Argument(help="方案名称 / name; empty: list them")] = "",
    reviewers: Annotated[list[str] | None, typer.Argument(help="质检员账号 / accounts, in turn")] = None,
    by: Annotated[
        Literal["seat", "topic", "all"],
        typer.Option(help="每坐席、每事项或全部 / of each seat, topic, or of all"),
    ] = "seat",
    size: Annotated[int, typer.Option(min=1, help="每组每周通数 / calls of each group and week")] = 2,
    seed: Annotated[int, typer.Option(min=0, help="随机种子 / seed of chance")] = 12345,
    second: Annotated[float, typer.Option(min=0, max=1, help="双盲复核比例 / share that two review")] = 0.0,
    card: CardName = "hotline",
) -> None:
    """抽检方案 / list the sampling plans, or set one."""
    if not name:
        print_json(_ask(lambda client: client.plans()))
        return
    if not reviewers:
        raise UsageError(
            "name the reviewers: callcenter qa plan NAME ... ACCOUNT ACCOUNT", code="no_reviewers"
        )
    terms = {
        "card_id": card,
        "group_by": by,
        "size": size,
        "seed": seed,
        "second_share": second,
        "reviewers": reviewers,
    }
    print_json(_ask(lambda client: client.set_plan(name, terms)))


@qa_app.command("redo", epilog="Example: callcenter qa redo --rules new_rules.toml --from 2026-11-01 --trial")
def redo(
    rules: Annotated[
        Path | None, typer.Option(help="规则文件 / rule file; empty: the rules in force")
    ] = None,
    begin: Annotated[str, typer.Option("--from", help="起始日 / first day; empty: 30 days ago")] = "",
    until: Annotated[str, typer.Option(help="截止日 / last day; empty: today")] = "",
    trial: Annotated[
        bool, typer.Option("--trial", help="只存不显示 / keep beside; lists go on showing the present ones")
    ] = False,
    json: Json = False,
) -> None:
    """重新质检 / assess old calls by other rules; what is there is kept beside."""
    from recordings.qa.files import load_rules, rules_path

    settings, today = load().settings, SystemClock(_zone()).at().date()
    loaded = load_rules(rules or rules_path(settings.home_path))
    since = _midnight(_day(begin) if begin else today - timedelta(days=30))
    end = _midnight((_day(until) if until else today) + timedelta(days=1))
    with ShareBar(console, "质检 / assessing", shown=not json) as bar:
        looked, new = asyncio.run(_redo(settings, loaded, since, end, trial, bar))
    if json:
        print_json({"rules_version": loaded.version, "calls": looked, "new": new, "trial": trial})
    else:
        console.print(
            f"规则 / rules {loaded.version}: {looked} 通 / calls, {new} 条新结果 / new", highlight=False
        )


@qa_app.command("agreement", epilog="Example: callcenter qa agreement --card hotline --from 2026-09-01")
def agreement(
    card: CardName = "hotline",
    begin: Annotated[str, typer.Option("--from", help="起始日 / first day; empty: 90 days ago")] = "",
    json: Json = False,
) -> None:
    """质检校准 / how well two reviewers agree: Cohen's kappa for each criterion."""
    since = _midnight(_day(begin)).isoformat() if begin else ""
    answer = _ask(lambda client: client.agreement(card_id=card, since=since))
    if json:
        print_json(answer)
    else:
        print_agreement(console, answer)


@rules_app.command("check", epilog="Example: callcenter qa rules check new_rules.toml")
def rules_check(
    file: Annotated[Path | None, typer.Argument(help="规则文件 / rule file; empty: those in force")] = None,
    json: Json = False,
) -> None:
    """检查规则 / say what is wrong with a rule file, or show its rules."""
    from recordings.qa.files import load_rules, rules_path

    path = file or rules_path(load().settings.home_path)
    found = load_rules(path)
    if json:
        print_json({"file": str(path), **found.model_dump(mode="json", by_alias=True)})
        return
    print_rules(console, found)
    console.print(f"规则可用 / rules are good: {path}  {found.version}", highlight=False)


@review_app.command("list", epilog="Example: callcenter qa review list --state assigned --reviewer anna")
def review_list(
    reviewer: Annotated[str, typer.Option(help="质检员 / account")] = "",
    seat: Seat = "",
    state: Annotated[
        Literal["assigned", "submitted", "answered", "ruled"] | None, typer.Option(help="状态 / which")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=500, help="最多行数 / at most so many")] = 50,
    json: Json = False,
) -> None:
    """人工质检列表 / reviews, newest first."""
    which = {"reviewer": reviewer, "seat_id": seat, "state": state or "", "limit": str(limit)}
    rows = _ask(lambda client: client.reviews(**which))
    if json:
        print_json(rows)
    else:
        print_reviews(console, rows)


@review_app.command("show", epilog="Example: callcenter qa review show 17")
def review_show(review: ReviewId) -> None:
    """评分详情 / one review; the look is audited."""
    print_json(_ask(lambda client: client.review(review)))


@review_app.command("assign", epilog="Example: callcenter qa review assign cc-1763784000.1 anna")
def review_assign(
    recording: Annotated[str, typer.Argument(help="录音编号 / recording id")],
    reviewer: Reviewer,
    card: CardName = "hotline",
) -> None:
    """指派质检 / give a call to a reviewer."""
    print_json(_ask(lambda client: client.assign(recording, card, reviewer)))


@review_app.command("second", epilog="Example: callcenter qa review second 17 bert")
def review_second(review: ReviewId, reviewer: Reviewer) -> None:
    """双盲复核 / give the call to a second reviewer, blind."""
    print_json(_ask(lambda client: client.assign_second(review, reviewer)))


@review_app.command("uphold", epilog="Example: callcenter qa review uphold 17 --why 录音可证")
def review_uphold(
    review: ReviewId,
    why: Annotated[str, typer.Option(help="理由，坐席可见 / the reason, which the agent reads")],
) -> None:
    """驳回申辩 / after the agent's answer the review stays; a correction is made at the desk."""
    print_json(_ask(lambda client: client.uphold(review, why)))


async def _redo(
    settings: Settings, rules: Any, since: datetime, until: datetime, trial: bool, progress: ShareBar
) -> tuple[int, int]:
    from callcenter.store.database import Database
    from recordings.qa.assessor import redo as redo_calls

    zone = ZoneInfo(settings.time_zone)
    async with Database(settings.effective_database_url) as database:
        await database.check()
        return await redo_calls(
            database, rules, zone, SystemClock(zone), since, until, trial=trial, progress=progress
        )


def _ask(question: "Callable[[QualityClient], Awaitable[T]]") -> T:
    from callcenter.web.clients.quality import QualityClient

    return QualityClient.asked(load().settings, question)


def _day_bounds(day: str) -> tuple[datetime, datetime]:
    wanted = _day(day) if day else SystemClock(_zone()).at().date()
    return _midnight(wanted), _midnight(wanted + timedelta(days=1))


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"'{text}' is no day: write it like 2026-11-22", code="bad_day") from None


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), _zone())


def _zone() -> ZoneInfo:
    return ZoneInfo(load().settings.time_zone)
