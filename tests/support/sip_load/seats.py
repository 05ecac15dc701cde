"""Agents' phones."""

import asyncio
import secrets
from collections.abc import Mapping

from callcenter.sections import Address
from sip_load.agent import T1_S, T2_S, TRANSACTION_S_MAX, Agent
from sip_load.endpoint import Leg
from sip_load.message import SipMessage, authorization


class Seats(Agent):
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
                login = authorization(answer, "REGISTER", leg.target, seat, self._secrets[seat])
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
        leg = self._called(invite, tag)
        self._busy.add(leg.user)
        self.counters.invites += 1
        try:
            if await self._ring(leg, invite, tag) and not await self._stay(leg, self._talk_s):
                await self._transact(leg, "BYE")
        finally:
            self._busy.discard(leg.user)
            del self._legs[leg.call_id]

    async def _ring(self, leg: Leg, invite: SipMessage, tag: str) -> bool:
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

    async def _answer(self, leg: Leg, invite: SipMessage, tag: str) -> bool:
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
