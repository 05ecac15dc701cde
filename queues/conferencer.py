"""Rings a third and gathers the talk around him, by AMI (``asterisk_conf/dialplan/conference.jinja``).

Invariant: it keeps no state; who is in a conference is believed when Asterisk tells of it.
"""

from collections.abc import Callable
from typing import Protocol

import structlog

from callcenter.core.errors import PeerError
from callcenter.core.ids import ChannelName, ContactId, SeatId
from callcenter.core.messages import conference
from callcenter.core.messages.base import Message
from queues.actor import Actor, interface

log = structlog.get_logger()

CONTEXT = "conference"
"""Where the three are sent in the dialplan."""

SHOWN = "三方通话"
"""What a colleague's phone shows while it rings."""


class Lines(Protocol):
    """Which channels are up (:class:`callcenter.asterisk.seat_lines.SeatLines`)."""

    async def of(self, seat_id: SeatId, contact_id: ContactId) -> ChannelName | None:
        """The seat's channel that is joined with this contact; raises PeerError."""


class Conferencer:
    """``ring_s``: how long a third rings; ``called_number``: as whom we call."""

    def __init__(
        self,
        actor: Actor,
        lines: Lines,
        post: Callable[[Message], None],
        ring_s: int,
        called_number: str,
    ) -> None:
        self._actor = actor
        self._lines = lines
        self._post = post
        self._ring_s = ring_s
        self._called_number = called_number

    async def ring(self, effect: conference.RingThird) -> None:
        """Ring the third; that he picked up, or did not, is told by Asterisk's events, a refusal by ``ThirdUnreached``."""
        shown = self._called_number if effect.number else SHOWN
        device = f"PJSIP/{effect.number}@trunk" if effect.number else interface(SeatId(effect.third))
        await self._try(
            effect.contact_id,
            {
                "Action": "Originate",
                "Channel": device,
                "ChannelId": conference.third_id(effect.contact_id),
                "Context": CONTEXT,
                "Exten": "third",
                "Priority": "1",
                "Variable": [f"CC_CONFERENCE={effect.contact_id}"],
                "CallerID": f'"{shown}" <{self._called_number}>',
                "Timeout": str(self._ring_s * 1000),
                "Async": "true",  # the other actions of the link do not wait for him
            },
        )

    async def gather(self, effect: conference.Gather) -> None:
        """Move citizen and seat at once: alone, neither would outlive the bridge. What fails is ``ThirdUnreached``."""
        try:
            seat = await self._lines.of(effect.seat_id, effect.contact_id)
        except PeerError as error:
            self._give_up(effect.contact_id, error.code)
            return
        if seat is None:
            self._give_up(effect.contact_id, "seat_is_gone")
            return
        await self._try(
            effect.contact_id,
            {
                "Action": "Redirect",
                "Channel": effect.channel,
                "Context": CONTEXT,
                "Exten": "citizen",
                "Priority": "1",
                "ExtraChannel": seat,
                "ExtraContext": CONTEXT,
                "ExtraExten": "seat",
                "ExtraPriority": "1",
            },
        )

    async def drop(self, effect: conference.DropThird) -> None:
        """Hang up the third; one who is gone is no error."""
        try:
            await self._actor.ask({"Action": "Hangup", "Channel": conference.third_id(effect.contact_id)})
        except PeerError as error:
            log.info("third not hung up", contact_id=effect.contact_id, code=error.code)

    async def _try(self, contact_id: ContactId, action: dict[str, str | list[str]]) -> None:
        try:
            await self._actor.ask(action)
        except PeerError as error:
            self._give_up(contact_id, error.code)

    def _give_up(self, contact_id: ContactId, code: str) -> None:
        log.info("no conference", contact_id=contact_id, code=code)
        self._post(conference.ThirdUnreached(contact_id))
