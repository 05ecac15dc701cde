"""SIP load on loopback: thousands of impatient callers and a room of seats, without sound.

Invariant: bounded in calls and in time, never leaves loopback, and its counters tell when the test itself is
overloaded (``retransmits``, ``answered_after_cancel``) or the system wrong (``double_booked``).

Sending no sound would make Asterisk's ``Answer()`` wait half a second for it, so every answered call sends a
few packets of silence.
"""

import asyncio
import hashlib
import ipaddress
import itertools
import re
import secrets
import socket
from collections import Counter, defaultdict
from collections.abc import Callable, Coroutine, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from callcenter.sections import Address

T1_S = 0.5
"""First retransmission interval over UDP (RFC 3261 17.1.1.1); doubled each time."""

T2_S = 4.0
"""Longest interval of a request that is no INVITE (RFC 3261 17.1.2.1)."""

TRANSACTION_S_MAX = 32.0
"""64 T1: after so long without an answer a transaction is given up."""

CALLS_MAX = 20_000
"""Calls that one load may offer."""

RTP_PACKETS = 5
"""Packets of a-law silence sent into every answered call, 20 ms each."""

SOCKET_BUFFER_BYTES = 4 * 1024 * 1024


@dataclass(slots=True)
class Counters:
    """What a load saw. ``answer_s``: seconds from the first INVITE to its 200."""

    invites: int = 0
    answered: int = 0
    canceled: int = 0
    refused: Counter[int] = field(default_factory=Counter)
    lost: int = 0
    retransmits: int = 0
    answered_after_cancel: int = 0
    hung_up_by_peer: int = 0
    double_booked: int = 0
    answer_s: list[float] = field(default_factory=list)

    def quantile(self, share: float) -> float:
        """The ``share`` quantile of ``answer_s``; 0 without any."""
        ordered = sorted(self.answer_s)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0


@dataclass(frozen=True, slots=True)
class SipMessage:
    """A parsed message; header names in lower case, repeated ones in order."""

    start: str
    headers: Mapping[str, list[str]]
    body: str

    def first(self, name: str) -> str:
        """The first header of that name, or ``""``."""
        return next(iter(self.headers.get(name, [])), "")

    @property
    def status(self) -> int:
        """The status of a response, 0 for a request."""
        return int(self.start.split()[1]) if self.start.startswith("SIP/2.0 ") else 0

    @property
    def method(self) -> str:
        """The method of the request, or of the one that is answered."""
        return self.first("cseq").split()[-1]

    @property
    def user(self) -> str:
        """The user of the request URI."""
        found = re.match(r"\S+ sips?:([^@;>]*)@", self.start)
        return found[1] if found else ""


def parse(datagram: bytes) -> SipMessage | None:
    """A datagram as a message; ``None`` for keep-alives and garbage."""
    head, _, body = datagram.decode("utf-8", "replace").partition("\r\n\r\n")
    start, *lines = head.split("\r\n")
    headers: dict[str, list[str]] = defaultdict(list)
    for line in lines:
        name, _, value = line.partition(":")
        headers[name.strip().lower()].append(value.strip())
    if "SIP/2.0" not in start or not headers.get("cseq") or not headers.get("call-id"):
        return None
    return SipMessage(start, headers, body)


class _Endpoint(asyncio.DatagramProtocol):
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
        self, method: str, leg: "_Leg", cseq: int, extra: str = "", body: str = "", branch: str = ""
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


@dataclass(slots=True)
class _Leg:
    """One dialog of ours, with what the network said to it and was not looked at yet."""

    user: str
    local: str
    remote: str
    target: str
    call_id: str
    cseq: int = 1
    inbox: asyncio.Queue[SipMessage] = field(default_factory=asyncio.Queue)


@dataclass(slots=True)
class _Attempt:
    """One INVITE on its way. ``until``: when patience ends, and after CANCEL when the wait for its effect does."""

    until: float
    text: str = ""
    branch: str = field(default_factory=lambda: f"z9hG4bK{secrets.token_hex(8)}")
    interval_s: float = T1_S
    is_proceeding: bool = False
    is_canceled: bool = False
    is_given_up: bool = False
    final: SipMessage | None = None

    def wait_s(self, now: float) -> float:
        """How long to wait for the next message: an INVITE is repeated until something was heard."""
        left = self.until - now
        return left if self.is_proceeding else min(self.interval_s, left)


class _Agent:
    """What callers and seats have in common: the socket, the dialogs by Call-ID, and the transactions."""

    def __init__(self, server: Address):
        self.server = server
        self.counters = Counters()
        self._endpoint = _Endpoint(server, self._on_message)
        self._legs: dict[str, _Leg] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        await self._endpoint.open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._endpoint.close()
        await asyncio.sleep(0)  # the transport closes its socket in the next round of the loop

    @property
    def now(self) -> float:
        """The loop's clock."""
        return asyncio.get_running_loop().time()

    def _spawn(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _on_message(self, message: SipMessage) -> None:
        leg = self._legs.get(message.first("call-id"))
        if leg:
            leg.inbox.put_nowait(message)
        elif not message.status:
            self._on_request(message)

    def _on_request(self, request: SipMessage) -> None:
        """A request outside any dialog of ours."""
        if request.method != "ACK":
            known = "200 OK" if request.method in ("OPTIONS", "NOTIFY", "BYE") else "481 Unknown"
            self._endpoint.send(self._endpoint.response(request, known, tag="load"))

    def _leg(self, user: str, number: str) -> _Leg:
        host = str(self.server)
        leg = _Leg(
            user=user,
            local=f"<sip:{user}@{host}>;tag={secrets.token_hex(4)}",
            remote=f"<sip:{number}@{host}>",
            target=f"sip:{number}@{host}",
            call_id=f"{secrets.token_hex(8)}@load",
        )
        self._legs[leg.call_id] = leg
        return leg

    async def _next(self, leg: _Leg, seconds: float) -> SipMessage | None:
        """The leg's next message, or ``None`` after ``seconds``."""
        try:
            async with asyncio.timeout(max(seconds, 0)):
                return await leg.inbox.get()
        except TimeoutError:
            return None

    async def _transact(self, leg: _Leg, method: str, extra: str = "") -> SipMessage | None:
        """Send a request that is no INVITE until it is answered for good; ``None`` if it never is."""
        leg.cseq += 1
        text = self._endpoint.request(method, leg, leg.cseq, extra)
        give_up, interval = self.now + TRANSACTION_S_MAX, T1_S
        self._endpoint.send(text)
        while self.now < give_up:
            message = await self._next(leg, interval)
            if message is None:
                self.counters.retransmits += 1
                self._endpoint.send(text)
                interval = min(2 * interval, T2_S)
            elif message.status >= 200 and message.method == method:
                return message
            elif not message.status:
                self._answer_in_dialog(message)
        return None

    def _answer_in_dialog(self, request: SipMessage) -> None:
        if request.method == "ACK":
            return
        body = self._endpoint.sdp if request.method == "INVITE" else ""
        self._endpoint.send(self._endpoint.response(request, "200 OK", tag="load", body=body))

    async def _invite(
        self, leg: _Leg, patience_s: float, extra: str = "", credentials: tuple[str, str] | None = None
    ) -> bool:
        """Call, and cancel when ``patience_s`` are over; true when the call was answered and is to go on."""
        self.counters.invites += 1
        started = self.now
        attempt = await self._attempt(leg, patience_s, extra)
        if attempt.final and attempt.final.status == 401 and credentials:
            login = _authorization(attempt.final, "INVITE", leg.target, *credentials)
            leg.remote, leg.cseq = leg.remote.partition(";tag=")[0], leg.cseq + 1
            attempt = await self._attempt(leg, patience_s, extra + login)
        final = attempt.final
        if final and final.status < 300:
            return await self._confirmed(leg, final, self.now - started, attempt.is_canceled)
        if final is None:
            self.counters.lost += 1
        elif not attempt.is_canceled:
            self.counters.refused[final.status] += 1
        return False

    async def _attempt(self, leg: _Leg, patience_s: float, extra: str) -> "_Attempt":
        """One INVITE transaction to its end, or to the end of ours."""
        attempt = _Attempt(self.now + min(patience_s, TRANSACTION_S_MAX))
        attempt.text = self._endpoint.request(
            "INVITE", leg, leg.cseq, extra, self._endpoint.sdp, attempt.branch
        )
        self._endpoint.send(attempt.text)
        try:
            while not attempt.final and not attempt.is_given_up:
                message = await self._next(leg, attempt.wait_s(self.now))
                if message is None:
                    self._on_silence(leg, attempt)
                elif message.status and message.method == "INVITE":
                    attempt.is_proceeding = True
                    attempt.final = message if message.status >= 200 else None
        except asyncio.CancelledError:
            self._cancel(leg, attempt)
            raise
        if attempt.final and attempt.final.status >= 300:
            leg.remote = attempt.final.first("to")
            self._endpoint.send(self._endpoint.request("ACK", leg, leg.cseq, branch=attempt.branch))
        return attempt

    def _on_silence(self, leg: _Leg, attempt: "_Attempt") -> None:
        if self.now < attempt.until:
            self.counters.retransmits += 1
            self._endpoint.send(attempt.text)
            attempt.interval_s *= 2
        elif attempt.is_canceled or not attempt.is_proceeding:
            attempt.is_given_up = True
        else:
            self.counters.canceled += 1
            attempt.is_canceled, attempt.until = True, self.now + TRANSACTION_S_MAX
            self._cancel(leg, attempt)

    def _cancel(self, leg: _Leg, attempt: "_Attempt") -> None:
        self._endpoint.send(self._endpoint.request("CANCEL", leg, leg.cseq, branch=attempt.branch))

    async def _confirmed(self, leg: _Leg, ok: SipMessage, seconds: float, is_canceled: bool) -> bool:
        leg.remote = ok.first("to")
        found = re.search(r"<([^>]+)>", ok.first("contact"))
        leg.target = found[1] if found else leg.target
        self._acknowledge(leg)
        if is_canceled:
            self.counters.answered_after_cancel += 1
            await self._transact(leg, "BYE")
            return False
        self.counters.answered += 1
        self.counters.answer_s.append(seconds)
        self._spawn(self._say_nothing(ok.body))
        return True

    def _acknowledge(self, leg: _Leg) -> None:
        self._endpoint.send(self._endpoint.request("ACK", leg, leg.cseq))

    async def _say_nothing(self, sdp: str) -> None:
        for packet in range(RTP_PACKETS):
            self._endpoint.send_silence(sdp, packet)
            await asyncio.sleep(0.02)

    async def _stay(self, leg: _Leg, seconds: float) -> bool:
        """Stay in the call for ``seconds``; true when the peer hung up before."""
        leave = self.now + seconds
        try:
            while (left := leave - self.now) > 0:
                message = await self._next(leg, left)
                if message is None:
                    break
                if message.status and message.method == "INVITE":
                    self._acknowledge(leg)  # our ACK was lost, or late
                elif not message.status:
                    self._answer_in_dialog(message)
                    if message.method == "BYE":
                        self.counters.hung_up_by_peer += 1
                        return True
        except asyncio.CancelledError:
            self._endpoint.send(self._endpoint.request("BYE", leg, leg.cseq + 1))
            raise
        return False


class Callers(_Agent):
    """Citizens behind the trunk, all on one socket; used as ``async with Callers(address) as callers``."""

    def __init__(self, server: Address, headers: Mapping[str, str] | None = None):
        """``headers`` go into each INVITE; without any, the test trunk's are taken."""
        super().__init__(server)
        self._extra = "".join(
            f"{name}: {value}\r\n" for name, value in (headers or {"X-Trunk": "demo"}).items()
        )
        self._offered = 0

    async def call(self, number: str, caller: str, patience_s: float, talk_s: float) -> bool:
        """One call: canceled when nobody answers within ``patience_s``, hung up ``talk_s`` after the answer.

        Returns whether it was answered.
        """
        if self._offered >= CALLS_MAX:
            raise ValueError(f"one load offers at most {CALLS_MAX} calls")
        self._offered += 1
        leg = self._leg(caller, number)
        try:
            is_answered = await self._invite(leg, patience_s, self._extra)
            if is_answered and not await self._stay(leg, talk_s):
                await self._transact(leg, "BYE")
            return is_answered
        finally:
            del self._legs[leg.call_id]

    async def offer(
        self, number: str, per_s: float, seconds: float, patience_s: float = 30.0, talk_s: float = 5.0
    ) -> Counters:
        """Offer calls evenly, ``per_s`` a second, and wait until the last is over. Every caller is another one."""
        start, count = self.now, round(per_s * seconds)
        limit_s = seconds + patience_s + talk_s + 2 * TRANSACTION_S_MAX
        async with asyncio.timeout(limit_s), asyncio.TaskGroup() as calls:
            for n in range(count):
                await asyncio.sleep(max(0.0, start + n / per_s - self.now))
                _ = calls.create_task(self.call(number, f"139{n % 10**8:08d}", patience_s, talk_s))
        return self.counters


class Seats(_Agent):
    """Agents' phones, all on one socket, told apart by the user of the request URI.

    They ring for ``answer_after_s``, talk for ``talk_s`` and hang up.
    """

    def __init__(
        self,
        server: Address,
        secrets_by_seat: Mapping[str, str],
        answer_after_s: float = 0.2,
        talk_s: float = 5.0,
    ):
        super().__init__(server)
        self._secrets = dict(secrets_by_seat)
        self._answer_after_s = answer_after_s
        self._talk_s = talk_s
        self._busy: set[str] = set()

    async def register(self, expires_s: int = 600) -> None:
        """Register every seat by digest.

        Raises:
            ConnectionError: a seat was refused, or the server is silent.
        """
        async with asyncio.timeout(TRANSACTION_S_MAX):
            await asyncio.gather(*(self._register(seat, expires_s) for seat in self._secrets))

    async def unregister(self) -> None:
        """Take all registrations back."""
        await self.register(expires_s=0)

    async def dial_code(self, seat: str, code: str, limit_s: float = 10.0) -> bool:
        """Dial a feature code such as ``*11`` from a seat; true when it was answered."""
        leg = self._leg(seat, code)
        try:
            is_answered = await self._invite(leg, limit_s, credentials=(seat, self._secrets[seat]))
            if is_answered and not await self._stay(leg, limit_s):
                await self._transact(leg, "BYE")
            return is_answered
        finally:
            del self._legs[leg.call_id]

    async def _register(self, seat: str, expires_s: int) -> None:
        leg = self._leg(seat, seat)
        leg.target = f"sip:{self.server}"
        expires = f"Expires: {expires_s}\r\n"
        try:
            answer = await self._transact(leg, "REGISTER", expires)
            if answer and answer.status == 401:
                login = _authorization(answer, "REGISTER", leg.target, seat, self._secrets[seat])
                answer = await self._transact(leg, "REGISTER", expires + login)
            if not answer or answer.status != 200:
                raise ConnectionError(
                    f"seat {seat} cannot register: {answer.status if answer else 'silence'}"
                )
        finally:
            del self._legs[leg.call_id]

    def _on_request(self, request: SipMessage) -> None:
        if request.method != "INVITE":
            super()._on_request(request)
        elif request.user not in self._secrets:
            self._endpoint.send(self._endpoint.response(request, "404 Not Found", tag="load"))
        elif request.user in self._busy:
            self.counters.double_booked += 1
            self._endpoint.send(self._endpoint.response(request, "486 Busy Here", tag="load"))
        else:
            self._spawn(self._serve(request))

    async def _serve(self, invite: SipMessage) -> None:
        tag = secrets.token_hex(4)
        found = re.search(r"<([^>]+)>", invite.first("contact"))
        leg = _Leg(
            user=invite.user,
            local=f"{invite.first('to')};tag={tag}",
            remote=invite.first("from"),
            target=found[1] if found else f"sip:{self.server}",
            call_id=invite.first("call-id"),
        )
        self._legs[leg.call_id] = leg
        self._busy.add(leg.user)
        self.counters.invites += 1
        try:
            if await self._ring(leg, invite, tag) and not await self._stay(leg, self._talk_s):
                await self._transact(leg, "BYE")
        finally:
            self._busy.discard(leg.user)
            del self._legs[leg.call_id]

    async def _ring(self, leg: _Leg, invite: SipMessage, tag: str) -> bool:
        """Ring, then answer until the ACK comes; false when the caller was faster, or never confirms."""
        self._endpoint.send(self._endpoint.response(invite, "180 Ringing", tag))
        answer_at = self.now + self._answer_after_s
        while (left := answer_at - self.now) > 0:
            message = await self._next(leg, left)
            if message and message.method == "CANCEL":
                self._endpoint.send(self._endpoint.response(message, "200 OK", tag))
                self._endpoint.send(self._endpoint.response(invite, "487 Request Terminated", tag))
                self.counters.canceled += 1
                return False
        return await self._answer(leg, invite, tag)

    async def _answer(self, leg: _Leg, invite: SipMessage, tag: str) -> bool:
        text = self._endpoint.response(invite, "200 OK", tag, self._endpoint.sdp)
        give_up, interval = self.now + TRANSACTION_S_MAX, T1_S
        self._endpoint.send(text)
        while self.now < give_up:
            message = await self._next(leg, interval)
            if message is None:
                self.counters.retransmits += 1
                self._endpoint.send(text)
                interval = min(2 * interval, T2_S)
            elif message.method == "ACK":
                self.counters.answered += 1
                self._spawn(self._say_nothing(invite.body))
                return True
            elif message.method == "CANCEL":
                self.counters.answered_after_cancel += 1
                self._endpoint.send(self._endpoint.response(message, "200 OK", tag))
            elif message.method == "BYE":
                self._answer_in_dialog(message)
                return False
        self.counters.lost += 1
        return False


_nonce_count = itertools.count(1)


def _authorization(challenge: SipMessage, method: str, uri: str, user: str, secret: str) -> str:
    """The header that answers a digest challenge (RFC 2617, MD5, with and without qop)."""
    given = dict(re.findall(r'(\w+)="?([^",]+)"?', challenge.first("www-authenticate").partition(" ")[2]))
    realm, nonce = given.get("realm", ""), given.get("nonce", "")
    secret_hash, request_hash = _md5(f"{user}:{realm}:{secret}"), _md5(f"{method}:{uri}")
    parts = {"username": user, "realm": realm, "nonce": nonce, "uri": uri}
    if "qop" in given:
        count, client = f"{next(_nonce_count):08x}", secrets.token_hex(4)
        parts["response"] = _md5(f"{secret_hash}:{nonce}:{count}:{client}:auth:{request_hash}")
        tail = f", algorithm=MD5, qop=auth, nc={count}"
        parts["cnonce"] = client
    else:
        parts["response"] = _md5(f"{secret_hash}:{nonce}:{request_hash}")
        tail = ", algorithm=MD5"
    if "opaque" in given:
        parts["opaque"] = given["opaque"]
    return (
        "Authorization: Digest "
        + ", ".join(f'{key}="{value}"' for key, value in parts.items())
        + tail
        + "\r\n"
    )


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
