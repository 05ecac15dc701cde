"""The SIP stack of this process, with any number of phones."""

import asyncio
import contextlib
import logging
from types import TracebackType
from typing import Any, Self

from callcenter.phones.phone import Phone
from callcenter.phones.stack import PhoneError, baresip, translated
from callcenter.phones.switchboard import Switchboard
from callcenter.sections import Address

CLOSE_ALL_S_MAX = 10.0

REGISTER_INTERVAL_S = 60

RTP_PORTS = (26000, 29999)
"""Outside the default range of Asterisk and outside the ephemeral ports of Linux."""


class PhoneBox:
    """One SIP stack on loopback with any number of phones.

    Used as ``async with PhoneBox(settings.sip_address) as box``; then ``box.citizen(...)`` dials and
    ``box.seat(...)`` registers and is rung.
    """

    def __init__(
        self, server: Address, *, sip_port: int | None = None, rtp_ports: tuple[int, int] = RTP_PORTS
    ):
        """Starts nothing yet.

        Args:
            server: where Asterisk listens for SIP over UDP.
            sip_port: our own; default: any free one.
            rtp_ports: first and last of our own.
        """
        self._server = server
        self._sip_port = sip_port
        self._rtp_ports = rtp_ports
        self._runtime = baresip.Runtime()
        self._board = Switchboard()
        self._seats: list[Phone] = []
        self._pump: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        """Start the stack.

        Raises:
            PhoneError: ``phones_down``, such as when another box is open in this process.
        """
        # The package logs whom it talks to: personal data, which must not reach any handler of ours.
        logging.getLogger("baresip").propagate = False
        with translated("phones_down"):
            await self._runtime.start(self._config())
        self._runtime.subscribe(self._board.route)
        self._pump = asyncio.create_task(self._board.pump(), name="phone audio")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Hang up, unregister, stop the stack; peers that do not answer are not waited for.

        Raises:
            PhoneError: ``phones_down``, the stack could not be stopped.
        """
        try:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(CLOSE_ALL_S_MAX):
                    await self._board.hang_up_all()
                    await self._unregister_all()
        finally:
            await self._stop()

    async def citizen(self, number: str) -> Phone:
        """A phone outside, as behind the trunk: it never registers, and its From is ``number``.

        Raises:
            PhoneError: ``phone_refused``, not a number that SIP can carry.
        """
        return await self._phone(number, "", reg_interval_s=0)

    async def seat(self, account: str, secret: str) -> Phone:
        """An agent's phone with SIP account and password; :meth:`Phone.register` makes it reachable.

        Raises:
            PhoneError: ``phone_refused``.
        """
        phone = await self._phone(account, secret, REGISTER_INTERVAL_S)
        self._seats.append(phone)
        return phone

    async def _phone(self, user: str, secret: str, reg_interval_s: int) -> Phone:
        with translated("phone_refused"):
            account = baresip.Account(
                user, str(self._server), secret, reg_interval=reg_interval_s, audio_codecs=("pcma",)
            )
            native = await baresip.UserAgent.create(self._runtime, account, transfer_policy="reject")
        return Phone(native, user, self._server, self._board)

    def _config(self) -> Any:
        listen = f"sip_listen 127.0.0.1:{self._sip_port}\n" if self._sip_port else ""
        low, high = self._rtp_ports
        return baresip.Config(
            net_interface="127.0.0.1",  # discovery skips loopback
            audio_driver="aumem",
            max_concurrent_calls=None,  # the default is 2
            extra_config_text=f"{listen}sip_transports udp\nrtp_ports {low}-{high}\n",  # TLS would take one port more
        )

    async def _unregister_all(self) -> None:
        for seat in self._seats:
            with contextlib.suppress(PhoneError):
                await seat.unregister()

    async def _stop(self) -> None:
        if self._pump:
            self._pump.cancel()
            await asyncio.gather(self._pump, return_exceptions=True)
        with translated("phones_down"):
            await self._runtime.close()
