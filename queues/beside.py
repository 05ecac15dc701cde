"""Rings who sits beside a talk, by AMI (``asterisk_conf/dialplan/beside.jinja``): a manager, or a guest's helper.

Invariants: who is going to listen to what is written down before his phone rings; it keeps no state, who hears is believed
when Asterisk tells of it; it touches no channel but the listener's.
"""

from collections.abc import Awaitable, Callable

import structlog

from callcenter.core.errors import PeerError
from callcenter.core.ids import ChannelName, ContactId, SeatId
from callcenter.core.messages import beside
from callcenter.core.messages.base import Message
from callcenter.core.messages.beside import Mode
from callcenter.core.messages.guests import SitBeside
from queues.actor import Actor, interface
from queues.conferencer import CONTEXT as CONFERENCE
from queues.conferencer import Lines

log = structlog.get_logger()

CONTEXT = "beside"
"""Where a listener's channel goes on when he has picked up."""

SHOWN = {Mode.LISTEN: "监听", Mode.WHISPER: "耳语"}
SHOWN_TO_HELPER = "陪同接话"
"""What his phone shows while it rings."""

Action = dict[str, str | list[str]]


class Beside:
    """Rings listeners.

    ``note``: returns once the audit is committed; ``ring_s``: how long a phone rings; ``called_number``: as whom we call.
    """

    def __init__(
        self,
        actor: Actor,
        lines: Lines,
        post: Callable[[Message], None],
        note: Callable[[SitBeside], Awaitable[None]],
        ring_s: int,
        called_number: str,
    ) -> None:
        self._actor, self._lines = actor, lines
        self._post, self._note = post, note
        self._ring_s, self._called_number = ring_s, called_number

    async def sit(self, effect: SitBeside) -> None:
        """Ring a guest's helper; which channel the guest speaks on is looked up when he picks up."""
        await self._note(effect)
        variables = [f"CC_GUEST={effect.guest_seat_id}"]
        await self._actor.ask(self._call(interface(effect.seat_id), "guest", variables, SHOWN_TO_HELPER))

    async def ring(self, effect: beside.RingListener) -> None:
        """Ring a listener; that he picked up, or did not, is told by Asterisk's events, a failure here by ``ListenerGone``."""
        try:
            spied = await self._lines.of(effect.seat_id, effect.contact_id)
            if spied is None:
                raise PeerError("the talk is over", code="seat_is_gone")
            await self._actor.ask(self._listening(effect, spied))
        except PeerError as error:
            self._give_up(effect.contact_id, error.code)

    async def move(self, effect: beside.MoveListener) -> None:
        """Have him hear in another way, or join. Who cannot be moved is hung up: he must not be taken for silent."""
        joins = effect.mode is Mode.JOIN
        try:
            await self._actor.ask(
                {
                    "Action": "Redirect",
                    "Channel": beside.listener_id(effect.contact_id),
                    "Context": CONFERENCE if joins else CONTEXT,
                    "Exten": "third" if joins else effect.mode.value,
                    "Priority": "1",
                }
            )
        except PeerError as error:
            await self.drop(beside.DropListener(effect.contact_id))
            self._give_up(effect.contact_id, error.code)

    async def drop(self, effect: beside.DropListener) -> None:
        """Hang him up; one who is gone is no error."""
        try:
            await self._actor.ask({"Action": "Hangup", "Channel": beside.listener_id(effect.contact_id)})
        except PeerError as error:
            log.info("listener not hung up", contact_id=effect.contact_id, code=error.code)

    def _listening(self, effect: beside.RingListener, spied: ChannelName) -> Action:
        device = f"PJSIP/{effect.number}@trunk" if effect.number else interface(SeatId(effect.phone))
        shown = self._called_number if effect.number else SHOWN[effect.mode]
        variables = [f"CC_SPIED={spied}", f"CC_CONFERENCE={effect.contact_id}"]
        call = self._call(device, effect.mode.value, variables, shown)
        return call | {"ChannelId": beside.listener_id(effect.contact_id)}

    def _call(self, device: str, exten: str, variables: list[str], shown: str) -> Action:
        return {
            "Action": "Originate",
            "Channel": device,
            "Context": CONTEXT,
            "Exten": exten,
            "Priority": "1",
            "Variable": variables,
            "CallerID": f'"{shown}" <{self._called_number}>',
            "Timeout": str(self._ring_s * 1000),
            "Async": "true",  # the other actions of the link do not wait for him
        }

    def _give_up(self, contact_id: ContactId, code: str) -> None:
        log.info("nobody is beside the talk", contact_id=contact_id, code=code)
        self._post(beside.ListenerGone(contact_id))
