"""``callcenter transcripts`` (how far transcription is, doing it again) and ``words`` (the city's own words).

Invariant: what is redone is a durable job like any other: stopped in the middle, the same command goes on.
"""

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from zoneinfo import ZoneInfo

import typer
from rich.console import Console

from callcenter.clocks import SystemClock
from callcenter.commands.screens import (
    ShareBar,
    print_json,
    print_transcript,
    print_transcript_queue,
    print_verdicts,
)
from callcenter.core.errors import CallcenterError, UsageError
from callcenter.settings import Settings, load

if TYPE_CHECKING:
    from callcenter.speech.words import Verdict
    from callcenter.store.database import Database
    from recordings.core.transcript import Transcript
    from recordings.models import ModelChoice
    from recordings.transcribe import Transcriber

console = Console()

Json = Annotated[bool, typer.Option("--json", help="machine-readable output")]

LOOK_EVERY_S = 2.0
_LONG_AGO, _FAR_AWAY = datetime(2000, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)

words_app = typer.Typer(
    no_args_is_help=True, help="城市词表 / the city's own words: HOME/words.txt, one a line"
)
transcripts_app = typer.Typer(no_args_is_help=True, help="转写 / transcripts: progress, doing them again")


@dataclass(frozen=True, slots=True)
class Redone:
    """What came of a redo. ``parked``: given up after all tries, also in earlier runs; the old transcripts stay."""

    model: str
    asked: int
    done: int
    parked: int


def transcribe(
    files: Annotated[list[Path], typer.Argument(help="WAV files, or folders of them")], json: Json = False
) -> None:
    """Transcribe recordings, also whole folders, with the recognizer in use."""
    asyncio.run(_transcribe(files, json))


async def _transcribe(paths: list[Path], json: bool) -> None:
    from recordings.models import resolve_model
    from recordings.transcribe import sound_files, transcribe_files

    model = resolve_model(load().settings)
    files = sound_files(paths)
    failed = 0
    with ShareBar(console, "转写 / transcribing", shown=not json) as bar:
        results = transcribe_files(
            files, model, lambda path, share: bar((files.index(path) + share) / len(files))
        )
        async for file, result in results:
            bar((files.index(file) + 1) / len(files))
            failed += isinstance(result, CallcenterError)
            _print_result(file, result, json)
    if failed:
        raise typer.Exit(1)


def _print_result(file: Path, result: "Transcript | CallcenterError", json: bool) -> None:
    if isinstance(result, CallcenterError):
        sys.stderr.write(f"callcenter: {file}: {result}\n")
    elif json:
        print_json({"file": str(file), **result.to_json()})
    else:
        print_transcript(console, file, result)


@transcripts_app.command("status", epilog="Example: callcenter transcripts status --json | jq .eta_s")
def transcripts_status(json: Json = False) -> None:
    """转写进度 / what waits, runs, was done today, and until when."""
    from callcenter.web.clients.control import ControlClient

    async def ask() -> dict[str, Any]:
        async with ControlClient(load().settings) as client:
            return await client.transcript_queue()

    queue = asyncio.run(ask())
    if json:
        print_json(queue)
    else:
        print_transcript_queue(console, queue)


@transcripts_app.command(
    "redo", epilog="Example: callcenter transcripts redo --day 2026-11-21 --model vosk-model-cn-0.22"
)
def transcripts_redo(
    day: Annotated[str, typer.Option(help="the day, YYYY-MM-DD; without: every day")] = "",
    model: Annotated[str, typer.Option(help="an installed model; without: the one in use")] = "",
    workers: Annotated[int, typer.Option(min=1, max=16, help="processes at once")] = 1,
    json: Json = False,
) -> None:
    """重新转写 / transcribe again with another model; both transcripts are kept, the newer one is shown.

    On this machine alone: other transcription machines take no part. Works beside the running system, behind its calls.
    Stopped in the middle, the same command goes on.
    """
    settings = load().settings
    with ShareBar(console, "转写 / transcribing", shown=not json) as bar:
        redone = asyncio.run(redo(settings, parse_day(day), model, workers, bar))
    if json:
        print_json(asdict(redone))
    else:
        console.print(f"{redone.model}: 完成 / done {redone.done}，搁置 / parked {redone.parked}")
    if redone.parked:
        raise typer.Exit(1)


@transcripts_app.command("retry", epilog="Example: callcenter transcripts retry --json")
def transcripts_retry(json: Json = False) -> None:
    """重试搁置的 / try again what was given up, once its cause is mended ('transcripts status' tells how many)."""
    count = asyncio.run(retry(load().settings))
    if json:
        print_json({"queued": count})
    else:
        console.print(f"重新排队 / queued again: {count}")


@words_app.command(
    "check", epilog="Example: callcenter words check --json | jq '.[] | select(.fate==\"unknown\")'"
)
def words_check(json: Json = False) -> None:
    """核对词表 / what the recognizer in use makes of each word, and why."""
    from callcenter.speech.words import Fate
    from recordings.models import base_model, resolve_model

    settings = load().settings
    verdicts = judge_words(settings, resolve_model(settings))
    if json:
        print_json([asdict(verdict) for verdict in verdicts])
    else:
        print_verdicts(console, verdicts, base_model(settings).name)
    if any(verdict.fate in (Fate.UNKNOWN, Fate.REFUSED) for verdict in verdicts):
        raise typer.Exit(1)


@words_app.command("apply", epilog="Example: callcenter words apply")
def words_apply(json: Json = False) -> None:
    """应用词表 / make the recognizer anew with the city's words; words it cannot take are listed with the reason."""
    from recordings.models import base_model

    settings = load().settings
    verdicts, name = apply_words(settings)
    if json:
        print_json({"model": name, "words": [asdict(verdict) for verdict in verdicts]})
        return
    print_verdicts(console, verdicts, base_model(settings).name)
    console.print(
        f"已生成 / made: {name}；重启后生效 / takes effect with `callcenter down` and `callcenter up`"
    )


def judge_words(settings: Settings, model: "ModelChoice") -> "list[Verdict]":
    """What a model makes of each word of the city's list.

    Raises:
        UsageError: the list cannot be read, or the model is none.
    """
    from callcenter.speech.words import LIST_NAME, judge, read
    from recordings.models import vocabulary

    can_add = None
    if model.is_demo:
        from callcenter.speech.demo_model.city import why_not

        can_add = why_not
    return judge(read(settings.home_path / LIST_NAME), vocabulary(model.path), can_add)


def apply_words(settings: Settings) -> "tuple[list[Verdict], str]":
    """Make the base model anew with every word that it can take; what it makes of all now, and its name.

    Raises:
        UsageError: ``fixed_words``: this model's vocabulary cannot be changed here; or as :func:`judge_words`.
    """
    from callcenter.speech.words import Fate
    from recordings.models import ModelChoice, base_model, has_dynamic_graph, use_with_words, words_folder

    base = base_model(settings)
    if not base.is_demo:
        graph = "its graph is dynamic" if has_dynamic_graph(base.path) else "its graph is static"
        raise UsageError(
            f"the words of {base.name} are fixed ({graph}; a grammar at run time would silence every other word): "
            "see `callcenter words check` for what it hears of yours",
            code="fixed_words",
        )
    from callcenter.speech.demo_model.city import add_words

    taken = (Fate.NEW, Fate.KNOWN)
    words = [verdict.word for verdict in judge_words(settings, base) if verdict.fate in taken]
    made = add_words(base.path, words, words_folder(settings))
    use_with_words(settings, base, made)
    return judge_words(settings, ModelChoice(made, base.is_demo)), made.name


def parse_day(text: str) -> date | None:
    """A day as the command line takes it; empty: every day.

    Raises:
        UsageError: ``bad_day``.
    """
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise UsageError(f"'{text}' is no day: write it like 2026-11-21", code="bad_day") from None


async def redo(
    settings: Settings, day: date | None, model: str, workers: int, told: Callable[[float], None]
) -> Redone:
    """Transcribe again what another model transcribed; ``told`` hears the share that is done, 0..1.

    Raises:
        UsageError: no such model, or the database is not usable as it is set.
        PeerError: the database failed.
    """
    from callcenter.store.database import Database
    from recordings.models import named_model
    from recordings.store import ask_for_redo

    clock, zone = SystemClock(ZoneInfo(settings.time_zone)), ZoneInfo(settings.time_zone)
    choice = named_model(settings, model)
    async with Database(settings.effective_database_url) as database:
        await database.check()
        since, until = _span(day, zone)
        async with database.unit() as unit:
            asked = await ask_for_redo(unit, choice.name, since, until, clock.at())
        _, parked_before = await _left(database, choice.name)
        news = asyncio.Event()
        transcriber = _transcriber(settings, database, clock, choice, workers, news)
        await _serve(transcriber, lambda: _left(database, choice.name), news, asked, told)
        left, parked = await _left(database, choice.name)
    return Redone(choice.name, asked, asked - left - (parked - parked_before), parked)


async def retry(settings: Settings) -> int:
    """Give every parked transcription all its tries back; how many there are.

    Raises:
        UsageError: the database is not usable as it is set.
        PeerError: the database failed.
    """
    from callcenter.store.database import Database
    from callcenter.store.jobs import retry_all_parked
    from recordings.store import TRANSCRIBE

    async with Database(settings.effective_database_url) as database:
        await database.check()
        async with database.unit() as unit:
            return await retry_all_parked(unit, TRANSCRIBE, SystemClock().at())


def _transcriber(
    settings: Settings,
    database: "Database",
    clock: SystemClock,
    model: "ModelChoice",
    workers: int,
    news: asyncio.Event,
) -> "Transcriber":
    from recordings.process import Limits
    from recordings.store import SqlJobQueue, redo_kind
    from recordings.transcribe import Transcriber
    from recordings.vault import open_vault

    owner = f"{os.uname().nodename}:{os.getpid()}"
    speech = settings.speech
    return Transcriber(
        model,
        open_vault(settings, clock),
        SqlJobQueue(database, owner, clock, kind=redo_kind(model.name)),
        lambda _message: news.set(),
        workers=workers,
        limits=Limits(jobs=speech.jobs_per_worker, resident_mb=speech.worker_memory_mb),
    )


async def _serve(
    transcriber: "Transcriber",
    left: Callable[[], Awaitable[tuple[int, int]]],
    news: asyncio.Event,
    asked: int,
    told: Callable[[float], None],
) -> None:
    """Transcribe until nothing is left that could be done."""
    serving = asyncio.create_task(transcriber.run(), name="redo")
    try:
        while (waiting := (await left())[0]) and not serving.done():
            told(1 - waiting / max(asked, waiting))
            await _news_or_a_while(news)
    finally:
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)
    told(1.0)


async def _news_or_a_while(news: asyncio.Event) -> None:
    try:
        async with asyncio.timeout(LOOK_EVERY_S):
            await news.wait()
    except TimeoutError:
        return
    news.clear()


async def _left(database: "Database", model: str) -> tuple[int, int]:
    """(waiting or running, parked)."""
    from callcenter.store.jobs import JobState, counts
    from recordings.store import redo_kind

    async with database.reading() as connection:
        states = await counts(connection, redo_kind(model))
    return states[JobState.QUEUED] + states[JobState.RUNNING], states[JobState.PARKED]


def _span(day: date | None, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The day's begin and end."""
    if day is None:
        return _LONG_AGO, _FAR_AWAY
    midnight = datetime.combine(day, time(), zone)
    return midnight, midnight + timedelta(days=1)
