"""``callcenter replay``: a recorded day under other settings, or checked against itself.

Invariant: it only reads; no citizen's number is shown; a mistake is one line and exit code 2.
"""

import asyncio
import tomllib
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any
from zoneinfo import ZoneInfo

import typer
from pydantic import ValidationError
from rich.console import Console

from callcenter.commands.screens import ShareBar, print_json
from callcenter.core.errors import UsageError
from callcenter.refused_setting import explained
from callcenter.settings import Settings, load

if TYPE_CHECKING:
    from callcenter.rehearsal import Compared, Span, Verified

EPILOG = (
    "Example: callcenter replay --set surge.offer_ewt_s=60 --from 2026-03-02T08:00 --until 2026-03-02T12:00"
)


def replay(
    changes: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="候选设置，可多次 / a setting of the candidate"),
    ] = None,
    verify: Annotated[
        bool, typer.Option("--verify", help="自检：与日志一致吗 / do the engines repeat what they told?")
    ] = False,
    since: Annotated[
        str | None, typer.Option("--from", metavar="ISO", help="起始时间 / look from this time on")
    ] = None,
    until: Annotated[
        str | None, typer.Option(metavar="ISO", help="截止时间 / until before this time")
    ] = None,
    database: Annotated[
        str | None, typer.Option(metavar="URL", help="数据库；默认本实例 / default: this instance's")
    ] = None,
    limit: Annotated[int, typer.Option(min=0, help="最多显示几条差异 / differences to print")] = 40,
    json: Annotated[bool, typer.Option("--json", help="machine-readable output")] = False,
) -> None:
    """回放：换一套设置，哪些决策会不同 / replay the recorded journal to engines of other settings."""
    from callcenter import replay_views as views
    from callcenter.rehearsal import Span, Verified

    settings = load().settings
    if verify == bool(changes):
        raise UsageError("say either what to change (--set surge.offer_ewt_s=60) or --verify")
    zone = ZoneInfo(settings.time_zone)
    span = Span(_time(since, "--from", zone), _time(until, "--until", zone))
    candidate = changed(settings, changes) if changes else None
    url = database or settings.effective_database_url
    found = asyncio.run(_replay(url, settings, candidate, span))
    if not found.messages:
        raise UsageError("nothing is recorded in this time", code="empty_journal")
    if isinstance(found, Verified):
        shown, show = views.verified_json(found, zone), views.print_verified
    else:
        shown, show = views.compared_json(found, _assigned(changes or ()), zone), views.print_compared
    if json:
        print_json(shown)
    else:
        show(Console(), shown, limit)
    if isinstance(found, Verified) and found.mismatches:
        raise typer.Exit(1)


def changed(settings: Settings, assignments: Sequence[str]) -> Settings:
    """Settings with some keys set anew: ``surge.offer_ewt_s=60``, ``day.roster=17,17,...``.

    Raises:
        UsageError: no such key, or a value that it cannot have.
    """
    tree = settings.model_dump()
    for key, text in _assigned(assignments).items():
        *sections, name = key.split(".")
        branch: Any = tree
        for section in sections:
            branch = branch.get(section) if isinstance(branch, dict) else None
        if not isinstance(branch, dict) or isinstance(branch.get(name, {}), dict):
            known = branch if isinstance(branch, dict) else tree
            raise UsageError(
                f"没有设置项“{key}” / unknown key '{key}' in --set; known here: {', '.join(sorted(known))}"
            )
        branch[name] = _value(text)
    try:
        return Settings.model_validate(tree)
    except ValidationError as error:
        raise UsageError(explained(error.errors(include_url=False)[0], "--set", Settings)) from None


def _assigned(assignments: Sequence[str]) -> dict[str, str]:
    """Keys and values as they were written."""
    found: dict[str, str] = {}
    for assignment in assignments:
        key, equals, text = assignment.partition("=")
        if not equals:
            raise UsageError(f"--set needs KEY=VALUE, found '{assignment}'")
        found[key.strip()] = text.strip()
    return found


def _value(text: str) -> object:
    """As in the settings' file; commas make a list, and quotes may be left out."""
    for toml in (text, f"[{text}]") if "," in text else (text,):
        try:
            return tomllib.loads(f"value = {toml}")["value"]
        except tomllib.TOMLDecodeError:
            continue
    return text


def _time(text: str | None, option: str, zone: ZoneInfo) -> datetime | None:
    if text is None:
        return None
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(f"{option}: '{text}' is no time; write 2026-03-02T10:00") from None
    return time if time.tzinfo else time.replace(tzinfo=zone)


async def _replay(
    url: str, settings: Settings, candidate: Settings | None, span: "Span"
) -> "Compared | Verified":
    from callcenter import rehearsal
    from callcenter.recorded import open_recording
    from callcenter.store.database import Database

    async with Database(url) as database:
        recording = await open_recording(database)
        errors = Console(stderr=True)
        with ShareBar(errors, "回放 / replay", shown=errors.is_terminal) as bar:
            if candidate is None:
                return await rehearsal.verify(recording, settings, span, bar)
            return await rehearsal.compare(recording, settings, candidate, span, bar)
