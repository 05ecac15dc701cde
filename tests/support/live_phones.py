"""Telephones of a replay: hundreds of calls in one process, each a dialog that can press keys, be hung up, and be heard.

Invariant: a dialog ends exactly once, by one side; until then its sound flows both ways.
"""

import asyncio
import re
import secrets
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress

from live_sound import Ear, Sound
from sip_load import Seats, SipMessage
from sip_load.agent import T1_S, T2_S, TRANSACTION_S_MAX
from sip_load.endpoint import Leg

from callcenter.sections import Address

TRUNK = "X-Trunk: demo\r\n"
KEY_MS = 100


class Dialog:
    """A call that was answered. ``ear``: what we hear."""

    def __init__(self, phones: "Phones", leg: Leg, sdp: str, voice: int) -> None:
        self.ended = asyncio.Event()
        self.is_ended_by_peer = False
        self._phones, self._leg, self._sdp = phones, leg, sdp
        self._answers: dict[int, asyncio.Future[int]] = {}
        self.ear: Ear = phones.sound.begin(phones.rtp, sdp, voice)
        self.sound = phones.sound
        phones.spawn(self._read())

    async def key(self, key: str) -> int:
        """Press a key (SIP INFO); the status of the answer, 0: none came."""
        body = f"Signal={key}\r\nDuration={KEY_MS}\r\n"
        return await self._ask("INFO", "application/dtmf-relay", body)

    async def hang_up(self) -> None:
        """End it, unless it is over."""
        if not self.ended.is_set():
            self._finish(by_peer=False)
            await self._ask("BYE")

    async def _ask(self, method: str, kind: str = "", body: str = "") -> int:
        leg = self._leg
        leg.cseq += 1
        text = self._phones.text_of(method, leg, kind, body)
        answer: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._answers[leg.cseq] = answer
        give_up, interval = self._phones.now + TRANSACTION_S_MAX, T1_S
        while self._phones.now < give_up:
            self._phones.send(text)
            with suppress(TimeoutError):
                return await asyncio.wait_for(asyncio.shield(answer), interval)
            self._phones.counters.retransmits += 1
            interval = min(2 * interval, T2_S)
        return 0

    async def _read(self) -> None:
        while True:
            message = await self._leg.inbox.get()
            if message.status:
                self._hear_answer(message)
                continue
            self._phones.answer_in_dialog(message)
            if message.method == "BYE" and not self.ended.is_set():
                self._finish(by_peer=True)

    def _hear_answer(self, message: SipMessage) -> None:
        if message.method == "INVITE":
            self._phones.acknowledge(self._leg)  # our ACK was lost, or late
            return
        number = message.first("cseq").split()[0]
        waiting = self._answers.get(int(number) if number.isdigit() else 0)
        if waiting and not waiting.done() and message.status >= 200:
            waiting.set_result(message.status)

    def _finish(self, *, by_peer: bool) -> None:
        self.is_ended_by_peer = by_peer
        self._phones.sound.end(self._phones.rtp, self._sdp)
        self._phones.open.discard(self)
        self.ended.set()


class Ringing:
    """A call to one of our phones that was not answered yet."""

    def __init__(self, phones: "Phones", leg: Leg, invite: SipMessage, tag: str) -> None:
        self.user = leg.user
        self._phones, self._leg, self._invite, self._tag = phones, leg, invite, tag

    async def still_rings(self, seconds: float) -> bool:
        """Let it ring so long; false: the caller was faster."""
        return await self._phones.still_rings(self._leg, self._invite, self._tag, seconds)

    async def answer(self, voice: int) -> Dialog | None:
        """Pick up; ``None``: the caller gave up in this very moment."""
        if not await self._phones.pick_up(self._leg, self._invite, self._tag):
            return None
        return self._phones.dialog(self._leg, self._invite.body, voice)

    def refuse(self, status: str = "480 Temporarily Unavailable") -> None:
        """Nobody answers."""
        self._phones.respond(self._invite, status, self._tag)


OnRinging = Callable[[Ringing], Awaitable[None]]


class Phones(Seats):
    """All phones of one kind behind one socket. ``on_ringing``: what is done with a call to one of them."""

    def __init__(
        self, server: Address, sound: Sound, on_ringing: OnRinging, secrets_by_seat: Mapping[str, str] = {}
    ) -> None:
        super().__init__(server, secrets_by_seat)
        self.sound = sound
        self.open: set[Dialog] = set()
        self.refused: list[int] = []
        self._on_ringing = on_ringing

    @property
    def port(self) -> int:
        """Where a carrier sends calls for these phones."""
        return self._endpoint.port

    @property
    def rtp(self):  # type: ignore[no-untyped-def]
        """The socket of all their sound."""
        return self._endpoint._rtp

    async def call(self, number: str, caller: str, voice: int) -> Dialog | int:
        """Dial; the dialog, or the status of the refusal (0: nobody answered the INVITE)."""
        leg = self._leg(caller, number)
        attempt = await self._attempt(leg, TRANSACTION_S_MAX, TRUNK)
        final = attempt.final
        if final is None or final.status >= 300:
            del self._legs[leg.call_id]
            return final.status if final else 0
        leg.remote = final.first("to")
        found = re.search(r"<([^>]+)>", final.first("contact"))
        leg.target = found[1] if found else leg.target
        self._acknowledge(leg)
        return self.dialog(leg, final.body, voice)

    def dialog(self, leg: Leg, sdp: str, voice: int) -> Dialog:
        """A leg that was answered."""
        made = Dialog(self, leg, sdp, voice)
        self.open.add(made)
        return made

    async def hang_up_all(self) -> None:
        """Nobody talks any more."""
        await asyncio.gather(*(dialog.hang_up() for dialog in list(self.open)))

    async def still_rings(self, leg: Leg, invite: SipMessage, tag: str, seconds: float) -> bool:
        """See :class:`Ringing`."""
        until = self.now + seconds
        while (left := until - self.now) > 0:
            message = await self._next(leg, left)
            if message and message.method == "CANCEL":
                self.respond(message, "200 OK", tag)
                self.respond(invite, "487 Request Terminated", tag)
                return False
        return True

    async def pick_up(self, leg: Leg, invite: SipMessage, tag: str) -> bool:
        """See :class:`Ringing`."""
        return await self._answer(leg, invite, tag)

    def respond(self, request: SipMessage, status: str, tag: str) -> None:
        """Send a final or provisional answer without a body."""
        self._endpoint.send(self._endpoint.response(request, status, tag))

    def text_of(self, method: str, leg: Leg, kind: str, body: str) -> str:
        """A request inside a dialog, with any kind of body."""
        bare = self._endpoint.request(method, leg, leg.cseq)
        if not body:
            return bare
        head = bare.removesuffix("Content-Length: 0\r\n\r\n")
        return f"{head}Content-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n{body}"

    def send(self, text: str) -> None:
        """Send as it is."""
        self._endpoint.send(text)

    def answer_in_dialog(self, message: SipMessage) -> None:
        """200 to whatever the other side wants."""
        self._answer_in_dialog(message)

    def acknowledge(self, leg: Leg) -> None:
        """ACK of the INVITE; it bears the INVITE's number, which is 1."""
        self._endpoint.send(self._endpoint.request("ACK", leg, 1))

    def spawn(self, work: Awaitable[None]) -> None:
        """Let it run until these phones are closed."""
        self._spawn(work)  # type: ignore[arg-type]

    async def _say_nothing(self, sdp: str) -> None:
        """Every dialog has its own sound."""

    def _on_request(self, request: SipMessage) -> None:
        if request.method == "INVITE":
            self._spawn(self._ring_for(request))
        else:
            super()._on_request(request)

    async def _ring_for(self, invite: SipMessage) -> None:
        tag = secrets.token_hex(4)
        leg = self._called(invite, tag)
        self.respond(invite, "180 Ringing", tag)
        await self._on_ringing(Ringing(self, leg, invite, tag))
