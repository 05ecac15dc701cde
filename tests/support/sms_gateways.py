"""Gateways of short messages that run here: one takes JSON over HTTP, one takes mail over SMTP."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiohttp import web


@dataclass
class HttpGateway:
    """Keeps what is posted; ``answers``: status and text of the next answers, then 200."""

    url: str = ""
    got: list[tuple[dict[str, str], Any]] = field(default_factory=list)
    answers: deque[tuple[int, str]] = field(default_factory=deque)
    hangs: bool = False
    released: asyncio.Event = field(default_factory=asyncio.Event)

    async def take(self, request: web.Request) -> web.Response:
        """One message."""
        self.got.append((dict(request.headers), await request.json()))
        if self.hangs:
            await self.released.wait()
        status, text = self.answers.popleft() if self.answers else (200, '{"code":"OK"}')
        headers = {"Location": "http://127.0.0.1:9/"} if 300 <= status < 400 else None
        return web.Response(status=status, text=text, headers=headers)


@asynccontextmanager
async def http_gateway() -> AsyncIterator[HttpGateway]:
    """A running one."""
    gateway = HttpGateway()
    app = web.Application()
    app.router.add_post("/sms", gateway.take)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    gateway.url = f"http://127.0.0.1:{runner.addresses[0][1]}/sms"
    try:
        yield gateway
    finally:
        gateway.released.set()
        await runner.cleanup()


@dataclass
class SmtpGateway:
    """Keeps what is mailed; ``refusals``: answers to the next recipients, then 250."""

    address: str = ""
    got: list[EmailMessage] = field(default_factory=list)
    refusals: deque[str] = field(default_factory=deque)
    logins: list[str] = field(default_factory=list)

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One session."""
        self._say(writer, "220 here")
        while line := (await reader.readline()).decode().strip():
            verb = line.split()[0].upper()
            if verb == "DATA":
                self._say(writer, "354 go on")
                self.got.append(await self._mail(reader))
                self._say(writer, "250 kept")
            elif verb == "EHLO":
                self._say(writer, "250-here\r\n250 AUTH PLAIN")
            elif verb == "AUTH":
                self.logins.append(line)
                self._say(writer, "235 welcome")
            elif verb == "QUIT":
                self._say(writer, "221 bye")
                break
            else:
                self._say(writer, self.refusals.popleft() if verb == "RCPT" and self.refusals else "250 fine")
        writer.close()

    def _say(self, writer: asyncio.StreamWriter, text: str) -> None:
        writer.write(f"{text}\r\n".encode())

    async def _mail(self, reader: asyncio.StreamReader) -> EmailMessage:
        lines = []
        while (line := await reader.readline()) not in (b".\r\n", b""):
            lines.append(line)
        return message_from_bytes(b"".join(lines), policy=default)


@asynccontextmanager
async def smtp_gateway() -> AsyncIterator[SmtpGateway]:
    """A running one."""
    gateway = SmtpGateway()
    server = await asyncio.start_server(gateway.talk, "127.0.0.1", 0)
    gateway.address = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server:
        yield gateway
