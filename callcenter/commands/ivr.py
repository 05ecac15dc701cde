"""``callcenter ivr``: the flows (流程) that callers walk through: checked, drawn, tried in the terminal, published."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar
from zoneinfo import ZoneInfo

import typer
from rich.console import Console
from rich.table import Column, Table
from rich.text import Text

from callcenter.clocks import SystemClock
from callcenter.commands.screens import print_json
from callcenter.core.clock import Instant
from callcenter.core.errors import CallcenterError, UsageError
from callcenter.settings import Settings, load
from ivr.core import acts
from ivr.core.draw import mermaid, svg
from ivr.core.flow import Flow, Occasion
from ivr.core.walk import Walk

if TYPE_CHECKING:
    from callcenter.web.clients.flows import FlowClient

T = TypeVar("T")

ivr_app = typer.Typer(
    no_args_is_help=True, help="来电流程 / what callers hear: flows, checked, drawn, tried, published"
)

_console = Console()

Json = Annotated[bool, typer.Option("--json", help="machine-readable output")]
FlowName = Annotated[str, typer.Argument(help="流程 / flow, for example intake; see `callcenter ivr list`")]


@ivr_app.command("check", epilog="Example: callcenter ivr check; callcenter ivr check draft/intake.toml")
def check_flows(
    files: Annotated[
        list[Path] | None, typer.Argument(help="流程文件 / flow files to check beside the shipped ones")
    ] = None,
) -> None:
    """检查流程 / check all flows: those shipped, those in HOME/menus, and these files; each mistake with its line."""
    from callcenter.spoken import hearing
    from ivr import flows

    settings = load().settings
    texts = {**flows.sources(settings), **flows.files_in(files or [])}
    _, mistakes = flows.read_all(texts, flows.house(settings))
    for mistake in mistakes:
        typer.echo(str(mistake))
    if mistakes:
        raise CallcenterError(f"{len(mistakes)} 处错误 / mistakes: see above", code="bad_flow")
    _console.print(f"{len(texts)} 个流程，没有错误 / flows, no mistake", highlight=False)
    told = hearing(settings)
    if told.unknown:
        _console.print(
            f"语音听不到的词 / words of articles that can never be heard: {'、'.join(told.unknown)}"
            "（callcenter words）",
            highlight=False,
        )


@ivr_app.command("list", epilog="Example: callcenter ivr list")
def list_flows() -> None:
    """流程一览 / all flows in files, with their occasions."""
    from ivr import flows

    for flow in flows.load(load().settings).values():
        occasions = " ".join(one.value for one in Occasion if one in flow.occasions)
        line = f"{flow.name:<24}{flow.kind.value:<10}{flow.title}  [dim]{occasions}[/]"
        _console.print(line, highlight=False, soft_wrap=True)


@ivr_app.command(
    "draw",
    epilog="Example: callcenter ivr draw intake --to intake.svg; callcenter ivr draw night > night.mmd",
)
def draw_flow(
    name: FlowName,
    to: Annotated[
        Path | None, typer.Option(help="文件 / .svg: a picture; else Mermaid text; without: Mermaid, printed")
    ] = None,
) -> None:
    """画流程图 / a picture of a flow: SVG, or Mermaid text."""
    settings = load().settings
    flow = _flow(settings, name)
    drawn = (svg if to and to.suffix == ".svg" else mermaid)(flow, _texts(settings))
    if to is None:
        typer.echo(drawn, nl=False)
    else:
        to.write_text(drawn, "utf-8")
        _console.print(f"{to}", highlight=False)


@ivr_app.command(
    "try", epilog="Example: callcenter ivr try night; callcenter ivr try intake --level 2 --fact origin=12328"
)
def try_flow(
    name: FlowName,
    level: Annotated[int, typer.Option(min=0, max=3, help="高峰级别 / surge level, 0 to 3")] = 0,
    fact: Annotated[
        list[str] | None, typer.Option(help="已知事实 / a fact that is known, NAME=VALUE; may be repeated")
    ] = None,
) -> None:
    """在终端里走一遍 / walk through a flow by typing keys: a key and Enter; Enter alone is silence; h hangs up."""
    settings = load().settings
    given = _facts(fact or [])
    _Trial(settings, name, {**_usual_facts(settings, level), **given}).run()


@ivr_app.command("publish", epilog="Example: callcenter ivr publish draft/night.toml --why 增加方言选择")
def publish_flow(
    file: Annotated[
        Path, typer.Argument(help="流程文件，文件名即流程名 / NAME.toml; its name is the flow's")
    ],
    why: Annotated[str, typer.Option(help="理由，留痕 / the reason, kept")],
) -> None:
    """发布 / put a new version in force for new calls; calls under way keep theirs. The system must run."""
    from ivr import flows

    source = flows.files_in([file])[file.stem]
    told = _ask(lambda client: client.publish_flow(source.name, source.text, why))
    _console.print(
        f"{told['flow']}：第 {told['version']} 版生效 / version {told['version']} is in force",
        highlight=False,
    )


@ivr_app.command("history", epilog="Example: callcenter ivr history intake")
def show_history(name: FlowName, json: Json = False) -> None:
    """发布记录 / who published which version of a flow, when and why."""
    versions = _ask(lambda client: client.flow_versions(name))
    if json:
        print_json(versions)
        return
    zone = ZoneInfo(load().settings.time_zone)
    table = Table(
        "版本 / version", Column("时间 / at", no_wrap=True), "谁 / by", "理由 / why", "步骤 / steps"
    )
    for row in versions:
        at = datetime.fromisoformat(row["at"]).astimezone(zone)
        table.add_row(str(row["version"]), f"{at:%Y-%m-%d %H:%M}", row["by"], Text(row["why"]))
    _console.print(table)


@ivr_app.command("counts", epilog="Example: callcenter ivr counts --since 2026-11-22T00:00:00+08:00")
def show_counts(
    since: Annotated[str, typer.Option(help="起 / since, with zone; without: the last 24 hours")] = "",
    json: Json = False,
) -> None:
    """各流程走过的次数 / walks by flow, version and end; what is not for normal hours is marked (ivr_exception)."""
    counts = _ask(lambda client: client.flow_counts(since))
    if json:
        print_json(counts)
        return
    for row in counts:
        ends = "  ".join(f"{way} {walks}" for way, walks in row["exits"].items())
        mark = "例外 / exception" if row["is_exception"] else ""
        line = f"{row['flow']:<24}v{row['version']:<4}{row['walks']:>7}  {ends}  [yellow]{mark}[/]"
        _console.print(line, highlight=False, soft_wrap=True)


def _ask(question: Callable[["FlowClient"], Awaitable[T]]) -> T:
    from callcenter.web.clients.flows import FlowClient

    return FlowClient.asked(load().settings, question)


def _flow(settings: Settings, name: str) -> Flow:
    from ivr import flows

    known = flows.load(settings)
    if name not in known:
        raise UsageError(f"there is no flow '{name}'; known: {', '.join(known)}", code="unknown_flow")
    return known[name]


def _texts(settings: Settings) -> Mapping[str, str]:
    from ivr.prompts import prompts_of

    return {name: prompt.zh.replace("{city}", settings.city) for name, prompt in prompts_of(settings).items()}


def _facts(given: list[str]) -> dict[str, str]:
    pairs = [one.partition("=") for one in given]
    if wrong := [name for name, equals, _ in pairs if not (name and equals)]:
        raise UsageError(f"a fact is NAME=VALUE, not '{wrong[0]}'", code="bad_fact")
    return {name: value for name, _, value in pairs}


def _usual_facts(settings: Settings, level: int) -> dict[str, str]:
    """What a caller's walk begins with at a level."""
    profile = settings.surge.levels()[level]
    today = SystemClock(ZoneInfo(settings.time_zone)).at().date()
    return {
        "origin": settings.line.called_numbers[0],
        "level": str(level),
        "occasion": "normal",
        "greeting": profile.greeting,
        "low_s": "180",
        "high_s": "300",
        "today": today.isoformat(),
    }


class _Trial:
    """One walk in the terminal: prompts are printed, keys are typed."""

    def __init__(self, settings: Settings, name: str, facts: Mapping[str, str]) -> None:
        from callcenter.knowledge.articles import in_force
        from ivr import flows
        from ivr.prompts import prompts_of

        self._walk = Walk(_flow(settings, name), flows.load(settings), facts)
        self._prompts, self._city = prompts_of(settings), settings.city
        self._articles = in_force(settings.home_path)
        self._today = SystemClock(ZoneInfo(settings.time_zone)).at().date()
        self._began = Instant(0.0)

    def run(self) -> None:
        """To the end of the walk."""
        act = self._walk.begin(self._began)
        self._tell_steps()
        while not isinstance(act, acts.Leave):
            act = self._walk.hear(self._event(act), self._began)
            self._tell_steps()
        where = " ".join([*act.queues, act.to, "urgent" if act.urgent else "", "yes" if act.accepted else ""])
        _console.print(f"[bold]结束 / end: {act.exit.value}[/]  {where}", highlight=False)

    def _tell_steps(self) -> None:
        for note in self._walk.take_notes():
            shown = (
                f"{note.flow}.{note.step}" if isinstance(note, acts.Entered) else f"评分 / grade {note.grade}"
            )
            _console.print(f"· {shown}", style="dim", highlight=False)

    def _event(self, act: acts.Act) -> acts.Event:
        match act:
            case acts.Speak():
                self._say(act.prompts)
                typed = self._typed(f"按键 / key [{act.keys}]") if act.keys else ""
                return acts.Gone() if typed == "h" else acts.Key(typed[:1] if typed[:1] in act.keys else "")
            case acts.Listen():
                typed = self._typed(f"等候 {act.wait_s} 秒 / key within {act.wait_s} s")
                return acts.Gone() if typed == "h" else acts.Key(typed[:1])
            case acts.Collect():
                self._say(act.prompts)
                typed = self._typed(f"数字 / up to {act.most} digits")
                return acts.Gone() if typed == "h" else acts.Digits(typed.split(act.end)[0][: act.most])
            case acts.Hear():
                self._say(act.prompts)
                typed = self._typed(f"说话 / say it: text, or a key [{act.keys}]")
                return self._spoken(typed, act.keys)
            case acts.Leave():
                return acts.Gone()
            case acts.Find():
                typed = self._typed(f"查询 {act.kind}：结果 NAME=VALUE …，空为没有 / found? empty: nothing")
                return acts.Found(_facts(typed.split()) if typed else None)

    def _spoken(self, typed: str, keys: str) -> acts.Event:
        """Text stands for speech that is recognized letter by letter."""
        from callcenter.spoken import facts_of

        if typed in ("h", *keys):
            return acts.Gone() if typed == "h" else acts.Key(typed)
        return acts.Heard(facts_of(self._articles, typed, self._today))

    def _say(self, prompts: tuple[str, ...]) -> None:
        known = [self._prompts[prompt] for prompt in prompts if prompt in self._prompts]
        zh = "".join(prompt.zh for prompt in known).replace("{city}", self._city)
        en = " ".join(prompt.en for prompt in known).replace("{city}", self._city)
        _console.print(Text(zh, style="bold"), Text(en, style="dim"), sep="\n")
        if missing := [prompt for prompt in prompts if prompt not in self._prompts]:
            _console.print(f"没有提示音 / no prompt: {', '.join(missing)}", style="red", highlight=False)

    def _typed(self, what: str) -> str:
        try:
            return str(_console.input(f"[cyan]{what}> [/]", markup=True)).strip()
        except EOFError:
            return "h"
