"""A fake Asterisk manager: banner, Login, Ping, FullyBooted, and whatever misbehavior a test scripts."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from types import TracebackType

from loopback import free_port

from callcenter.sections import Address

Action = dict[str, list[str]]
Reply = Callable[["FakeSession", Action], None]


async def until(condition: Callable[[], object], limit_s: float = 20.0) -> None:
    """Return as soon as ``condition()`` is true; fail after ``limit_s``."""
    async with asyncio.timeout(limit_s):
        while not condition():
            await asyncio.sleep(0.002)


def event(name: str, **headers: str) -> str:
    """The text of an event."""
    return block(Event=name, **headers)


def block(**headers: str) -> str:
    """The text of a block with these headers in order."""
    return "".join(f"{key}: {value}\r\n" for key, value in headers.items()) + "\r\n"


class FakeSession:
    """One accepted connection: what was received, and ways to answer well or badly."""

    def __init__(self, server: "FakeAmi", reader: asyncio.StreamReader, writer: asyncio.StreamWriter):
        self.server, self.reader, self.writer = server, reader, writer
        self.actions: list[Action] = []

    def send(self, text: str) -> None:
        """Write text as it is."""
        self.writer.write(text.encode())

    def send_bytes(self, data: bytes) -> None:
        """Write bytes as they are."""
        self.writer.write(data)

    def respond(self, action: Action, response: str = "Success", **headers: str) -> None:
        """The single response of an action."""
        self.send(block(Response=response, ActionID=action["ActionID"][0], **headers))

    def respond_list(self, action: Action, end: str, *items: tuple[str, dict[str, str]]) -> None:
        """A list answer: response, items tagged with the ActionID, closing event."""
        tag = action["ActionID"][0]
        self.respond(action, EventList="start")
        for name, headers in items:
            self.send(event(name, ActionID=tag, **headers))
        self.send(event(end, ActionID=tag, EventList="Complete", ListItems=str(len(items))))

    def cut(self) -> None:
        """Drop the connection at once."""
        self.writer.transport.abort()

    async def serve(self) -> None:
        """Read actions and reply until the peer leaves."""
        self.send(self.server.banner)
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                text = (await self.reader.readuntil(b"\r\n\r\n")).decode()
                self._take(text)

    def _take(self, text: str) -> None:
        action: Action = {}
        for line in text.strip().split("\r\n"):
            key, _, value = line.partition(": ")
            action.setdefault(key, []).append(value)
        self.actions.append(action)
        name = action.get("Action", [""])[0]
        reply = self.server.replies.get(name)
        if reply is not None:
            reply(self, action)


class FakeAmi:
    """The server. ``replies`` maps an action's name to what the server does; silence where there is none."""

    def __init__(self) -> None:
        self.secret = "right"
        self.banner = "Asterisk Call Manager/11.0.0\r\n"
        self.boots = True
        self.sessions: list[FakeSession] = []
        self.replies: dict[str, Reply] = {"Login": self._login, "Ping": _pong}
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self.address = Address("127.0.0.1", free_port())

    @property
    def actions(self) -> list[Action]:
        """Every action received, over all connections, without Login and Ping."""
        every = [action for session in self.sessions for action in session.actions]
        return [action for action in every if action.get("Action", [""])[0] not in {"Login", "Ping"}]

    @property
    def last(self) -> FakeSession:
        """The newest connection."""
        return self.sessions[-1]

    async def __aenter__(self) -> "FakeAmi":
        """Listen, once more if it did before."""
        self._server = await asyncio.start_server(
            self._accept, self.address.host, self.address.port, limit=1 << 20
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop listening and drop every connection."""
        assert self._server is not None
        self._server.close()
        for session in self.sessions:
            session.cut()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        session = FakeSession(self, reader, writer)
        self.sessions.append(session)
        task = asyncio.create_task(session.serve())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _login(self, session: FakeSession, action: Action) -> None:
        if action["Secret"] != [self.secret]:
            session.respond(action, "Error", Message="Authentication failed")
            return
        session.respond(action, Message="Authentication accepted")
        if self.boots:
            session.send(event("FullyBooted", Privilege="system,all", Uptime="10", Status="Fully Booted"))


def _pong(session: FakeSession, action: Action) -> None:
    session.respond(action, Ping="Pong")


@contextlib.asynccontextmanager
async def running(coroutine_task: "asyncio.Task[None]") -> AsyncIterator[None]:
    """Cancel the task at the end and wait until it is gone."""
    try:
        yield
    finally:
        coroutine_task.cancel()
        await asyncio.gather(coroutine_task, return_exceptions=True)
