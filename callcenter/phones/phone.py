"""One SIP identity."""

import asyncio
import contextlib
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from callcenter.phones.call import ESTABLISH_S_MAX, Call, IncomingCall
from callcenter.phones.line import COMMAND_S_MAX, CallState
from callcenter.phones.stack import PhoneError, translated
from callcenter.phones.switchboard import CLOSE_S_MAX, Switchboard
from callcenter.sections import Address

RINGING_MAX = 16
"""Unanswered incoming calls that one phone keeps; further ones ring unheard."""


class Phone:
    """One SIP identity of a :class:`PhoneBox`."""

    def __init__(self, native: Any, number: str, server: Address, board: Switchboard):
        self.number = number
        self._native = native
        self._server = server
        self._board = board
        self._ringing: asyncio.Queue[IncomingCall] = asyncio.Queue(RINGING_MAX)
        native.on_incoming(self._on_incoming)

    async def register(self) -> None:
        """Register with the server, so that calls reach this phone.

        Raises:
            PhoneError: ``register_failed`` (see its ``status``).
        """
        with translated("register_failed"):
            await self._native.register(timeout=COMMAND_S_MAX)

    async def unregister(self) -> None:
        """Take the registration back; without one, nothing happens.

        Raises:
            PhoneError: ``register_failed``.
        """
        with translated("register_failed"):
            await self._native.unregister(timeout=CLOSE_S_MAX)

    async def dial(self, target: str, headers: Mapping[str, str] | None = None) -> Call:
        """Call ``target``: a number or feature code at the server, or a whole ``sip:`` URI.

        Returns at once; ``await call.established()`` tells the outcome.

        Raises:
            PhoneError: ``call_failed``, no INVITE was sent.
        """
        uri = target if target.startswith("sip:") else f"sip:{quote(target, safe='*+')}@{self._server}"
        with translated("call_failed"):
            native = await self._native.dial(uri, headers=dict(headers or {}))
        return Call(self._board.adopt(native, CallState.CALLING))

    async def dial_code(self, code: str, limit_s: float = COMMAND_S_MAX) -> None:
        """Dial a feature code such as ``*11`` and wait until the server has answered it and hung up.

        Raises:
            PhoneError: ``call_refused`` (see its ``status``) or ``call_timeout``.
        """
        call = await self.dial(code)
        try:
            await call.established(limit_s)
            await call.ended(limit_s)
        finally:
            await call.hangup()

    async def ringing(self, limit_s: float = ESTABLISH_S_MAX) -> IncomingCall:
        """The next call that rings here and was not canceled in the meantime.

        Raises:
            PhoneError: ``call_timeout``.
        """
        try:
            async with asyncio.timeout(limit_s):
                while not (incoming := await self._ringing.get()).is_ringing:
                    pass
        except TimeoutError:
            raise PhoneError(f"no call within {limit_s:g} s", code="call_timeout") from None
        return incoming

    def _on_incoming(self, native: Any) -> None:
        line = self._board.adopt(native, CallState.RINGING)
        with contextlib.suppress(asyncio.QueueFull):
            self._ringing.put_nowait(IncomingCall(line, str(native.peer or "")))
