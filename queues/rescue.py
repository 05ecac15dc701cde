"""Listens to seats' phones in talks, and hangs up those that are dead, by AMI.

Invariant: what it cannot find out it does not tell, so that no talk is ended on a guess.
"""

import asyncio
from collections.abc import Callable, Collection

import structlog

from callcenter.core.errors import PeerError
from callcenter.core.ids import SeatId
from callcenter.core.messages import callbacks, seats
from callcenter.core.messages.base import Message
from queues.actor import interface
from queues.phone_check import AskingActor

log = structlog.get_logger()

LISTEN_S = 3.0
"""Long enough for a page that is loaded anew; a dead phone is found within four seconds before."""
RINGS_ON_S = 1.0
"""So long a phone that rings may still prove that it lives: the next question to it is under way already."""
BROKEN_CAUSE = "44"
"""Requested channel not available: what Asterisk itself gives when no sound comes."""
LIVING = ("Reachable", "NonQualified", "Unknown", "Created")
"""States of a contact that is not known to be dead."""


class Rescue:
    """Finds out whether phones live; ends the calls of those that do not. ``pages``: seats whose phone is a page."""

    def __init__(
        self, actor: AskingActor, post: Callable[[Message], None], pages: Collection[SeatId] = ()
    ) -> None:
        self._actor = actor
        self._post = post
        self._pages = frozenset(pages)

    async def listen(self, effect: seats.ListenToSeat) -> None:
        """Count what comes from the phone for some seconds; post ``SeatListened`` if the talk is still on then."""
        try:
            channel = await self._channel(effect)
            before = await self._received(channel)
            await asyncio.sleep(LISTEN_S)
            packets = await self._received(channel) - before
            reachable = await self._is_reachable(effect.seat_id)
        except (PeerError, ValueError) as error:
            log.info("seat not heard", seat_id=effect.seat_id, error=type(error).__name__)
            return
        self._post(seats.SeatListened(effect.seat_id, effect.contact_id, packets, reachable))

    async def hang_up(self, effect: seats.HangUpSeat) -> None:
        """End all calls of the phone; the dialplan learns that the talk was broken (``[after]`` of ``line.jinja``).

        A phone that rings is spared if it answers again: nobody could hear whether it lives. A page is not: what rang was in
        the page that is gone.
        """
        if effect.contact_id is None and effect.seat_id not in self._pages:
            await asyncio.sleep(RINGS_ON_S)
            if await self._is_reachable(effect.seat_id):
                return
        log.warning("dead phone hung up", seat_id=effect.seat_id)
        if effect.contact_id is not None and not callbacks.is_callback(effect.contact_id):
            await self._actor.ask(
                {
                    "Action": "Setvar",
                    "Channel": effect.contact_id,
                    "Variable": "CC_BROKEN",
                    "Value": "1",
                }
            )
        await self._actor.ask(
            {"Action": "Hangup", "Channel": f"/^{interface(effect.seat_id)}-/", "Cause": BROKEN_CAUSE}
        )

    async def _channel(self, effect: seats.ListenToSeat) -> str:
        """The seat's leg: a call-back is the agent's own channel, a citizen is joined with it.

        Raises:
            ValueError: it is joined with somebody else.
        """
        if callbacks.is_callback(effect.contact_id):
            return effect.contact_id
        peers = (await self._variable(effect.contact_id, "BRIDGEPEER")).split(",")
        own = [peer for peer in peers if peer.startswith(f"{interface(effect.seat_id)}-")]
        if not own:
            raise ValueError(effect.contact_id)
        return own[0]

    async def _received(self, channel: str) -> int:
        return int(await self._variable(channel, "CHANNEL(rtcp,rxcount)"))

    async def _is_reachable(self, seat_id: SeatId) -> bool:
        contact = await self._variable("", f"PJSIP_AOR({seat_id},contact)")
        return bool(contact) and await self._variable("", f"PJSIP_CONTACT({contact},status)") in LIVING

    async def _variable(self, channel: str, name: str) -> str:
        action: dict[str, str | list[str]] = {"Action": "Getvar", "Variable": name}
        if channel:
            action["Channel"] = channel
        return (await self._actor.ask(action)).get("Value")
