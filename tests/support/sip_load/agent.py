"""What callers and seats have in common: dialogs, transactions with their retransmissions, counters."""

import asyncio
import re
import secrets
from collections import Counter
from collections.abc import Coroutine
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from callcenter.sections import Address
from sip_load.endpoint import Endpoint, Leg
from sip_load.message import SipMessage, authorization

T1_S = 0.5
"""First retransmission interval over UDP (RFC 3261 17.1.1.1); doubled each time."""

T2_S = 4.0
"""Longest interval of a request that is no INVITE (RFC 3261 17.1.2.1)."""

TRANSACTION_S_MAX = 32.0
"""64 T1: after so long without an answer a transaction is given up."""

RTP_PACKETS = 5
"""Packets of a-law silence sent into every answered call, 20 ms each."""


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


class Agent:
    """What callers and seats have in common: the socket, the dialogs by Call-ID, and the transactions."""

    def __init__(self, server: Address):
        self.server = server
        self.counters = Counters()
        self._endpoint = Endpoint(server, self._on_message)
        self._legs: dict[str, Leg] = {}
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

    def _leg(self, user: str, number: str) -> Leg:
        host = str(self.server)
        leg = Leg(
            user=user,
            local=f"<sip:{user}@{host}>;tag={secrets.token_hex(4)}",
            remote=f"<sip:{number}@{host}>",
            target=f"sip:{number}@{host}",
            call_id=f"{secrets.token_hex(8)}@load",
        )
        self._legs[leg.call_id] = leg
        return leg

    def _called(self, invite: SipMessage, tag: str) -> Leg:
        """The dialog that an INVITE of the server begins."""
        found = re.search(r"<([^>]+)>", invite.first("contact"))
        leg = Leg(
            user=invite.user,
            local=f"{invite.first('to')};tag={tag}",
            remote=invite.first("from"),
            target=found[1] if found else f"sip:{self.server}",
            call_id=invite.first("call-id"),
        )
        self._legs[leg.call_id] = leg
        return leg

    async def _next(self, leg: Leg, seconds: float) -> SipMessage | None:
        """The leg's next message, or ``None`` after ``seconds``."""
        try:
            async with asyncio.timeout(max(seconds, 0)):
                return await leg.inbox.get()
        except TimeoutError:
            return None

    async def _transact(self, leg: Leg, method: str, extra: str = "") -> SipMessage | None:
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
        self, leg: Leg, patience_s: float, extra: str = "", credentials: tuple[str, str] | None = None
    ) -> bool:
        """Call, and cancel when ``patience_s`` are over; true when the call was answered and is to go on."""
        self.counters.invites += 1
        started = self.now
        attempt = await self._attempt(leg, patience_s, extra)
        if attempt.final and attempt.final.status == 401 and credentials:
            login = authorization(attempt.final, "INVITE", leg.target, *credentials)
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

    async def _attempt(self, leg: Leg, patience_s: float, extra: str) -> _Attempt:
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

    def _on_silence(self, leg: Leg, attempt: _Attempt) -> None:
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

    def _cancel(self, leg: Leg, attempt: _Attempt) -> None:
        self._endpoint.send(self._endpoint.request("CANCEL", leg, leg.cseq, branch=attempt.branch))

    async def _confirmed(self, leg: Leg, ok: SipMessage, seconds: float, is_canceled: bool) -> bool:
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

    def _acknowledge(self, leg: Leg) -> None:
        self._endpoint.send(self._endpoint.request("ACK", leg, leg.cseq))

    async def _say_nothing(self, sdp: str) -> None:
        for packet in range(RTP_PACKETS):
            self._endpoint.send_silence(sdp, packet)
            await asyncio.sleep(0.02)

    async def _stay(self, leg: Leg, seconds: float) -> bool:
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
