"""A fake Asterisk on the calling side of FastAGI: sends headers, answers commands, or misbehaves."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

LIMIT_S = 20.0

HEADERS = {
    "agi_network": "yes",
    "agi_network_script": "intake?v=1",
    "agi_request": "agi://127.0.0.1/intake?v=1",
    "agi_channel": "PJSIP/trunk-00000001",
    "agi_uniqueid": "c-1700000000.1",
    "agi_callerid": "0",
    "agi_arg_1": "13800000000",
}


class FakeAgiPeer:
    """One connection to an AGI server."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter):
        self.reader, self.writer = reader, writer

    def send(self, text: str) -> None:
        """Write text as it is."""
        self.writer.write(text.encode())

    def send_headers(self, **changes: str) -> None:
        """The opening block."""
        lines = [f"{key}: {value}\n" for key, value in {**HEADERS, **changes}.items()]
        self.send("".join(lines) + "\n")

    async def expect(self, command: str) -> None:
        """Read one command line and compare it."""
        async with asyncio.timeout(LIMIT_S):
            line = (await self.reader.readline()).decode().rstrip("\n")
        assert line == command, f"expected {command!r}, got {line!r}"

    async def answer(self, command: str, text: str) -> None:
        """Expect a command and answer it."""
        await self.expect(command)
        self.send(text + "\n")

    async def is_closed_by_server(self) -> bool:
        """Wait until the server ends the connection."""
        async with asyncio.timeout(LIMIT_S):
            with contextlib.suppress(ConnectionError):
                return await self.reader.read() == b""
        return True


@contextlib.asynccontextmanager
async def calling(port: int) -> AsyncIterator[FakeAgiPeer]:
    """Connect to the AGI server on ``port``."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        yield FakeAgiPeer(reader, writer)
    finally:
        writer.transport.abort()
