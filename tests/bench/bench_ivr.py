"""Callers in menus: how soon the next prompt follows a key, and whether anybody is ever stuck.

``keys``: one hundred callers at once on the whole product, each pressing his way through twenty menus. A key's time is the
moment at which Asterisk is given it, over AMI (``PlayDTMF``); the next prompt's is the controller's own monotonic stamp of
the step, taken as the command that plays it is written. Both processes read the same clock of the machine. The length of
a real tone, and the 20 ms of its first packet of sound, come on top.
``walks``: one thousand callers with keys drawn by lot, each in one of the shipped flows, over real FastAGI sockets with a
fake Asterisk that answers at once: here it is ends that are counted, not time.
"""

import asyncio
import random
import sqlite3
import tempfile
import time
from collections import Counter
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest
from fake_agi_peer import calling
from ivr_house import SHIPPED, House
from pbx import Witness, running_system
from sip_load import Callers

from callcenter.asterisk.ami import AmiLink, AmiRefused
from callcenter.core.ids import ContactId, QueueName
from callcenter.core.messages import calls, flows, offers
from callcenter.core.messages.base import Message
from callcenter.core.messages.offers import Question
from callcenter.settings import Settings
from ivr.agi import QUESTIONS
from ivr.core.flow import Kind

pytestmark = pytest.mark.bench

AT_ONCE, ARRIVE_S = 100, 5
MENUS, KEY_EVERY_S = 20, 1.0
TARGET_MS = 150.0
WALKERS, WALKERS_AT_ONCE, HANG_UP_RATIO = 1000, 100, 0.02
STUCK_S = 20.0

ROOM = {
    "rtp": "10000-15999",
    "line": {"max_waiting": 500, "statement_from_s": 0},
    "capacity": {"max_calls": 500, "intake_limit": 500},
}


def run() -> dict[str, Any]:
    """Both, one after the other."""
    with tempfile.TemporaryDirectory(prefix="cc-") as home:
        keys = asyncio.run(_keys(Path(home)))
    return {"keys": keys, "walks": asyncio.run(_walks())}


async def _keys(home: Path) -> dict[str, Any]:
    menus = home / "menus"
    menus.mkdir(parents=True)
    menus.joinpath("intake.toml").write_text(_many_menus(), "utf-8")
    pressed: dict[str, list[float]] = {}
    async with (
        running_system(home, **ROOM) as pbx,
        pbx.watched() as witness,
        pbx.acting() as actor,
        Callers(pbx.address) as callers,
    ):
        pressing = asyncio.create_task(_press_all(witness, actor, pressed))
        stay_s = ARRIVE_S + MENUS * KEY_EVERY_S + 5
        counters = await callers.offer("12345", AT_ONCE // ARRIVE_S, ARRIVE_S, talk_s=stay_s)
        is_quiet = await pbx.is_quiet(30)
        pressing.cancel()
        await asyncio.gather(pressing, return_exceptions=True)
        waits = _waits_ms(pbx.settings, pressed)
    p99 = _quantile(waits, 0.99)
    return {
        "callers": counters.answered,
        "keys": sum(map(len, pressed.values())),
        "prompts_after_a_key": len(waits),
        "key_to_prompt_p50_ms": _quantile(waits, 0.5),
        "key_to_prompt_p99_ms": {"value": p99, "target": f"< {TARGET_MS:g}", "ok": p99 < TARGET_MS},
        "channels_left": not is_quiet,
    }


def _many_menus() -> str:
    """An intake of many menus in a row; ``1`` leads on."""
    head = 'title = "t"\nkind = "arrival"\noccasions = ["overload"]\nstart = "m0"\n'
    menu = '[steps.m{n}]\nask = ["surge_notice"]\nkeys = {{ "1" = "{after}" }}\nwait_s = 15\nsilence = "person"\n'
    steps = [menu.format(n=n, after=f"m{n + 1}" if n < MENUS else "person") for n in range(MENUS + 1)]
    return head + "".join(steps) + '[steps.person]\nline = "main"\n'


async def _press_all(witness: Witness, actor: AmiLink, pressed: dict[str, list[float]]) -> None:
    """Everybody who arrives begins to press, each in his own time."""
    async with asyncio.TaskGroup() as group:
        for index in range(AT_ONCE):
            await witness.until(lambda: len(_arrived(witness)) > index, "a caller", 120)  # noqa: B023  awaited here
            channel, contact = _arrived(witness)[index]
            pressed[contact] = []
            group.create_task(_press(actor, channel, pressed[contact]))


def _arrived(witness: Witness) -> list[tuple[str, str]]:
    born = witness.all("Newchannel")
    return [
        (it.get("Channel"), it.get("Uniqueid")) for it in born if it.get("Channel").startswith("PJSIP/trunk")
    ]


async def _press(actor: AmiLink, channel: str, pressed: list[float]) -> None:
    await asyncio.sleep(ARRIVE_S + random.random() * KEY_EVERY_S)
    with suppress(AmiRefused):  # he has hung up
        for _ in range(MENUS):
            pressed.append(time.monotonic())
            await actor.ask(
                {
                    "Action": "PlayDTMF",
                    "Channel": channel,
                    "Digit": "1",
                    "Receive": "true",
                }
            )
            await asyncio.sleep(KEY_EVERY_S)


def _waits_ms(settings: Settings, pressed: dict[str, list[float]]) -> list[float]:
    """From each key to the step that followed it, of callers each of whose keys led on."""
    path = settings.home_path / "data" / "callcenter.db"
    steps: dict[str, list[float]] = {}
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
        told = "SELECT contact_id, instant FROM journal WHERE type = 'ivr.step_entered' ORDER BY seq"
        for contact, instant in database.execute(told):
            steps.setdefault(contact, []).append(instant)
    return sorted(
        1000 * (step - key)
        for contact, keys in pressed.items()
        if len(steps.get(contact, ())) == len(keys) + 1
        for key, step in zip(keys, steps[contact][1:], strict=True)
    )


async def _walks() -> dict[str, Any]:
    house = _Crowd()
    began = time.monotonic()
    turn = asyncio.Semaphore(WALKERS_AT_ONCE)

    async def one(port: int, number: int) -> int | None:
        with suppress(TimeoutError):
            async with turn, asyncio.timeout(STUCK_S):
                return await house.caller(port, number)
        return None

    async with house.serving() as port:
        walked = await asyncio.gather(*(one(port, number) for number in range(WALKERS)))
    stuck = walked.count(None)
    exits = Counter(end.exit.value for end in house.told if isinstance(end, flows.WalkEnded))
    seconds = time.monotonic() - began
    return {
        "callers": WALKERS,
        "stuck": {"value": stuck, "target": 0, "ok": stuck == 0},
        "ended": {"value": exits.total(), "target": WALKERS, "ok": exits.total() == WALKERS},
        "exits": dict(exits),
        "flows": len({end.flow for end in house.told if isinstance(end, flows.WalkEnded)}),
        "commands_per_s": round(sum(commands or 0 for commands in walked) / seconds),
    }


class _Crowd(House):
    """Callers who press what they like; each is led through one of the flows, in turn."""

    def __init__(self) -> None:
        super().__init__()
        self.found = {"ticket_state": "goodbye", "article": "goodbye", "article_id": "a", "link": "sent"}
        self._names = sorted(SHIPPED)
        self._questions: dict[str, Question] = {name: question for question, name in QUESTIONS.items()}

    def _post(self, message: Message) -> None:
        super()._post(message)
        match message:
            case calls.CallArrived():
                self.sessions.perform(self._first(message.contact_id))
            case calls.PromptEnded() | offers.Replied():
                self.sessions.perform(calls.Enqueue(message.contact_id, QueueName("main"), priority=0))
            case _:
                pass

    def _first(self, contact_id: ContactId) -> calls.Play | offers.Ask:
        name = self._names[int(contact_id.rpartition(".")[2]) % len(self._names)]
        if name in self._questions and SHIPPED[name].kind is Kind.QUESTION:
            return offers.Ask(contact_id, self._questions[name], 180, 300)
        facts = {"greeting": "greeting", "level": "0", "today": "2026-11-22"}
        return calls.Play(contact_id, name, tuple(facts.items()))

    async def caller(self, port: int, number: int) -> int:
        """One caller to his end; how many commands were carried out for him."""
        lot = random.Random(number)
        async with calling(port) as peer:
            peer.send_headers(agi_uniqueid=f"c-1700000000.{number}")
            commands = 0
            while line := await peer.reader.readline():
                commands += 1
                peer.send(_answer(line, lot) + "\n")
        return commands


def _answer(line: bytes, lot: random.Random) -> str:
    """What the telephone says: now and then he has hung up, else he presses something or nothing."""
    if line.startswith((b"STREAM FILE", b"WAIT FOR DIGIT")):
        if lot.random() < HANG_UP_RATIO:
            return "511 Command Not Permitted on a dead channel or intercept routine"
        key = lot.choice("0123456789*#ABCD") if lot.random() < 0.7 else ""
        stops = line.decode().rpartition(' "')[2] if line.startswith(b"STREAM") else key
        return f"200 result={ord(key) if key and key in stops else 0} endpos=160"
    return "200 result=1"


def _quantile(ordered: list[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else float("nan")
