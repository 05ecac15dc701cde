"""What a page's phone meets at the other end of its WebSocket, without Asterisk: it registers, is rung, answers in text.

Invariant: only signals are here; who wants to hear a voice needs a real Asterisk.
"""

import re
from dataclasses import dataclass, field
from typing import Final

from playwright.async_api import BrowserContext, WebSocketRoute

OFFER: Final = "\r\n".join(
    (
        "v=0",
        "o=- 1 1 IN IP4 192.0.2.1",
        "s=-",
        "c=IN IP4 192.0.2.1",
        "t=0 0",
        "m=audio 40000 UDP/TLS/RTP/SAVPF 8",
        "a=rtpmap:8 PCMA/8000",
        "a=ice-ufrag:abcd",
        "a=ice-pwd:abcdefghijklmnopqrstuvwx",
        f"a=fingerprint:sha-256 {':'.join(['AB'] * 32)}",
        "a=setup:actpass",
        "a=rtcp-mux",
        "a=sendrecv",
        "",
    )
)
"""An offer to which nobody will ever send sound."""


@dataclass
class SipSocket:
    """``heard``: first lines of what the phone sent. The page's side is JsSIP, as it is."""

    heard: list[str] = field(default_factory=list)
    _socket: WebSocketRoute | None = None
    _name: str = ""
    _calls: int = 0

    async def serve(self, context: BrowserContext, url: str) -> None:
        """Be there for every page of this browser."""
        await context.route_web_socket(url, self._open)

    def ring(self, headers: str = "") -> None:
        """An INVITE to the phone that registered last."""
        self._calls += 1
        self._send(
            f"INVITE sip:{self._name}@seat.invalid SIP/2.0\r\n"
            f"Via: SIP/2.0/WS 192.0.2.1;branch=z9hG4bK{self._calls}\r\n"
            f"From: <sip:citizen@192.0.2.1>;tag=f{self._calls}\r\nTo: <sip:8001@192.0.2.1>\r\n"
            f"Call-ID: call-{self._calls}\r\nCSeq: 1 INVITE\r\nContact: <sip:asterisk@192.0.2.1;transport=ws>\r\n"
            f"Max-Forwards: 70\r\n{headers}Content-Type: application/sdp\r\nContent-Length: {len(OFFER)}\r\n\r\n{OFFER}"
        )

    def count(self, method: str) -> int:
        """How many requests of this kind the phone has sent."""
        return sum(line.startswith(f"{method} ") for line in self.heard)

    def _open(self, socket: WebSocketRoute) -> None:
        socket.on_message(lambda text: self._hear(socket, str(text)))

    def _hear(self, socket: WebSocketRoute, text: str) -> None:
        self._socket = socket
        self.heard.append(text.partition("\r\n")[0])
        if text.startswith("REGISTER "):
            named = re.search(r"^Contact: <sip:([^@]+)@", text, re.MULTILINE)
            assert named is not None
            self._name = named[1]
            self._send(_ok(text))
        elif text.startswith("SIP/2.0 200 ") and "INVITE\r\n" in text:
            self._send(_ack(text, self._name))

    def _send(self, text: str) -> None:
        assert self._socket is not None, "no phone has connected"
        self._socket.send(text)


def _ack(answer: str, name: str) -> str:
    """That the phone has picked up is known."""
    kept = [line for line in answer.split("\r\n") if line.startswith(("Via:", "From:", "To:", "Call-ID:"))]
    first = f"ACK sip:{name}@seat.invalid SIP/2.0"
    return "\r\n".join([first, *kept, "CSeq: 1 ACK", "Max-Forwards: 70", "Content-Length: 0", "", ""])


def _ok(request: str) -> str:
    """200, with what a registrar repeats."""
    kept = [
        line + (";tag=to" if line.startswith("To:") else "")
        for line in request.split("\r\n")
        if line.startswith(("Via:", "From:", "To:", "Call-ID:", "CSeq:", "Contact:"))
    ]
    return "\r\n".join(["SIP/2.0 200 OK", *kept, "Content-Length: 0", "", ""])
