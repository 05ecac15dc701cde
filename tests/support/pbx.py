"""A real Asterisk for tests and benches: own home, ports and RTP range; and an eye on its events.

Invariant: what one test leaves behind, another would stumble over: after each there must be no channel left,
and when something failed the end of Asterisk's log is shown.
"""

import asyncio
import json
import os
import re
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from loopback import free_port, kept

from callcenter.asterisk.ami import AmiLink
from callcenter.asterisk.books import asterisk_log_path
from callcenter.asterisk.frames import Frame
from callcenter.asterisk.secrets import Secrets, load_secrets
from callcenter.asterisk.server import AsteriskServer, prepare_server
from callcenter.sections import Address
from callcenter.settings import Settings, load

REPOSITORY = Path(__file__).resolve().parents[2]
LOG_TAIL_LINES = 60
LIMIT_S = 20.0
"""How long a test waits for what must come: long for a loaded machine, short enough to name what did not."""
COMMAND_S_MAX = 180.0
FRAMES_MAX = 100_000
RTP_FIRST, RTP_STEP, RTP_HOMES = 10_000, 600, 20
"""RTP ranges below those of the product (20000) and of the phones (26000)."""


def private_settings(home: Path, **changes: object) -> Settings:
    """Settings of a home of its own; Asterisk itself comes from the shared cache."""
    low = RTP_FIRST + os.getpid() % RTP_HOMES * RTP_STEP
    values: dict[str, object] = {
        "home": str(home),
        "cache": str(load().settings.cache_path),
        "sip": f"127.0.0.1:{free_port()}",
        "http": f"127.0.0.1:{free_port()}",
        "rtp": f"{low}-{low + RTP_STEP - 1}",
        "phones": {"browser": []},  # the robots are SIP phones
    }
    return Settings.model_validate(values | changes)


class Pbx:
    """A running Asterisk and how to ask it."""

    def __init__(self, settings: Settings, server: AsteriskServer):
        self.settings = settings
        self.server = server
        self.secrets: Secrets = load_secrets(settings)

    @property
    def address(self) -> Address:
        """Where it listens for SIP."""
        return self.settings.sip_address

    async def channels(self) -> int:
        """How many channels exist now."""
        found = re.search(r"(\d+) active channel", await self.server.command("core show channels count"))
        return int(found[1]) if found else -1

    async def is_quiet(self, limit_s: float = LIMIT_S) -> bool:
        """Wait until no channel is left; false when some still are after ``limit_s``."""
        try:
            async with asyncio.timeout(limit_s):
                while await self.channels():
                    await asyncio.sleep(0.1)
        except TimeoutError:
            return False
        return True

    async def empty_queues(self) -> None:
        """Take every seat out of every queue."""
        for queue in self.settings.line.queues:
            shown = await self.server.command(f"queue show {queue}")
            for seat in re.findall(r"\(PJSIP/(\d+)\)|PJSIP/(\d+) ", shown):
                await self.server.command(f"queue remove member PJSIP/{seat[0] or seat[1]} from {queue}")

    async def settle(self, witness: "Witness") -> None:
        """Wait until ``witness`` was told of everything so far: nothing of it reaches the next test.

        Raises:
            AssertionError: a channel that he saw begin was never hung up.
        """
        await witness.until(lambda: not witness.alive, "the end of every channel")
        async with self.acting() as actor:
            await actor.ask({"Action": "UserEvent", "UserEvent": "Settled"})
        await witness.seen("UserEvent", UserEvent="Settled")

    def log_tail(self) -> str:
        """The last lines of what Asterisk complained of."""
        path = asterisk_log_path(self.settings) / "full"
        lines = path.read_text("utf-8", "replace").splitlines() if path.exists() else []
        return "\n".join(lines[-LOG_TAIL_LINES:])

    @asynccontextmanager
    async def watched(self) -> AsyncIterator["Witness"]:
        """All events of the block, as the observer sees them."""
        witness = Witness()
        link = self._link("observer", witness)
        task = asyncio.create_task(link.run(), name="witness")
        try:
            await witness.up()
            yield witness
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    @asynccontextmanager
    async def acting(self) -> AsyncIterator[AmiLink]:
        """A link that may act, inside the block."""
        witness = Witness()
        link = self._link("actor", witness)
        task = asyncio.create_task(link.run(), name="actor")
        try:
            await witness.up()
            yield link
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    def _link(self, user: str, witness: "Witness") -> AmiLink:
        return AmiLink(
            user,
            Address("127.0.0.1", self.server.ports.ami),
            user,
            self.secrets.ami[user],
            on_frame=witness.on_frame,
            on_up=witness.on_up,
        )


class Witness:
    """Remembers events, and waits for those to come."""

    def __init__(self) -> None:
        self.frames: list[Frame] = []
        self.joined: list[str] = []
        """The channels of those who came into a line, in order."""
        self.alive: set[str] = set()
        """The channels that began and have not ended yet, by Uniqueid."""
        self._is_up = False
        self._changed = asyncio.Event()

    def on_frame(self, frame: Frame) -> None:
        """Take in one event."""
        if len(self.frames) < FRAMES_MAX:
            self.frames.append(frame)
        if frame.event == "QueueCallerJoin":
            self.joined.append(frame.get("Channel"))
        elif frame.event == "Newchannel":
            self.alive.add(frame.get("Uniqueid"))
        elif frame.event == "Hangup":
            self.alive.discard(frame.get("Uniqueid"))
        self._touch()

    def on_up(self) -> None:
        """The link is up."""
        self._is_up = True
        self._touch()

    async def up(self, limit_s: float = LIMIT_S) -> None:
        """Wait for the link."""
        async with asyncio.timeout(limit_s):
            while not self._is_up:
                await self._changed.wait()

    def all(self, event: str, **headers: str) -> list[Frame]:
        """The events of that name and with those headers so far."""
        return [
            frame
            for frame in self.frames
            if frame.event == event and all(frame.get(name) == value for name, value in headers.items())
        ]

    async def seen(self, event: str, *, count: int = 1, limit_s: float = LIMIT_S, **headers: str) -> Frame:
        """Wait for the ``count``-th event of that name and with those headers.

        Raises:
            AssertionError: it does not come; the names of the last events are shown.
        """
        await self.until(
            lambda: len(self.all(event, **headers)) >= count, f"{count} {event} {headers}", limit_s
        )
        return self.all(event, **headers)[count - 1]

    async def until(self, ready: Callable[[], bool], what: str, limit_s: float = LIMIT_S) -> None:
        """Wait until ``ready()``, which is asked after every event.

        Raises:
            AssertionError: never; ``what`` was waited for.
        """
        try:
            async with asyncio.timeout(limit_s):
                while not ready():
                    await self._changed.wait()
        except TimeoutError:
            last = [frame.event for frame in self.frames[-40:]]
            raise AssertionError(f"not seen within {limit_s:g} s: {what}; last: {last}") from None

    def _touch(self) -> None:
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()


@asynccontextmanager
async def running_pbx(home: Path, **changes: object) -> AsyncIterator[Pbx]:
    """An Asterisk that runs inside the block; ``changes`` are settings."""
    settings = private_settings(home, **changes)
    server = prepare_server(settings, lambda line: None)
    with kept(server.ports.agi):
        try:
            await server.start(lambda line: None)
            yield Pbx(settings, server)
        finally:
            await server.stop()


@asynccontextmanager
async def running_system(home: Path, **changes: object) -> AsyncIterator[Pbx]:
    """The whole product inside the block, started and stopped as its operator would: by the command line."""
    settings = private_settings(home, **changes)
    home.mkdir(parents=True, exist_ok=True)
    config = home / "callcenter.toml"
    config.write_text(_toml(settings), "utf-8")
    try:
        await command(config, "up")
        yield Pbx(settings, prepare_server(settings, lambda line: None))
    finally:
        await command(config, "down")


async def command(config: Path, name: str) -> None:
    """Run one command of the product with ``config`` alone.

    Raises:
        AssertionError: it fails; what it said is shown.
    """
    environment = {key: value for key, value in os.environ.items() if not key.startswith("CALLCENTER_")}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "callcenter",
        name,
        cwd=REPOSITORY,
        env=environment | {"CALLCENTER_CONFIG": str(config)},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    async with asyncio.timeout(COMMAND_S_MAX):
        said, _ = await process.communicate()
    assert process.returncode == 0, f"callcenter {name}: {said.decode('utf-8', 'replace')[-2000:]}"


def _toml(settings: Settings) -> str:
    """Settings as the operator would write them; JSON's strings, numbers and lists are TOML's too."""
    return "\n".join(_lines(settings.model_dump(mode="json"), "")) + "\n"


def _lines(values: dict[str, Any], table: str) -> Iterator[str]:
    tables = {key: value for key, value in values.items() if isinstance(value, dict)}
    yield from (f"{_key(key)} = {json.dumps(value)}" for key, value in values.items() if key not in tables)
    for key, entries in tables.items():
        yield f"[{table}{_key(key)}]"
        yield from _lines(entries, f"{table}{_key(key)}.")


def _key(key: str) -> str:
    """A key as TOML has it: quoted unless it is plain ASCII."""
    return key if re.fullmatch(r"[A-Za-z0-9_-]+", key, re.ASCII) else json.dumps(key)
