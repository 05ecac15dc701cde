"""FastAGI servers that behave well or badly, to see what the real dialplan makes of it.

Invariant: bounded; each leaves no connection open when it is closed.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress

LIMIT_S = 30.0

Session = Callable[["Caller"], Awaitable[None]]


class Caller:
    """One FastAGI session as the server sees it."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, headers: Mapping[str, str]
    ):
        self._reader = reader
        self._writer = writer
        self.headers = headers

    async def command(self, line: str) -> str:
        """Send one AGI command and return the answer line."""
        self._writer.write(line.encode() + b"\n")
        return (await self._reader.readline()).decode().strip()

    async def set(self, name: str, value: str) -> None:
        """Set a channel variable."""
        await self.command(f'SET VARIABLE {name} "{value}"')


@asynccontextmanager
async def fake_controller(port: int, session: Session) -> AsyncIterator[list[Mapping[str, str]]]:
    """Serve every FastAGI connection with ``session``; gives the headers of all that came."""
    seen: list[Mapping[str, str]] = []
    open_tasks: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        open_tasks.add(task)
        try:
            async with asyncio.timeout(LIMIT_S):
                text = (await reader.readuntil(b"\n\n")).decode()
                headers = dict(line.split(": ", 1) for line in text.splitlines() if ": " in line)
                seen.append(headers)
                await session(Caller(reader, writer, headers))
        except (OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            open_tasks.discard(task)
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", port)
    try:
        yield seen
    finally:
        server.close()
        for task in list(open_tasks):
            task.cancel()
        with suppress(asyncio.CancelledError):
            await asyncio.gather(*open_tasks, return_exceptions=True)
        await server.wait_closed()


async def silent(_caller: Caller) -> None:
    """Accepts and says nothing."""
    await asyncio.sleep(LIMIT_S)


async def crashing(_caller: Caller) -> None:
    """Closes at once, as a crashed process does."""


async def crashing_after_greeting(caller: Caller) -> None:
    """Has greeted the citizen, then crashes."""
    await caller.set("CC_GREETED", "1")


def deciding(queue: str, priority: str) -> Session:
    """Decides as the controller does: queue, priority, and the completion mark last."""

    async def session(caller: Caller) -> None:
        await caller.set("CC_QUEUE", queue)
        await caller.set("CC_PRIORITY", priority)
        await caller.set("CC_DONE", "1")

    return session
