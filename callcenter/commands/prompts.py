"""``callcenter prompts``: what callers hear, listed, heard, proved whole. Works whether the instance runs or not."""

import wave
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

from callcenter.commands.screens import print_json
from callcenter.core.errors import CallcenterError
from callcenter.settings import Settings, load

console = Console()

prompts_app = typer.Typer(
    no_args_is_help=True, help="提示音 / prompts: the house's own recordings go to HOME/prompts/zh/ID.wav"
)

Json = Annotated[bool, typer.Option("--json", help="machine-readable output")]
SOURCES = {"own": "[green]自录 / own[/]", "made": "合成 / made", "missing": "[red]缺失 / missing[/]"}


@prompts_app.command("list", epilog="Example: callcenter prompts list --json")
def list_prompts(
    word: Annotated[str, typer.Argument(help="只看含此字的 / only ids and texts that contain this")] = "",
    json: Json = False,
) -> None:
    """提示音清单 / every prompt: id, Chinese, English, seconds, recorded or synthesized."""
    settings = load().settings
    rows = [row for row in _rows(settings) if word in row["id"] or word in row["zh"] or word in row["en"]]
    if json:
        print_json(rows)
        return
    table = Table(
        "编号 / id",
        Column("中文", overflow="fold", ratio=2),
        Column("English", overflow="fold", ratio=2),
        Column("秒 / s", justify="right"),
        "来源 / source",
    )
    for row in rows:
        seconds = "" if row["seconds"] is None else f"{row['seconds']:.1f}"
        table.add_row(row["id"], escape(row["zh"]), escape(row["en"]), seconds, SOURCES[row["source"]])
    console.print(table)


@prompts_app.command("say", epilog='Example: callcenter prompts say "东风路今天18:00停水。" --to try.wav')
def say_text(
    text: Annotated[str, typer.Argument(help="要读的话 / what to say: Chinese, digits, punctuation")],
    to: Annotated[Path, typer.Option(help="写到哪个WAV / the WAV file to write")] = Path("said.wav"),
) -> None:
    """试听 / speak a text into a WAV file, as callers would hear it."""
    from callcenter.speech import audio
    from callcenter.speech.voice import Voice
    from ivr.core.aloud import aloud
    from ivr.prompt_maker import say

    samples = say(text, Voice(load().settings.cache_path))
    audio.write_wav(to, samples)
    console.print(f"读作 / read: {escape(aloud(text))}", highlight=False)
    console.print(f"{len(samples) / audio.RATE:.1f} s -> {to}", highlight=False)


@prompts_app.command("check", epilog="Example: callcenter prompts check")
def check(json: Json = False) -> None:
    """检查 / prove that every prompt is there and whole. Exit code 1 when one is not."""
    from ivr.prompts import missing_prompts, prompts_of, unknown_recordings

    settings = load().settings
    missing, unknown = missing_prompts(settings), [str(path) for path in unknown_recordings(settings)]
    if json:
        print_json({"prompts": len(prompts_of(settings)), "missing": missing, "unknown": unknown})
    for path in [] if json else unknown:
        console.print(
            f"[yellow]![/yellow] 没有这个编号 / no prompt has this name: {escape(path)}", highlight=False
        )
    if missing:
        raise CallcenterError(
            f"缺失或损坏 / missing or damaged: {', '.join(missing)}; `callcenter setup` makes them",
            code="prompt_missing",
        )
    if not json:
        console.print(f"{len(prompts_of(settings))} 个提示音完好 / prompts, all whole", highlight=False)


def _rows(settings: Settings) -> list[dict[str, Any]]:
    from ivr.prompts import own_folder, prompt_path, prompts_of, spoken_text

    return [
        {
            "id": prompt.id,
            "zh": spoken_text(prompt, settings.city),
            "en": prompt.en.format(city=settings.city),
            "seconds": (seconds := _seconds(prompt_path(settings, prompt.id))),
            "source": "missing" if seconds is None else _source(own_folder(settings) / f"{prompt.id}.wav"),
        }
        for prompt in prompts_of(settings).values()
    ]


def _source(own: Path) -> str:
    return "own" if own.exists() else "made"


def _seconds(path: Path) -> float | None:
    try:
        with wave.open(str(path), "rb") as sound:
            return round(sound.getnframes() / sound.getframerate(), 2)
    except (OSError, EOFError, wave.Error):
        return None
