"""IVR sessions on the real FastAGI server, with a fake Asterisk and the test as the engine."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from fake_agi_peer import FakeAgiPeer, calling

from callcenter.asterisk.agi import AgiServer
from callcenter.clocks import SystemClock
from callcenter.core.errors import PeerError
from callcenter.core.ids import ContactId
from callcenter.core.messages import calls, flows
from callcenter.core.messages.base import Message
from callcenter.core.messages.flows import Exit
from callcenter.settings import Settings
from ivr import flows as shelf
from ivr.agi import SessionEffect, Sessions
from ivr.core.flow import Flow
from ivr.ears import DEAF, Ears
from ivr.walks import Walker

SHIPPED = shelf.load(Settings())
CONTACT = ContactId("c-1700000000.1")
OK = "200 result=1"
PLAYED = "200 result=0 endpos=800"
LIMIT = 'SET VARIABLE "TIMEOUT(absolute)" "120"'
GREETED = 'SET VARIABLE "CC_GREETED" "1"'


class House:
    """Sessions whose commit is a gate of the test's, and whose engine is the test itself."""

    def __init__(self, prompts: Path = Path("/prompts"), ears: Ears = DEAF) -> None:
        self.prompts = prompts
        self.arrived: list[calls.CallArrived] = []
        self.posted: list[Message] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.trouble: PeerError | None = None
        self.safe = asyncio.Event()
        self.safe.set()
        self.unsafe: PeerError | None = None
        self.told: list[Message] = []
        """Steps and ends of walks."""
        self.asked: list[Mapping[str, str]] = []
        """Facts of each look-up."""
        self.finds = asyncio.Event()
        self.finds.set()
        self.found: Mapping[str, str] | Exception | None = None
        self.flows: Mapping[str, Flow] = SHIPPED
        clock = SystemClock()
        walker = Walker(self._post, self._path, clock, lambda: self.flows, self._find, 110.0, ears)
        self.is_rated = True
        queues = ("main", "enterprise")
        self.spool = Path("/spool")
        """Where statements are recorded."""
        self.sessions = Sessions(
            self._commit,
            self._post,
            walker,
            queues,
            clock,
            120.0,
            self._durable,
            lambda: self.is_rated,
            lambda contact_id: self.spool / f"{contact_id}.wav",
        )

    def _path(self, prompt: str) -> Path:
        return self.prompts / f"{prompt}.wav"

    def _post(self, message: Message) -> None:
        walks = flows.StepEntered | flows.WalkEnded | flows.Rated
        (self.told if isinstance(message, walks) else self.posted).append(message)

    async def _find(self, kind: str, facts: Mapping[str, str]) -> Mapping[str, str] | None:
        self.asked.append(facts)
        await self.finds.wait()
        if isinstance(self.found, Exception):
            raise self.found
        return self.found

    @property
    def steps(self) -> list[str]:
        """Where walks came by."""
        return [f"{step.flow}.{step.step}" for step in self.told if isinstance(step, flows.StepEntered)]

    @property
    def ends(self) -> list[tuple[str, Exit]]:
        """Where walks ended, and how."""
        return [(f"{end.flow}.{end.step}", end.exit) for end in self.told if isinstance(end, flows.WalkEnded)]

    async def _commit(self, arrived: calls.CallArrived) -> None:
        self.arrived.append(arrived)
        await self.gate.wait()
        if self.trouble is not None:
            raise self.trouble

    async def _durable(self) -> None:
        await self.safe.wait()
        if self.unsafe is not None:
            raise self.unsafe

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[int]:
        """The port of a server with these sessions."""
        server = AgiServer("127.0.0.1", 0, self.sessions.handle)
        await server.start()
        try:
            yield server.port
        finally:
            await server.stop()

    @asynccontextmanager
    async def call(self, **headers: str) -> AsyncIterator[FakeAgiPeer]:
        """Asterisk calls and says its headers."""
        async with self.serving() as port, calling(port) as peer:
            peer.send_headers(**headers)
            yield peer

    @asynccontextmanager
    async def talk(self, *effects: SessionEffect) -> AsyncIterator[FakeAgiPeer]:
        """A session that has begun and is to carry out these; what was posted so far is forgotten."""
        async with self.call() as peer:
            await peer.answer(LIMIT, OK)
            self.posted.clear()
            for effect in effects:
                self.sessions.perform(effect)
            yield peer


def key(pressed: str) -> str:
    """Asterisk's answer when a key was pressed, or none."""
    return f"200 result={ord(pressed) if pressed else 0} endpos=160"
