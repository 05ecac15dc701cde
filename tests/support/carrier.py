"""The far end of the trunk, as plain SIP over UDP: what a carrier is told, word for word."""

import asyncio
import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager


class Carrier:
    """A carrier that says what it is asked for; its citizens answer and never speak."""

    def __init__(self, host: str, port: int):
        self._host, self._port = host, port

    @contextmanager
    def open(self) -> Iterator["Carrier"]:
        """Listen inside the block."""
        with socket.socket(type=socket.SOCK_DGRAM) as self._socket:
            self._socket.bind((self._host, self._port))
            self._socket.setblocking(False)
            yield self

    async def next(self, method: str) -> str:
        """The next request of that method."""
        async with asyncio.timeout(10):
            while True:
                data, self._peer = await asyncio.get_running_loop().sock_recvfrom(self._socket, 8000)
                if data.startswith(method.encode()):
                    return data.decode()

    def answer(self, invite: str) -> None:
        """Pick up."""
        sdp = (
            f"v=0\r\no=x 1 1 IN IP4 {self._host}\r\ns=x\r\nc=IN IP4 {self._host}\r\nt=0 0\r\n"
            "m=audio 40000 RTP/AVP 8\r\na=rtpmap:8 PCMA/8000\r\n"
        )
        self._reply(
            invite, f"Contact: <sip:{self._host}:{self._port}>\r\nContent-Type: application/sdp\r\n", sdp
        )

    def _reply(self, request: str, extra: str = "", body: str = "") -> None:
        kept = re.findall(r"^(?:Via|From|Call-ID|CSeq): .*\r\n", request, re.MULTILINE)
        to = re.findall(r"^To: .*", request, re.MULTILINE)[0].strip()
        tag = "" if ";tag=" in to else ";tag=carrier"
        text = (
            f"SIP/2.0 200 OK\r\n{''.join(kept)}{to}{tag}\r\n{extra}Content-Length: {len(body)}\r\n\r\n{body}"
        )
        self._socket.sendto(text.encode(), self._peer)

    def agree(self, request: str) -> None:
        """Answer a request without a body."""
        self._reply(request)
