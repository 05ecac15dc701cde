"""A link to Asterisk's manager interface that is kept up for ever.

Invariants: an action is sent at most once, and only while the link is up; every question ends within its
time limit; a dead peer is noticed within ``ping_every_s + pong_within_s``; a stopped link leaves no timer,
task or socket behind. Nothing that happened while the link was down is ever replayed by Asterisk: whoever
hears ``on_up`` asks for the whole truth (``resync.py``).
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import structlog

from callcenter.asterisk.encoder import Action
from callcenter.asterisk.frames import Frame
from callcenter.asterisk.wire import Wire
from callcenter.core.errors import OurError, PeerError
from callcenter.sections import Address

log = structlog.get_logger()

LIST_ENDS: Mapping[str, str] = {
    "BridgeList": "BridgeListComplete",
    "CoreShowChannels": "CoreShowChannelsComplete",
    "DBGet": "DBGetComplete",
    "DBGetTree": "DBGetTreeComplete",
    "DeviceStateList": "DeviceStateListComplete",
    "PJSIPShowContacts": "ContactListComplete",
    "PJSIPShowEndpoints": "EndpointListComplete",
    "QueueRule": "QueueRuleListComplete",
    "QueueStatus": "QueueStatusComplete",
    "QueueSummary": "QueueSummaryComplete",
    "Status": "StatusComplete",
}
"""Actions answered by a list, and the event that closes it. Every other action has one response."""


@dataclass(frozen=True, slots=True)
class Timing:
    """Limits of a link, in seconds."""

    connect_within_s: float = 5.0
    boot_within_s: float = 60.0
    ping_every_s: float = 5.0
    pong_within_s: float = 5.0
    backoff_first_s: float = 0.1
    backoff_last_s: float = 10.0


class AmiRefused(PeerError):
    """Asterisk answered an action with an error; ``why`` is its own fixed text, such as ``No such channel``."""

    code = "ami_refused"
    retryable = False

    def __init__(self, action: str, frame: Frame):
        self.why = frame.get("Message", "no reason given")
        super().__init__(f"Asterisk refused {action}: {self.why}")


class AmiLink:
    """One user's link.

    ``on_frame`` gets live events in order and must only append; raising ``asyncio.QueueFull`` cuts the link,
    so that a resync replaces what could not be taken. ``on_up`` and ``on_down(reason)`` alternate, except that
    attempts failing for a new reason are told again; ``on_alarm(reason)`` tells of frames that were dropped.
    ``await_boot``: be up only when Asterisk says ``FullyBooted`` (needs read class ``system``).
    """

    def __init__(
        self,
        name: str,
        address: Address,
        user: str,
        secret: str,
        *,
        on_frame: Callable[[Frame], None] = lambda frame: None,
        on_up: Callable[[], None] = lambda: None,
        on_down: Callable[[str], None] = lambda reason: None,
        on_alarm: Callable[[str], None] = lambda reason: None,
        await_boot: bool = False,
        timing: Timing | None = None,
    ):
        self._log = log.bind(link=name)
        self._address, self._user, self._secret = address, user, secret
        self._on_frame, self._on_up, self._on_down, self._on_alarm = on_frame, on_up, on_down, on_alarm
        self._await_boot = await_boot
        self._timing = timing or Timing()
        self._wire: Wire | None = None
        self._told: str | None = None

    @property
    def is_up(self) -> bool:
        """Whether actions are accepted now."""
        return self._wire is not None and not self._wire.ended.done()

    async def run(self) -> None:
        """Keep the link up until cancelled."""
        pause_s = self._timing.backoff_first_s
        while True:
            was_up_s = await self._live_once()
            if was_up_s > self._timing.ping_every_s:
                pause_s = self._timing.backoff_first_s
            await asyncio.sleep(pause_s)
            pause_s = min(2 * pause_s, self._timing.backoff_last_s)

    async def ask(self, action: Action, timeout_s: float = 5.0) -> Frame:
        """Send an action that has one response, and return it.

        Raises:
            UsageError: ``unsafe_value``.
            PeerError: ``ami_down``, ``ami_timeout`` (it may have been carried out), ``ami_refused``.
        """
        name = str(action.get("Action", ""))
        if name in LIST_ENDS:
            raise OurError(f"{name} is answered by a list: use ask_list", code="ami_wrong_call")
        return (await self._asked(name, action, timeout_s, ""))[0]

    async def ask_list(self, action: Action, timeout_s: float = 5.0) -> list[Frame]:
        """Send an action that is answered by a list, and return its items.

        Raises:
            UsageError: ``unsafe_value``.
            PeerError: ``ami_down``, ``ami_timeout``, ``ami_refused``, ``ami_garbled`` (items are missing).
        """
        name = str(action.get("Action", ""))
        if name not in LIST_ENDS:
            raise OurError(f"{name} is not in the table of list actions", code="ami_wrong_call")
        _, *items, end = await self._asked(name, action, timeout_s, LIST_ENDS[name])
        if end.get("ListItems", str(len(items))) != str(len(items)):
            raise PeerError(f"the list of {name} is incomplete", code="ami_garbled")
        return items

    def cut(self, reason: str) -> None:
        """Drop the connection; ``run`` connects again. For a consumer that lost its place."""
        if self._wire is not None:
            self._wire.cut(reason)

    async def _asked(self, name: str, action: Action, timeout_s: float, end: str) -> list[Frame]:
        if self._wire is None:
            raise PeerError("the AMI link is down", code="ami_down")
        answer = await self._wire.ask(action, timeout_s, end)
        if not answer[0].is_success:
            raise AmiRefused(name, answer[0])
        return answer

    async def _live_once(self) -> float:
        """Connect, log in, stay until the end; returns how long the link was up, in seconds."""
        loop = asyncio.get_running_loop()
        wire: Wire | None = None
        up_since = float("inf")
        reason = "stopped"
        try:
            wire = await self._connected()
            await self._log_in(wire)
            up_since = loop.time()
            self._become_up(wire)
            reason = await self._watched(wire)
        except PeerError as error:
            reason = wire.ended.result() if wire is not None and wire.ended.done() else error.code
        finally:
            self._wire = None
            if wire is not None:
                wire.cut(reason)
        self._tell_down(reason)
        return max(0.0, loop.time() - up_since)

    async def _connected(self) -> Wire:
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(self._timing.connect_within_s):
                _, wire = await loop.create_connection(
                    lambda: Wire(self._on_frame, self._on_alarm), self._address.host, self._address.port
                )
        except (OSError, TimeoutError):
            raise PeerError("cannot connect to the AMI port", code="connect_failed") from None
        return wire

    async def _log_in(self, wire: Wire) -> None:
        login = {"Action": "Login", "Username": self._user, "Secret": self._secret, "Events": "on"}
        answer = await wire.ask(login, self._timing.connect_within_s)
        if not answer[0].is_success:
            raise PeerError("Asterisk refused the AMI login", code="login_refused")
        if self._await_boot:
            await self._booted(wire)

    async def _booted(self, wire: Wire) -> None:
        either: list[asyncio.Future[Any]] = [wire.booted, wire.ended]
        await asyncio.wait(either, timeout=self._timing.boot_within_s, return_when=asyncio.FIRST_COMPLETED)
        if not wire.booted.done():
            raise PeerError("Asterisk is not fully booted", code="not_booted")

    def _become_up(self, wire: Wire) -> None:
        self._wire = wire
        self._told = None
        self._log.info("ami link up", asterisk=wire.version)
        self._on_up()

    async def _watched(self, wire: Wire) -> str:
        """Ping until the connection ends; returns why it ended."""
        while not wire.ended.done():
            await asyncio.wait([wire.ended], timeout=self._timing.ping_every_s)
            if not wire.ended.done():
                await self._ping(wire)
        return wire.ended.result()

    async def _ping(self, wire: Wire) -> None:
        try:
            await wire.ask({"Action": "Ping"}, self._timing.pong_within_s)
        except PeerError as error:
            if error.code == "ami_timeout":
                wire.cut("silent")

    def _tell_down(self, reason: str) -> None:
        if reason == self._told:
            return
        self._told = reason
        self._log.warning("ami link down", reason=reason)
        self._on_down(reason)
