"""One UDP socket on loopback with its RTP port: it sends texts and silence, and never leaves the machine."""

import asyncio
import ipaddress
import re
import secrets
import socket
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

from callcenter.sections import Address
from sip_load.message import SipMessage, parse

SOCKET_BUFFER_BYTES = 4 * 1024 * 1024


@dataclass(slots=True)
class Leg:
    """One dialog of ours, with what the network said to it and was not looked at yet."""

    user: str
    local: str
    remote: str
    target: str
    call_id: str
    cseq: int = 1
    inbox: asyncio.Queue[SipMessage] = field(default_factory=asyncio.Queue)


class Endpoint(asyncio.DatagramProtocol):
    """One UDP socket on loopback with its RTP port; gives every message to ``on_message``."""

    def __init__(self, server: Address, on_message: Callable[[SipMessage], None]):
        if not ipaddress.ip_address(server.host).is_loopback:
            raise ValueError("load goes to loopback only")
        self.server = server
        self._on_message = on_message
        self._rtp = self._bound()
        self._sip = self._bound()
        self._transport: asyncio.DatagramTransport | None = None

    @staticmethod
    def _bound() -> socket.socket:
        made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SOCKET_BUFFER_BYTES)
        made.setblocking(False)
        made.bind(("127.0.0.1", 0))
        return made

    async def open(self) -> None:
        """Start receiving."""
        loop = asyncio.get_running_loop()
        self._transport, _ = await loop.create_datagram_endpoint(lambda: self, sock=self._sip)

    def close(self) -> None:
        """Stop; what is still under way is dropped."""
        if self._transport:
            self._transport.close()
        self._rtp.close()

    @property
    def port(self) -> int:
        """Our SIP port."""
        return int(self._sip.getsockname()[1])

    @property
    def sdp(self) -> str:
        """An a-law offer or answer."""
        port = self._rtp.getsockname()[1]
        return (
            "v=0\r\no=load 1 1 IN IP4 127.0.0.1\r\ns=load\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
            f"m=audio {port} RTP/AVP 8 101\r\na=rtpmap:8 PCMA/8000\r\n"
            "a=rtpmap:101 telephone-event/8000\r\na=ptime:20\r\na=sendrecv\r\n"
        )

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """Hand over one message."""
        message = parse(data)
        if message:
            self._on_message(message)

    def send(self, text: str) -> None:
        """Send one message to the server."""
        if self._transport and not self._transport.is_closing():
            self._transport.sendto(text.encode(), (self.server.host, self.server.port))

    def send_silence(self, sdp: str, packet: int) -> None:
        """Send one RTP packet of a-law silence to where ``sdp`` wants it."""
        found = re.search(r"^m=audio (\d+) ", sdp, re.MULTILINE)
        if found and int(found[1]):
            header = b"\x80\x08" + packet.to_bytes(2, "big") + (160 * packet).to_bytes(4, "big") + b"load"
            with suppress(OSError):
                self._rtp.sendto(header + b"\xd5" * 160, (self.server.host, int(found[1])))

    def request(
        self, method: str, leg: Leg, cseq: int, extra: str = "", body: str = "", branch: str = ""
    ) -> str:
        """The text of a request inside or at the start of a dialog."""
        branch = branch or f"z9hG4bK{secrets.token_hex(8)}"
        kind = "Content-Type: application/sdp\r\n" if body else ""
        return (
            f"{method} {leg.target} SIP/2.0\r\n"
            f"Via: SIP/2.0/UDP 127.0.0.1:{self.port};branch={branch};rport\r\n"
            f"Max-Forwards: 70\r\nFrom: {leg.local}\r\nTo: {leg.remote}\r\nCall-ID: {leg.call_id}\r\n"
            f"CSeq: {cseq} {method}\r\nContact: <sip:{leg.user}@127.0.0.1:{self.port}>\r\n"
            f"{extra}{kind}Content-Length: {len(body)}\r\n\r\n{body}"
        )

    def response(self, request: SipMessage, status: str, tag: str = "", body: str = "") -> str:
        """The text of an answer to ``request``; ``tag`` goes to a To that has none yet."""
        to = request.first("to")
        if tag and ";tag=" not in to:
            to += f";tag={tag}"
        copied = [f"Via: {via}" for via in request.headers["via"]]
        copied += [f"Record-Route: {route}" for route in request.headers.get("record-route", [])]
        kind = "Content-Type: application/sdp\r\n" if body else ""
        return "\r\n".join(
            [
                f"SIP/2.0 {status}",
                *copied,
                f"From: {request.first('from')}",
                f"To: {to}",
                f"Call-ID: {request.first('call-id')}",
                f"CSeq: {request.first('cseq')}",
                f"Contact: <sip:{request.user or 'load'}@127.0.0.1:{self.port}>",
                f"{kind}Content-Length: {len(body)}",
                "",
                body,
            ]
        )
