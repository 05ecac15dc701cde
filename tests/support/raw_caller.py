"""A caller who speaks SIP by hand: what no telephone would send."""

import asyncio
import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager

from callcenter.sections import Address

HOST = "127.0.0.1"
SDP = (
    f"v=0\r\no=x 1 1 IN IP4 {HOST}\r\ns=x\r\nc=IN IP4 {HOST}\r\nt=0 0\r\n"
    "m=audio 40002 RTP/AVP 8\r\na=rtpmap:8 PCMA/8000\r\n"
)
LIMIT_S = 10.0


class RawCaller:
    """One call through the trunk."""

    def __init__(self, server: Address, number: str) -> None:
        self._server, self._number = server, number
        self._sequence, self._to = 0, f"<sip:12345@{server}>"

    @contextmanager
    def open(self) -> Iterator["RawCaller"]:
        """With a socket inside the block."""
        with socket.socket(type=socket.SOCK_DGRAM) as self._socket:
            self._socket.bind((HOST, 0))
            self._socket.setblocking(False)
            self._port = self._socket.getsockname()[1]
            yield self

    async def call(self) -> None:
        """Dial 12345 and wait until it is answered."""
        answer = await self.ask("INVITE", "X-Trunk: demo\r\nContent-Type: application/sdp\r\n", SDP)
        self._to = re.findall(r"^To: (.*)\r$", answer, re.MULTILINE)[0]
        self._send("ACK", "", "")

    async def info(self, kind: str, body: str) -> str:
        """Send a key by SIP INFO; the status of the answer."""
        return (await self.ask("INFO", f"Content-Type: application/{kind}\r\n", body)).split(" ")[1]

    async def ask(self, method: str, headers: str = "", body: str = "") -> str:
        """Send a request; its final answer."""
        self._sequence += 1
        self._send(method, headers, body)
        async with asyncio.timeout(LIMIT_S):
            while True:
                data = await asyncio.get_running_loop().sock_recv(self._socket, 8000)
                answer = data.decode("utf-8", "replace")
                is_mine = f"CSeq: {self._sequence} {method}" in answer
                if answer.startswith("SIP/2.0 ") and not answer.startswith("SIP/2.0 1") and is_mine:
                    return answer

    def _send(self, method: str, headers: str, body: str) -> None:
        here = f"{HOST}:{self._port}"
        text = (
            f"{method} sip:12345@{self._server} SIP/2.0\r\n"
            f"Via: SIP/2.0/UDP {here};branch=z9hG4bK{self._port}-{self._sequence}{method}\r\n"
            f"From: <sip:{self._number}@{HOST}>;tag=raw\r\nTo: {self._to}\r\n"
            f"Call-ID: raw-{self._port}\r\nCSeq: {self._sequence} {method}\r\nMax-Forwards: 70\r\n"
            f"Contact: <sip:{self._number}@{here}>\r\n{headers}Content-Length: {len(body)}\r\n\r\n{body}"
        )
        self._socket.sendto(text.encode(), (self._server.host, self._server.port))
