"""``callcenter captions``: what is said in running talks, as it is said. It asks the running system.

Invariant: what was said is printed as text: no markup of it is read, no control character reaches the terminal.
"""

import asyncio
import json
import sys
from collections.abc import Mapping
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.live import Live
from rich.text import Text

from callcenter.commands.screens import print_json
from callcenter.core.errors import UsageError
from callcenter.settings import load

EPILOG = (
    "Examples: callcenter captions · callcenter captions cc-1700000000.17 · "
    "callcenter captions --json | jq -r .data.text · callcenter captions --state"
)
VOICES = {"citizen": "市民", "agent": "坐席"}
REASONS = {
    "set_off": "已关闭 / switched off in the settings (captions.enabled)",
    "too_few_cores": "核数不足 / too few cores beside those that calls need (captions.keep_free_cores)",
    "no_live_model": "当前识别模型不能实时转写 / the recognizer in use hears whole recordings only",
    "starting": "正在启动 / starting",
    "cpu_unknown": "无法得知负载 / how busy the machine is cannot be told",
    "cpu_short": "CPU 紧张，通话优先 / the machine is busy, calls come first",
    "behind": "识别跟不上 / the recognizer does not keep up",
    "room": "有余力 / there is room",
}
LASTING = ("set_off", "too_few_cores", "no_live_model")

_console = Console()


def captions(
    contact_id: Annotated[str, typer.Argument(help="通话编号；空：全部 / contact id; empty: all talks")] = "",
    state: Annotated[bool, typer.Option("--state", help="只看状态 / only how it is, then end")] = False,
    json: Annotated[bool, typer.Option("--json", help="machine-readable output, one frame a line")] = False,
) -> None:
    """实时字幕 / follow what is said in running talks until Ctrl-C; numbers of persons are stars."""
    asyncio.run(_state(json) if state else _follow(contact_id, json))


async def _state(as_json: bool) -> None:
    from callcenter.web.clients.control import ControlClient

    async with ControlClient(load().settings) as client:
        answer = await client.captions()
    if as_json:
        print_json(answer)
    else:
        print_state(_console, answer)


async def _follow(contact_id: str, as_json: bool) -> None:
    from callcenter.web.clients.control import ControlClient

    async with ControlClient(load().settings) as client:
        answer = await client.captions()
        if answer["reason"] in LASTING:
            raise UsageError(
                f"没有实时字幕 / no live captions: {REASONS[answer['reason']]}", code="no_captions"
            )
        if not as_json:
            print_state(_console, answer)
        with Screen(_console, as_json=as_json) as screen:
            async for frame in client.follow("caption.said"):
                if frame["type"] == "caption.said" and contact_id in ("", frame["subject"]["contact_id"]):
                    screen.show(frame)


def print_state(console: Console, answer: Mapping[str, Any]) -> None:
    """``GET /captions``."""
    why = REASONS.get(answer["reason"], answer["reason"])
    busy = answer["busy_ratio"]
    busy_text = "" if busy is None else f"，CPU {busy:.0%}"
    console.print(
        f"字幕 / captions: {answer['places']} 通 / calls at once（{why}{busy_text}）", highlight=False
    )
    if answer["is_demo_model"]:
        console.print("演示模型，听不懂真人 / the demo recognizer recognizes no people", style="yellow")
    for call in answer["calls"]:
        console.print(Text(f"  {call['contact_id']}  {call['seat_id'] or '—'}"))


class Screen:
    """Lines that are over stay; those that grow stand below them. Not on a terminal: only lines that are over."""

    def __init__(self, console: Console, *, as_json: bool) -> None:
        self._as_json = as_json
        self._growing: dict[tuple[str, str], Text] = {}
        self._live = None if as_json or not console.is_terminal else Live(console=console, transient=True)
        self._console = console

    def __enter__(self) -> "Screen":
        if self._live:
            self._live.start()
        return self

    def __exit__(self, *error: object) -> None:
        if self._live:
            self._live.stop()

    def show(self, frame: Mapping[str, Any]) -> None:
        """One frame."""
        if self._as_json:
            sys.stdout.write(json.dumps(frame, ensure_ascii=False) + "\n")
            sys.stdout.flush()
            return
        said, contact_id = frame["data"], frame["subject"]["contact_id"]
        if not said["final"]:
            self._growing[contact_id, said["channel"]] = _line(frame)
        else:
            self._growing.pop((contact_id, said["channel"]), None)
            if said["text"]:
                self._console.print(_line(frame))
        if self._live:
            self._live.update(Text("\n").join(self._growing.values()), refresh=True)


def _line(frame: Mapping[str, Any]) -> Text:
    said, about = frame["data"], frame["subject"]
    minutes, seconds = divmod(int(said["begin_s"]), 60)
    head = f"{about['contact_id']} {minutes:02d}:{seconds:02d} {VOICES[said['channel']]}  "
    text = "".join(character if character.isprintable() else " " for character in said["text"])
    return Text.assemble((head, "dim"), (text, "" if said["final"] else "italic"))
