"""The ``callcenter`` command. Each error is one line that says what and what to do.

Exit codes: 0 well, 1 failure, 2 usage. Commands import what they need when they run, so that ``--help`` is quick.
"""

import asyncio
import sys
from collections.abc import Coroutine
from dataclasses import asdict
from typing import Annotated, Any, NoReturn, TypeVar

import structlog
import typer
from rich.console import Console
from rich.table import Table

from callcenter import ownership
from callcenter.commands.accounts import accounts_app, make_people, print_people
from callcenter.commands.audit import audit_app
from callcenter.commands.beside import beside_app
from callcenter.commands.captions import EPILOG as CAPTIONS_EPILOG
from callcenter.commands.captions import captions
from callcenter.commands.citizens import PIN_EPILOG, RATINGS_EPILOG, outbox_app, pin, ratings
from callcenter.commands.cloud import cloud_app
from callcenter.commands.cluster import cluster_app
from callcenter.commands.desk import callbacks_app, line_app, seats_app, surge_app
from callcenter.commands.forecast import FORECAST_EPILOG, STAFFING_EPILOG, forecast, staffing
from callcenter.commands.guests import guests_app
from callcenter.commands.ivr import ivr_app
from callcenter.commands.notice import notice_app
from callcenter.commands.partner import partner_app
from callcenter.commands.prompts import prompts_app
from callcenter.commands.quality import qa_app
from callcenter.commands.rebalance import rebalance_app
from callcenter.commands.replay import EPILOG as REPLAY_EPILOG
from callcenter.commands.replay import replay
from callcenter.commands.screens import print_json
from callcenter.commands.search import EPILOG as SEARCH_EPILOG
from callcenter.commands.search import search
from callcenter.commands.shifts import shifts_app
from callcenter.commands.speech import transcribe, transcripts_app, words_app
from callcenter.commands.staff import staff_app
from callcenter.commands.surveys import surveys_app
from callcenter.commands.tls import tls_app
from callcenter.commands.vault import vault_app
from callcenter.commands.what_if import what_if_app
from callcenter.core.errors import CallcenterError, UsageError
from callcenter.reports.command import EPILOG as FIGURES_EPILOG
from callcenter.reports.command import figures
from callcenter.settings import Loaded, Settings, effective, load
from callcenter.sim.command import TUNE_EPILOG, simulate, tune

T = TypeVar("T")

app = typer.Typer(
    no_args_is_help=True, pretty_exceptions_enable=False, help="12345 政务热线呼叫中心 / contact center"
)
config_app = typer.Typer(no_args_is_help=True, help="配置 / configuration")
ledger_app = typer.Typer(no_args_is_help=True, help="台账 / contact ledger")
models_app = typer.Typer(no_args_is_help=True, help="语音识别模型 / recognizers")
db_app = typer.Typer(no_args_is_help=True, help="数据库 / database")
app.add_typer(config_app, name="config")
app.add_typer(accounts_app, name="accounts")
app.add_typer(audit_app, name="audit")
app.add_typer(ledger_app, name="ledger")
app.add_typer(models_app, name="models")
app.add_typer(db_app, name="db")
app.add_typer(seats_app, name="seats")
app.add_typer(surge_app, name="surge")
app.add_typer(shifts_app, name="shifts")
app.add_typer(staff_app, name="staff")
app.add_typer(cloud_app, name="cloud")
app.add_typer(rebalance_app, name="rebalance")
app.add_typer(guests_app, name="guests")
app.add_typer(surveys_app, name="surveys")
app.add_typer(callbacks_app, name="callbacks")
app.add_typer(line_app, name="line")
app.add_typer(what_if_app, name="what-if")
app.add_typer(beside_app, name="beside")
app.add_typer(partner_app, name="partner")
app.add_typer(outbox_app, name="outbox")
app.add_typer(ivr_app, name="ivr")
app.add_typer(notice_app, name="notice")
app.add_typer(prompts_app, name="prompts")
app.add_typer(qa_app, name="qa")
app.add_typer(transcripts_app, name="transcripts")
app.add_typer(words_app, name="words")
app.add_typer(vault_app, name="vault")
app.add_typer(tls_app, name="tls")
app.add_typer(cluster_app, name="cluster")

console = Console()
Json = Annotated[bool, typer.Option("--json", help="machine-readable output")]


def main() -> NoReturn:
    """Run the command line; the only place where errors become exit codes."""
    structlog.configure(
        logger_factory=structlog.PrintLoggerFactory(sys.stderr)
    )  # standard output is for answers
    try:
        ownership.check()
        code = app(standalone_mode=False)
    except UsageError as error:
        _fail(str(error), 2)
    except CallcenterError as error:
        _fail(str(error), 1)
    except typer.Exit as done:
        sys.exit(done.exit_code)
    except typer.TyperException as error:
        _fail(error.format_message() or "no command given", error.exit_code)
    except (typer.Abort, KeyboardInterrupt):
        _fail("stopped", 130)
    except OSError as error:
        _fail(f"{error.strerror or type(error).__name__}: {error.filename or ''}".rstrip(": "), 1)
    sys.exit(code if isinstance(code, int) else 0)


def _fail(line: str, code: int) -> NoReturn:
    sys.stderr.write(f"callcenter: {line}\n")
    sys.exit(code)


def _settings() -> Settings:
    return load().settings


def _run(work: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(work)


def _say(text: str) -> None:
    console.print(f"[dim]·[/dim] {text}", highlight=False)


@app.command(epilog="Example: callcenter setup")
def setup() -> None:
    """Prepare everything that is made once: Asterisk, voice, prompts, recognizer. Second runs take a second."""
    from callcenter.instance import prepare

    prepare(_settings(), _say)


@app.command(epilog="Example: CALLCENTER_HOME=./city-b CALLCENTER_SIP=127.0.0.1:5070 callcenter up")
def up(
    foreground: Annotated[
        bool, typer.Option("--foreground", help="stay and watch instead of returning")
    ] = False,
    people: Annotated[
        bool,
        typer.Option("--people", help="in a new house, make one person of each role to try the desks with"),
    ] = False,
) -> None:
    """Start this instance and return when it is ready."""
    from callcenter.instance import bring_up, stay_up

    settings = _settings()
    if foreground:
        _run(stay_up(settings, _say))
        return
    ready = _run(bring_up(settings, _say))
    console.print(f"网页 / web: {settings.web_url}/   SIP: {settings.sip}   home: {settings.home_path}")
    if ready.first_password:
        console.print(
            f"首个管理员 / first admin: admin   一次性口令 / one-time password: {ready.first_password}"
        )
    if people and (made := _run(make_people(settings))):
        print_people(made)


@app.command(epilog="Example: callcenter down")
def down() -> None:
    """Stop this instance; running calls end."""
    from callcenter.instance import bring_down

    stopped = _run(bring_down(_settings()))
    _say("已停止 / stopped" if stopped else "没有在运行 / was not running")


@app.command(epilog="Example: callcenter status --json | jq .queues")
def status(json: Json = False) -> None:
    """Show queues, seats, calls and components."""
    from callcenter.commands.screens import print_status
    from callcenter.commands.shift_screens import print_duty
    from callcenter.web.clients.control import ControlClient

    async def ask() -> dict[str, Any]:
        async with ControlClient(_settings()) as client:
            return await client.status()

    answer = _run(ask())
    if json:
        print_json(answer)
    else:
        print_status(console, answer)
        if answer["duty"] and answer["duty"]["due"]:
            print_duty(console, answer["duty"])


@app.command(epilog="Example: callcenter doctor --json")
def doctor(json: Json = False) -> None:
    """Explain every prerequisite: what was found, which version, what to do."""
    from callcenter.commands.screens import print_checks
    from callcenter.doctor import run_checks

    checks = run_checks(_settings())
    if json:
        print_json([asdict(check) for check in checks])
    else:
        print_checks(console, checks)
    if any(check.state.value == "fail" for check in checks):
        raise typer.Exit(1)


@app.command(epilog="Example: make demo")
def demo(
    keep: Annotated[bool, typer.Option("--keep", help="leave the system running afterwards")] = False,
    surge: Annotated[bool, typer.Option("--surge", help="the seat is busy: two are called back")] = False,
) -> None:
    """Place one real call, from the citizen's dial to the ticket, and print its timeline."""
    from callcenter.commands.screens import timeline_table
    from callcenter.demo import run_demo
    from callcenter.surge_demo import run_surge_demo

    seen = _run((run_surge_demo if surge else run_demo)(_settings(), _say, keep=keep))
    console.print(timeline_table(seen))
    if not seen.is_complete:
        raise typer.Exit(1)


@config_app.command("check", epilog="Example: callcenter config check")
def config_check(json: Json = False) -> None:
    """Print every setting in force and where it comes from."""
    loaded: Loaded = load()
    rows = effective(loaded)
    if json:
        print_json([{"key": k, "value": v, "origin": o} for k, v, o in rows])
        return
    table = Table("key", "value", "origin")
    for key, value, origin in rows:
        table.add_row(key, str(value), origin)
    console.print(table)


@ledger_app.command("check", epilog="Example: callcenter ledger check --json")
def ledger_check(json: Json = False) -> None:
    """Compare the contact ledger with Asterisk's own books and name every difference."""
    from callcenter.commands.screens import print_ledger
    from callcenter.instance import check_ledger

    report = _run(check_ledger(_settings()))
    if json:
        print_json(report)
    else:
        print_ledger(console, report)
    if not report["clean"]:
        raise typer.Exit(1)


@db_app.command("upgrade", epilog="Example: callcenter db upgrade")
def db_upgrade() -> None:
    """Bring the database to this version's schema."""
    from callcenter.instance import upgrade_database

    _say(_run(upgrade_database(_settings())))


@models_app.command("list", epilog="Example: callcenter models list")
def models_list(json: Json = False) -> None:
    """List the recognizers that are installed, and the one in use."""
    from callcenter.commands.screens import print_models
    from recordings.models import list_models

    models = list_models(_settings())
    if json:
        print_json([asdict(model) for model in models])
    else:
        print_models(console, models)


@models_app.command("install", epilog="Example: callcenter models install vosk-model-small-cn-0.22")
def models_install(
    name: Annotated[str, typer.Argument(help="name of an official model, or the URL of a .zip")],
) -> None:
    """Download and install a recognizer: progress, checksum, resumes where it broke off."""
    from recordings.model_install import install

    path = _run(install(name, _settings(), _say))
    _say(f"已安装 / installed: {path}")


@models_app.command("build-demo", epilog="Example: callcenter models build-demo")
def models_build_demo() -> None:
    """Build the small Chinese demo recognizer from synthetic speech. It recognizes no people."""
    from callcenter.speech.demo_model.build import build

    path = build(_settings().cache_path, _say)
    _say(f"已生成 / built: {path}")


app.command(epilog="Example: callcenter transcribe call.wav recordings/ --json")(transcribe)
app.command(
    epilog="Example: callcenter simulate --params X21-1h.toml --policy engine --json --log day.csv.gz"
)(simulate)
app.command(epilog=TUNE_EPILOG)(tune)
app.command(epilog=REPLAY_EPILOG)(replay)
app.command(epilog=FIGURES_EPILOG)(figures)
app.command(epilog=FORECAST_EPILOG)(forecast)
app.command(epilog=STAFFING_EPILOG)(staffing)
app.command(epilog=RATINGS_EPILOG)(ratings)
app.command(epilog=PIN_EPILOG)(pin)
app.command(epilog=SEARCH_EPILOG)(search)
app.command(epilog=CAPTIONS_EPILOG)(captions)


@app.command(hidden=True)
def supervisor() -> None:
    """Keep this instance's parts running (started by ``up``)."""
    from callcenter.instance import stay_up

    _run(stay_up(_settings(), lambda text: None))


@app.command(hidden=True)
def controller() -> None:
    """The controller process (started by the supervisor)."""
    from callcenter.bootstrap import run_controller

    _run(run_controller(load()))
