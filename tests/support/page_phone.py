"""A page's phone without the page: SIP over a WebSocket (RFC 7118), with what the house tells a page. It has no sound."""

import asyncio
import hashlib
import re
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count

import aiohttp

from callcenter.web.views.phones import PhoneView

ANSWER_S = 10.0


class PagePhone:
    """Registers, answers questions after its life, and keeps the calls that came. ``name``: of its host, fixed per seat."""

    def __init__(self, view: PhoneView, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._view = view
        self._socket = socket
        self._sequence = count(1)
        self.invites: asyncio.Queue[str] = asyncio.Queue()
        self._answers: asyncio.Queue[str] = asyncio.Queue()
        self._reader = asyncio.create_task(self._read(), name="page phone")

    async def register(self) -> int:
        """The status of the answer to the credentials."""
        challenge = await self._ask("")
        nonce = re.search(r'nonce="([^"]+)"', challenge)
        realm = re.search(r'realm="([^"]+)"', challenge)
        assert nonce is not None, challenge
        assert realm is not None
        assert realm[1] == self._view.realm
        uri = f"sip:{self._host}"
        ha2 = _md5(f"REGISTER:{uri}")
        given = re.search(r'opaque="([^"]*)"', challenge)
        opaque = f', opaque="{given[1]}"' if given else ""
        proof = _md5(f"{self._view.ha1}:{nonce[1]}:00000001:c:auth:{ha2}")
        answer = await self._ask(
            f'Authorization: Digest username="{self._view.user}", realm="{realm[1]}", nonce="{nonce[1]}", '
            f'uri="{uri}", response="{proof}", algorithm=MD5, cnonce="c", qop=auth, nc=00000001{opaque}\r\n'
        )
        return int(answer.split()[1])

    async def close(self) -> None:
        """The page is gone."""
        self._reader.cancel()
        await asyncio.gather(self._reader, return_exceptions=True)
        await self._socket.close()

    @property
    def _host(self) -> str:
        return str(self._view.uri).partition("@")[2]

    async def _ask(self, authorization: str) -> str:
        number = next(self._sequence)
        await self._socket.send_str(
            f"REGISTER sip:{self._host} SIP/2.0\r\n"
            f"Via: SIP/2.0/WS page.invalid;branch=z9hG4bK{number}\r\n"
            "Max-Forwards: 70\r\n"
            f"From: <{self._view.uri}>;tag=page\r\nTo: <{self._view.uri}>\r\n"
            f"Call-ID: {self._view.user}-{id(self)}\r\nCSeq: {number} REGISTER\r\n"
            f"Contact: <sip:{self._view.user}@page.invalid;transport=ws>;expires=60\r\n"
            f"{authorization}Content-Length: 0\r\n\r\n"
        )
        async with asyncio.timeout(ANSWER_S):
            return await self._answers.get()

    async def _read(self) -> None:
        async for message in self._socket:
            text = str(message.data)
            if text.startswith("SIP/2.0"):
                await self._answers.put(text)
            elif text.startswith("OPTIONS"):
                await self._socket.send_str(_reply(text, "200 OK"))
            elif text.startswith("INVITE"):
                await self.invites.put(text)
                await self._socket.send_str(_reply(text, "180 Ringing"))
            elif not text.startswith("ACK"):
                await self._socket.send_str(_reply(text, "200 OK"))


@asynccontextmanager
async def page_phone(view: PhoneView, tls: ssl.SSLContext | None = None) -> AsyncIterator[PagePhone]:
    """A connected page's phone, not registered yet."""
    async with aiohttp.ClientSession() as http:
        socket = await http.ws_connect(str(view.url), protocols=("sip",), ssl=tls or True)
        phone = PagePhone(view, socket)
        try:
            yield phone
        finally:
            await phone.close()


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def _reply(request: str, status: str) -> str:
    """The answer to a request: its own Via, From, To, Call-ID and CSeq."""
    kept = [
        line
        for line in request.split("\r\n")
        if line.partition(":")[0].lower() in ("via", "v", "from", "f", "to", "t", "call-id", "i", "cseq")
    ]
    return "\r\n".join([f"SIP/2.0 {status}", *kept, "Content-Length: 0", "", ""])
